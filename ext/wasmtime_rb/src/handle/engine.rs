//! Engines. They are made by `runtime::escape::engine_new`, because the C constructor aborts on a configuration Wasmtime refuses.

use crate::capi;

owned_handle! {
    /// An engine, alone or shared with whatever was made from it (`wasm_engine_t`).
    pub struct Engine(capi::wasm_engine_t) => capi::wasm_engine_delete;
}

// SAFETY: the C API allows every thread to use an engine at any time; it counts references atomically.
unsafe impl Send for Engine {}
// SAFETY: as above.
unsafe impl Sync for Engine {}

impl Engine {
    /// Rings the doorbell: stores past their deadline run their callback (`wasmtime_engine_increment_epoch`). Safe in a signal handler.
    #[inline]
    pub fn increment_epoch(&self) {
        // SAFETY: the engine is live; the increment is atomic.
        unsafe { capi::wasmtime_engine_increment_epoch(self.as_ptr()) }
    }

    /// Whether code is interpreted by Pulley instead of running natively (`wasmtime_engine_is_pulley`).
    pub fn is_pulley(&self) -> bool {
        // SAFETY: the engine is live.
        unsafe { capi::wasmtime_engine_is_pulley(self.as_ptr()) }
    }
}
