//! Wasmtime's sampling profiler of guests.

use super::engine::Engine;
use super::fault::{Fault, check};
use super::module::Module;
use super::store::Store;
use super::vec::ByteVec;
use crate::capi;
use std::ptr::null_mut;
use std::time::Duration;

owned_handle! {
    /// What was sampled so far (`wasmtime_guestprofiler_t`).
    pub struct GuestProfiler(capi::wasmtime_guestprofiler) => capi::wasmtime_guestprofiler_delete;
}

impl GuestProfiler {
    /// A profiler that names the functions of `modules` (`wasmtime_guestprofiler_new`, which aborts on modules of another engine).
    pub fn new(engine: &Engine, name: &str, interval: Duration, modules: &[(String, &Module)]) -> Option<Self> {
        let mut title = ByteVec::copy(name.as_bytes());
        let mut names: Vec<ByteVec> = modules.iter().map(|(name, _)| ByteVec::copy(name.as_bytes())).collect();
        let listed = names.iter_mut().zip(modules);
        let list: Vec<_> =
            listed.map(|(name, (_, module))| capi::wasmtime_guestprofiler_modules { name: name.out(), mod_: module.as_ptr() }).collect();
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        // SAFETY: live handles and names, which C copies; the names are UTF-8; an empty Vec's pointer is not NULL.
        unsafe { Self::from_raw(capi::wasmtime_guestprofiler_new(engine.as_ptr(), title.out(), interval, list.as_ptr(), list.len())) }
    }

    /// Records the wasm stack of the store that runs on this thread (`wasmtime_guestprofiler_sample`).
    pub fn sample(&self, store: &Store, since_last: Duration) {
        let nanos = u64::try_from(since_last.as_nanos()).unwrap_or(u64::MAX);
        // SAFETY: both are live, and nobody else uses the profiler.
        unsafe { capi::wasmtime_guestprofiler_sample(self.as_ptr(), store.as_ptr(), nanos) }
    }

    /// The profile as JSON for Firefox's profiler (`wasmtime_guestprofiler_finish`).
    pub fn finish(self) -> Result<Vec<u8>, Fault> {
        let mut out = ByteVec::empty();
        // SAFETY: the profiler is given away; C fills the vector.
        unsafe { check(capi::wasmtime_guestprofiler_finish(self.into_raw(), out.out()), null_mut()) }?;
        Ok(out.as_slice().to_vec())
    }
}
