//! Linkers of components.

use super::Component;
use super::resource::RawResourceType;
use crate::capi;
use crate::handle::engine::Engine;
use crate::handle::fault::{Fault, check};
use crate::handle::func::Finalizer;
use crate::handle::module::Module;
use std::ffi::c_void;
use std::ptr::null_mut;

pub use crate::capi::wasmtime_error_t as RawError;

owned_handle! {
    /// Definitions by path (`wasmtime_component_linker_t`).
    pub struct Linker(capi::wasmtime_component_linker_t) => capi::wasmtime_component_linker_delete;
}
owned_handle! {
    /// One instance among a linker's definitions (`wasmtime_component_linker_instance_t`); it locks the linker, or the instance around it.
    pub struct LinkerInstance(capi::wasmtime_component_linker_instance_t) => capi::wasmtime_component_linker_instance_delete;
}

/// A host function (`wasmtime_component_func_callback_t`): environment, context, type, arguments, results.
pub type Callback = unsafe extern "C" fn(
    *mut c_void,
    *mut capi::wasmtime_context,
    *const capi::wasmtime_component_func_type_t,
    *mut capi::wasmtime_component_val_t,
    usize,
    *mut capi::wasmtime_component_val_t,
    usize,
) -> *mut RawError;

/// What runs when the guest drops a resource of the host's (`wasmtime_component_resource_destructor_t`).
pub type Destructor = unsafe extern "C" fn(*mut c_void, *mut capi::wasmtime_context, u32) -> *mut RawError;

impl Linker {
    /// An empty linker (`wasmtime_component_linker_new`).
    pub fn new(engine: &Engine) -> Result<Self, Fault> {
        // SAFETY: the engine is live.
        unsafe { Self::from_raw(capi::wasmtime_component_linker_new(engine.as_ptr())) }.ok_or_else(|| Fault::message("failed to create a linker"))
    }

    /// Whether a later definition may replace an earlier one (`wasmtime_component_linker_allow_shadowing`).
    pub fn allow_shadowing(&self, allow: bool) {
        // SAFETY: the linker is live and nobody else uses it now.
        unsafe { capi::wasmtime_component_linker_allow_shadowing(self.as_ptr(), allow) }
    }

    /// Makes imports without a definition trap when called (`wasmtime_component_linker_define_unknown_imports_as_traps`).
    pub fn define_unknown_imports_as_traps(&self, component: &Component) -> Result<(), Fault> {
        // SAFETY: all handles are live.
        unsafe { check(capi::wasmtime_component_linker_define_unknown_imports_as_traps(self.as_ptr(), component.as_ptr()), null_mut()) }
    }

    /// Defines WASI preview 2 (`wasmtime_component_linker_add_wasip2`). Its functions abort the process in a store without WASI.
    pub fn add_wasi_p2(&self) -> Result<(), Fault> {
        // SAFETY: the linker is live and nobody else uses it now.
        unsafe { check(capi::wasmtime_component_linker_add_wasip2(self.as_ptr()), null_mut()) }
    }

    /// Defines wasi:http (`wasmtime_component_linker_add_wasi_http`). Its functions abort the process in a store without it.
    pub fn add_wasi_http(&self) -> Result<(), Fault> {
        // SAFETY: the linker is live and nobody else uses it now.
        unsafe { check(capi::wasmtime_component_linker_add_wasi_http(self.as_ptr()), null_mut()) }
    }

    /// Opens the instance at `path`, made where there is none, and lets `work` define something in it (`wasmtime_component_linker_root`,
    /// `wasmtime_component_linker_instance_add_instance`).
    pub fn at<R>(&self, path: &[String], work: impl FnOnce(&LinkerInstance) -> Result<R, Fault>) -> Result<R, Fault> {
        // SAFETY: the linker is live, and nobody else uses it until the instance is deleted.
        let root = unsafe { LinkerInstance::from_raw(capi::wasmtime_component_linker_root(self.as_ptr())) };
        root.ok_or_else(|| Fault::message("failed to open the linker"))?.at(path, work)
    }
}

impl LinkerInstance {
    fn at<R>(&self, path: &[String], work: impl FnOnce(&Self) -> Result<R, Fault>) -> Result<R, Fault> {
        let Some((name, rest)) = path.split_first() else { return work(self) };
        let mut raw = null_mut();
        // SAFETY: the instance is live; the name carries its length; the inner instance is ours and goes first.
        let inner = unsafe {
            let (text, len) = (name.as_ptr().cast(), name.len());
            check(capi::wasmtime_component_linker_instance_add_instance(self.as_ptr(), text, len, &mut raw), null_mut())?;
            Self::from_raw(raw)
        };
        inner.ok_or_else(|| Fault::message("failed to open the instance"))?.at(rest, work)
    }

    /// Defines a module (`wasmtime_component_linker_instance_add_module`).
    pub fn add_module(&self, name: &str, module: &Module) -> Result<(), Fault> {
        let (name, len) = (name.as_ptr().cast(), name.len());
        // SAFETY: all handles are live and of one engine (the caller checks).
        unsafe { check(capi::wasmtime_component_linker_instance_add_module(self.as_ptr(), name, len, module.as_ptr()), null_mut()) }
    }

    /// Defines a host function (`wasmtime_component_linker_instance_add_func`); on an error C has already run the finalizer.
    pub fn add_func(&self, name: &str, callback: Callback, env: *mut c_void, finalizer: Finalizer) -> Result<(), Fault> {
        let (name, len) = (name.as_ptr().cast(), name.len());
        // SAFETY: the instance is live; `env` is the callback's own.
        unsafe {
            let error = capi::wasmtime_component_linker_instance_add_func(self.as_ptr(), name, len, Some(callback), env, Some(finalizer));
            check(error, null_mut())
        }
    }

    /// Defines a resource of the host's (`wasmtime_component_linker_instance_add_resource`); on an error C has already run the finalizer.
    pub fn add_resource(
        &self,
        name: &str,
        ty: &RawResourceType,
        destructor: Destructor,
        env: *mut c_void,
        finalizer: Finalizer,
    ) -> Result<(), Fault> {
        let (name, len) = (name.as_ptr().cast(), name.len());
        // SAFETY: as for add_func.
        unsafe {
            let error =
                capi::wasmtime_component_linker_instance_add_resource(self.as_ptr(), name, len, ty.as_ptr(), Some(destructor), env, Some(finalizer));
            check(error, null_mut())
        }
    }
}

/// An error for a callback to return; it becomes Wasmtime's (`wasmtime_error_new`).
pub fn new_error(message: &std::ffi::CStr) -> *mut RawError {
    // SAFETY: a NUL-terminated text, which C copies.
    unsafe { capi::wasmtime_error_new(message.as_ptr()) }
}
