//! Names of modules, imports and exports: Strings or Symbols, always UTF-8 in C.

use magnus::{Error, RString, Symbol, TryConvert, Value};

/// A name as text. EncodingError when it cannot be UTF-8.
pub fn to_name(value: Value) -> Result<String, Error> {
    match Symbol::from_value(value) {
        Some(symbol) => Ok(symbol.name()?.into_owned()),
        None => RString::try_convert(value)?.to_string(),
    }
}
