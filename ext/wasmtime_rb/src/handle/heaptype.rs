//! Types with an identity: struct, array, exception and function types as an engine registered them. Abstract types are plain data
//! ([`super::types::HeapType`]); these carry what C needs to name them.

use super::engine::Engine;
use super::fault::{Fault, check};
use super::functype::valtype_vec;
use super::types::{FuncType, HeapType, ValType, heap_kind, read_functype, read_valtype};
use crate::capi;
use std::ptr::null_mut;
use std::sync::Arc;

owned_handle! {
    /// A value type (`wasm_valtype_t`).
    pub struct RawValType(capi::wasm_valtype_t) => capi::wasm_valtype_delete;
}

/// What a field of a struct or an element of an array stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    I8,
    I16,
    Val(ValType),
}

/// A field of a struct, or the element of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldType {
    pub storage: Storage,
    pub mutable: bool,
}

impl FieldType {
    /// # Safety
    /// `raw` is a live field type.
    unsafe fn read(raw: &capi::wasmtime_field_type) -> Self {
        // SAFETY: the caller vouches for `raw`; the value type is set where the kind says so.
        let storage = unsafe {
            match u32::from(raw.storage.kind) {
                capi::WASMTIME_STORAGE_TYPE_KIND_I8 => Storage::I8,
                capi::WASMTIME_STORAGE_TYPE_KIND_I16 => Storage::I16,
                _ => Storage::Val(read_valtype(raw.storage.valtype)),
            }
        };
        Self { storage, mutable: raw.mutable_ }
    }
}

/// The C form of field types, for the time of one call.
struct RawFields(Vec<capi::wasmtime_field_type>);

impl RawFields {
    fn new(engine: &Engine, fields: &[FieldType]) -> Self {
        let raw = |field: &FieldType| {
            let (kind, valtype) = match &field.storage {
                Storage::I8 => (capi::WASMTIME_STORAGE_TYPE_KIND_I8, null_mut()),
                Storage::I16 => (capi::WASMTIME_STORAGE_TYPE_KIND_I16, null_mut()),
                Storage::Val(ty) => (capi::WASMTIME_STORAGE_TYPE_KIND_VALTYPE, ty.to_raw(engine)),
            };
            let kind = u8::try_from(kind).unwrap_or_default();
            capi::wasmtime_field_type { mutable_: field.mutable, storage: capi::wasmtime_storage_type { kind, valtype } }
        };
        Self(fields.iter().map(raw).collect())
    }
}

impl Drop for RawFields {
    fn drop(&mut self) {
        // SAFETY: we made each of them; C has copied what it needs.
        self.0.iter_mut().for_each(|field| unsafe { capi::wasmtime_field_type_delete(field) });
    }
}

/// A type with an identity. Cheap to copy: all copies share one C object.
#[derive(Clone)]
pub struct HeapRef(Arc<Parts>);

impl std::fmt::Debug for HeapRef {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("HeapRef").field(&self.kind()).finish()
    }
}

/// The same nullable reference type in both of C's forms: whole, and taken apart.
struct Parts {
    whole: RawValType,
    parts: capi::wasmtime_valtype,
}

// SAFETY: both are counted references to an immutable entry of the engine's type registry, which any thread may use and release.
unsafe impl Send for Parts {}
// SAFETY: as above.
unsafe impl Sync for Parts {}

impl Drop for Parts {
    fn drop(&mut self) {
        // SAFETY: C filled it for us.
        unsafe { capi::wasmtime_valtype_delete(&mut self.parts) }
    }
}

/// Whether it is the same object; `runtime::escape` compares types.
impl PartialEq for HeapRef {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for HeapRef {}

impl HeapRef {
    /// Reads the type a reference type points to (`wasm_valtype_copy`, `wasmtime_valtype_new`).
    ///
    /// # Safety
    /// `raw` is a live reference to a type that a module or the host defined.
    pub unsafe fn read(raw: *const capi::wasm_valtype_t) -> Option<Self> {
        let mut parts = capi::wasmtime_valtype::default();
        // SAFETY: the caller vouches for `raw`; copy and parts are ours.
        unsafe {
            let whole = RawValType::from_raw(capi::wasm_valtype_copy(raw))?;
            capi::wasmtime_valtype_new(raw, &mut parts);
            Some(Self(Arc::new(Parts { whole, parts })))
        }
    }

    fn from_parts(heap: HeapType, of: capi::wasmtime_heaptype_union) -> Option<Self> {
        let heaptype = capi::wasmtime_heaptype { kind: heap_kind(heap)?, of };
        let parts = capi::wasmtime_valtype { kind: REF, reftype: capi::wasmtime_reftype { nullable: true, heaptype } };
        // SAFETY: the parts are ours from here on; only function types need an engine, and are never made this way.
        let whole = unsafe { RawValType::from_raw(capi::wasmtime_valtype_to_wasm(std::ptr::null(), &parts)) };
        let parts = Parts { whole: whole?, parts };
        Some(Self(Arc::new(parts)))
    }

    /// Takes over a struct type; `None` for NULL.
    pub(super) fn from_struct(raw: *mut capi::wasmtime_struct_type) -> Option<Self> {
        (!raw.is_null()).then(|| Self::from_parts(HeapType::ConcreteStruct, capi::wasmtime_heaptype_union { concrete_struct: raw }))?
    }

    /// Takes over an array type; `None` for NULL.
    pub(super) fn from_array(raw: *mut capi::wasmtime_array_type) -> Option<Self> {
        (!raw.is_null()).then(|| Self::from_parts(HeapType::ConcreteArray, capi::wasmtime_heaptype_union { concrete_array: raw }))?
    }

