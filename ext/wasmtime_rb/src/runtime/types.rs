//! Names of heap types.

use crate::handle::types::HeapType;

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
