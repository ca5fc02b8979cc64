//! Making, growing and lending linear memories.

use super::error::{self, Kind};
use super::store::StoreInner;
use crate::handle::externs::RawMemory;
use crate::handle::memory::RawMemoryType;
use crate::handle::types::ExternType;
use magnus::Error;
use magnus::rb_sys::{FromRawValue, protect};
use magnus::{Value, prelude::*};
use rb_sys::VALUE;
use std::ffi::{c_int, c_void};

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

unsafe extern "C" {
    fn rb_io_buffer_new(base: *mut c_void, size: usize, flags: c_int) -> VALUE;
    fn rb_io_buffer_free(buffer: VALUE) -> VALUE;
}

const EXTERNAL: c_int = 1;

/// An IO::Buffer over a range of a memory. The root stays private; what Ruby gets is a slice of it, which dies with the root.
pub struct View<'a> {
    store: &'a StoreInner,
    root: VALUE,
    len: usize,
}

impl<'a> View<'a> {
    /// A view of `len` bytes at `start`. While it lives the store cannot be closed.
    pub fn new(store: &'a StoreInner, start: *mut u8, len: usize) -> Result<Self, Error> {
        // SAFETY: the range is inside a memory that does not move; the root is freed before the store can close.
        let root = protect(|| unsafe {
            let root = rb_io_buffer_new(start.cast(), len, EXTERNAL);
            // Slices keep the root alive, and so the store: also when the fiber that runs the block is abandoned and collected.
            rb_sys::rb_ivar_set(root, rb_sys::rb_intern2(c"__store".as_ptr(), 7), store.object());
            root
        })?;
        store.change_views(1);
        Ok(Self { store, root, len })
    }

    /// Calls `block` with a slice.
    pub fn lend(&self, block: Value) -> Result<Value, Error> {
        // SAFETY: the root is alive on our stack.
        let root = unsafe { Value::from_raw(self.root) };
        let slice: Value = root.funcall("slice", (0, self.len))?;
        block.funcall("call", (slice,))
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        // A slice that another thread holds locked keeps the root locked: then the memory stays lent, and the store open.
        // SAFETY: the root is alive on our stack.
        if protect(|| unsafe { rb_io_buffer_free(self.root) }).is_ok() {
            self.store.change_views(-1);
        }
    }
}
