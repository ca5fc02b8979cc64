//! A function type turned once into a flat list of converters, so that a call decides nothing twice.

use crate::handle::types::{FuncType, HeapType, ValType};

/// How one parameter or result is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conv {
    I32,
    I64,
    F32,
    F64,
    V128,
    /// `exact` when the module asks for one function type: only a checked call refuses the others.
    Func {
        nullable: bool,
        exact: bool,
    },
    Extern {
        nullable: bool,
    },
    /// A reference below `any`; a concrete type by its kind.
    Any {
        nullable: bool,
        heap: HeapType,
    },
    Exn {
        nullable: bool,
    },
    /// A reference that can only be null.
    Null {
        nullable: bool,
        heap: HeapType,
    },
}

/// What a call may skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Numbers only: unchecked, nothing to root.
    Numeric,
    /// Nullable funcrefs and externrefs too: unchecked, with roots.
    Simple,
    /// Wasmtime must check types.
    Checked,
}

/// The converters of a function type.
#[derive(Debug)]
pub struct Signature {
    pub params: Box<[Conv]>,
    pub results: Box<[Conv]>,
    pub class: Class,
    pub ty: FuncType,
}

impl Signature {
    /// Prepares a type.
    pub fn new(ty: FuncType) -> Self {
        let params: Box<[Conv]> = ty.params.iter().map(conv).collect();
        let results: Box<[Conv]> = ty.results.iter().map(conv).collect();
        let class = params.iter().chain(&results).map(|conv| class(*conv)).max_by_key(|class| *class as u8).unwrap_or(Class::Numeric);
        Self { params, results, class, ty }
    }

    /// How many slots an unchecked call needs.
    #[inline]
    pub fn slots(&self) -> usize {
        self.params.len().max(self.results.len())
    }
}

/// The converter of a type.
pub fn conv(ty: &ValType) -> Conv {
    match *ty {
        ValType::I32 => Conv::I32,
        ValType::I64 => Conv::I64,
        ValType::F32 => Conv::F32,
        ValType::F64 => Conv::F64,
        ValType::V128 => Conv::V128,
        ValType::Ref { nullable, heap, .. } => match heap {
            HeapType::Func => Conv::Func { nullable, exact: false },
            HeapType::ConcreteFunc => Conv::Func { nullable, exact: true },
            HeapType::Extern => Conv::Extern { nullable },
            HeapType::Exn | HeapType::ConcreteExn => Conv::Exn { nullable },
            HeapType::None | HeapType::NoFunc | HeapType::NoExtern | HeapType::NoExn => Conv::Null { nullable, heap },
            _ => Conv::Any { nullable, heap },
        },
    }
}

impl Conv {
    /// Whether it is a number or a vector: no reference, nothing to root.
    #[inline]
    pub fn is_number(self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::F32 | Self::F64 | Self::V128)
    }
}

fn class(conv: Conv) -> Class {
    match conv {
        conv if conv.is_number() => Class::Numeric,
        Conv::Func { nullable: true, exact: false } | Conv::Extern { nullable: true } => Class::Simple,
        _ => Class::Checked,
    }
}
