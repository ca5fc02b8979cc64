//! Methods defined without magnus, for the few that are called most.

use magnus::RClass;
use magnus::rb_sys::AsRawValue;
use rb_sys::VALUE;
use std::ffi::{CStr, c_int};

/// A method that takes any number of arguments as Ruby passes them.
pub type RawMethod = unsafe extern "C" fn(c_int, *const VALUE, VALUE) -> VALUE;

/// A method of one argument.
pub type UnaryMethod = unsafe extern "C" fn(VALUE, VALUE) -> VALUE;
/// A method of two arguments.
pub type BinaryMethod = unsafe extern "C" fn(VALUE, VALUE, VALUE) -> VALUE;

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

/// The arguments of a raw method.
///
/// # Safety
/// Ruby passed `argc` and `argv`; the slice is used during the call only.
#[inline]
pub unsafe fn args<'a>(argc: c_int, argv: *const VALUE) -> &'a [VALUE] {
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(argv, usize::try_from(argc).unwrap_or(0)) }
}
