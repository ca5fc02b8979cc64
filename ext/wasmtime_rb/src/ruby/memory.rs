//! `Wasmtime::Memory`: creation, size, bytes and views. The numbered accessors are in `memory_access`.

use super::store::Store;
use super::types;
use crate::handle::context::Ctx;
use crate::handle::externs::RawMemory;
use crate::handle::memory::RawMemoryType;
use crate::handle::types::{ExternType, Limits};
use crate::runtime::store::StoreRef;
use crate::runtime::{convert, error, memory, view};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RString, Ruby, TypedData, Value, gc};
use std::cell::Cell;

/// A linear memory of a store.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Memory", free_immediately, mark, size)]
pub struct Memory {
    pub store: StoreRef,
    pub raw: RawMemory,
    /// Base and size as they were last found, and the store's stamp of that moment.
    found: Cell<(u64, *mut u8, usize)>,
}

// SAFETY: used with the GVL like everything of the store.
unsafe impl Send for Memory {}

impl DataTypeFunctions for Memory {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Memory {
    /// A handle of a memory in `store`.
    pub fn new(store: StoreRef, raw: RawMemory) -> Self {
        Self { store, raw, found: Cell::new((0, std::ptr::null_mut(), 0)) }
    }

    fn store(&self) -> Value {
        super::store::object(&self.store)
    }

    fn create(ruby: &Ruby, store: Obj<Store>, min: Value, max: Option<Value>, is_64: bool, page_size_log2: u8) -> Result<Obj<Self>, Error> {
        let min = convert::to_u64(min.as_raw(), "min_size")?;
        let max = max.map(|max| convert::to_u64(max.as_raw(), "max_size")).transpose()?;
        if !is_64 && let Some(large) = [Some(min), max].into_iter().flatten().find(|pages| u32::try_from(*pages).is_err()) {
            return Err(error::range(&format!("{large} pages are too many for a memory with 32-bit addresses")));
        }
        let ty = RawMemoryType::new(min, max, is_64, false, page_size_log2).map_err(error::from_fault)?;
        let raw = memory::create(&store.inner, &ty)?;
        Ok(ruby.obj_wrap(Self::new(store.inner.share(), raw)))
    }

    /// Base and size, for this moment only.
    #[inline]
    pub fn bytes(&self) -> Result<(*mut u8, usize), Error> {
        let context = self.store.access()?;
        let (stamp, base, size) = self.found.get();
        Ok(if stamp == self.store.stamp() { (base, size) } else { self.find(context) })
    }

    fn find(&self, context: Ctx) -> (*mut u8, usize) {
        let (base, size) = context.memory_data(&self.raw);
        self.found.set((self.store.stamp(), base, size));
        (base, size)
    }

    /// A range inside the memory: its address.
    #[inline]
    pub fn range(&self, offset: u64, len: u64) -> Result<*mut u8, Error> {
        let (base, size) = self.bytes()?;
        let start = usize::try_from(offset).ok();
        match start.zip(offset.checked_add(len)) {
            // SAFETY: the whole range was just found to lie inside the memory.
            Some((start, end)) if usize::try_from(end).is_ok_and(|end| end <= size) => Ok(unsafe { base.add(start) }),
            _ => Err(out_of_bounds()),
        }
    }

    fn ty(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        types::extern_type_to_value(ruby, &this.store.access()?.memory_type(&this.raw))
    }

    fn limits(&self) -> Result<Limits, Error> {
        match self.store.access()?.memory_type(&self.raw) {
            ExternType::Memory { limits, .. } => Ok(limits),
            _ => Ok(Limits { min: 0, max: None, is_64: false }),
        }
    }

    fn min(&self) -> Result<u64, Error> {
        Ok(self.limits()?.min)
    }

    fn max(&self) -> Result<Option<u64>, Error> {
        Ok(self.limits()?.max)
    }

    fn size(&self) -> Result<u64, Error> {
        Ok(self.store.access()?.memory_size(&self.raw))
    }

