//! The only way into wasm: store access and entry, callbacks, roots, interrupts, the GVL and fork.

pub mod activation;
pub mod call;
pub mod compile;
pub mod convert;
pub mod engine;
pub mod epochs;
pub mod error;
pub mod escape;
pub mod func;
pub mod gvl;
pub mod host;
pub mod instance;
pub mod interrupt;
pub mod limits;
pub mod linker;
pub mod memory;
pub mod module;
pub mod process;
pub mod recycle;
pub mod roots;
pub mod signature;
pub mod store;
pub mod thread;
pub mod trampoline;
pub mod typed;
pub mod types;
