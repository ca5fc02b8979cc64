//! Owners and safe faces of the component half of the C API.

pub mod export_index;
pub mod func;
pub mod instance;
pub mod linker;
pub mod resource;
pub mod types;
pub mod val;
pub mod valtype;

use super::engine::Engine;
use super::fault::{Fault, check};
use super::vec::ByteVec;
use crate::capi;
use std::ffi::CStr;
use std::ptr::null_mut;

owned_handle! {
    /// A compiled component (`wasmtime_component_t`).
    pub struct Component(capi::wasmtime_component_t) => capi::wasmtime_component_delete;
}

// SAFETY: the C API allows every thread to read a component at any time; it counts references atomically.
unsafe impl Send for Component {}
// SAFETY: as above.
unsafe impl Sync for Component {}

impl Component {
    /// Loads native code that this Wasmtime serialized (`wasmtime_component_deserialize`). The bytes are trusted: they are run.
    pub fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Self, Fault> {
        let mut raw = null_mut();
        // SAFETY: pointer and length of one slice; on success the component is ours.
        unsafe {
            check(capi::wasmtime_component_deserialize(engine.as_ptr(), bytes.as_ptr().cast(), bytes.len(), &mut raw), null_mut())?;
            Self::from_raw(raw).ok_or_else(|| Fault::message("failed to load the component"))
        }
    }

    /// As [`Self::deserialize`] from a file, which is mapped (`wasmtime_component_deserialize_file`).
    pub fn deserialize_file(engine: &Engine, path: &CStr) -> Result<Self, Fault> {
        let mut raw = null_mut();
        // SAFETY: a NUL-terminated path; on success the component is ours.
        unsafe {
            check(capi::wasmtime_component_deserialize_file(engine.as_ptr(), path.as_ptr(), &mut raw), null_mut())?;
            Self::from_raw(raw).ok_or_else(|| Fault::message("failed to load the component"))
        }
    }

    /// The component as native code (`wasmtime_component_serialize`).
    pub fn serialize(&self) -> Result<ByteVec, Fault> {
        let mut out = ByteVec::empty();
        // SAFETY: the component is live; C fills the vector on success.
        unsafe { check(capi::wasmtime_component_serialize(self.as_ptr(), out.out()), null_mut()) }.map(|()| out)
    }
}
