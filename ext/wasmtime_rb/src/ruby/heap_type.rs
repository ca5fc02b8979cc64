//! `Wasmtime::HeapType`, `StructType`, `ArrayType` and `ExnType`: types with an identity.

use super::engine::Engine;
use super::types;
use crate::handle::heaptype::HeapRef;
use crate::runtime::engine::EngineInner;
use crate::runtime::error;
use crate::runtime::escape;
use crate::runtime::heap_type::TypeObject;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RArray, Ruby, TryConvert, Value, prelude::*};

/// WebAssembly's own limit, past which C aborts.
const MAX_FIELDS: usize = 10_000;

fn check(engine: &EngineInner, what: &str, count: usize) -> Result<(), Error> {
    if !engine.settings.gc_support {
        return Err(error::raise(error::Kind::Base, &format!("{what} needs the engine option gc_support: true (and the Cranelift strategy)")));
    }
    if count > MAX_FIELDS {
        return Err(error::argument(&format!("{what} has at most {MAX_FIELDS} fields, got {count}")));
    }
    Ok(())
}

fn made(ruby: &Ruby, ty: Option<HeapRef>) -> Result<Value, Error> {
    ty.map(|ty| TypeObject::wrap(ruby, ty)).ok_or_else(|| error::raise(error::Kind::Base, "failed to create the type"))
}

fn new_struct(ruby: &Ruby, engine: Obj<Engine>, fields: RArray) -> Result<Value, Error> {
    let engine = engine.arc();
    check(engine, "a struct type", fields.len())?;
    let fields = fields.into_iter().map(|field| types::field_from_value(engine, field)).collect::<Result<Vec<_>, _>>()?;
    made(ruby, HeapRef::new_struct(&engine.handle, &fields))
}

fn new_array(ruby: &Ruby, engine: Obj<Engine>, element: RArray) -> Result<Value, Error> {
    let engine = engine.arc();
    check(engine, "an array type", 1)?;
    let element = types::field_from_value(engine, element.as_value())?;
    made(ruby, HeapRef::new_array(&engine.handle, &element))
}

fn new_exn(ruby: &Ruby, engine: Obj<Engine>, params: RArray) -> Result<Value, Error> {
    let engine = engine.arc();
    check(engine, "an exception type", params.len())?;
    let params = types::valtypes(engine, params)?;
    made(ruby, HeapRef::new_exn(&engine.handle, &params).map_err(error::from_fault)?)
}

fn fields(ruby: &Ruby, this: &TypeObject) -> RArray {
    ruby.ary_from_iter(this.0.fields().iter().map(|field| types::field_to_value(ruby, field)))
}

fn params(ruby: &Ruby, this: &TypeObject) -> RArray {
    types::valtypes_to_value(ruby, &this.0.func_type().params)
}

fn results(ruby: &Ruby, this: &TypeObject) -> RArray {
    types::valtypes_to_value(ruby, &this.0.func_type().results)
}

fn kind(ruby: &Ruby, this: &TypeObject) -> Value {
    ruby.to_symbol(crate::runtime::types::heap_name(this.0.kind())).as_value()
}

fn is_subtype(this: &TypeObject, other: Value) -> bool {
    Obj::<TypeObject>::try_convert(other).is_ok_and(|other| escape::heap::is_subtype(&this.0, &other.0))
}

fn hash(this: &TypeObject) -> usize {
    escape::heap::hash(&this.0)
}

/// Defines the classes.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "HeapType")?;
    class.define_singleton_method("_struct", function!(new_struct, 2))?;
    class.define_singleton_method("_array", function!(new_array, 2))?;
    class.define_singleton_method("_exn", function!(new_exn, 2))?;
    class.define_private_method("_fields", method!(fields, 0))?;
    class.define_private_method("_params", method!(params, 0))?;
    class.define_private_method("_results", method!(results, 0))?;
    class.define_method("_kind", method!(kind, 0))?;
    class.define_private_method("_subtype?", method!(is_subtype, 1))?;
    class.define_method("hash", method!(hash, 0))?;
    for name in ["StructType", "ArrayType", "ExnType"] {
        error::wasmtime(ruby).define_class(name, class)?.undef_default_alloc_func();
    }
    Ok(())
}
