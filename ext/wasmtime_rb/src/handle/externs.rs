//! Items a module imports or exports: plain handles (store id and index) without a destructor, valid while their store is.

use crate::capi;

pub use crate::capi::{
    wasmtime_func as RawFunc, wasmtime_global as RawGlobal, wasmtime_instance as RawInstance, wasmtime_memory as RawMemory,
    wasmtime_table as RawTable, wasmtime_tag as RawTag,
};

owned_handle! {
    /// A memory shared between stores (`wasmtime_sharedmemory_t`).
    pub struct SharedMemory(capi::wasmtime_sharedmemory) => capi::wasmtime_sharedmemory_delete;
}

/// An item by kind.
pub enum Extern {
    Func(RawFunc),
    Global(RawGlobal),
    Table(RawTable),
    Memory(RawMemory),
    Shared(SharedMemory),
    Tag(RawTag),
}

/// An item as C functions take it: borrowed, deleted by nobody.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct RawExtern(pub(super) capi::wasmtime_extern);

impl RawExtern {
    fn new(kind: u32, of: capi::wasmtime_extern_union) -> Self {
        // The kinds are 0 to 5.
        Self(capi::wasmtime_extern { kind: u8::try_from(kind).unwrap_or_default(), of })
    }

    pub fn func(func: RawFunc) -> Self {
        Self::new(capi::WASMTIME_EXTERN_FUNC, capi::wasmtime_extern_union { func })
    }

    pub fn global(global: RawGlobal) -> Self {
        Self::new(capi::WASMTIME_EXTERN_GLOBAL, capi::wasmtime_extern_union { global })
    }

    pub fn table(table: RawTable) -> Self {
        Self::new(capi::WASMTIME_EXTERN_TABLE, capi::wasmtime_extern_union { table })
    }

    pub fn memory(memory: RawMemory) -> Self {
        Self::new(capi::WASMTIME_EXTERN_MEMORY, capi::wasmtime_extern_union { memory })
    }

    pub fn shared(memory: &SharedMemory) -> Self {
        Self::new(capi::WASMTIME_EXTERN_SHAREDMEMORY, capi::wasmtime_extern_union { sharedmemory: memory.as_ptr() })
    }

    pub fn tag(tag: RawTag) -> Self {
        Self::new(capi::WASMTIME_EXTERN_TAG, capi::wasmtime_extern_union { tag })
    }

    /// A zeroed item for a C function to fill.
    pub(super) fn out() -> Self {
        Self(capi::wasmtime_extern::default())
    }

    /// Takes over what C wrote; a shared memory becomes owned.
    pub(super) fn into_extern(self) -> Option<Extern> {
        // SAFETY: `kind` tells which field C wrote, and a shared memory handed out is ours.
        unsafe {
            Some(match u32::from(self.0.kind) {
                capi::WASMTIME_EXTERN_FUNC => Extern::Func(self.0.of.func),
                capi::WASMTIME_EXTERN_GLOBAL => Extern::Global(self.0.of.global),
                capi::WASMTIME_EXTERN_TABLE => Extern::Table(self.0.of.table),
                capi::WASMTIME_EXTERN_MEMORY => Extern::Memory(self.0.of.memory),
                capi::WASMTIME_EXTERN_SHAREDMEMORY => Extern::Shared(SharedMemory::from_raw(self.0.of.sharedmemory)?),
                _ => Extern::Tag(self.0.of.tag),
            })
        }
    }
}
