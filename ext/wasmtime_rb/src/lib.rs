//! The native half of wasmtime-rb: Ruby classes over the Wasmtime C API.
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

// The declarations come from bindgen, the symbols from this crate.
extern crate wasmtime_c_api as _;

mod capi;
mod handle;
// First: its macros are for the classes.
#[macro_use]
mod runtime;
mod ruby;

use magnus::{Error, Ruby};

#[magnus::init(name = "wasmtime_rb")]
fn init(ruby: &Ruby) -> Result<(), Error> {
    // SAFETY: called once, while Ruby loads the extension; every process-wide state below is atomic or behind a lock.
    unsafe { rb_sys::rb_ext_ractor_safe(true) };
    ruby::init(ruby)
}
