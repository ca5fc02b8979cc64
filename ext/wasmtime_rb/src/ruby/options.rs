//! Keywords given to a call. A braced Hash is a value; only real keywords arrive here.

use magnus::Error;
use magnus::rb_sys::protect;
use rb_sys::VALUE;
use std::ffi::{CStr, c_int};

/// Whether the call under way was given keywords. Their Hash is the last argument, so most calls need not ask Ruby.
#[inline]
pub fn given(args: &[VALUE]) -> bool {
    // SAFETY: reads the type tag of a live value, then asks about the call under way.
    unsafe { args.last().is_some_and(|last| rb_sys::RB_TYPE_P(*last, rb_sys::ruby_value_type::RUBY_T_HASH) && rb_sys::rb_keyword_given_p() != 0) }
}

/// Calls a method of lib/ with the arguments of the call under way, its keywords as keywords.
#[cold]
pub fn forward(receiver: VALUE, method: &'static CStr, args: &[VALUE]) -> Result<VALUE, Error> {
    let argc = c_int::try_from(args.len()).unwrap_or(c_int::MAX);
    // SAFETY: live values; what the method raises is caught.
    protect(|| unsafe { rb_sys::rb_funcallv_kw(receiver, rb_sys::rb_intern(method.as_ptr()), argc, args.as_ptr(), rb_sys::rb_keyword_given_p()) })
}
