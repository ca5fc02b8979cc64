//! Types of components as the plain Ruby data that lib/ builds its type objects from. Values go into their Array at once: on the native heap
//! the GC would not see them.

use crate::handle::component::types::{FuncType, Item};
use crate::handle::component::valtype::{Name, Type};
use crate::ruby::types::{extern_type_to_value, list};
use crate::runtime::component::resource::ResourceType;
use magnus::{Error, RArray, Ruby, Value, prelude::*};

/// `[kind]`, to be filled.
fn tagged(ruby: &Ruby, kind: &str) -> Result<RArray, Error> {
    let parts = ruby.ary_new();
    parts.push(ruby.to_symbol(kind))?;
    Ok(parts)
}

fn symbol(ruby: &Ruby, name: &str) -> Result<Value, Error> {
    Ok(ruby.to_symbol(name).as_value())
}

fn optional(ruby: &Ruby, ty: Option<&Type>) -> Result<Value, Error> {
    ty.map_or_else(|| Ok(ruby.qnil().as_value()), |ty| type_to_value(ruby, ty))
}

/// `[kind, type...]`.
fn of(ruby: &Ruby, kind: &str, types: &[Option<&Type>]) -> Result<Value, Error> {
    let parts = tagged(ruby, kind)?;
    types.iter().try_for_each(|ty| parts.push(optional(ruby, *ty)?))?;
    Ok(parts.as_value())
}

/// `[kind, [[name, type], ...]]`.
fn members<'a>(ruby: &Ruby, kind: &str, members: impl Iterator<Item = (&'a Name, Option<&'a Type>)>) -> Result<Value, Error> {
    let (parts, list) = (tagged(ruby, kind)?, ruby.ary_new());
    parts.push(list)?;
    for (name, ty) in members {
        let member = ruby.ary_new();
        list.push(member)?;
        member.push(ruby.str_new(&name.text))?;
        member.push(optional(ruby, ty)?)?;
    }
    Ok(parts.as_value())
}

/// `[kind, [name, ...]]`.
fn names(ruby: &Ruby, kind: &str, names: &[Name]) -> Result<Value, Error> {
    let (parts, list) = (tagged(ruby, kind)?, ruby.ary_new());
    parts.push(list)?;
    names.iter().try_for_each(|name| list.push(ruby.str_new(&name.text)))?;
    Ok(parts.as_value())
}

/// A Symbol for what has no parts, else an Array that begins with one.
pub fn type_to_value(ruby: &Ruby, ty: &Type) -> Result<Value, Error> {
    match ty {
        Type::Bool => symbol(ruby, "bool"),
        Type::S8 => symbol(ruby, "s8"),
        Type::U8 => symbol(ruby, "u8"),
        Type::S16 => symbol(ruby, "s16"),
        Type::U16 => symbol(ruby, "u16"),
        Type::S32 => symbol(ruby, "s32"),
        Type::U32 => symbol(ruby, "u32"),
        Type::S64 => symbol(ruby, "s64"),
        Type::U64 => symbol(ruby, "u64"),
        Type::F32 => symbol(ruby, "f32"),
        Type::F64 => symbol(ruby, "f64"),
        Type::Char => symbol(ruby, "char"),
        Type::String => symbol(ruby, "string"),
        Type::ErrorContext => symbol(ruby, "error_context"),
        Type::List(item) => of(ruby, "list", &[Some(item)]),
        Type::FixedLengthList(item) => of(ruby, "fixed_length_list", &[Some(item)]),
        Type::Map(pair) => of(ruby, "map", &[Some(&pair.0), Some(&pair.1)]),
        Type::Option(payload) => of(ruby, "option", &[Some(payload)]),
        Type::Result(pair) => of(ruby, "result", &[pair.0.as_ref(), pair.1.as_ref()]),
        Type::Future(payload) => of(ruby, "future", &[payload.as_deref()]),
        Type::Stream(payload) => of(ruby, "stream", &[payload.as_deref()]),
        Type::Record(fields) => members(ruby, "record", fields.iter().map(|(name, ty)| (name, Some(ty)))),
        Type::Variant(cases) => members(ruby, "variant", cases.iter().map(|(name, ty)| (name, ty.as_ref()))),
        Type::Enum(cases) => names(ruby, "enum", cases),
        Type::Flags(flags) => names(ruby, "flags", flags),
        Type::Tuple(types) => {
            let (parts, list) = (tagged(ruby, "tuple")?, ruby.ary_new());
            parts.push(list)?;
            types.iter().try_for_each(|ty| list.push(type_to_value(ruby, ty)?))?;
            Ok(parts.as_value())
        }
        Type::Own(resource) | Type::Borrow(resource) => {
            let parts = tagged(ruby, if matches!(ty, Type::Own(_)) { "own" } else { "borrow" })?;
            parts.push(ResourceType::wrap(ruby, resource.clone()))?;
            Ok(parts.as_value())
        }
    }
}

