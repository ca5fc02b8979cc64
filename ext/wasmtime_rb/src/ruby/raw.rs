//! Methods defined without magnus, for the few that are called most.

use crate::runtime::error;
use magnus::rb_sys::AsRawValue;
use magnus::{Error, RClass};
use rb_sys::VALUE;
use std::ffi::{CStr, c_int};

/// A method that takes any number of arguments as Ruby passes them.
pub type RawMethod = unsafe extern "C" fn(c_int, *const VALUE, VALUE) -> VALUE;

/// Returns to Ruby, or raises. `this` stays alive until here.
#[inline]
pub fn finish(this: VALUE, result: Result<VALUE, Error>) -> VALUE {
    std::hint::black_box(this);
    match result {
        Ok(value) => value,
        // SAFETY: raw methods hold nothing with a destructor where they call this.
        Err(error) => unsafe { error::resume(error) },
    }
}

/// A method without arguments.
pub type NullaryMethod = unsafe extern "C" fn(VALUE) -> VALUE;
/// A method of one argument.
pub type UnaryMethod = unsafe extern "C" fn(VALUE, VALUE) -> VALUE;
/// A method of two arguments.
pub type BinaryMethod = unsafe extern "C" fn(VALUE, VALUE, VALUE) -> VALUE;

/// Defines a raw method without arguments.
pub fn define_nullary(class: RClass, name: &'static CStr, method: NullaryMethod) {
    // SAFETY: with an arity of 0 Ruby calls the function with exactly this argument; the transmute only forgets it.
    unsafe {
        let erased = std::mem::transmute::<NullaryMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_method(class.as_raw(), name.as_ptr(), Some(erased), 0);
    }
}

/// Defines a raw class method of two arguments.
pub fn define_singleton_binary(class: RClass, name: &'static CStr, method: BinaryMethod) {
    // SAFETY: as define_nullary, with an arity of 2.
    unsafe {
        let erased = std::mem::transmute::<BinaryMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_singleton_method(class.as_raw(), name.as_ptr(), Some(erased), 2);
    }
}

/// Defines a raw private method of two arguments.
pub fn define_private_binary(class: RClass, name: &'static CStr, method: BinaryMethod) {
    // SAFETY: as define_nullary, with an arity of 2.
    unsafe {
        let erased = std::mem::transmute::<BinaryMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_private_method(class.as_raw(), name.as_ptr(), Some(erased), 2);
    }
}

/// Defines a raw method of one argument.
pub fn define_unary(class: RClass, name: &'static CStr, method: UnaryMethod) {
    // SAFETY: with an arity of 1 Ruby calls the function with exactly these arguments; the transmute only forgets them.
    unsafe {
        let erased = std::mem::transmute::<UnaryMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_method(class.as_raw(), name.as_ptr(), Some(erased), 1);
    }
}

/// Defines a raw method of two arguments.
pub fn define_binary(class: RClass, name: &'static CStr, method: BinaryMethod) {
    // SAFETY: as define_unary, with an arity of 2.
    unsafe {
        let erased = std::mem::transmute::<BinaryMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_method(class.as_raw(), name.as_ptr(), Some(erased), 2);
    }
}

/// Defines a raw method. The method must hold nothing with a destructor when it raises.
pub fn define_method(class: RClass, name: &'static CStr, method: RawMethod) {
    // SAFETY: with an arity of -1 Ruby calls the function with exactly these arguments; the transmute only forgets them.
    unsafe {
        let erased = std::mem::transmute::<RawMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_method(class.as_raw(), name.as_ptr(), Some(erased), -1);
    }
}

/// Defines a raw class method, as [`define_method`].
pub fn define_singleton(class: RClass, name: &'static CStr, method: RawMethod) {
    // SAFETY: as define_method.
    unsafe {
        let erased = std::mem::transmute::<RawMethod, unsafe extern "C" fn() -> VALUE>(method);
        rb_sys::rb_define_singleton_method(class.as_raw(), name.as_ptr(), Some(erased), -1);
    }
}

/// The arguments of a raw method.
///
/// # Safety
/// Ruby passed `argc` and `argv`; the slice is used during the call only.
#[inline]
pub unsafe fn args<'a>(argc: c_int, argv: *const VALUE) -> &'a [VALUE] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(argv, usize::try_from(argc).unwrap_or(0)) }
}
