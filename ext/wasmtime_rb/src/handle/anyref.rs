//! References of the guest's heap below `any`: numbers of 31 bits, structs, arrays, and host objects that a guest made internal.

use super::context::Ctx;
use super::val::{RawAnyref, RawExnref, RawExternref};
use crate::capi;

/// What an anyref points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyKind {
    /// A number, signed.
    I31(i32),
    Struct,
    Array,
    /// An externref made internal (`any.convert_extern`).
    Extern,
}

impl Ctx {
    /// What the reference points to (`wasmtime_anyref_i31_get_s`, `wasmtime_anyref_is_struct`, `wasmtime_anyref_is_array`).
    pub fn anyref_kind(self, anyref: &RawAnyref) -> AnyKind {
        let mut number = 0;
        // SAFETY: reference and context belong together (Ctx's promise).
        unsafe {
            if capi::wasmtime_anyref_i31_get_s(self.as_ptr(), anyref, &mut number) {
                AnyKind::I31(number)
            } else if capi::wasmtime_anyref_is_struct(self.as_ptr(), anyref) {
                AnyKind::Struct
            } else if capi::wasmtime_anyref_is_array(self.as_ptr(), anyref) {
                AnyKind::Array
            } else {
                AnyKind::Extern
            }
        }
    }

    /// A number as a reference, owned by the caller (`wasmtime_anyref_from_i31`); bits past 31 are cut off.
    pub fn anyref_from_i31(self, number: u32) -> RawAnyref {
        let mut out = RawAnyref::default();
        // SAFETY: as above.
        unsafe { capi::wasmtime_anyref_from_i31(self.as_ptr(), number, &mut out) };
        out
    }

    /// Bits that are equal for the same object until the guest's heap is next touched (`wasmtime_anyref_to_raw`).
    pub fn anyref_to_raw(self, anyref: &RawAnyref) -> u32 {
        // SAFETY: as above.
        unsafe { capi::wasmtime_anyref_to_raw(self.as_ptr(), anyref) }
    }

    /// As [`Self::anyref_to_raw`] (`wasmtime_exnref_to_raw`).
    pub fn exnref_to_raw(self, exnref: &RawExnref) -> u32 {
        // SAFETY: as above.
        unsafe { capi::wasmtime_exnref_to_raw(self.as_ptr(), exnref) }
    }

    /// An externref seen as an anyref, as `any.convert_extern` does it: both have the same bits. Owned by the caller.
    pub fn externref_to_anyref(self, externref: &RawExternref) -> RawAnyref {
        let raw = self.externref_to_raw(externref);
        let mut out = RawAnyref::default();
        // SAFETY: as above; nothing was allocated since the bits were read (`wasmtime_anyref_from_raw`).
        unsafe { capi::wasmtime_anyref_from_raw(self.as_ptr(), raw, &mut out) };
        out
    }

    /// The way back, as `extern.convert_any` does it. Owned by the caller.
    pub fn anyref_to_externref(self, anyref: &RawAnyref) -> RawExternref {
        let raw = self.anyref_to_raw(anyref);
        self.externref_from_raw(raw).unwrap_or_default()
    }
}
