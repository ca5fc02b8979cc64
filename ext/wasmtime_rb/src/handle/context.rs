//! The context of a store: what every function that touches the store takes.

use super::fault::{Fault, check};
use crate::capi;
use std::ptr::NonNull;

pub use crate::capi::wasmtime_context as RawContext;

/// A store's context (`wasmtime_context_t`).
///
/// Borrowed from its store. Whoever holds one got it from `runtime::access` or `runtime::enter`, which prove that the store is open and ours
/// for now; that proof is the precondition of every method taking a `Ctx`, together with handles that belong to the same store.
#[derive(Clone, Copy)]
pub struct Ctx(NonNull<capi::wasmtime_context>);

impl Ctx {
    /// # Safety
    /// `raw` is the context of a live store, and the caller is the only one to use that store while the value lives.
    pub unsafe fn from_raw(raw: *mut capi::wasmtime_context) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }

    /// The pointer to hand to C.
    #[inline]
    pub fn as_ptr(self) -> *mut capi::wasmtime_context {
        self.0.as_ptr()
    }

    /// The pointer given to [`super::store::Store::new`] (`wasmtime_context_get_data`).
    #[inline]
    pub fn data(self) -> *mut std::ffi::c_void {
        // SAFETY: the context is live while we hold a Ctx.
        unsafe { capi::wasmtime_context_get_data(self.as_ptr()) }
    }

    /// Collects garbage in the guest's heap (`wasmtime_context_gc`).
    pub fn gc(self) -> Result<(), Fault> {
        // SAFETY: as above; the error is ours.
        unsafe { check(capi::wasmtime_context_gc(self.as_ptr()), std::ptr::null_mut()) }
    }

    /// Fuel left (`wasmtime_context_get_fuel`).
    pub fn fuel(self) -> Result<u64, Fault> {
        let mut fuel = 0;
        // SAFETY: as above.
        unsafe { check(capi::wasmtime_context_get_fuel(self.as_ptr(), &mut fuel), std::ptr::null_mut()) }.map(|()| fuel)
    }

    /// Sets the fuel left (`wasmtime_context_set_fuel`).
    pub fn set_fuel(self, fuel: u64) -> Result<(), Fault> {
        // SAFETY: as above.
        unsafe { check(capi::wasmtime_context_set_fuel(self.as_ptr(), fuel), std::ptr::null_mut()) }
    }

    /// Makes async calls yield whenever they have used this much fuel; 0 for never (`wasmtime_context_fuel_async_yield_interval`). From then on
    /// the store takes async calls only.
    pub fn set_fuel_yield_interval(self, interval: u64) -> Result<(), Fault> {
        // SAFETY: as above.
        unsafe { check(capi::wasmtime_context_fuel_async_yield_interval(self.as_ptr(), interval), std::ptr::null_mut()) }
    }

    /// Sets how many epoch ticks from now the doorbell rings (`wasmtime_context_set_epoch_deadline`); the sum must not wrap, so keep it small.
    pub fn set_epoch_deadline(self, ticks: u64) {
        // SAFETY: as above.
        unsafe { capi::wasmtime_context_set_epoch_deadline(self.as_ptr(), ticks.min(u64::MAX / 4)) }
    }
}
