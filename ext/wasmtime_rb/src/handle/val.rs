//! Values as C passes them: tagged for checked calls, raw for unchecked ones.

use super::externs::RawFunc;
use crate::capi;

pub use crate::capi::{
    wasmtime_anyref as RawAnyref, wasmtime_exnref as RawExnref, wasmtime_externref as RawExternref, wasmtime_val as Val, wasmtime_val_raw as ValRaw,
};

const I32: u8 = 0;
const I64: u8 = 1;
const F32: u8 = 2;
const F64: u8 = 3;
const V128: u8 = 4;
const FUNCREF: u8 = 5;
const EXTERNREF: u8 = 6;
const ANYREF: u8 = 7;
const EXNREF: u8 = 8;

impl Val {
    fn new(kind: u8, of: capi::wasmtime_valunion) -> Self {
        Self { kind, of }
    }

    pub fn from_i32(i32_: i32) -> Self {
        Self::new(I32, capi::wasmtime_valunion { i32_ })
    }

    pub fn from_i64(i64_: i64) -> Self {
        Self::new(I64, capi::wasmtime_valunion { i64_ })
    }

    pub fn from_f32(f32_: f32) -> Self {
        Self::new(F32, capi::wasmtime_valunion { f32_ })
    }

    pub fn from_f64(f64_: f64) -> Self {
        Self::new(F64, capi::wasmtime_valunion { f64_ })
    }

    /// A function reference; `None` is null, which C spells store id 0.
    pub fn from_func(func: Option<RawFunc>) -> Self {
        let funcref = func.unwrap_or(RawFunc { store_id: 0, __private: std::ptr::null_mut() });
        Self::new(FUNCREF, capi::wasmtime_valunion { funcref })
    }

    /// An externref; `None` is null. A root that goes in as an argument stays the caller's, as a callback's result it becomes Wasmtime's.
    pub fn from_externref(externref: Option<RawExternref>) -> Self {
        Self::new(EXTERNREF, capi::wasmtime_valunion { externref: externref.unwrap_or_default() })
    }

    pub fn from_v128(v128: [u8; 16]) -> Self {
        Self::new(V128, capi::wasmtime_valunion { v128 })
    }

    /// An anyref; `None` is null. Roots as in [`Self::from_externref`].
    pub fn from_anyref(anyref: Option<RawAnyref>) -> Self {
        Self::new(ANYREF, capi::wasmtime_valunion { anyref: anyref.unwrap_or_default() })
    }

    /// An exnref; `None` is null. Roots as in [`Self::from_externref`].
    pub fn from_exnref(exnref: Option<RawExnref>) -> Self {
        Self::new(EXNREF, capi::wasmtime_valunion { exnref: exnref.unwrap_or_default() })
    }

    /// The i32 inside; 0 for another kind.
    pub fn as_i32(&self) -> i32 {
        // SAFETY: `kind` tells which field was written.
        if self.kind == I32 { unsafe { self.of.i32_ } } else { 0 }
    }

    /// The i64 inside; 0 for another kind.
    pub fn as_i64(&self) -> i64 {
        // SAFETY: as above.
        if self.kind == I64 { unsafe { self.of.i64_ } } else { 0 }
    }

    /// The f32 inside; 0 for another kind.
    pub fn as_f32(&self) -> f32 {
        // SAFETY: as above.
        if self.kind == F32 { unsafe { self.of.f32_ } } else { 0.0 }
    }

    /// The f64 inside; 0 for another kind.
    pub fn as_f64(&self) -> f64 {
        // SAFETY: as above.
        if self.kind == F64 { unsafe { self.of.f64_ } } else { 0.0 }
    }

    /// The function inside, `None` for null.
    pub fn as_func(&self) -> Option<RawFunc> {
        if self.kind != FUNCREF {
            return None;
        }
        // SAFETY: as above; store id 0 marks null.
        let func = unsafe { self.of.funcref };
        (func.store_id != 0).then_some(func)
    }

    /// The externref inside, `None` for null; still owned by the value.
    pub fn as_externref(&self) -> Option<RawExternref> {
        if self.kind != EXTERNREF {
            return None;
        }
        // SAFETY: as above; store id 0 marks null.
        let externref = unsafe { self.of.externref };
        (externref.store_id != 0).then_some(externref)
    }

    /// The vector inside; zeros for another kind.
    pub fn as_v128(&self) -> [u8; 16] {
        // SAFETY: as above.
        if self.kind == V128 { unsafe { self.of.v128 } } else { [0; 16] }
    }

    /// The anyref inside, `None` for null; still owned by the value.
    pub fn as_anyref(&self) -> Option<RawAnyref> {
        if self.kind != ANYREF {
            return None;
        }
        // SAFETY: as above; store id 0 marks null.
        let anyref = unsafe { self.of.anyref };
        (anyref.store_id != 0).then_some(anyref)
    }

    /// The exnref inside, `None` for null; still owned by the value.
    pub fn as_exnref(&self) -> Option<RawExnref> {
        if self.kind != EXNREF {
            return None;
        }
        // SAFETY: as above; store id 0 marks null.
        let exnref = unsafe { self.of.exnref };
        (exnref.store_id != 0).then_some(exnref)
    }

    /// A second root of the same reference, owned by the caller (`wasmtime_val_clone`); allowed without the store.
    pub fn duplicate(&self) -> Self {
        let mut copy = Self::from_i32(0);
        // SAFETY: a live value; a reference in it is rooted.
        unsafe { capi::wasmtime_val_clone(self, &mut copy) };
        copy
    }

    /// Releases the root of a value we own (`wasmtime_val_unroot`); allowed without the store.
    pub fn unroot(&mut self) {
        if self.kind > V128 && self.kind != FUNCREF {
            // SAFETY: the caller owns the value and does not use it again.
            unsafe { capi::wasmtime_val_unroot(self) }
            self.kind = I32;
        }
    }
}

/// A value we own, unrooted when it goes.
pub struct OwnedVal(pub Val);

impl Drop for OwnedVal {
    fn drop(&mut self) {
        self.0.unroot();
    }
}

/// Values returned by C, unrooted when they go.
pub struct OwnedVals(pub Vec<Val>);

impl OwnedVals {
    /// `len` empty slots.
    pub fn with_len(len: usize) -> Self {
        Self(vec![Val::from_i32(0); len])
    }
}

impl Drop for OwnedVals {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Val::unroot);
    }
}
