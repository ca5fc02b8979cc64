//! Structs of the guest's heap.

use super::context::Ctx;
use super::fault::{Fault, check};
use super::heaptype::HeapRef;
use super::val::{RawAnyref, Val};
use crate::capi;
use std::ptr::null_mut;

owned_handle! {
    /// What making a struct of one type in one store needs (`wasmtime_struct_ref_pre_t`).
    pub struct StructPre(capi::wasmtime_struct_ref_pre) => capi::wasmtime_struct_ref_pre_delete;
}

fn missing() -> Fault {
    Fault::message("the reference points to no struct")
}

impl Ctx {
    /// A new struct, owned by the caller (`wasmtime_structref_new`). Type and values belong to this context's engine and store.
    pub fn struct_new(self, ty: &HeapRef, fields: &[Val]) -> Result<RawAnyref, Fault> {
        let mut out = capi::wasmtime_structref::default();
        let raw = ty.as_struct().ok_or_else(missing)?;
        // SAFETY: type, values and context belong together (the caller's promise); the pre is ours.
        unsafe {
            let pre = StructPre::from_raw(capi::wasmtime_struct_ref_pre_new(self.as_ptr(), raw)).ok_or_else(missing)?;
            check(capi::wasmtime_structref_new(self.as_ptr(), pre.as_ptr(), fields.as_ptr(), fields.len(), &mut out), null_mut())?;
            let mut any = RawAnyref::default();
            capi::wasmtime_structref_to_anyref(&out, &mut any);
            capi::wasmtime_structref_unroot(&mut out);
            Ok(any)
        }
    }

    /// Runs `work` on the reference as a struct (`wasmtime_anyref_as_struct`).
    fn with_struct<R>(self, anyref: &RawAnyref, work: impl FnOnce(&capi::wasmtime_structref) -> Result<R, Fault>) -> Result<R, Fault> {
        let mut out = capi::wasmtime_structref::default();
        // SAFETY: reference and context belong together; `out` is ours.
        unsafe {
            if !capi::wasmtime_anyref_as_struct(self.as_ptr(), anyref, &mut out) {
                return Err(missing());
            }
            let result = work(&out);
            capi::wasmtime_structref_unroot(&mut out);
            result
        }
    }

    /// A field, owned by the caller (`wasmtime_structref_field`).
    pub fn struct_get(self, anyref: &RawAnyref, index: usize) -> Result<Val, Fault> {
        self.with_struct(anyref, |raw| {
            let mut val = Val::from_i32(0);
            // SAFETY: as in with_struct; C checks the index.
            unsafe { check(capi::wasmtime_structref_field(self.as_ptr(), raw, index, &mut val), null_mut()) }.map(|()| val)
        })
    }

    /// Replaces a field (`wasmtime_structref_set_field`).
    pub fn struct_set(self, anyref: &RawAnyref, index: usize, val: &Val) -> Result<(), Fault> {
        self.with_struct(anyref, |raw| {
            // SAFETY: as in with_struct; C checks the index, the type and whether the field may be set.
            unsafe { check(capi::wasmtime_structref_set_field(self.as_ptr(), raw, index, val), null_mut()) }
        })
    }

    /// The type of the struct (`wasmtime_structref_type`).
    pub fn struct_type(self, anyref: &RawAnyref) -> Result<HeapRef, Fault> {
        self.with_struct(anyref, |raw| {
            // SAFETY: as in with_struct; the type is ours.
            let ty = unsafe { capi::wasmtime_structref_type(self.as_ptr(), raw) };
            HeapRef::from_struct(ty).ok_or_else(missing)
        })
    }
}
