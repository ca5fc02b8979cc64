//! Where an export lies in a component, found once.

use super::Component;
use crate::capi;
use std::ptr::null;

owned_handle! {
    /// The place of an export (`wasmtime_component_export_index_t`): of the component it was found in, and of every instance of that.
    pub struct RawExportIndex(capi::wasmtime_component_export_index_t) => capi::wasmtime_component_export_index_delete;
}

// SAFETY: plain numbers.
unsafe impl Send for RawExportIndex {}

/// The pointer to hand to C for an optional parent.
pub(super) fn parent_ptr(parent: Option<&RawExportIndex>) -> *const capi::wasmtime_component_export_index_t {
    parent.map_or(null(), |parent| parent.as_ptr().cast_const())
}

impl Component {
    /// The place of an export of the component, or of an instance it exports (`wasmtime_component_get_export_index`).
    pub fn export_index(&self, parent: Option<&RawExportIndex>, name: &str) -> Option<RawExportIndex> {
        // SAFETY: all handles are live; the name carries its length, and C takes an index of another component for one that is missing.
        unsafe {
            let raw = capi::wasmtime_component_get_export_index(self.as_ptr(), parent_ptr(parent), name.as_ptr().cast(), name.len());
            RawExportIndex::from_raw(raw)
        }
    }
}
