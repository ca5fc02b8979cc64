//! Function types as C takes them.

use super::engine::Engine;
use super::types::{FuncType, ValType, read_functype};
use crate::capi;

owned_handle! {
    /// A function type (`wasm_functype_t`). It binds to the first engine it is used with, so every use gets a fresh one.
    pub struct RawFuncType(capi::wasm_functype_t) => capi::wasm_functype_delete;
}

impl RawFuncType {
    /// A function type (`wasm_functype_new`). Concrete types in it belong to `engine`.
    pub fn new(engine: &Engine, ty: &FuncType) -> Option<Self> {
        let (mut params, mut results) = (valtype_vec(engine, &ty.params), valtype_vec(engine, &ty.results));
        // SAFETY: both vectors hold live types without holes, so that C makes a type of their contents, which it takes.
        unsafe { Self::from_raw(capi::wasm_functype_new(&mut params, &mut results)) }
    }

    /// A copy of a type C lends us (`wasm_functype_copy`).
    ///
    /// # Safety
    /// `raw` is a live function type.
    pub unsafe fn copy_of(raw: *const capi::wasm_functype_t) -> Option<Self> {
        // SAFETY: the caller vouches for `raw`; the copy is ours.
        unsafe { Self::from_raw(capi::wasm_functype_copy(raw)) }
    }

    /// The type as plain data.
    pub fn read(&self) -> FuncType {
        // SAFETY: we own a live type.
        unsafe { read_functype(self.as_ptr()) }
    }
}

/// A vector of value types (`wasm_valtype_vec_new`), to be deleted by the caller or given to a function that takes it.
pub(super) fn valtype_vec(engine: &Engine, types: &[ValType]) -> capi::wasm_valtype_vec_t {
    let raw: Vec<_> = types.iter().map(|ty| ty.to_raw(engine)).collect();
    let mut vec = capi::wasm_valtype_vec_t::default();
    // SAFETY: C copies the pointers and owns the types from here on.
    unsafe { capi::wasm_valtype_vec_new(&mut vec, raw.len(), raw.as_ptr()) };
    vec
}
