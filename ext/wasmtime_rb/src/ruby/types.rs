//! Types between native data and the plain Ruby data that lib/ builds its type objects from.

use crate::handle::functype::RawFuncType;
use crate::handle::heaptype::{FieldType, Storage};
use crate::handle::types::{ExternType, FuncType, HeapType, Limits, ValType};
use crate::runtime::engine::EngineInner;
use crate::runtime::error;
use crate::runtime::heap_type::TypeObject;
use crate::runtime::types::{heap_name, short};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, RArray, Ruby, Symbol, TryConvert, Value, prelude::*};

/// Every heap type that has a name, for looking it up.
const HEAPS: [HeapType; 12] = [
    HeapType::Func,
    HeapType::Extern,
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::Exn,
    HeapType::None,
    HeapType::NoFunc,
    HeapType::NoExtern,
    HeapType::NoExn,
];

const NUMBERS: [(&str, ValType); 5] =
    [("i32", ValType::I32), ("i64", ValType::I64), ("f32", ValType::F32), ("f64", ValType::F64), ("v128", ValType::V128)];

/// A Symbol where the type has a name of its own, else `[nullable, heap type]`, with the HeapType object as third item for a concrete one.
pub fn valtype_to_value(ruby: &Ruby, ty: &ValType) -> Value {
    if let Some((name, _)) = NUMBERS.iter().find(|(_, known)| known == ty) {
        return ruby.to_symbol(name).as_value();
    }
    let ValType::Ref { nullable, heap, concrete } = ty else { return ruby.qnil().as_value() };
    if *nullable && let Some(name) = short(*heap) {
        return ruby.to_symbol(name).as_value();
    }
    let nullable = if *nullable { ruby.qtrue().as_value() } else { ruby.qfalse().as_value() };
    let heap = ruby.to_symbol(heap_name(*heap)).as_value();
    match concrete {
        None => ruby.ary_new_from_values(&[nullable, heap]).as_value(),
        Some(concrete) => ruby.ary_new_from_values(&[nullable, heap, TypeObject::wrap(ruby, concrete.clone())]).as_value(),
    }
}

/// What Ruby programs see: a Symbol, or a ValType object.
pub fn valtypes_to_value(ruby: &Ruby, types: &[ValType]) -> RArray {
    let public = |ty: &ValType| {
        let plain = valtype_to_value(ruby, ty);
        match Symbol::from_value(plain) {
            Some(_) => plain,
            None => error::wasmtime(ruby)
                .const_get::<_, Value>("ValType")
                .and_then(|class| class.funcall::<_, _, Value>("_public", (plain,)))
                .unwrap_or(plain),
        }
    };
    ruby.ary_from_iter(types.iter().map(public))
}

/// Reads a Symbol, or a ValType object through its `_desc`; a concrete type must be one of `engine`.
pub fn valtype_from_value(engine: &EngineInner, value: Value) -> Result<ValType, Error> {
    let ruby = Ruby::get_with(value);
    let plain: Value = if value.respond_to("_desc", true)? { value.funcall("_desc", ())? } else { value };
    if let Some(pair) = RArray::from_value(plain) {
        let (nullable, heap) = (bool::try_convert(pair.entry(0)?)?, Symbol::try_convert(pair.entry(1)?)?);
        if pair.len() == 3 {
            let concrete = Obj::<TypeObject>::try_convert(pair.entry(2)?)?.in_engine(engine)?;
            return Ok(ValType::Ref { nullable, heap: concrete.kind(), concrete: Some(concrete) });
        }
        let name = heap.name()?;
        let found = HEAPS.into_iter().find(|known| heap_name(*known) == name);
        return found.map(|heap| ValType::Ref { nullable, heap, concrete: None }).ok_or_else(|| unknown(&ruby, value));
    }
    let Some(symbol) = Symbol::from_value(plain) else {
        return Err(error::no_conversion(plain.as_raw(), "Symbol"));
    };
    let name = symbol.name()?;
    let number = NUMBERS.iter().find(|(known, _)| *known == name).map(|(_, ty)| ty.clone());
    let reference = || HEAPS.into_iter().find(|heap| short(*heap) == Some(&name)).map(ValType::reference);
    number.or_else(reference).ok_or_else(|| unknown(&ruby, value))
}

