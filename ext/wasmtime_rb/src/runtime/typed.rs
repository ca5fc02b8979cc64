//! The native half of a Ruby object, found by its data type: what magnus does under `rb_protect`, for methods that are called often.

use magnus::rb_sys::FromRawValue;
use magnus::typed_data::{DataType, Obj};
use magnus::{Error, TryConvert, TypedData, Value};
use rb_sys::{VALUE, rb_data_type_t};

// magnus's DataType is Ruby's struct and nothing else.
const _: () = assert!(size_of::<DataType>() == size_of::<rb_data_type_t>() && align_of::<DataType>() == align_of::<rb_data_type_t>());

/// The `T` inside a value; `None` for any other object.
#[inline]
pub fn get<'a, T: TypedData>(value: VALUE) -> Option<&'a T> {
    let expected = std::ptr::from_ref(T::data_type()).cast::<rb_data_type_t>();
    // SAFETY: the tags are read before the data; a typed object with T's own data type holds a T, alive as long as the object.
    unsafe {
        let typed = !rb_sys::SPECIAL_CONST_P(value)
            && rb_sys::RB_TYPE_P(value, rb_sys::ruby_value_type::RUBY_T_DATA)
            && rb_sys::macros::RTYPEDDATA_P(value)
            && std::ptr::eq(rb_sys::macros::RTYPEDDATA_TYPE(value), expected);
        typed.then(|| &*rb_sys::macros::RTYPEDDATA_GET_DATA(value).cast::<T>())
    }
}

/// The `T` inside an argument, else the TypeError magnus gives.
#[inline]
pub fn expect<'a, T: TypedData>(value: VALUE) -> Result<&'a T, Error> {
    get(value).map_or_else(|| refuse(value), Ok)
}

#[cold]
fn refuse<'a, T: TypedData>(value: VALUE) -> Result<&'a T, Error> {
    // SAFETY: a live argument.
    Obj::<T>::try_convert(unsafe { Value::from_raw(value) })
        .map(|_| ())
        .and_then(|()| get(value).ok_or_else(|| super::error::type_error("an object of another copy of the extension")))
}

/// Tells Ruby's GC that `owner`, which is write barrier protected, now refers to `value`. To be called after each such write, except into an
/// object that is being made.
#[inline]
pub fn written(owner: VALUE, value: VALUE) {
    if !rb_sys::SPECIAL_CONST_P(owner) && !rb_sys::SPECIAL_CONST_P(value) {
        // SAFETY: two live objects; with the GVL.
        unsafe { rb_sys::rb_gc_writebarrier(owner, value) }
    }
}

/// The `T` a method was called on.
///
/// # Safety
/// The method is defined on T's class, and no object of that class exists without a T.
#[inline]
pub unsafe fn this<'a, T: TypedData>(this: VALUE) -> &'a T {
    // SAFETY: the caller's promise; Ruby binds a method to objects of its class only.
    unsafe { &*rb_sys::macros::RTYPEDDATA_GET_DATA(this).cast::<T>() }
}
