//! What instances import and export as Ruby objects: the objects themselves, no wrapper around them.

use super::global::Global;
use super::memory::Memory;
use super::shared_memory::SharedMemory;
use super::table::Table;
use super::tag::Tag;
use crate::handle::externs::{Extern, RawExtern};
use crate::runtime::error;
use crate::runtime::func::Func;
use crate::runtime::store::StoreInner;
use magnus::rb_sys::FromRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Ruby, Value, prelude::*};

/// Defines a class whose objects are a plain handle and the store it belongs to.
macro_rules! store_object {
    ($(#[$doc:meta])* $name:ident($raw:ty), $class:literal) => {
        $(#[$doc])*
        #[derive(magnus::TypedData)]
        #[magnus(class = $class, free_immediately, mark, size)]
        pub struct $name {
            pub store: crate::runtime::store::StoreRef,
            pub raw: $raw,
        }

        impl magnus::DataTypeFunctions for $name {
            fn mark(&self, _marker: &magnus::gc::Marker) {
                self.store.mark_object();
            }

            fn size(&self) -> usize {
                size_of::<Self>()
            }
        }

        impl $name {
            /// The Ruby Store it belongs to.
            fn store(&self) -> magnus::Value {
                super::store::object(&self.store)
            }
        }
    };
}
pub(super) use store_object;

/// A Ruby object for an item C handed out.
pub fn wrap(ruby: &Ruby, store: &StoreInner, item: Extern) -> Value {
    let engine = &store.engine;
    let store = store.share();
    match item {
        Extern::Func(raw) => ruby.obj_wrap(Func::new(store, raw, false)).as_value(),
        Extern::Memory(raw) => ruby.obj_wrap(Memory::new(store, raw)).as_value(),
        Extern::Table(raw) => ruby.obj_wrap(Table { store, raw }).as_value(),
        Extern::Global(raw) => ruby.obj_wrap(Global { store, raw }).as_value(),
        Extern::Tag(raw) => ruby.obj_wrap(Tag { store, raw }).as_value(),
        Extern::Shared(handle) => ruby.obj_wrap(SharedMemory { handle, engine: engine.clone() }).as_value(),
    }
}

/// The item inside a Ruby object, which must belong to `store`: C aborts on another store's.
pub fn unwrap(store: &StoreInner, value: Value) -> Result<RawExtern, Error> {
    let (owner, item) = if let Ok(func) = Obj::<Func>::try_convert(value) {
        (func.store, RawExtern::func(func.raw))
    } else if let Ok(memory) = Obj::<Memory>::try_convert(value) {
        (memory.store, RawExtern::memory(memory.raw))
    } else if let Ok(table) = Obj::<Table>::try_convert(value) {
        (table.store, RawExtern::table(table.raw))
    } else if let Ok(global) = Obj::<Global>::try_convert(value) {
        (global.store, RawExtern::global(global.raw))
    } else if let Ok(tag) = Obj::<Tag>::try_convert(value) {
        (tag.store, RawExtern::tag(tag.raw))
    } else if let Ok(shared) = Obj::<SharedMemory>::try_convert(value) {
        return shared.item(store);
    } else {
        return Err(error::type_error(&format!("unexpected extern: {}", value.inspect())));
    };
    if !owner.is(store) {
        return Err(wrong_store(value));
    }
    owner.access()?;
    Ok(item)
}

/// The error for an object of another store.
#[cold]
pub fn wrong_store(value: Value) -> Error {
    // SAFETY: the class of a live value.
    let class = unsafe { value.classname() }.into_owned();
    error::raise(error::Kind::Store, &format!("the {class} belongs to another store; objects can be used in the store that made them only"))
}

/// The Ruby object behind a raw VALUE on the stack.
pub fn value(raw: rb_sys::VALUE) -> Value {
    // SAFETY: the caller got it from Ruby a moment ago.
    unsafe { Value::from_raw(raw) }
}
