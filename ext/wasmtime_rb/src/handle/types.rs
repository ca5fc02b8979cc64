//! WebAssembly types as plain data, read from the C API without the functions that abort on types they do not know.

use super::engine::Engine;
use super::heaptype::{HeapRef, REF};
use super::vec::name_to_string;
use crate::capi;

/// What a reference points to; a concrete type by its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapType {
    Extern,
    NoExtern,
    Func,
    ConcreteFunc,
    NoFunc,
    Any,
    None,
    Eq,
    I31,
    Array,
    ConcreteArray,
    Struct,
    ConcreteStruct,
    Exn,
    ConcreteExn,
    NoExn,
}

/// In the order of the C API's `WASMTIME_HEAPTYPE_KIND_*`.
const HEAP_TYPES: [HeapType; 16] = [
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Func,
    HeapType::ConcreteFunc,
    HeapType::NoFunc,
    HeapType::Any,
    HeapType::None,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Array,
    HeapType::ConcreteArray,
    HeapType::Struct,
    HeapType::ConcreteStruct,
    HeapType::Exn,
    HeapType::ConcreteExn,
    HeapType::NoExn,
];

/// A value type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValType {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref {
        nullable: bool,
        heap: HeapType,
        /// The type itself, for a concrete one.
        concrete: Option<HeapRef>,
    },
}

/// A function type: owned lists of value types.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FuncType {
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

/// Limits of a table or a memory, in elements or pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub min: u64,
    pub max: Option<u64>,
    pub is_64: bool,
}

/// The type of an import or an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternType {
    Func(FuncType),
    Global {
        content: ValType,
        mutable: bool,
    },
    /// C cannot say a 64-bit table's limits without aborting: they come from `runtime::escape`.
    Table {
        element: ValType,
        limits: Option<Limits>,
    },
    Memory {
        limits: Limits,
        shared: bool,
        page_size_log2: u8,
    },
    Tag(FuncType),
}

/// Reads a C value type (`wasmtime_valtype_new`; `wasm_valtype_kind` aborts on v128 and on GC references).
///
/// # Safety
/// `raw` is a live value type.
pub unsafe fn read_valtype(raw: *const capi::wasm_valtype_t) -> ValType {
    let mut out = std::mem::MaybeUninit::<capi::wasmtime_valtype>::zeroed();
    // SAFETY: the caller vouches for `raw`; C initialises `out`, which we delete after reading.
    unsafe {
        capi::wasmtime_valtype_new(raw, out.as_mut_ptr());
        let ty = out.assume_init_mut();
        let read = match u32::from(ty.kind) {
            capi::WASMTIME_VALTYPE_KIND_I32 => ValType::I32,
            capi::WASMTIME_VALTYPE_KIND_I64 => ValType::I64,
            capi::WASMTIME_VALTYPE_KIND_F32 => ValType::F32,
            capi::WASMTIME_VALTYPE_KIND_F64 => ValType::F64,
            capi::WASMTIME_VALTYPE_KIND_V128 => ValType::V128,
            _ => ValType::Ref {
                nullable: ty.reftype.nullable,
                heap: HeapType::from_kind(ty.reftype.heaptype.kind),
                concrete: if HeapType::from_kind(ty.reftype.heaptype.kind).is_concrete() { HeapRef::read(raw) } else { None },
            },
        };
        capi::wasmtime_valtype_delete(ty);
        read
    }
}

impl ValType {
    /// A nullable reference to an abstract heap type.
    pub fn reference(heap: HeapType) -> Self {
        Self::Ref { nullable: true, heap, concrete: None }
    }

    /// A new C value type, owned by the caller. A concrete type in it belongs to `engine`.
    pub fn to_raw(&self, engine: &Engine) -> *mut capi::wasm_valtype_t {
        let mut raw = capi::wasmtime_valtype::default();
        raw.kind = match self {
            Self::I32 => 0,
            Self::I64 => 1,
            Self::F32 => 2,
            Self::F64 => 3,
            // SAFETY: a new type, which is the caller's.
            Self::V128 => return unsafe { capi::wasmtime_wasm_valtype_v128() },
            Self::Ref { nullable, concrete: Some(concrete), .. } => return concrete.to_raw(engine, *nullable),
            Self::Ref { nullable, heap, .. } => {
                raw.reftype.nullable = *nullable;
                raw.reftype.heaptype.kind = heap_kind(*heap).unwrap_or_default();
                REF
            }
        };
        // SAFETY: the abstract heap types need no payload and no engine.
        unsafe { capi::wasmtime_valtype_to_wasm(std::ptr::null(), &raw) }
    }
}

/// C's number for a heap type.
pub(super) fn heap_kind(heap: HeapType) -> Option<u8> {
    HEAP_TYPES.iter().position(|known| *known == heap).and_then(|kind| u8::try_from(kind).ok())
}

impl HeapType {
    /// The heap type of C's number.
    pub(super) fn from_kind(kind: u8) -> Self {
        HEAP_TYPES.get(usize::from(kind)).copied().unwrap_or(Self::Any)
    }

