//! The only way into wasm: store access and entry, callbacks, roots, interrupts, the GVL and fork.

pub mod compile;
pub mod engine;
pub mod escape;
pub mod gvl;
pub mod process;
