//! Looking at Ruby values that are being lowered.

use super::super::error;
use magnus::rb_sys::{FromRawValue, protect};
use magnus::value::ReprValue;
use magnus::{Error, Value};
use rb_sys::VALUE;
use std::ffi::c_long;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Longer values are not printed whole.
const SHOWN: usize = 80;

/// A live value for magnus.
pub fn value_of(raw: VALUE) -> Value {
    // SAFETY: values that are lowered are live: arguments, or parts of arguments that a Ruby object holds.
    unsafe { Value::from_raw(raw) }
}

pub fn shown(raw: VALUE) -> String {
    let text = value_of(raw).inspect();
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).chain("...".chars()).collect() }
}

/// The error for a value of the wrong class.
#[cold]
pub fn mismatch(expected: &str, value: VALUE) -> Error {
    error::type_error(&format!("expected {expected}, got {}", shown(value)))
}

pub fn items(array: VALUE) -> usize {
    // SAFETY: a live Array.
    usize::try_from(unsafe { rb_sys::RARRAY_LEN(array) }).unwrap_or(0)
}

pub fn entry(array: VALUE, index: usize) -> VALUE {
    // SAFETY: a live Array; rb_ary_entry checks the bound.
    unsafe { rb_sys::rb_ary_entry(array, c_long::try_from(index).unwrap_or(c_long::MAX)) }
}

pub fn has_type(value: VALUE, ty: rb_sys::ruby_value_type) -> bool {
    // SAFETY: reads the tag of a live value.
    unsafe { rb_sys::RB_TYPE_P(value, ty) }
}

/// An Array, or what `to_ary` gives.
pub fn to_array(value: VALUE) -> Result<Option<VALUE>, Error> {
    if has_type(value, rb_sys::ruby_value_type::RUBY_T_ARRAY) {
        return Ok(Some(value));
    }
    // SAFETY: under protect.
    protect(|| unsafe { rb_sys::rb_check_array_type(value) }).map(|array| (array != NIL).then_some(array))
}
