//! Host objects in externrefs.

use super::context::Ctx;
use super::val::RawExternref;
use crate::capi;
use std::ffi::c_void;

impl Ctx {
    /// Wraps `data` in a new externref (`wasmtime_externref_new`), rooted and owned by the caller until [`unroot`]. C runs `finalizer` on
    /// `data` when the guest's collector or the store's end frees it: on any thread, even inside Ruby's GC. `None` when the heap is full.
    pub fn externref_new(self, data: *mut c_void, finalizer: unsafe extern "C" fn(*mut c_void)) -> Option<RawExternref> {
        let mut out = RawExternref::default();
        // SAFETY: the context is live (Ctx's promise); `data` belongs to the finalizer from here on, also when C fails.
        unsafe { capi::wasmtime_externref_new(self.as_ptr(), data, Some(finalizer), &mut out) }.then_some(out)
    }

    /// The `data` of an externref we made, NULL for one that wraps a guest's value (`wasmtime_externref_data`).
    pub fn externref_data(self, externref: &RawExternref) -> *mut c_void {
        // SAFETY: as above; only the C API makes externrefs with host data here.
        unsafe { capi::wasmtime_externref_data(self.as_ptr(), externref) }
    }

    /// The reference for an unchecked call (`wasmtime_externref_to_raw`); nothing may allocate in the guest's heap before it is used.
    pub fn externref_to_raw(self, externref: &RawExternref) -> u32 {
        // SAFETY: as above.
        unsafe { capi::wasmtime_externref_to_raw(self.as_ptr(), externref) }
    }

    /// An owned root of what an unchecked call returned (`wasmtime_externref_from_raw`), `None` for null.
    pub fn externref_from_raw(self, raw: u32) -> Option<RawExternref> {
        if raw == 0 {
            return None;
        }
        let mut out = RawExternref::default();
        // SAFETY: as above.
        unsafe { capi::wasmtime_externref_from_raw(self.as_ptr(), raw, &mut out) };
        Some(out)
    }
}

/// Releases a root the caller owns (`wasmtime_externref_unroot`); allowed at any time, on any thread.
pub fn unroot(mut externref: RawExternref) {
    // SAFETY: the caller owns the root and gives it away.
    unsafe { capi::wasmtime_externref_unroot(&mut externref) }
}
