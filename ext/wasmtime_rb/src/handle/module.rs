//! Modules: loading, reflection, serialization.

use super::engine::Engine;
use super::fault::{Fault, check};
use super::functype::RawFuncType;
use super::types::{ExternType, ImportType, read_exporttype, read_importtype};
use super::vec::{ByteVec, ExportTypeVec, ImportTypeVec, name_to_string};
use crate::capi;
use std::ffi::CStr;
use std::ptr::null_mut;

owned_handle! {
    /// A compiled module (`wasmtime_module_t`).
    pub struct Module(capi::wasmtime_module) => capi::wasmtime_module_delete;
}

// SAFETY: the C API allows every thread to read a module at any time; it counts references atomically.
unsafe impl Send for Module {}
// SAFETY: as above.
unsafe impl Sync for Module {}

impl Module {
    /// Loads native code that this Wasmtime serialized (`wasmtime_module_deserialize`). The bytes are trusted: they are run.
    pub fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Self, Fault> {
        let mut raw = null_mut();
        // SAFETY: pointer and length of one slice; on success the module is ours.
        unsafe {
            check(capi::wasmtime_module_deserialize(engine.as_ptr(), bytes.as_ptr(), bytes.len(), &mut raw), null_mut())?;
            Self::from_raw(raw).ok_or_else(|| Fault::message("failed to load the module"))
        }
    }

    /// As [`Self::deserialize`] from a file, which is mapped (`wasmtime_module_deserialize_file`).
    pub fn deserialize_file(engine: &Engine, path: &CStr) -> Result<Self, Fault> {
        let mut raw = null_mut();
        // SAFETY: a NUL-terminated path; on success the module is ours.
        unsafe {
            check(capi::wasmtime_module_deserialize_file(engine.as_ptr(), path.as_ptr(), &mut raw), null_mut())?;
            Self::from_raw(raw).ok_or_else(|| Fault::message("failed to load the module"))
        }
    }

    /// Checks a binary without compiling it (`wasmtime_module_validate`).
    pub fn validate(engine: &Engine, wasm: &[u8]) -> Result<(), Fault> {
        // SAFETY: pointer and length of one slice.
        unsafe { check(capi::wasmtime_module_validate(engine.as_ptr(), wasm.as_ptr(), wasm.len()), null_mut()) }
    }

    /// The module as native code (`wasmtime_module_serialize`).
    pub fn serialize(&self) -> Result<ByteVec, Fault> {
        let mut out = ByteVec::empty();
        // SAFETY: the module is live; C fills the vector on success.
        unsafe { check(capi::wasmtime_module_serialize(self.as_ptr(), out.out()), null_mut()) }.map(|()| out)
    }

    fn import_vec(&self) -> ImportTypeVec {
        let mut out = ImportTypeVec::empty();
        // SAFETY: the module is live; C fills the vector.
        unsafe { capi::wasmtime_module_imports(self.as_ptr(), out.out()) };
        out
    }

    /// The imports in order; limits of tables are left out, see [`ExternType::Table`]. The module must hold no continuation types.
    pub fn imports(&self) -> Vec<ImportType> {
        // SAFETY: the entries live as long as the vector.
        self.import_vec().as_slice().iter().map(|raw| unsafe { read_importtype(*raw) }).collect()
    }

    /// Names and C type of import `index` when it is a function: types of the module's own can be said no other way.
    pub fn func_import(&self, index: usize) -> Option<(String, String, RawFuncType)> {
        let imports = self.import_vec();
        let raw = *imports.as_slice().get(index)?;
        // SAFETY: the entry lives as long as the vector; the cast gives NULL for what is no function.
        unsafe {
            let ty = capi::wasm_externtype_as_functype_const(capi::wasm_importtype_type(raw));
            if ty.is_null() {
                return None;
            }
            let module = name_to_string(capi::wasm_importtype_module(raw))?;
            let name = name_to_string(capi::wasm_importtype_name(raw))?;
            Some((module, name, RawFuncType::copy_of(ty)?))
        }
    }

    /// The exports in order, as [`Self::imports`].
    pub fn exports(&self) -> Vec<(String, ExternType)> {
        let mut out = ExportTypeVec::empty();
        // SAFETY: the module is live; C fills the vector, and its entries live as long as it.
        unsafe {
            capi::wasmtime_module_exports(self.as_ptr(), out.out());
            out.as_slice().iter().map(|raw| read_exporttype(*raw)).collect()
        }
    }

    /// First address of native code and data, and the one after the last (`wasmtime_module_image_range`).
    pub fn image_range(&self) -> (usize, usize) {
        let (mut start, mut end) = (null_mut(), null_mut());
        // SAFETY: the module is live; nothing is read at the addresses.
        unsafe { capi::wasmtime_module_image_range(self.as_ptr(), &mut start, &mut end) };
        (start.addr(), end.addr())
    }
}
