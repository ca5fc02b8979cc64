//! Instances and instantiation.

use super::context::Ctx;
use super::externs::{Extern, RawExtern, RawInstance};
use super::fault::{Fault, check};
use super::module::Module;
use crate::capi;

owned_handle! {
    /// A module with its imports resolved, to be instantiated many times (`wasmtime_instance_pre_t`).
    pub struct InstancePre(capi::wasmtime_instance_pre) => capi::wasmtime_instance_pre_delete;
}

impl InstancePre {
    /// Instantiates in a store of the same engine (`wasmtime_instance_pre_instantiate`).
    pub fn instantiate(&self, ctx: Ctx) -> Result<RawInstance, Fault> {
        let mut instance = RawInstance::default();
        let mut trap = std::ptr::null_mut();
        // SAFETY: the context is live (Ctx's promise); out-pointers are live.
        unsafe {
            let error = capi::wasmtime_instance_pre_instantiate(self.as_ptr(), ctx.as_ptr(), &mut instance, &mut trap);
            check(error, trap).map(|()| instance)
        }
    }
}

impl Ctx {
    /// Instantiates `module` with imports in its order (`wasmtime_instance_new`). The imports belong to this store.
    pub fn instance_new(self, module: &Module, imports: &[RawExtern]) -> Result<RawInstance, Fault> {
        let mut instance = RawInstance::default();
        let mut trap = std::ptr::null_mut();
        // SAFETY: RawExtern is transparent over wasmtime_extern_t, borrowed for the call; the rest as above.
        unsafe {
            let error = capi::wasmtime_instance_new(self.as_ptr(), module.as_ptr(), imports.as_ptr().cast(), imports.len(), &mut instance, &mut trap);
            check(error, trap).map(|()| instance)
        }
    }

    /// The export called `name` (`wasmtime_instance_export_get`). There is no faster way to all of them: `wasmtime_instance_export_nth` walks
    /// from the first to the nth each time, so that a module with many exports could keep us for minutes.
    pub fn instance_export(self, instance: &RawInstance, name: &str) -> Option<Extern> {
        let mut item = RawExtern::out();
        // SAFETY: instance and context belong together; pointer and length of one string.
        let found = unsafe { capi::wasmtime_instance_export_get(self.as_ptr(), instance, name.as_ptr().cast(), name.len(), &mut item.0) };
        if found { item.into_extern() } else { None }
    }

    /// The export of the instance that called a host function (`wasmtime_caller_export_get`).
    ///
    /// # Safety
    /// `caller` is what Wasmtime handed to a callback that is still running.
    pub unsafe fn caller_export(caller: *mut super::func::RawCaller, name: &str) -> Option<Extern> {
        let mut item = RawExtern::out();
        // SAFETY: the caller vouches for `caller`; pointer and length of one string.
        let found = unsafe { capi::wasmtime_caller_export_get(caller, name.as_ptr().cast(), name.len(), &mut item.0) };
        if found { item.into_extern() } else { None }
    }
}