fn unknown(_ruby: &Ruby, value: Value) -> Error {
    let names: Vec<String> =
        NUMBERS.iter().map(|(name, _)| format!(":{name}")).chain(HEAPS.into_iter().filter_map(short).map(|name| format!(":{name}"))).collect();
    error::argument(&format!("invalid WebAssembly type, expected one of [{}], got {}", names.join(", "), value.inspect()))
}

/// Reads an Array of value types.
pub fn valtypes(engine: &EngineInner, list: RArray) -> Result<Vec<ValType>, Error> {
    list.into_iter().map(|ty| valtype_from_value(engine, ty)).collect()
}

/// The type as C takes it.
pub fn raw_functype(engine: &EngineInner, ty: &FuncType) -> Result<RawFuncType, Error> {
    RawFuncType::new(&engine.handle, ty).ok_or_else(|| error::raise(error::Kind::Base, "failed to create a function type"))
}

/// `[storage, mutable]`, where storage is :i8, :i16 or a value type.
pub fn field_to_value(ruby: &Ruby, field: &FieldType) -> Value {
    let storage = match &field.storage {
        Storage::I8 => ruby.to_symbol("i8").as_value(),
        Storage::I16 => ruby.to_symbol("i16").as_value(),
        Storage::Val(ty) => valtype_to_value(ruby, ty),
    };
    let mutable = if field.mutable { ruby.qtrue().as_value() } else { ruby.qfalse().as_value() };
    ruby.ary_new_from_values(&[storage, mutable]).as_value()
}

/// Reads what [`field_to_value`] writes; the storage may be a ValType object too.
pub fn field_from_value(engine: &EngineInner, value: Value) -> Result<FieldType, Error> {
    let pair = RArray::try_convert(value)?;
    let (storage, mutable): (Value, bool) = (pair.entry(0)?, pair.entry(1)?);
    let packed = Symbol::from_value(storage).map(|name| name.name().map(std::borrow::Cow::into_owned)).transpose()?;
    let storage = match packed.as_deref() {
        Some("i8") => Storage::I8,
        Some("i16") => Storage::I16,
        _ => Storage::Val(valtype_from_value(engine, storage)?),
    };
    Ok(FieldType { storage, mutable })
}

/// Value types as plain data.
pub fn list(ruby: &Ruby, types: &[ValType]) -> Value {
    ruby.ary_from_iter(types.iter().map(|ty| valtype_to_value(ruby, ty))).as_value()
}

/// `[:func, params, results]`, `[:global, type, mutable]`, `[:memory, min, max, is64, shared, page_size_log2]`,
/// `[:table, element, min, max, is64]` or `[:tag, params]`. Values go into the Array at once: on the native heap the GC would not see them.
pub fn extern_type_to_value(ruby: &Ruby, ty: &ExternType) -> Result<Value, Error> {
    let parts = ruby.ary_new();
    match ty {
        ExternType::Func(ty) => {
            parts.push(ruby.to_symbol("func"))?;
            parts.push(list(ruby, &ty.params))?;
            parts.push(list(ruby, &ty.results))?;
        }
        ExternType::Tag(ty) => {
            parts.push(ruby.to_symbol("tag"))?;
            parts.push(list(ruby, &ty.params))?;
        }
        ExternType::Global { content, mutable } => {
            parts.push(ruby.to_symbol("global"))?;
            parts.push(valtype_to_value(ruby, content))?;
            parts.push(*mutable)?;
        }
        ExternType::Memory { limits, shared, page_size_log2 } => {
            parts.push(ruby.to_symbol("memory"))?;
            push_limits(parts, limits)?;
            parts.push(*shared)?;
            parts.push(*page_size_log2)?;
        }
        ExternType::Table { element, limits } => {
            parts.push(ruby.to_symbol("table"))?;
            parts.push(valtype_to_value(ruby, element))?;
            push_limits(parts, &limits.unwrap_or(Limits { min: 0, max: None, is_64: false }))?;
        }
    }
    Ok(parts.as_value())
}

fn push_limits(parts: RArray, limits: &Limits) -> Result<(), Error> {
    parts.push(limits.min)?;
    parts.push(limits.max)?;
    parts.push(limits.is_64)
}
