//! Globals and tags.

use super::context::Ctx;
use super::engine::Engine;
use super::externs::{RawGlobal, RawTag};
use super::fault::{Fault, check};
use super::functype::RawFuncType;
use super::types::{ExternType, FuncType, ValType, take_type};
use super::val::Val;
use crate::capi;
use std::ptr::null_mut;

impl Ctx {
    /// A new global (`wasmtime_global_new`).
    pub fn global_new(self, engine: &Engine, content: &ValType, mutable: bool, val: &Val) -> Result<RawGlobal, Fault> {
        let content = content.to_raw(engine);
        let mut global = RawGlobal::default();
        // SAFETY: the content type is given away; the global type is deleted here.
        unsafe {
            let ty = capi::wasm_globaltype_new(content, u8::from(mutable));
            if ty.is_null() {
                return Err(Fault::message("failed to create a global type"));
            }
            let error = capi::wasmtime_global_new(self.as_ptr(), ty, val, &mut global);
            capi::wasm_globaltype_delete(ty);
            check(error, null_mut()).map(|()| global)
        }
    }

    /// Content type and whether it can be set (`wasmtime_global_type`).
    pub fn global_type(self, global: &RawGlobal) -> (ValType, bool) {
        // SAFETY: global and context belong together; the type is ours and deleted here.
        unsafe {
            let raw = capi::wasmtime_global_type(self.as_ptr(), global);
            match take_type(raw, capi::wasm_globaltype_as_externtype_const, capi::wasm_globaltype_delete) {
                ExternType::Global { content, mutable } => (content, mutable),
                _ => (ValType::I32, false),
            }
        }
    }

    /// The value, owned by the caller (`wasmtime_global_get`).
    pub fn global_get(self, global: &RawGlobal) -> Val {
        let mut val = Val::from_i32(0);
        // SAFETY: as above.
        unsafe { capi::wasmtime_global_get(self.as_ptr(), global, &mut val) };
        val
    }

    /// Replaces the value (`wasmtime_global_set`).
    pub fn global_set(self, global: &RawGlobal, val: &Val) -> Result<(), Fault> {
        // SAFETY: as above; the value stays the caller's.
        unsafe { check(capi::wasmtime_global_set(self.as_ptr(), global, val), null_mut()) }
    }

    /// A new tag (`wasmtime_tag_new`); concrete types in its parameters belong to `engine`, which is the store's.
    pub fn tag_new(self, engine: &Engine, params: &[ValType]) -> Result<RawTag, Fault> {
        let ty = FuncType { params: params.to_vec(), results: Vec::new() };
        let Some(functype) = RawFuncType::new(engine, &ty) else { return Err(Fault::message("failed to create a tag type")) };
        let mut tag = RawTag::default();
        // SAFETY: the function type is given away; the tag type is deleted here.
        unsafe {
            let ty = capi::wasm_tagtype_new(functype.into_raw());
            let error = capi::wasmtime_tag_new(self.as_ptr(), ty, &mut tag);
            capi::wasm_tagtype_delete(ty);
            check(error, null_mut()).map(|()| tag)
        }
    }

    /// The parameters of a tag, as a function type without results (`wasmtime_tag_type`).
    pub fn tag_type(self, tag: &RawTag) -> FuncType {
        // SAFETY: tag and context belong together; the type is ours and deleted here.
        unsafe {
            let raw = capi::wasmtime_tag_type(self.as_ptr(), tag);
            match take_type(raw, capi::wasm_tagtype_as_externtype_const, capi::wasm_tagtype_delete) {
                ExternType::Tag(ty) => ty,
                _ => FuncType::default(),
            }
        }
    }
}

/// Whether two handles mean the same tag: they name where it is defined, which is all that `wasmtime_tag_eq` compares.
pub fn same_tag(one: &RawTag, other: &RawTag) -> bool {
    let parts = |tag: &RawTag| (tag.__bindgen_anon_1.store_id, tag.__bindgen_anon_1.__private1, tag.__private2);
    parts(one) == parts(other)
}

/// A number that is the same for the same tag.
pub fn tag_bits(tag: &RawTag) -> u64 {
    (tag.__bindgen_anon_1.store_id << 32) ^ (u64::from(tag.__bindgen_anon_1.__private1) << 16) ^ u64::from(tag.__private2)
}