    fn page_size(&self) -> Result<u64, Error> {
        Ok(self.store.access()?.memory_page_size(&self.raw))
    }

    fn bytesize(&self) -> Result<usize, Error> {
        Ok(self.bytes()?.1)
    }

    fn grow(&self, delta: Value) -> Result<u64, Error> {
        let delta = convert::to_u64(delta.as_raw(), "delta")?;
        memory::grow(&self.store, &self.raw, delta)
    }

    fn read_cstring(ruby: &Ruby, this: &Self, offset: Value) -> Result<RString, Error> {
        let offset = convert::to_u64(offset.as_raw(), "offset")?;
        let (base, size) = this.bytes()?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(size);
        // SAFETY: from `start` to the end lies inside the memory.
        let rest = unsafe { std::slice::from_raw_parts(base.add(start), size - start) };
        let bytes = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(ruby.str_from_slice(bytes))
    }

    fn fill(&self, byte: Value, offset: Value, len: Value) -> Result<(), Error> {
        let byte = convert::to_u64(byte.as_raw(), "byte")?;
        let byte = u8::try_from(byte).map_err(|_| error::range(&format!("byte is too big: {byte} (expected 0..255)")))?;
        let (offset, len) = (convert::to_u64(offset.as_raw(), "offset")?, convert::to_u64(len.as_raw(), "length")?);
        let target = self.range(offset, len)?;
        // SAFETY: the range is inside the memory.
        unsafe { std::ptr::write_bytes(target, byte, usize::try_from(len).unwrap_or(0)) };
        Ok(())
    }

    fn copy(&self, from: Value, to: Value, len: Value) -> Result<(), Error> {
        let (from, to) = (convert::to_u64(from.as_raw(), "from")?, convert::to_u64(to.as_raw(), "to")?);
        let len = convert::to_u64(len.as_raw(), "length")?;
        let (source, target) = (self.range(from, len)?, self.range(to, len)?);
        // SAFETY: both ranges are inside the memory; copy allows them to overlap.
        unsafe { std::ptr::copy(source, target, usize::try_from(len).unwrap_or(0)) };
        Ok(())
    }

    /// Lends the memory as an IO::Buffer to `block`, and takes every slice of it back when the block ends.
    fn view(this: Obj<Self>, offset: Value, len: Value, block: Value) -> Result<Value, Error> {
        let (offset, len) = (convert::to_u64(offset.as_raw(), "offset")?, convert::to_u64(len.as_raw(), "length")?);
        memory::check_fixed_base(&this.store, &this.raw)?;
        let start = this.range(offset, len)?;
        let view = view::View::new(&this.store, start, usize::try_from(len).unwrap_or(0))?;
        let result = view.lend(block);
        drop(view);
        std::hint::black_box(this.as_raw());
        result
    }
}

/// The error for an access past the end.
#[cold]
pub fn out_of_bounds() -> Error {
    error::raise(error::Kind::Base, "out of bounds memory access")
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Memory")?;
    class.define_singleton_method("_new", function!(Memory::create, 5))?;
    class.define_private_method("_type", method!(Memory::ty, 0))?;
    class.define_method("min_size", method!(Memory::min, 0))?;
    class.define_method("max_size", method!(Memory::max, 0))?;
    class.define_method("size", method!(Memory::size, 0))?;
    class.define_method("page_size", method!(Memory::page_size, 0))?;
    class.define_method("bytesize", method!(Memory::bytesize, 0))?;
    class.define_method("grow", method!(Memory::grow, 1))?;
    class.define_method("read_cstring", method!(Memory::read_cstring, 1))?;
    class.define_private_method("_fill", method!(Memory::fill, 3))?;
    class.define_private_method("_copy", method!(Memory::copy, 3))?;
    class.define_private_method("_view", method!(Memory::view, 3))?;
    class.define_method("store", method!(Memory::store, 0))?;
    super::memory_access::define(class);
    Ok(())
}
