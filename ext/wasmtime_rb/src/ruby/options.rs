//! Keywords given to a call. A braced Hash is a value; only real keywords arrive here.

use crate::runtime::error;
use magnus::rb_sys::{FromRawValue, protect};
use magnus::{Error, RArray, RHash, Value, prelude::*};
use rb_sys::VALUE;
use std::ffi::{CStr, c_int};

/// Whether the call under way was given keywords. Their Hash is the last argument, so most calls need not ask Ruby.
#[inline]
pub fn given(args: &[VALUE]) -> bool {
    // SAFETY: reads the type tag of a live value, then asks about the call under way.
    unsafe { args.last().is_some_and(|last| rb_sys::RB_TYPE_P(*last, rb_sys::ruby_value_type::RUBY_T_HASH) && rb_sys::rb_keyword_given_p() != 0) }
}

/// The error for call options nobody knows.
#[cold]
pub fn unknown_keywords(args: &[VALUE]) -> Error {
    let names = args.last().and_then(|last| {
        // SAFETY: the last argument of a call with keywords is their Hash.
        let keywords = RHash::from_value(unsafe { Value::from_raw(*last) })?;
        let keys: RArray = keywords.funcall("keys", ()).ok()?;
        Some(keys.into_iter().map(|key| key.inspect()).collect::<Vec<_>>().join(", "))
    });
    let names = names.unwrap_or_default();
    error::argument(&format!("unknown keyword: {names} (to pass a Hash as a value, write it in braces)"))
}

/// Calls a method of lib/ with the arguments of the call under way, its keywords as keywords.
#[cold]
pub fn forward(receiver: VALUE, method: &'static CStr, args: &[VALUE]) -> Result<VALUE, Error> {
    let argc = c_int::try_from(args.len()).unwrap_or(c_int::MAX);
    // SAFETY: live values; what the method raises is caught.
    protect(|| unsafe { rb_sys::rb_funcallv_kw(receiver, rb_sys::rb_intern(method.as_ptr()), argc, args.as_ptr(), rb_sys::rb_keyword_given_p()) })
}