/// `[:func, [[name, type], ...], result or nil, async]`.
pub fn func_to_value(ruby: &Ruby, ty: &FuncType) -> Result<Value, Error> {
    let (parts, params) = (tagged(ruby, "func")?, ruby.ary_new());
    parts.push(params)?;
    for (name, ty) in &ty.params {
        let param = ruby.ary_new();
        params.push(param)?;
        param.push(ruby.str_new(name))?;
        param.push(type_to_value(ruby, ty)?)?;
    }
    parts.push(optional(ruby, ty.result.as_ref())?)?;
    parts.push(ty.is_async)?;
    Ok(parts.as_value())
}

fn items_to_value(ruby: &Ruby, items: Vec<(String, Item)>) -> Result<RArray, Error> {
    let list = ruby.ary_new();
    for (name, item) in items {
        let pair = ruby.ary_new();
        list.push(pair)?;
        pair.push(ruby.str_new(&name))?;
        pair.push(item_to_value(ruby, item)?)?;
    }
    Ok(list)
}

/// `[imports, exports]` of a component, each a list of `[name, item]`.
pub fn component_to_value(ruby: &Ruby, item: Item) -> Result<RArray, Error> {
    let parts = ruby.ary_new();
    if let Item::Component { imports, exports } = item {
        parts.push(items_to_value(ruby, imports)?)?;
        parts.push(items_to_value(ruby, exports)?)?;
    }
    Ok(parts)
}

/// An Array that begins with the kind of the item.
fn item_to_value(ruby: &Ruby, item: Item) -> Result<Value, Error> {
    let parts = match item {
        Item::Func(ty) => return func_to_value(ruby, &ty),
        Item::Component { imports, exports } => {
            let parts = tagged(ruby, "component")?;
            parts.push(items_to_value(ruby, imports)?)?;
            parts.push(items_to_value(ruby, exports)?)?;
            parts
        }
        Item::Instance(exports) => {
            let parts = tagged(ruby, "instance")?;
            parts.push(items_to_value(ruby, exports)?)?;
            parts
        }
        Item::Module { imports, exports } => {
            let (parts, rows) = (tagged(ruby, "module")?, ruby.ary_new());
            parts.push(rows)?;
            for import in imports {
                rows.push((ruby.str_new(&import.module), ruby.str_new(&import.name), extern_type_to_value(ruby, &import.ty)?))?;
            }
            let rows = ruby.ary_new();
            parts.push(rows)?;
            for (name, ty) in exports {
                rows.push((ruby.str_new(&name), extern_type_to_value(ruby, &ty)?))?;
            }
            parts
        }
        Item::Resource(resource) => {
            let parts = tagged(ruby, "resource")?;
            parts.push(ResourceType::wrap(ruby, resource))?;
            parts
        }
        Item::CoreFunc(ty) => {
            let parts = tagged(ruby, "core_func")?;
            parts.push(list(ruby, &ty.params))?;
            parts.push(list(ruby, &ty.results))?;
            parts
        }
        Item::Type(ty) => {
            let parts = tagged(ruby, "type")?;
            parts.push(type_to_value(ruby, &ty)?)?;
            parts
        }
    };
    Ok(parts.as_value())
}
