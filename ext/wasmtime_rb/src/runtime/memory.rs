//! Making, growing and lending linear memories.

use super::error::{self, Kind};
use super::store::StoreInner;
use crate::handle::externs::RawMemory;
use crate::handle::memory::RawMemoryType;
use crate::handle::types::ExternType;
use magnus::Error;

/// Tells Ruby's GC about memory it does not see, so that it collects when that grows. Negative inside free functions.
pub fn adjust(bytes: i64) {
    if bytes != 0 {
        // SAFETY: allowed with the GVL and, when negative, inside a free function.
        unsafe { rb_sys::rb_gc_adjust_memory_usage(bytes) }
    }
}

/// A new memory. Address space runs out long before RAM does, so a failure is tried again after Ruby's GC had a chance to free stores.
pub fn create(store: &StoreInner, ty: &RawMemoryType) -> Result<RawMemory, Error> {
    let first = store.access()?.memory_new(ty);
    let memory = match first {
        Ok(memory) => memory,
        Err(_) => {
            // SAFETY: with the GVL and nothing borrowed.
            unsafe { rb_sys::rb_gc_start() };
            store.access()?.memory_new(ty).map_err(error::from_fault)?
        }
    };
    store.report_memory();
    Ok(memory)
}

/// Grows a memory by `delta` pages; the size before.
pub fn grow(store: &StoreInner, memory: &RawMemory, delta: u64) -> Result<u64, Error> {
    let before = store.access()?.memory_grow(memory, delta).map_err(error::from_fault)?;
    store.disturb();
    store.report_memory();
    Ok(before)
}

/// Wasm32's whole address space: a reservation of this size never has to move.
const WHOLE_32_BIT: u64 = 1 << 32;

/// Refuses memories whose base may move when they grow: a view of one could dangle.
pub fn check_fixed_base(store: &StoreInner, memory: &RawMemory) -> Result<(), Error> {
    let settings = &store.engine.settings;
    let is_64 = match store.access()?.memory_type(memory) {
        ExternType::Memory { limits, .. } => limits.is_64,
        _ => false,
    };
    if !settings.memory_may_move || (!is_64 && settings.memory_reservation >= WHOLE_32_BIT) {
        return Ok(());
    }
    Err(error::raise(
        Kind::Base,
        "the memory may move when it grows, so it cannot be viewed without a copy: use read and write, or create the engine with \
         memory_may_move: false",
    ))
}
