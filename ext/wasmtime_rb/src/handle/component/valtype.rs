//! Value types of components as plain Rust, read from C once.

use super::resource::RawResourceType;
use crate::capi;
use std::mem::MaybeUninit;
use std::sync::Arc;

/// A WIT value type.
#[derive(Clone)]
pub enum Type {
    Bool,
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    S64,
    U64,
    F32,
    F64,
    Char,
    String,
    List(Box<Self>),
    FixedLengthList(Box<Self>),
    Map(Box<(Self, Self)>),
    Record(Box<[(Name, Self)]>),
    Tuple(Box<[Self]>),
    Variant(Box<[(Name, Option<Self>)]>),
    Enum(Box<[Name]>),
    Option(Box<Self>),
    Result(Box<(Option<Self>, Option<Self>)>),
    Flags(Box<[Name]>),
    Own(Arc<RawResourceType>),
    Borrow(Arc<RawResourceType>),
    /// What no C value can carry.
    Future(Option<Box<Self>>),
    Stream(Option<Box<Self>>),
    ErrorContext,
}

/// The name of a field, a case or a flag, and its place among all names of the type it was read with.
#[derive(Clone)]
pub struct Name {
    pub text: Box<str>,
    pub index: usize,
}

/// The names met so far.
#[derive(Default)]
pub struct Names(pub Vec<Box<str>>);

impl Names {
    /// # Safety
    /// C lends `len` bytes of UTF-8 at `data`.
    unsafe fn add(&mut self, data: *const std::ffi::c_char, len: usize) -> Name {
        // SAFETY: the caller's promise.
        let text: Box<str> = unsafe { lent_text(data, len) }.into();
        self.0.push(text.clone());
        Name { text, index: self.0.len() - 1 }
    }
}

/// A copy of text that C lends.
///
/// # Safety
/// `len` bytes at `data` are live.
pub(super) unsafe fn lent_text(data: *const std::ffi::c_char, len: usize) -> String {
    if data.is_null() || len == 0 {
        return String::new();
    }
    // SAFETY: the caller's promise.
    String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(data.cast(), len) }).into_owned()
}

/// A type as C has it (`wasmtime_component_valtype_t`), owned.
pub struct RawValType(capi::wasmtime_component_valtype_t);

// SAFETY: counted types behind pointers of its own; nothing changes them.
unsafe impl Send for RawValType {}
// SAFETY: as above.
unsafe impl Sync for RawValType {}

impl Drop for RawValType {
    fn drop(&mut self) {
        // SAFETY: C wrote it, and nobody else owns it.
        unsafe { capi::wasmtime_component_valtype_delete(&mut self.0) }
    }
}

impl PartialEq for RawValType {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: both are live.
        unsafe { capi::wasmtime_component_valtype_equal(&self.0, &other.0) }
    }
}

/// A kind that C's header does not declare.
const FIXED_LENGTH_LIST: u32 = 27;

impl RawValType {
    /// What `fill` writes.
    ///
    /// # Safety
    /// `fill` writes a type.
    pub(super) unsafe fn filled(fill: impl FnOnce(*mut capi::wasmtime_component_valtype_t)) -> Self {
        let mut ty = MaybeUninit::uninit();
        fill(ty.as_mut_ptr());
        // SAFETY: the caller's promise.
        Self(unsafe { ty.assume_init() })
    }

    /// What `fill` writes, if it says that it did.
    ///
    /// # Safety
    /// `fill` writes a type when it returns true.
    pub(super) unsafe fn perhaps(fill: impl FnOnce(*mut capi::wasmtime_component_valtype_t) -> bool) -> Option<Self> {
        let mut ty = MaybeUninit::uninit();
        // SAFETY: the caller's promise.
        fill(ty.as_mut_ptr()).then(|| Self(unsafe { ty.assume_init() }))
    }

    /// A copy of a type that C lends (`wasmtime_component_valtype_clone`).
    ///
    /// # Safety
    /// `raw` is live.
    pub(super) unsafe fn copy_of(raw: *const capi::wasmtime_component_valtype_t) -> Self {
        // SAFETY: the caller's promise; C writes a copy.
        unsafe { Self::filled(|out| capi::wasmtime_component_valtype_clone(raw, out)) }
    }

