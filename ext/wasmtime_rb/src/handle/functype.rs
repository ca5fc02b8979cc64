//! Function types as C takes them.

use super::types::{FuncType, ValType, read_functype};
use crate::capi;

owned_handle! {
    /// A function type (`wasm_functype_t`). It binds to the first engine it is used with, so every use gets a fresh one.
    pub struct RawFuncType(capi::wasm_functype_t) => capi::wasm_functype_delete;
}

impl RawFuncType {
    /// A function type (`wasm_functype_new`). The error is a type that only the module that defines it can name.
    pub fn new(ty: &FuncType) -> Result<Self, ValType> {
        let mut params = valtype_vec(&ty.params)?;
        let mut results = valtype_vec(&ty.results)?;
        // SAFETY: both vectors hold live types without holes, so that C makes a type of their contents, which it takes.
        let raw = unsafe { Self::from_raw(capi::wasm_functype_new(&mut params, &mut results)) };
        raw.ok_or(ValType::I32)
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

fn valtype_vec(types: &[ValType]) -> Result<capi::wasm_valtype_vec_t, ValType> {
    if let Some(concrete) = types.iter().find(|ty| matches!(ty, ValType::Ref { heap, .. } if heap.is_concrete())) {
        return Err(*concrete);
    }
    let raw: Vec<_> = types.iter().filter_map(|ty| ty.to_raw()).collect();
    let mut vec = capi::wasm_valtype_vec_t::default();
    // SAFETY: C copies the pointers and owns the types from here on.
    unsafe { capi::wasm_valtype_vec_new(&mut vec, raw.len(), raw.as_ptr()) };
    Ok(vec)
}
