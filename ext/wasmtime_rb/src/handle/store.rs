//! Stores.

use super::context::Ctx;
use super::engine::Engine;
use super::fault::{Error, Fault};
use crate::capi;
use std::ffi::c_void;

owned_handle! {
    /// A store and everything in it (`wasmtime_store_t`).
    pub struct Store(capi::wasmtime_store) => capi::wasmtime_store_delete;
}

/// `wasmtime_store_epoch_deadline_callback`'s callback.
pub type DeadlineCallback = unsafe extern "C" fn(*mut capi::wasmtime_context, *mut c_void, *mut u64, *mut u8) -> *mut capi::wasmtime_error_t;

impl Store {
    /// An empty store (`wasmtime_store_new`). `data` is handed back by [`Ctx::data`] and stays the caller's.
    pub fn new(engine: &Engine, data: *mut c_void) -> Result<Self, Fault> {
        // SAFETY: the engine is live; without a finalizer C never touches `data`.
        unsafe { Self::from_raw(capi::wasmtime_store_new(engine.as_ptr(), data, None)) }.ok_or_else(|| Fault::message("failed to create a store"))
    }

    /// The store's context, the same pointer for its whole life.
    pub fn context(&self) -> Option<Ctx> {
        // SAFETY: the store is live; exclusive use is the promise of whoever keeps the Ctx.
        unsafe { Ctx::from_raw(capi::wasmtime_store_context(self.as_ptr())) }
    }

    /// Installs what runs when the epoch passes the deadline (`wasmtime_store_epoch_deadline_callback`). `data` must outlive the store.
    pub fn on_epoch_deadline(&self, callback: DeadlineCallback, data: *mut c_void) {
        // SAFETY: the store is live and idle; no finalizer, so `data` stays the caller's.
        unsafe { capi::wasmtime_store_epoch_deadline_callback(self.as_ptr(), Some(callback), data, None) }
    }
}

/// An error for wasm to unwind with, given away to the C API.
pub fn error_for_wasm(message: &std::ffi::CStr) -> *mut capi::wasmtime_error_t {
    // SAFETY: C copies the message and gives us a new error, which the caller hands to C.
    unsafe { Error::from_raw(capi::wasmtime_error_new(message.as_ptr())) }.map_or(std::ptr::null_mut(), Error::into_raw)
}
