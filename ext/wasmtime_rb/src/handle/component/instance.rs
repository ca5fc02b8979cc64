//! Instances of components.

use super::Component;
use super::export_index::{RawExportIndex, parent_ptr};
use super::func::RawFunc;
use super::linker::Linker;
use crate::capi;
use crate::handle::context::Ctx;
use crate::handle::fault::{Fault, check};
use std::ptr::null_mut;

pub use crate::capi::wasmtime_component_instance_t as RawInstance;

impl Ctx {
    /// Instantiates with the linker's definitions (`wasmtime_component_linker_instantiate`). Linker and component are of the store's engine, and
    /// the store has what the linker's WASI needs: C aborts otherwise.
    pub fn component_instantiate(self, linker: &Linker, component: &Component) -> Result<RawInstance, Fault> {
        let mut instance = RawInstance::default();
        // SAFETY: all handles are live; the out-pointer is ours.
        unsafe {
            let error = capi::wasmtime_component_linker_instantiate(linker.as_ptr(), self.as_ptr(), component.as_ptr(), &mut instance);
            check(error, null_mut()).map(|()| instance)
        }
    }

    /// The place of an export (`wasmtime_component_instance_get_export_index`).
    pub fn component_export_index(self, instance: &RawInstance, parent: Option<&RawExportIndex>, name: &str) -> Option<RawExportIndex> {
        // SAFETY: instance and context belong together; the name carries its length.
        unsafe {
            let (text, len) = (name.as_ptr().cast(), name.len());
            RawExportIndex::from_raw(capi::wasmtime_component_instance_get_export_index(instance, self.as_ptr(), parent_ptr(parent), text, len))
        }
    }

    /// The exported function at a place; `None` for what is none (`wasmtime_component_instance_get_func`).
    pub fn component_func(self, instance: &RawInstance, index: &RawExportIndex) -> Option<RawFunc> {
        let mut func = RawFunc::default();
        // SAFETY: instance and context belong together; the out-pointer is ours.
        let found = unsafe { capi::wasmtime_component_instance_get_func(instance, self.as_ptr(), index.as_ptr(), &mut func) };
        found.then_some(func)
    }
}