    /// The type as plain Rust.
    pub fn read(&self, names: &mut Names) -> Type {
        // SAFETY: the kind says which pointer is there, and all of them live as long as we do.
        unsafe {
            match u32::from(self.0.kind) {
                capi::WASMTIME_COMPONENT_VALTYPE_BOOL => Type::Bool,
                capi::WASMTIME_COMPONENT_VALTYPE_S8 => Type::S8,
                capi::WASMTIME_COMPONENT_VALTYPE_S16 => Type::S16,
                capi::WASMTIME_COMPONENT_VALTYPE_S32 => Type::S32,
                capi::WASMTIME_COMPONENT_VALTYPE_S64 => Type::S64,
                capi::WASMTIME_COMPONENT_VALTYPE_U8 => Type::U8,
                capi::WASMTIME_COMPONENT_VALTYPE_U16 => Type::U16,
                capi::WASMTIME_COMPONENT_VALTYPE_U32 => Type::U32,
                capi::WASMTIME_COMPONENT_VALTYPE_U64 => Type::U64,
                capi::WASMTIME_COMPONENT_VALTYPE_F32 => Type::F32,
                capi::WASMTIME_COMPONENT_VALTYPE_F64 => Type::F64,
                capi::WASMTIME_COMPONENT_VALTYPE_CHAR => Type::Char,
                capi::WASMTIME_COMPONENT_VALTYPE_STRING => Type::String,
                capi::WASMTIME_COMPONENT_VALTYPE_LIST => {
                    let list = self.0.of.list;
                    Type::List(Box::new(Self::filled(|out| capi::wasmtime_component_list_type_element(list, out)).read(names)))
                }
                FIXED_LENGTH_LIST => Type::FixedLengthList(Box::new(self.fixed_element().read(names))),
                capi::WASMTIME_COMPONENT_VALTYPE_MAP => {
                    let map = self.0.of.map;
                    let key = Self::filled(|out| capi::wasmtime_component_map_type_key(map, out)).read(names);
                    let value = Self::filled(|out| capi::wasmtime_component_map_type_value(map, out)).read(names);
                    Type::Map(Box::new((key, value)))
                }
                capi::WASMTIME_COMPONENT_VALTYPE_RECORD => Type::Record(record(self.0.of.record, names)),
                capi::WASMTIME_COMPONENT_VALTYPE_TUPLE => Type::Tuple(tuple(self.0.of.tuple, names)),
                capi::WASMTIME_COMPONENT_VALTYPE_VARIANT => Type::Variant(variant(self.0.of.variant, names)),
                capi::WASMTIME_COMPONENT_VALTYPE_ENUM => Type::Enum(enumeration(self.0.of.enum_, names)),
                capi::WASMTIME_COMPONENT_VALTYPE_OPTION => {
                    let option = self.0.of.option;
                    Type::Option(Box::new(Self::filled(|out| capi::wasmtime_component_option_type_ty(option, out)).read(names)))
                }
                capi::WASMTIME_COMPONENT_VALTYPE_RESULT => {
                    let result = self.0.of.result;
                    let ok = Self::perhaps(|out| capi::wasmtime_component_result_type_ok(result, out)).map(|ty| ty.read(names));
                    let error = Self::perhaps(|out| capi::wasmtime_component_result_type_err(result, out)).map(|ty| ty.read(names));
                    Type::Result(Box::new((ok, error)))
                }
                capi::WASMTIME_COMPONENT_VALTYPE_FLAGS => Type::Flags(flags(self.0.of.flags, names)),
                capi::WASMTIME_COMPONENT_VALTYPE_OWN => {
                    RawResourceType::copy_of(self.0.of.own).map_or(Type::ErrorContext, |ty| Type::Own(Arc::new(ty)))
                }
                capi::WASMTIME_COMPONENT_VALTYPE_BORROW => {
                    RawResourceType::copy_of(self.0.of.borrow).map_or(Type::ErrorContext, |ty| Type::Borrow(Arc::new(ty)))
                }
                capi::WASMTIME_COMPONENT_VALTYPE_FUTURE => {
                    let future = self.0.of.future;
                    Type::Future(Self::perhaps(|out| capi::wasmtime_component_future_type_ty(future, out)).map(|ty| Box::new(ty.read(names))))
                }
                capi::WASMTIME_COMPONENT_VALTYPE_STREAM => {
                    let stream = self.0.of.stream;
                    Type::Stream(Self::perhaps(|out| capi::wasmtime_component_stream_type_ty(stream, out)).map(|ty| Box::new(ty.read(names))))
                }
                _ => Type::ErrorContext,
            }
        }
    }

