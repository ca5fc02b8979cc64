//! Arrays of the guest's heap.

use super::context::Ctx;
use super::fault::{Fault, check};
use super::heaptype::HeapRef;
use super::val::{RawAnyref, Val};
use crate::capi;
use std::ptr::null_mut;

owned_handle! {
    /// What making an array of one type in one store needs (`wasmtime_array_ref_pre_t`).
    pub struct ArrayPre(capi::wasmtime_array_ref_pre) => capi::wasmtime_array_ref_pre_delete;
}

fn missing() -> Fault {
    Fault::message("the reference points to no array")
}

impl Ctx {
    /// A new array of `len` times `element`, owned by the caller (`wasmtime_arrayref_new`). Type and value belong to this context's engine
    /// and store.
    pub fn array_new(self, ty: &HeapRef, element: &Val, len: u32) -> Result<RawAnyref, Fault> {
        let mut out = capi::wasmtime_arrayref::default();
        let raw = ty.as_array().ok_or_else(missing)?;
        // SAFETY: type, value and context belong together (the caller's promise); the pre is ours.
        unsafe {
            let pre = ArrayPre::from_raw(capi::wasmtime_array_ref_pre_new(self.as_ptr(), raw)).ok_or_else(missing)?;
            check(capi::wasmtime_arrayref_new(self.as_ptr(), pre.as_ptr(), element, len, &mut out), null_mut())?;
            let mut any = RawAnyref::default();
            capi::wasmtime_arrayref_to_anyref(&out, &mut any);
            capi::wasmtime_arrayref_unroot(&mut out);
            Ok(any)
        }
    }

    /// Runs `work` on the reference as an array (`wasmtime_anyref_as_array`).
    fn with_array<R>(self, anyref: &RawAnyref, work: impl FnOnce(&capi::wasmtime_arrayref) -> Result<R, Fault>) -> Result<R, Fault> {
        let mut out = capi::wasmtime_arrayref::default();
        // SAFETY: reference and context belong together; `out` is ours.
        unsafe {
            if !capi::wasmtime_anyref_as_array(self.as_ptr(), anyref, &mut out) {
                return Err(missing());
            }
            let result = work(&out);
            capi::wasmtime_arrayref_unroot(&mut out);
            result
        }
    }

    /// Length in elements (`wasmtime_arrayref_len`).
    pub fn array_len(self, anyref: &RawAnyref) -> Result<u32, Fault> {
        self.with_array(anyref, |raw| {
            let mut len = 0;
            // SAFETY: as in with_array.
            unsafe { check(capi::wasmtime_arrayref_len(self.as_ptr(), raw, &mut len), null_mut()) }.map(|()| len)
        })
    }

    /// An element, owned by the caller (`wasmtime_arrayref_get`).
    pub fn array_get(self, anyref: &RawAnyref, index: u32) -> Result<Val, Fault> {
        self.with_array(anyref, |raw| {
            let mut val = Val::from_i32(0);
            // SAFETY: as in with_array; C checks the index.
            unsafe { check(capi::wasmtime_arrayref_get(self.as_ptr(), raw, index, &mut val), null_mut()) }.map(|()| val)
        })
    }

    /// Replaces an element (`wasmtime_arrayref_set`).
    pub fn array_set(self, anyref: &RawAnyref, index: u32, val: &Val) -> Result<(), Fault> {
        self.with_array(anyref, |raw| {
            // SAFETY: as in with_array; C checks the index, the type and whether elements may be set.
            unsafe { check(capi::wasmtime_arrayref_set(self.as_ptr(), raw, index, val), null_mut()) }
        })
    }

    /// The type of the array (`wasmtime_arrayref_type`).
    pub fn array_type(self, anyref: &RawAnyref) -> Result<HeapRef, Fault> {
        self.with_array(anyref, |raw| {
            // SAFETY: as in with_array; the type is ours.
            let ty = unsafe { capi::wasmtime_arrayref_type(self.as_ptr(), raw) };
            HeapRef::from_array(ty).ok_or_else(missing)
        })
    }
}