    /// Whether the type has an identity of its own.
    pub fn is_concrete(self) -> bool {
        matches!(self, Self::ConcreteFunc | Self::ConcreteArray | Self::ConcreteStruct | Self::ConcreteExn)
    }
}

/// # Safety
/// `raw` is a live vector of value types.
unsafe fn read_valtypes(raw: *const capi::wasm_valtype_vec_t) -> Vec<ValType> {
    // SAFETY: the caller vouches for the vector; its entries are live while it is.
    unsafe {
        let Some(vec) = raw.as_ref() else { return Vec::new() };
        if vec.data.is_null() {
            return Vec::new();
        }
        std::slice::from_raw_parts(vec.data, vec.size).iter().map(|ty| read_valtype(*ty)).collect()
    }
}

/// # Safety
/// `raw` is a live function type.
pub unsafe fn read_functype(raw: *const capi::wasm_functype_t) -> FuncType {
    // SAFETY: the caller vouches for `raw`; both vectors are borrowed from it.
    unsafe { FuncType { params: read_valtypes(capi::wasm_functype_params(raw)), results: read_valtypes(capi::wasm_functype_results(raw)) } }
}

/// # Safety
/// `raw` is a live memory type.
pub unsafe fn read_memorytype(raw: *const capi::wasm_memorytype_t) -> ExternType {
    let mut max = 0;
    // SAFETY: the caller vouches for `raw`; these readers accept 64-bit limits, unlike wasm_memorytype_limits.
    unsafe {
        let has_max = capi::wasmtime_memorytype_maximum(raw, &mut max);
        ExternType::Memory {
            limits: Limits { min: capi::wasmtime_memorytype_minimum(raw), max: has_max.then_some(max), is_64: capi::wasmtime_memorytype_is64(raw) },
            shared: capi::wasmtime_memorytype_isshared(raw),
            page_size_log2: capi::wasmtime_memorytype_page_size_log2(raw),
        }
    }
}

/// # Safety
/// `raw` is a live global type.
pub unsafe fn read_globaltype(raw: *const capi::wasm_globaltype_t) -> ExternType {
    // SAFETY: the caller vouches for `raw`.
    unsafe {
        ExternType::Global {
            content: read_valtype(capi::wasm_globaltype_content(raw)),
            mutable: u32::from(capi::wasm_globaltype_mutability(raw)) == capi::WASM_VAR,
        }
    }
}

/// # Safety
/// `raw` is a live extern type.
pub unsafe fn read_externtype(raw: *const capi::wasm_externtype_t) -> ExternType {
    // SAFETY: the caller vouches for `raw`; each cast follows the kind just read and borrows from it.
    unsafe {
        match u32::from(capi::wasm_externtype_kind(raw)) {
            capi::WASM_EXTERN_FUNC => ExternType::Func(read_functype(capi::wasm_externtype_as_functype_const(raw))),
            capi::WASM_EXTERN_GLOBAL => read_globaltype(capi::wasm_externtype_as_globaltype_const(raw)),
            capi::WASM_EXTERN_TABLE => {
                let table = capi::wasm_externtype_as_tabletype_const(raw);
                ExternType::Table { element: read_valtype(capi::wasm_tabletype_element(table)), limits: None }
            }
            capi::WASM_EXTERN_MEMORY => read_memorytype(capi::wasm_externtype_as_memorytype_const(raw)),
            _ => {
                let tag = capi::wasm_externtype_as_tagtype_const(raw);
                ExternType::Tag(read_functype(capi::wasm_tagtype_functype(tag)))
            }
        }
    }
}

/// Reads a type that C gives away, and deletes it: `cast` and `delete` are C's functions for its kind.
///
/// # Safety
/// `raw` is a live type, owned by the caller.
pub unsafe fn take_type<T>(
    raw: *mut T,
    cast: unsafe extern "C" fn(*const T) -> *const capi::wasm_externtype_t,
    delete: unsafe extern "C" fn(*mut T),
) -> ExternType {
    // SAFETY: the caller gives the type away; the cast borrows from it.
    unsafe {
        let ty = read_externtype(cast(raw));
        delete(raw);
        ty
    }
}

/// An import: module, name and type.
pub struct ImportType {
    pub module: String,
    pub name: String,
    pub ty: ExternType,
}

/// # Safety
/// `raw` is a live import type.
pub unsafe fn read_importtype(raw: *const capi::wasm_importtype_t) -> ImportType {
    // SAFETY: the caller vouches for `raw`; names and type are borrowed from it and copied.
    unsafe {
        ImportType {
            module: name_to_string(capi::wasm_importtype_module(raw)).unwrap_or_default(),
            name: name_to_string(capi::wasm_importtype_name(raw)).unwrap_or_default(),
            ty: read_externtype(capi::wasm_importtype_type(raw)),
        }
    }
}

/// # Safety
/// `raw` is a live export type.
pub unsafe fn read_exporttype(raw: *const capi::wasm_exporttype_t) -> (String, ExternType) {
    // SAFETY: as for read_importtype.
    unsafe { (name_to_string(capi::wasm_exporttype_name(raw)).unwrap_or_default(), read_externtype(capi::wasm_exporttype_type(raw))) }
}