    /// # Safety
    /// The type is a list of fixed length.
    unsafe fn fixed_element(&self) -> Self {
        unsafe extern "C" {
            /// Defined by the C API without a declaration in its headers; it fills in the element's type.
            fn wasmtime_component_fixed_length_list_type_element(
                ty: *const capi::wasmtime_component_list_type_t,
                out: *mut capi::wasmtime_component_valtype_t,
            );
        }
        // SAFETY: the caller's promise; C writes a type.
        unsafe { Self::filled(|out| wasmtime_component_fixed_length_list_type_element(self.0.of.list, out)) }
    }
}

/// # Safety
/// For this and the next: the pointer is live.
unsafe fn record(ty: *const capi::wasmtime_component_record_type_t, names: &mut Names) -> Box<[(Name, Type)]> {
    // SAFETY: the caller's promise; C fills all out-pointers in range, and the name lives as long as the type.
    unsafe {
        let count = capi::wasmtime_component_record_type_field_count(ty);
        let field = |nth: usize| {
            let (mut name, mut len) = (std::ptr::null(), 0);
            let ty = RawValType::perhaps(|out| capi::wasmtime_component_record_type_field_nth(ty, nth, &mut name, &mut len, out))?;
            Some((names.add(name, len), ty.read(names)))
        };
        (0..count).filter_map(field).collect()
    }
}

unsafe fn tuple(ty: *const capi::wasmtime_component_tuple_type_t, names: &mut Names) -> Box<[Type]> {
    // SAFETY: as for record.
    unsafe {
        let count = capi::wasmtime_component_tuple_type_types_count(ty);
        let item = |nth: usize| RawValType::perhaps(|out| capi::wasmtime_component_tuple_type_types_nth(ty, nth, out)).map(|ty| ty.read(names));
        (0..count).filter_map(item).collect()
    }
}

unsafe fn variant(ty: *const capi::wasmtime_component_variant_type_t, names: &mut Names) -> Box<[(Name, Option<Type>)]> {
    // SAFETY: as for record; the payload is written when `has` says so.
    unsafe {
        let count = capi::wasmtime_component_variant_type_case_count(ty);
        let case = |nth: usize| {
            let (mut name, mut len, mut has) = (std::ptr::null(), 0, false);
            let fill = |out| capi::wasmtime_component_variant_type_case_nth(ty, nth, &mut name, &mut len, &mut has, out) && has;
            let payload = RawValType::perhaps(fill);
            let name = names.add(name, len);
            (name, payload.map(|ty| ty.read(names)))
        };
        (0..count).map(case).collect()
    }
}

unsafe fn enumeration(ty: *const capi::wasmtime_component_enum_type_t, names: &mut Names) -> Box<[Name]> {
    // SAFETY: as for record.
    unsafe {
        let count = capi::wasmtime_component_enum_type_names_count(ty);
        let name = |nth| {
            let (mut name, mut len) = (std::ptr::null(), 0);
            capi::wasmtime_component_enum_type_names_nth(ty, nth, &mut name, &mut len).then(|| names.add(name, len))
        };
        (0..count).filter_map(name).collect()
    }
}

unsafe fn flags(ty: *const capi::wasmtime_component_flags_type_t, names: &mut Names) -> Box<[Name]> {
    // SAFETY: as for record.
    unsafe {
        let count = capi::wasmtime_component_flags_type_names_count(ty);
        let name = |nth| {
            let (mut name, mut len) = (std::ptr::null(), 0);
            capi::wasmtime_component_flags_type_names_nth(ty, nth, &mut name, &mut len).then(|| names.add(name, len))
        };
        (0..count).filter_map(name).collect()
    }
}

impl Type {
    /// The first type in it that no C value can carry.
    pub fn unsupported(&self) -> Option<&'static str> {
        match self {
            Self::Future(_) => Some("future"),
            Self::Stream(_) => Some("stream"),
            Self::ErrorContext => Some("error-context"),
            Self::List(ty) | Self::FixedLengthList(ty) | Self::Option(ty) => ty.unsupported(),
            Self::Map(pair) => pair.0.unsupported().or_else(|| pair.1.unsupported()),
            Self::Record(fields) => fields.iter().find_map(|(_, ty)| ty.unsupported()),
            Self::Tuple(types) => types.iter().find_map(Self::unsupported),
            Self::Variant(cases) => cases.iter().find_map(|(_, ty)| ty.as_ref().and_then(Self::unsupported)),
            Self::Result(pair) => [&pair.0, &pair.1].into_iter().find_map(|ty| ty.as_ref().and_then(Self::unsupported)),
            _ => None,
        }
    }
}