    /// Takes over an exception type; `None` for NULL.
    pub(super) fn from_exn(raw: *mut capi::wasmtime_exn_type) -> Option<Self> {
        (!raw.is_null()).then(|| Self::from_parts(HeapType::ConcreteExn, capi::wasmtime_heaptype_union { concrete_exn: raw }))?
    }

    /// A struct type of the host (`wasmtime_struct_type_new`, which aborts when the engine has no collector or there are more fields than
    /// WebAssembly allows). Types in the fields belong to this engine.
    pub fn new_struct(engine: &Engine, fields: &[FieldType]) -> Option<Self> {
        let raw = RawFields::new(engine, fields);
        // SAFETY: fields without holes; C copies them.
        Self::from_struct(unsafe { capi::wasmtime_struct_type_new(engine.as_ptr(), raw.0.as_ptr(), raw.0.len()) })
    }

    /// An array type of the host (`wasmtime_array_type_new`), under the same conditions.
    pub fn new_array(engine: &Engine, element: &FieldType) -> Option<Self> {
        let raw = RawFields::new(engine, std::slice::from_ref(element));
        // SAFETY: as above.
        Self::from_array(unsafe { capi::wasmtime_array_type_new(engine.as_ptr(), raw.0.as_ptr()) })
    }

    /// An exception type of the host (`wasmtime_exn_type_new`), under the same conditions.
    pub fn new_exn(engine: &Engine, params: &[ValType]) -> Result<Option<Self>, Fault> {
        let mut raw = null_mut();
        let mut vec = valtype_vec(engine, params);
        // SAFETY: a vector without holes, which C borrows and we delete.
        unsafe {
            let error = capi::wasmtime_exn_type_new(engine.as_ptr(), &vec, &mut raw);
            capi::wasm_valtype_vec_delete(&mut vec);
            check(error, null_mut())?;
        }
        Ok(Self::from_exn(raw))
    }

    /// The C value type of a nullable reference, borrowed.
    pub fn as_raw(&self) -> *const capi::wasm_valtype_t {
        self.0.whole.as_ptr()
    }

    /// A C value type for a reference to this type, owned by the caller (`wasmtime_valtype_to_wasm`).
    pub(super) fn to_raw(&self, engine: &Engine, nullable: bool) -> *mut capi::wasm_valtype_t {
        let mut parts = self.0.parts;
        parts.reftype.nullable = nullable;
        // SAFETY: a copy that borrows the parts, which live longer; the engine is the type's own.
        unsafe { capi::wasmtime_valtype_to_wasm(engine.as_ptr(), &parts) }
    }

    /// What kind of type it is.
    pub fn kind(&self) -> HeapType {
        HeapType::from_kind(self.0.parts.reftype.heaptype.kind)
    }

    fn of(&self, kind: HeapType) -> Option<capi::wasmtime_heaptype_union> {
        (self.kind() == kind).then_some(self.0.parts.reftype.heaptype.of)
    }

    /// The C struct type, borrowed.
    pub(super) fn as_struct(&self) -> Option<*const capi::wasmtime_struct_type> {
        // SAFETY: the kind tells which field was written.
        self.of(HeapType::ConcreteStruct).map(|of| unsafe { of.concrete_struct.cast_const() })
    }

    /// The C array type, borrowed.
    pub(super) fn as_array(&self) -> Option<*const capi::wasmtime_array_type> {
        // SAFETY: as above.
        self.of(HeapType::ConcreteArray).map(|of| unsafe { of.concrete_array.cast_const() })
    }

    /// The fields of a struct (`wasmtime_struct_type_field`), or the element of an array (`wasmtime_array_type_element`).
    pub fn fields(&self) -> Vec<FieldType> {
        if let Some(raw) = self.as_struct() {
            // SAFETY: a live struct type.
            let len = unsafe { capi::wasmtime_struct_type_num_fields(raw) };
            // SAFETY: as above; C fills the field of every index below the number of fields.
            return (0..len).map(|index| read_field(|out| unsafe { capi::wasmtime_struct_type_field(raw, index, out) })).collect();
        }
        let Some(raw) = self.as_array() else { return Vec::new() };
        // SAFETY: a live array type.
        vec![read_field(|out| {
            // SAFETY: as above.
            unsafe { capi::wasmtime_array_type_element(raw, out) };
            true
        })]
    }

    /// Parameters and results of a function type, or the payload of an exception type (`wasmtime_exn_type_tag_type`).
    pub fn func_type(&self) -> FuncType {
        // SAFETY: the kind tells which field was written; the tag type is ours and deleted here.
        unsafe {
            if let Some(of) = self.of(HeapType::ConcreteFunc) {
                return read_functype(of.concrete_func);
            }
            let Some(of) = self.of(HeapType::ConcreteExn) else { return FuncType::default() };
            let tag = capi::wasmtime_exn_type_tag_type(of.concrete_exn);
            let ty = read_functype(capi::wasm_tagtype_functype(tag));
            capi::wasm_tagtype_delete(tag);
            ty
        }
    }
}

/// C's kind of every reference type.
pub(super) const REF: u8 = 5;

fn read_field(fill: impl FnOnce(*mut capi::wasmtime_field_type) -> bool) -> FieldType {
    let mut out = capi::wasmtime_field_type::default();
    if !fill(&mut out) {
        return FieldType { storage: Storage::I8, mutable: false };
    }
    // SAFETY: C filled it, and we delete it after reading.
    unsafe {
        let field = FieldType::read(&out);
        capi::wasmtime_field_type_delete(&mut out);
        field
    }
}
