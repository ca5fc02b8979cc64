//! Linear memories.

use super::context::Ctx;
use super::engine::Engine;
use super::externs::{RawMemory, SharedMemory};
use super::fault::{Fault, check};
use super::types::{ExternType, take_type};
use crate::capi;
use std::ptr::null_mut;

owned_handle! {
    /// A memory type (`wasm_memorytype_t`).
    pub struct RawMemoryType(capi::wasm_memorytype_t) => capi::wasm_memorytype_delete;
}

impl RawMemoryType {
    /// A memory type, limits in pages (`wasmtime_memorytype_new`; `wasm_memorytype_new` aborts on limits it does not like).
    pub fn new(min: u64, max: Option<u64>, is_64: bool, shared: bool, page_size_log2: u8) -> Result<Self, Fault> {
        let mut raw = null_mut();
        // SAFETY: plain values; on success the type is ours.
        unsafe {
            let error = capi::wasmtime_memorytype_new(min, max.is_some(), max.unwrap_or_default(), is_64, shared, page_size_log2, &mut raw);
            check(error, null_mut())?;
            Self::from_raw(raw).ok_or_else(|| Fault::message("failed to create a memory type"))
        }
    }
}

impl Ctx {
    /// A new memory (`wasmtime_memory_new`).
    pub fn memory_new(self, ty: &RawMemoryType) -> Result<RawMemory, Fault> {
        let mut memory = RawMemory::default();
        // SAFETY: live handles (Ctx's promise).
        unsafe { check(capi::wasmtime_memory_new(self.as_ptr(), ty.as_ptr(), &mut memory), null_mut()) }.map(|()| memory)
    }

    /// The memory's type (`wasmtime_memory_type`).
    pub fn memory_type(self, memory: &RawMemory) -> ExternType {
        // SAFETY: memory and context belong together; the type is ours and deleted here.
        unsafe {
            let raw = capi::wasmtime_memory_type(self.as_ptr(), memory);
            take_type(raw, capi::wasm_memorytype_as_externtype_const, capi::wasm_memorytype_delete)
        }
    }

    /// Base address and size in bytes, valid until the next call that may grow the memory or run wasm.
    #[inline]
    pub fn memory_data(self, memory: &RawMemory) -> (*mut u8, usize) {
        // SAFETY: memory and context belong together.
        unsafe { (capi::wasmtime_memory_data(self.as_ptr(), memory), capi::wasmtime_memory_data_size(self.as_ptr(), memory)) }
    }

    /// Size in pages (`wasmtime_memory_size`).
    pub fn memory_size(self, memory: &RawMemory) -> u64 {
        // SAFETY: as above.
        unsafe { capi::wasmtime_memory_size(self.as_ptr(), memory) }
    }

    /// Bytes a page (`wasmtime_memory_page_size`).
    pub fn memory_page_size(self, memory: &RawMemory) -> u64 {
        // SAFETY: as above.
        unsafe { capi::wasmtime_memory_page_size(self.as_ptr(), memory) }
    }

    /// Grows by `delta` pages; the size before (`wasmtime_memory_grow`).
    pub fn memory_grow(self, memory: &RawMemory, delta: u64) -> Result<u64, Fault> {
        let mut before = 0;
        // SAFETY: as above.
        unsafe { check(capi::wasmtime_memory_grow(self.as_ptr(), memory, delta, &mut before), null_mut()) }.map(|()| before)
    }
}

/// Whether two handles mean the same memory.
pub fn same(one: &RawMemory, other: &RawMemory) -> bool {
    let parts = |memory: &RawMemory| (memory.__bindgen_anon_1.store_id, memory.__bindgen_anon_1.__private1, memory.__private2);
    parts(one) == parts(other)
}

impl SharedMemory {
    /// A new memory that the stores of an engine may share (`wasmtime_sharedmemory_new`).
    pub fn new(engine: &Engine, ty: &RawMemoryType) -> Result<Self, Fault> {
        let mut raw = null_mut();
        // SAFETY: live handles; on success the memory is ours.
        unsafe {
            check(capi::wasmtime_sharedmemory_new(engine.as_ptr(), ty.as_ptr(), &mut raw), null_mut())?;
            Self::from_raw(raw).ok_or_else(|| Fault::message("failed to create a shared memory"))
        }
    }

    /// Grows by `delta` pages; the size before (`wasmtime_sharedmemory_grow`). Any thread may do it at any time.
    pub fn grow(&self, delta: u64) -> Result<u64, Fault> {
        let mut before = 0;
        // SAFETY: the handle is live.
        unsafe { check(capi::wasmtime_sharedmemory_grow(self.as_ptr(), delta, &mut before), null_mut()) }.map(|()| before)
    }

    /// The memory's type (`wasmtime_sharedmemory_type`).
    pub fn ty(&self) -> ExternType {
        // SAFETY: the handle is live; the type is ours and deleted here.
        unsafe {
            let raw = capi::wasmtime_sharedmemory_type(self.as_ptr());
            take_type(raw, capi::wasm_memorytype_as_externtype_const, capi::wasm_memorytype_delete)
        }
    }

    /// Where it lies, for good, and its size in bytes (`wasmtime_sharedmemory_data`). Other threads may write to it at any time.
    pub fn data(&self) -> (*mut u8, usize) {
        // SAFETY: the handle is live.
        unsafe { (capi::wasmtime_sharedmemory_data(self.as_ptr()), self.data_size()) }
    }

    /// Size in bytes (`wasmtime_sharedmemory_data_size`).
    pub fn data_size(&self) -> usize {
        // SAFETY: the handle is live.
        unsafe { capi::wasmtime_sharedmemory_data_size(self.as_ptr()) }
    }

    /// Size in pages (`wasmtime_sharedmemory_size`).
    pub fn size(&self) -> u64 {
        // SAFETY: the handle is live.
        unsafe { capi::wasmtime_sharedmemory_size(self.as_ptr()) }
    }
}
