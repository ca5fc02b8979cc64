//! `Wasmtime::HeapType` and its subclasses: types with an identity as Ruby objects.

use super::engine::EngineInner;
use super::error;
use super::escape;
use crate::handle::heaptype::HeapRef;
use crate::handle::types::HeapType;
use magnus::{DataTypeFunctions, Error, RClass, Ruby, TypedData, Value, prelude::*};

/// A type with an identity, of one engine. Frozen and shareable.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::HeapType", free_immediately, size, frozen_shareable)]
pub struct TypeObject(pub HeapRef);

impl DataTypeFunctions for TypeObject {
    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl TypeObject {
    /// A new Ruby object of the class that the kind of type has.
    pub fn wrap(ruby: &Ruby, ty: HeapRef) -> Value {
        let name = match ty.kind() {
            HeapType::ConcreteStruct => "StructType",
            HeapType::ConcreteArray => "ArrayType",
            HeapType::ConcreteExn => "ExnType",
            _ => "HeapType",
        };
        let module = error::wasmtime(ruby);
        // lib/ defines the subclasses; without them the object is what its native half says.
        let class: RClass = module.const_get(name).or_else(|_| module.const_get("HeapType")).unwrap_or_else(|_| ruby.class_object());
        let object = ruby.obj_wrap_as(Self(ty), class);
        object.freeze();
        object.as_value()
    }

    /// The type, for use in an engine, which must be its own: C aborts on another's.
    pub fn in_engine(&self, engine: &EngineInner) -> Result<HeapRef, Error> {
        if escape::heap::belongs_to(&self.0, &engine.handle) {
            return Ok(self.0.clone());
        }
        Err(error::argument("the type belongs to another engine; make it with the engine it is used with"))
    }
}
