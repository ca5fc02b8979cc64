//! Function types as C takes them.

use super::types::{FuncType, ValType, read_functype};
use crate::capi;

owned_handle! {
    /// A function type (`wasm_functype_t`). It binds to the first engine it is used with, so every use gets a fresh one.
    pub struct RawFuncType(capi::wasm_functype_t) => capi::wasm_functype_delete;
}

impl RawFuncType {
    /// A function type of types the host can name (`wasm_functype_new`).
    pub fn new(ty: &FuncType) -> Result<Self, String> {
        let mut params = valtype_vec(&ty.params)?;
        let mut results = valtype_vec(&ty.results)?;
        // SAFETY: both vectors hold live types without holes, and C takes their contents.
        unsafe { Self::from_raw(capi::wasm_functype_new(&mut params, &mut results)) }.ok_or_else(|| "failed to create a function type".into())
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

fn valtype_vec(types: &[ValType]) -> Result<capi::wasm_valtype_vec_t, String> {
    if let Some(concrete) = types.iter().find(|ty| matches!(ty, ValType::Ref { heap, .. } if heap.is_concrete())) {
        return Err(format!("{concrete:?} is a module's own type, which only that module can name"));
    }
    let raw: Vec<_> = types.iter().filter_map(|ty| ty.to_raw()).collect();
    let mut vec = capi::wasm_valtype_vec_t::default();
    // SAFETY: C copies the pointers and owns the types from here on.
    unsafe { capi::wasm_valtype_vec_new(&mut vec, raw.len(), raw.as_ptr()) };
    Ok(vec)
}
