//! Functions: calling them and making host functions.

use super::context::Ctx;
use super::externs::RawFunc;
use super::fault::{Fault, check};
use super::functype::RawFuncType;
use super::types::{ExternType, FuncType, take_type};
use super::val::{Val, ValRaw};
use crate::capi;
use std::ffi::c_void;

pub use crate::capi::{wasm_trap_t as RawTrap, wasmtime_async_continuation_t as Continuation, wasmtime_caller as RawCaller};

/// A host function that gets tagged values.
pub type Callback = unsafe extern "C" fn(*mut c_void, *mut RawCaller, *const Val, usize, *mut Val, usize) -> *mut RawTrap;
/// A host function that gets raw slots, arguments first, results written over them.
pub type UncheckedCallback = unsafe extern "C" fn(*mut c_void, *mut RawCaller, *mut ValRaw, usize) -> *mut RawTrap;
/// A host function of async calls: it gets tagged values, and says how to find out when it is done.
pub type AsyncCallback = unsafe extern "C" fn(*mut c_void, *mut RawCaller, *const Val, usize, *mut Val, usize, *mut *mut RawTrap, *mut Continuation);

/// The callback of a host function, by how it is called.
pub enum HostCallback {
    Checked(Callback),
    Unchecked(UncheckedCallback),
    Async(AsyncCallback),
}

/// Frees a host function's environment, exactly once, on any thread.
pub type Finalizer = unsafe extern "C" fn(*mut c_void);

impl Ctx {
    /// Calls a function with every check Wasmtime has (`wasmtime_func_call`). Results are owned by the caller.
    pub fn call(self, func: &RawFunc, args: &[Val], results: &mut [Val]) -> Result<(), Fault> {
        let mut trap = std::ptr::null_mut();
        // SAFETY: function and context belong together (Ctx's promise); the slices carry their lengths.
        unsafe {
            let error = capi::wasmtime_func_call(self.as_ptr(), func, args.as_ptr(), args.len(), results.as_mut_ptr(), results.len(), &mut trap);
            check(error, trap)
        }
    }

    /// Calls a function without checks (`wasmtime_func_call_unchecked`).
    ///
    /// # Safety
    /// `slots` holds an argument of the right type for every parameter and is as long as the longer of parameters and results; references in
    /// it belong to this store, and every parameter and result is a number or a nullable funcref or externref.
    #[inline]
    pub unsafe fn call_unchecked(self, func: &RawFunc, slots: *mut ValRaw, len: usize) -> Result<(), Fault> {
        let mut trap = std::ptr::null_mut();
        // SAFETY: the caller vouches for the slots; function and context belong together.
        unsafe {
            let error = capi::wasmtime_func_call_unchecked(self.as_ptr(), func, slots, len, &mut trap);
            check(error, trap)
        }
    }

    /// The function's type (`wasmtime_func_type`).
    pub fn func_type(self, func: &RawFunc) -> FuncType {
        // SAFETY: function and context belong together; the type is ours and deleted here.
        unsafe {
            let raw = capi::wasmtime_func_type(self.as_ptr(), func);
            match take_type(raw, capi::wasm_functype_as_externtype_const, capi::wasm_functype_delete) {
                ExternType::Func(ty) => ty,
                _ => FuncType::default(),
            }
        }
    }

    /// A host function (`wasmtime_func_new`); `env` goes to the finalizer when the store goes.
    pub fn func_new(self, ty: &RawFuncType, callback: Callback, env: *mut c_void, finalizer: Finalizer) -> RawFunc {
        let mut func = RawFunc { store_id: 0, __private: std::ptr::null_mut() };
        // SAFETY: `ty` was made for this store's engine; `env` is Send and the callback's own.
        unsafe { capi::wasmtime_func_new(self.as_ptr(), ty.as_ptr(), Some(callback), env, Some(finalizer), &mut func) };
        func
    }

    /// A host function without checks (`wasmtime_func_new_unchecked`); `env` goes to the finalizer when the store goes.
    pub fn func_new_unchecked(self, ty: &RawFuncType, callback: UncheckedCallback, env: *mut c_void, finalizer: Finalizer) -> RawFunc {
        let mut func = RawFunc { store_id: 0, __private: std::ptr::null_mut() };
        // SAFETY: as in func_new; the callback reads and writes slots by the same type.
        unsafe { capi::wasmtime_func_new_unchecked(self.as_ptr(), ty.as_ptr(), Some(callback), env, Some(finalizer), &mut func) };
        func
    }

    /// The function in a raw slot, `None` for null (`wasmtime_func_from_raw` aborts on it).
    pub fn func_from_raw(self, raw: *mut c_void) -> Option<RawFunc> {
        if raw.is_null() {
            return None;
        }
        let mut func = RawFunc { store_id: 0, __private: std::ptr::null_mut() };
        // SAFETY: a non-null slot that wasm filled belongs to this store.
        unsafe { capi::wasmtime_func_from_raw(self.as_ptr(), raw, &mut func) };
        Some(func)
    }

    /// The raw slot of a function of this store (`wasmtime_func_to_raw`).
    pub fn func_to_raw(self, func: &RawFunc) -> *mut c_void {
        // SAFETY: function and context belong together.
        unsafe { capi::wasmtime_func_to_raw(self.as_ptr(), func) }
    }

    /// The context a host function runs in (`wasmtime_caller_context`).
    ///
    /// # Safety
    /// `caller` is what Wasmtime handed to the callback that is running now.
    #[inline]
    pub unsafe fn of_caller(caller: *mut RawCaller) -> Option<Self> {
        // SAFETY: the caller vouches for `caller`.
        unsafe { Self::from_raw(capi::wasmtime_caller_context(caller)) }
    }
}
