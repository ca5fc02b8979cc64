//! `Wasmtime::SharedMemory`: belongs to an engine, not to a store.

use super::engine::Engine;
use super::types;
use crate::handle::externs::{RawExtern, SharedMemory as Handle};
use crate::handle::memory::RawMemoryType;
use crate::runtime::atomics::{self, Expected, Operation};
use crate::runtime::engine::EngineInner;
use crate::runtime::escape::shared::{self, Waited};
use crate::runtime::store::StoreInner;
use crate::runtime::{convert, error};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RString, Ruby, Symbol, Value};
use std::sync::Arc;
use std::time::Duration;

/// A memory several stores of one engine share.
#[magnus::wrap(class = "Wasmtime::SharedMemory", free_immediately, size, frozen_shareable)]
pub struct SharedMemory {
    pub handle: Handle,
    pub engine: Arc<EngineInner>,
}

// SAFETY: the C API counts references atomically and allows every thread.
unsafe impl Send for SharedMemory {}
// SAFETY: as above; bytes are accessed atomically.
unsafe impl Sync for SharedMemory {}

const OPERATIONS: [(&str, Operation); 8] = [
    ("load", Operation::Load),
    ("store", Operation::Store),
    ("add", Operation::Add),
    ("sub", Operation::Sub),
    ("and", Operation::And),
    ("or", Operation::Or),
    ("xor", Operation::Xor),
    ("exchange", Operation::Exchange),
];

fn operation(name: Symbol) -> Result<Operation, Error> {
    let name = name.name()?;
    let found = OPERATIONS.iter().find(|(known, _)| *known == name).map(|(_, operation)| *operation);
    found.ok_or_else(|| error::argument("no such atomic operation"))
}

fn offset_of(value: Value) -> Result<u64, Error> {
    convert::to_u64(value.as_raw(), "offset")
}

fn to_u32(value: Value) -> Result<u32, Error> {
    Ok(convert::to_i32(value.as_raw())?.cast_unsigned())
}

fn to_u64(value: Value) -> Result<u64, Error> {
    Ok(convert::to_i64(value.as_raw())?.cast_unsigned())
}

impl SharedMemory {
    fn new(ruby: &Ruby, engine: Obj<Engine>, min: Value, max: Value, is_64: bool, page_size_log2: u8) -> Result<Obj<Self>, Error> {
        let engine = engine.arc().clone();
        let (min, max) = (convert::to_u64(min.as_raw(), "min_size")?, convert::to_u64(max.as_raw(), "max_size")?);
        let ty = RawMemoryType::new(min, Some(max), is_64, true, page_size_log2).map_err(error::from_fault)?;
        let handle = Handle::new(&engine.handle, &ty).map_err(error::from_fault)?;
        Ok(ruby.obj_wrap(Self { handle, engine }))
    }

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

    fn grow(&self, delta: Value) -> Result<u64, Error> {
        let delta = convert::to_u64(delta.as_raw(), "delta")?;
        let grown = self.handle.grow(delta);
        grown.map_err(|_| error::raise(error::Kind::Base, &format!("failed to grow memory by `{delta}`")))
    }

    fn read(ruby: &Ruby, this: &Self, offset: Value, length: Value) -> Result<RString, Error> {
        let (offset, length) = (offset_of(offset)?, convert::to_u64(length.as_raw(), "length")?);
        // More than fits any memory is out of bounds before it is allocated.
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(ruby.str_from_slice(&atomics::read(&this.handle, offset, length)?))
    }

    fn write(&self, offset: Value, bytes: RString) -> Result<(), Error> {
        let offset = offset_of(offset)?;
        // SAFETY: copied without Ruby running meanwhile.
        atomics::write(&self.handle, offset, unsafe { bytes.as_slice() })
    }

    fn apply32(&self, name: Symbol, offset: Value, operand: Value) -> Result<i32, Error> {
        let (operation, offset, operand) = (operation(name)?, offset_of(offset)?, to_u32(operand)?);
        Ok(atomics::apply32(&self.handle, operation, offset, operand)?.cast_signed())
    }

    fn apply64(&self, name: Symbol, offset: Value, operand: Value) -> Result<i64, Error> {
        let (operation, offset, operand) = (operation(name)?, offset_of(offset)?, to_u64(operand)?);
        Ok(atomics::apply64(&self.handle, operation, offset, operand)?.cast_signed())
    }

    fn compare_exchange32(&self, offset: Value, expected: Value, replacement: Value) -> Result<i32, Error> {
        let (offset, expected, replacement) = (offset_of(offset)?, to_u32(expected)?, to_u32(replacement)?);
        Ok(atomics::compare_exchange32(&self.handle, offset, expected, replacement)?.cast_signed())
    }

    fn compare_exchange64(&self, offset: Value, expected: Value, replacement: Value) -> Result<i64, Error> {
        let (offset, expected, replacement) = (offset_of(offset)?, to_u64(expected)?, to_u64(replacement)?);
        Ok(atomics::compare_exchange64(&self.handle, offset, expected, replacement)?.cast_signed())
    }

    fn notify(&self, offset: Value, count: Value) -> Result<u32, Error> {
        let (offset, count) = (offset_of(offset)?, to_u32(count)?);
        shared::notify(&self.handle, offset, count).map_err(|text| error::raise(error::Kind::Base, &text))
    }

    fn wait(ruby: &Ruby, this: &Self, offset: Value, expected: Value, wide: bool, seconds: Option<f64>) -> Result<Symbol, Error> {
        let offset = offset_of(offset)?;
        let expected = if wide { Expected::Wide(to_u64(expected)?) } else { Expected::Narrow(to_u32(expected)?) };
        // A time past the clock's end is for ever.
        let timeout = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let waited = atomics::wait(&this.handle, offset, expected, timeout)?;
        Ok(ruby.to_symbol(match waited {
            Waited::Notified => "ok",
            Waited::NotEqual => "not_equal",
            Waited::TimedOut => "timed_out",
        }))
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "SharedMemory")?;
    class.define_singleton_method("_new", function!(SharedMemory::new, 5))?;
    class.define_private_method("_type", method!(SharedMemory::ty, 0))?;
    class.define_method("size", method!(SharedMemory::size, 0))?;
    class.define_method("data_size", method!(SharedMemory::data_size, 0))?;
    class.define_method("grow", method!(SharedMemory::grow, 1))?;
    class.define_method("read", method!(SharedMemory::read, 2))?;
    class.define_private_method("_write", method!(SharedMemory::write, 2))?;
    class.define_private_method("_apply32", method!(SharedMemory::apply32, 3))?;
    class.define_private_method("_apply64", method!(SharedMemory::apply64, 3))?;
    class.define_private_method("_compare_exchange32", method!(SharedMemory::compare_exchange32, 3))?;
    class.define_private_method("_compare_exchange64", method!(SharedMemory::compare_exchange64, 3))?;
    class.define_private_method("_notify", method!(SharedMemory::notify, 2))?;
    class.define_private_method("_wait", method!(SharedMemory::wait, 4))
}
