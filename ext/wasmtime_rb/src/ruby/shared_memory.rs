//! `Wasmtime::SharedMemory`: belongs to an engine, not to a store.

use super::types;
use crate::handle::externs::{RawExtern, SharedMemory as Handle};
use crate::runtime::engine::EngineInner;
use crate::runtime::error;
use crate::runtime::store::StoreInner;
use magnus::{Error, Module as _, Ruby, Value, method};
use std::sync::Arc;

/// A memory several stores of one engine share.
#[magnus::wrap(class = "Wasmtime::SharedMemory", free_immediately, size)]
pub struct SharedMemory {
    pub handle: Handle,
    pub engine: Arc<EngineInner>,
}

// SAFETY: the C API counts references atomically and allows every thread.
unsafe impl Send for SharedMemory {}

impl SharedMemory {
    /// The item for an import or a definition in a store of the same engine.
    pub fn item(&self, store: &StoreInner) -> Result<RawExtern, Error> {
        if Arc::ptr_eq(&self.engine, &store.engine) {
            Ok(RawExtern::shared(&self.handle))
        } else {
            Err(error::raise(error::Kind::Base, "the shared memory belongs to another engine"))
        }
    }

    fn ty(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        types::extern_type_to_value(ruby, &this.handle.ty())
    }

    fn size(&self) -> u64 {
        self.handle.size()
    }

    fn data_size(&self) -> usize {
        self.handle.data_size()
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "SharedMemory")?;
    class.define_private_method("_type", method!(SharedMemory::ty, 0))?;
    class.define_method("size", method!(SharedMemory::size, 0))?;
    class.define_method("data_size", method!(SharedMemory::data_size, 0))
}
