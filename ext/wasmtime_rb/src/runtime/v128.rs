//! `Wasmtime::V128`: sixteen bytes.

use super::error;
use super::typed;
use magnus::rb_sys::AsRawValue;
use magnus::{DataTypeFunctions, Error, Ruby, TypedData, prelude::*};
use rb_sys::VALUE;

/// A vector, little endian as in a memory. Frozen and shareable.
#[derive(TypedData, Clone, Copy, PartialEq, Eq)]
#[magnus(class = "Wasmtime::V128", free_immediately, size, frozen_shareable)]
pub struct V128(pub [u8; 16]);

impl DataTypeFunctions for V128 {
    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl V128 {
    /// A new Ruby V128.
    pub fn wrap(bytes: [u8; 16]) -> VALUE {
        // SAFETY: called with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        let vector = ruby.obj_wrap(Self(bytes));
        vector.freeze();
        vector.as_raw()
    }

    /// The bytes of a Ruby V128, else TypeError.
    #[inline]
    pub fn bytes_of(value: VALUE) -> Result<[u8; 16], Error> {
        typed::get::<Self>(value).map(|vector| vector.0).ok_or_else(|| error::no_conversion(value, "Wasmtime::V128"))
    }
}
