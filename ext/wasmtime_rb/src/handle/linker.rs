//! Linkers.

use super::context::Ctx;
use super::engine::Engine;
use super::externs::{Extern, RawExtern, RawFunc, RawInstance};
use super::fault::{Fault, check};
use super::func::{Finalizer, HostCallback};
use super::functype::RawFuncType;
use super::instance::InstancePre;
use super::module::Module;
use crate::capi;
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;

owned_handle! {
    /// Definitions by module and name (`wasmtime_linker_t`).
    pub struct Linker(capi::wasmtime_linker) => capi::wasmtime_linker_delete;
}

/// Pointer and length of a name, as C takes them.
fn name(text: &str) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

impl Linker {
    /// An empty linker (`wasmtime_linker_new`).
    pub fn new(engine: &Engine) -> Result<Self, Fault> {
        // SAFETY: the engine is live.
        unsafe { Self::from_raw(capi::wasmtime_linker_new(engine.as_ptr())) }.ok_or_else(|| Fault::message("failed to create a linker"))
    }

    /// A linker with the same definitions (`wasmtime_linker_clone`).
    pub fn duplicate(&self) -> Result<Self, Fault> {
        // SAFETY: the linker is live.
        unsafe { Self::from_raw(capi::wasmtime_linker_clone(self.as_ptr())) }.ok_or_else(|| Fault::message("failed to copy a linker"))
    }

    /// Whether a later definition may replace an earlier one (`wasmtime_linker_allow_shadowing`).
    pub fn allow_shadowing(&self, allow: bool) {
        // SAFETY: the linker is live and nobody else uses it now.
        unsafe { capi::wasmtime_linker_allow_shadowing(self.as_ptr(), allow) }
    }

    /// Defines an item of the store (`wasmtime_linker_define` aborts on an item of another store: the caller checks).
    pub fn define(&self, ctx: Ctx, module: &str, field: &str, item: &RawExtern) -> Result<(), Fault> {
        let ((module, module_len), (field, field_len)) = (name(module), name(field));
        // SAFETY: item and context belong together; the names carry their lengths.
        unsafe {
            let error = capi::wasmtime_linker_define(self.as_ptr(), ctx.as_ptr(), module, module_len, field, field_len, &item.0);
            check(error, null_mut())
        }
    }

    /// Defines a host function for any store (`wasmtime_linker_define_func`, `wasmtime_linker_define_func_unchecked`,
    /// `wasmtime_linker_define_async_func`); on an error C has already run the finalizer.
    pub fn define_func(
        &self,
        module: &str,
        field: &str,
        ty: &RawFuncType,
        callback: HostCallback,
        env: *mut c_void,
        finalizer: Finalizer,
    ) -> Result<(), Fault> {
        use capi::{
            wasmtime_linker_define_async_func as define_async, wasmtime_linker_define_func as define,
            wasmtime_linker_define_func_unchecked as define_unchecked,
        };
        let ((module, m), (field, f)) = (name(module), name(field));
        let (linker, ty, end) = (self.as_ptr(), ty.as_ptr(), Some(finalizer));
        // SAFETY: `ty` was made for this engine; `env` is Send and the callback's own, which reads and writes values by the same type.
        unsafe {
            let error = match callback {
                HostCallback::Checked(callback) => define(linker, module, m, field, f, ty, Some(callback), env, end),
                HostCallback::Unchecked(callback) => define_unchecked(linker, module, m, field, f, ty, Some(callback), env, end),
                HostCallback::Async(callback) => define_async(linker, module, m, field, f, ty, Some(callback), env, end),
            };
            check(error, null_mut())
        }
    }

    /// Defines every export of an instance under `module` (`wasmtime_linker_define_instance`).
    pub fn define_instance(&self, ctx: Ctx, module: &str, instance: &RawInstance) -> Result<(), Fault> {
        let (module, len) = name(module);
        // SAFETY: instance and context belong together.
        unsafe { check(capi::wasmtime_linker_define_instance(self.as_ptr(), ctx.as_ptr(), module, len, instance), null_mut()) }
    }

    /// Instantiates a command on each call or a reactor once (`wasmtime_linker_module`); the store is of this engine.
    pub fn define_module(&self, ctx: Ctx, field: &str, module: &Module) -> Result<(), Fault> {
        let (field, len) = name(field);
        // SAFETY: all handles are live.
        unsafe { check(capi::wasmtime_linker_module(self.as_ptr(), ctx.as_ptr(), field, len, module.as_ptr()), null_mut()) }
    }

    /// Instantiates with the definitions (`wasmtime_linker_instantiate`).
    pub fn instantiate(&self, ctx: Ctx, module: &Module) -> Result<RawInstance, Fault> {
        let mut instance = RawInstance::default();
        let mut trap = null_mut();
        // SAFETY: all handles are live; the linker holds no item of another store (the caller checks).
        unsafe {
            let error = capi::wasmtime_linker_instantiate(self.as_ptr(), ctx.as_ptr(), module.as_ptr(), &mut instance, &mut trap);
            check(error, trap).map(|()| instance)
        }
    }

    /// Resolves a module's imports once (`wasmtime_linker_instantiate_pre`).
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre, Fault> {
        let mut pre = null_mut();
        // SAFETY: all handles are live; on success the result is ours.
        unsafe {
            check(capi::wasmtime_linker_instantiate_pre(self.as_ptr(), module.as_ptr(), &mut pre), null_mut())?;
            InstancePre::from_raw(pre).ok_or_else(|| Fault::message("failed to prepare an instance"))
        }
    }

    /// The definition of `module` `field` (`wasmtime_linker_get`); the store is of this engine.
    pub fn get(&self, ctx: Ctx, module: &str, field: &str) -> Option<Extern> {
        let ((module, module_len), (field, field_len)) = (name(module), name(field));
        let mut item = RawExtern::out();
        // SAFETY: all handles are live and of one engine (the caller checks).
        let found = unsafe { capi::wasmtime_linker_get(self.as_ptr(), ctx.as_ptr(), module, module_len, field, field_len, &mut item.0) };
        if found { item.into_extern() } else { None }
    }

    /// The default export of `module` (`wasmtime_linker_get_default`).
    pub fn get_default(&self, ctx: Ctx, module: &str) -> Result<RawFunc, Fault> {
        let (module, len) = name(module);
        let mut func = RawFunc { store_id: 0, __private: null_mut() };
        // SAFETY: all handles are live and of one engine (the caller checks).
        unsafe { check(capi::wasmtime_linker_get_default(self.as_ptr(), ctx.as_ptr(), module, len, &mut func), null_mut()) }.map(|()| func)
    }

    /// Makes imports without a definition trap when called (`wasmtime_linker_define_unknown_imports_as_traps`).
    pub fn define_unknown_imports_as_traps(&self, module: &Module) -> Result<(), Fault> {
        // SAFETY: all handles are live.
        unsafe { check(capi::wasmtime_linker_define_unknown_imports_as_traps(self.as_ptr(), module.as_ptr()), null_mut()) }
    }

    /// Gives imports without a definition zeros and functions that return zeros (`wasmtime_linker_define_unknown_imports_as_default_values`).
    pub fn define_unknown_imports_as_default_values(&self, ctx: Ctx, module: &Module) -> Result<(), Fault> {
        // SAFETY: all handles are live.
        unsafe {
            let error = capi::wasmtime_linker_define_unknown_imports_as_default_values(self.as_ptr(), ctx.as_ptr(), module.as_ptr());
            check(error, null_mut())
        }
    }
}
