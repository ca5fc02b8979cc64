//! Resources: handles of the guest's and of the host's, and their types.

use crate::capi;
use crate::handle::context::Ctx;
use crate::handle::fault::{Fault, check};
use std::ptr::null_mut;

owned_handle! {
    /// A resource type (`wasmtime_component_resource_type_t`).
    pub struct RawResourceType(capi::wasmtime_component_resource_type_t) => capi::wasmtime_component_resource_type_delete;
}
owned_handle! {
    /// A resource as any side knows it (`wasmtime_component_resource_any_t`). Deleting it frees the handle only: the store still has the
    /// resource until [`Ctx::resource_drop`], or until it is passed to a guest as its own.
    pub struct RawResource(capi::wasmtime_component_resource_any_t) => capi::wasmtime_component_resource_any_delete;
}
owned_handle! {
    /// A resource of the host's (`wasmtime_component_resource_host_t`): a number the host chose.
    pub struct HostResource(capi::wasmtime_component_resource_host_t) => capi::wasmtime_component_resource_host_delete;
}

// SAFETY: plain numbers; a counted type behind some.
unsafe impl Send for RawResourceType {}
// SAFETY: as above; nothing changes it.
unsafe impl Sync for RawResourceType {}
// SAFETY: plain numbers; using them needs the store's context.
unsafe impl Send for RawResource {}

impl RawResourceType {
    /// The type of the host's resources with this number (`wasmtime_component_resource_type_new_host`).
    pub fn host(id: u32) -> Option<Self> {
        // SAFETY: the result is ours.
        unsafe { Self::from_raw(capi::wasmtime_component_resource_type_new_host(id)) }
    }

    /// Another handle of the type (`wasmtime_component_resource_type_clone`).
    ///
    /// # Safety
    /// `raw` is live.
    pub unsafe fn copy_of(raw: *const capi::wasmtime_component_resource_type_t) -> Option<Self> {
        // SAFETY: the caller's promise; the copy is ours.
        unsafe { Self::from_raw(capi::wasmtime_component_resource_type_clone(raw)) }
    }
}

impl PartialEq for RawResourceType {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: both are live.
        unsafe { capi::wasmtime_component_resource_type_equal(self.as_ptr(), other.as_ptr()) }
    }
}

impl RawResource {
    /// Another handle of the same resource (`wasmtime_component_resource_any_clone`).
    ///
    /// # Safety
    /// `raw` is live.
    pub unsafe fn copy_of(raw: *const capi::wasmtime_component_resource_any_t) -> Option<Self> {
        // SAFETY: the caller's promise; the copy is ours.
        unsafe { Self::from_raw(capi::wasmtime_component_resource_any_clone(raw)) }
    }

    /// As [`Self::copy_of`], of this one.
    pub fn duplicate(&self) -> Option<Self> {
        // SAFETY: live while we are.
        unsafe { Self::copy_of(self.as_ptr()) }
    }

    /// Its type (`wasmtime_component_resource_any_type`).
    pub fn ty(&self) -> Option<RawResourceType> {
        // SAFETY: live; the result is ours.
        unsafe { RawResourceType::from_raw(capi::wasmtime_component_resource_any_type(self.as_ptr())) }
    }

    /// Whether it is owned, or borrowed for one call (`wasmtime_component_resource_any_owned`).
    pub fn owned(&self) -> bool {
        // SAFETY: live.
        unsafe { capi::wasmtime_component_resource_any_owned(self.as_ptr()) }
    }
}

impl Ctx {
    /// Drops a resource, by which its destructor runs, or ends a borrow (`wasmtime_component_resource_any_drop`). To be done once: the store
    /// uses the number again, and a second drop aborts or meets another resource.
    pub fn resource_drop(self, resource: &RawResource) -> Result<(), Fault> {
        // SAFETY: resource and context belong together (the caller checks).
        unsafe { check(capi::wasmtime_component_resource_any_drop(self.as_ptr(), resource.as_ptr()), null_mut()) }
    }

    /// Gives the host's number of type `ty` to the store, as an own handle or a borrow of one (`wasmtime_component_resource_host_to_any`).
    pub fn resource_from_host(self, owned: bool, rep: u32, ty: u32) -> Result<RawResource, Fault> {
        let mut raw = null_mut();
        // SAFETY: the host handle is ours and deleted here; on success the result is ours.
        unsafe {
            let missing = || Fault::message("failed to make a resource");
            let host = HostResource::from_raw(capi::wasmtime_component_resource_host_new(owned, rep, ty)).ok_or_else(missing)?;
            check(capi::wasmtime_component_resource_host_to_any(self.as_ptr(), host.as_ptr(), &mut raw), null_mut())?;
            RawResource::from_raw(raw).ok_or_else(missing)
        }
    }

    /// Takes a resource of the host's back from the store: its number (`wasmtime_component_resource_any_to_host`). The handle is used up.
    pub fn resource_to_host(self, resource: &RawResource) -> Result<u32, Fault> {
        let mut raw = null_mut();
        // SAFETY: resource and context belong together; on success the result is ours.
        unsafe {
            check(capi::wasmtime_component_resource_any_to_host(self.as_ptr(), resource.as_ptr(), &mut raw), null_mut())?;
            let host = HostResource::from_raw(raw).ok_or_else(|| Fault::message("failed to read a resource"))?;
            Ok(capi::wasmtime_component_resource_host_rep(host.as_ptr()))
        }
    }
}
