//! Names of value types in messages.

use crate::handle::types::{HeapType, ValType};

/// The text-format name of a type.
pub fn name(ty: ValType) -> String {
    match ty {
        ValType::I32 => "i32".into(),
        ValType::I64 => "i64".into(),
        ValType::F32 => "f32".into(),
        ValType::F64 => "f64".into(),
        ValType::V128 => "v128".into(),
        ValType::Ref { nullable: true, heap } if short(heap).is_some() => short(heap).unwrap_or_default().into(),
        ValType::Ref { nullable, heap } => format!("(ref {}{})", if nullable { "null " } else { "" }, heap_name(heap).replace("concrete_", "$")),
    }
}

/// The short name of a nullable reference to an abstract heap type.
pub fn short(heap: HeapType) -> Option<&'static str> {
    Some(match heap {
        HeapType::Extern => "externref",
        HeapType::NoExtern => "nullexternref",
        HeapType::Func => "funcref",
        HeapType::NoFunc => "nullfuncref",
        HeapType::Any => "anyref",
        HeapType::None => "nullref",
        HeapType::Eq => "eqref",
        HeapType::I31 => "i31ref",
        HeapType::Array => "arrayref",
        HeapType::Struct => "structref",
        HeapType::Exn => "exnref",
        HeapType::NoExn => "nullexnref",
        HeapType::ConcreteFunc | HeapType::ConcreteArray | HeapType::ConcreteStruct | HeapType::ConcreteExn => return None,
    })
}

/// The name of a heap type; concrete ones are named by kind.
pub fn heap_name(heap: HeapType) -> &'static str {
    match heap {
        HeapType::Extern => "extern",
        HeapType::NoExtern => "noextern",
        HeapType::Func => "func",
        HeapType::NoFunc => "nofunc",
        HeapType::Any => "any",
        HeapType::None => "none",
        HeapType::Eq => "eq",
        HeapType::I31 => "i31",
        HeapType::Array => "array",
        HeapType::Struct => "struct",
        HeapType::Exn => "exn",
        HeapType::NoExn => "noexn",
        HeapType::ConcreteFunc => "concrete_func",
        HeapType::ConcreteArray => "concrete_array",
        HeapType::ConcreteStruct => "concrete_struct",
        HeapType::ConcreteExn => "concrete_exn",
    }
}
