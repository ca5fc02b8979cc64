//! Names of modules, imports and exports: Strings or Symbols, always UTF-8 in C.

use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::{Error, RString, Symbol, TryConvert, Value};
use rb_sys::VALUE;

/// A name as text. EncodingError when it cannot be UTF-8.
pub fn to_name(value: Value) -> Result<String, Error> {
    match Symbol::from_value(value) {
        Some(symbol) => Ok(symbol.name()?.into_owned()),
        None => RString::try_convert(value)?.to_string(),
    }
}

/// The String itself, or what `to_str` gives.
#[inline]
pub fn to_string(value: VALUE) -> Result<VALUE, Error> {
    // SAFETY: reads the type tag of a live value.
    if unsafe { rb_sys::RB_TYPE_P(value, rb_sys::ruby_value_type::RUBY_T_STRING) } {
        return Ok(value);
    }
    // SAFETY: a live argument.
    RString::try_convert(unsafe { Value::from_raw(value) }).map(|string| string.as_raw())
}

/// A name for a message, whatever its bytes are.
pub fn display(value: Value) -> String {
    match RString::from_value(value) {
        // SAFETY: the bytes are copied before anything of Ruby runs.
        Some(string) => String::from_utf8_lossy(unsafe { string.as_slice() }).into_owned(),
        None => value.to_string(),
    }
}
