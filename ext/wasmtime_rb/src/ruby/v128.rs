//! `Wasmtime::V128`. The lanes are lib/'s: a String of sixteen bytes is all that crosses.

use crate::runtime::error;
use crate::runtime::v128::V128;
use magnus::{Error, Module as _, Object, RString, Ruby, Value, prelude::*};

fn new(bytes: RString) -> Result<Value, Error> {
    // SAFETY: copied before Ruby runs again.
    let found: Result<[u8; 16], usize> = unsafe { bytes.as_slice().try_into().map_err(|_| bytes.len()) };
    match found {
        Ok(bytes) => Ok(super::externs::value(V128::wrap(bytes))),
        Err(len) => Err(error::argument(&format!("a V128 has 16 bytes, got {len}"))),
    }
}

fn bytes(ruby: &Ruby, this: &V128) -> RString {
    let bytes = ruby.str_from_slice(&this.0);
    bytes.freeze();
    bytes
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "V128")?;
    class.define_singleton_method("_new", function!(new, 1))?;
    class.define_method("bytes", method!(bytes, 0))
}
