//! Values of components in C's form. Whoever makes one owns it, with all that hangs on it.

use super::resource::RawResource;
use crate::capi;
use std::slice::{from_raw_parts, from_raw_parts_mut};

pub use crate::capi::{
    wasmtime_component_val_t as RawVal, wasmtime_component_valmap_entry_t as MapEntry, wasmtime_component_valrecord_entry_t as RecordEntry,
};

/// So many values need no memory of their own.
const INLINE: usize = 4;

/// Values that go with their owner. Slots nobody wrote hold `false`.
pub struct OwnedVals {
    few: [RawVal; INLINE],
    many: Vec<RawVal>,
    len: usize,
}

impl OwnedVals {
    /// Slots for so many values.
    #[inline]
    pub fn with_len(len: usize) -> Self {
        let many = if len > INLINE { vec![RawVal::default(); len] } else { Vec::new() };
        Self { few: [RawVal::from_bool(false); INLINE], many, len }
    }

    /// The values.
    #[inline]
    pub fn as_slice(&self) -> &[RawVal] {
        if self.len > INLINE { &self.many } else { self.few.get(..self.len).unwrap_or_default() }
    }

    /// The values, to be written.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [RawVal] {
        if self.len > INLINE { &mut self.many } else { self.few.get_mut(..self.len).unwrap_or_default() }
    }
}

impl Drop for OwnedVals {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: each slot holds a value of ours.
        self.as_mut_slice().iter_mut().for_each(|val| unsafe { capi::wasmtime_component_val_delete(val) });
    }
}

/// A value that goes with its owner.
pub struct OwnedVal(pub RawVal);

impl OwnedVal {
    /// Gives the value away.
    pub fn into_raw(self) -> RawVal {
        std::mem::ManuallyDrop::new(self).0
    }
}

impl Drop for OwnedVal {
    fn drop(&mut self) {
        // SAFETY: a value of ours.
        unsafe { capi::wasmtime_component_val_delete(&mut self.0) }
    }
}

/// The kinds of [`RawVal`], as the headers number them.
pub mod kind {
    pub const BOOL: u8 = 0;
    pub const S8: u8 = 1;
    pub const U8: u8 = 2;
    pub const S16: u8 = 3;
    pub const U16: u8 = 4;
    pub const S32: u8 = 5;
    pub const U32: u8 = 6;
    pub const S64: u8 = 7;
    pub const U64: u8 = 8;
    pub const F32: u8 = 9;
    pub const F64: u8 = 10;
    pub const CHAR: u8 = 11;
    pub const STRING: u8 = 12;
    pub const LIST: u8 = 13;
    pub const RECORD: u8 = 14;
    pub const TUPLE: u8 = 15;
    pub const VARIANT: u8 = 16;
    pub const ENUM: u8 = 17;
    pub const OPTION: u8 = 18;
    pub const RESULT: u8 = 19;
    pub const FLAGS: u8 = 20;
    pub const RESOURCE: u8 = 21;
    pub const MAP: u8 = 22;
    /// Missing in the headers.
    pub const FIXED_LENGTH_LIST: u8 = 23;
}

/// A name or a text, copied (`wasm_byte_vec_new`).
fn bytes(text: &[u8]) -> capi::wasm_byte_vec_t {
    let mut out = capi::wasm_byte_vec_t::default();
    // SAFETY: pointer and length of one slice; C copies it.
    unsafe { capi::wasm_byte_vec_new(&mut out, text.len(), text.as_ptr().cast()) };
    out
}

/// The bytes of a name or a text.
///
/// # Safety
/// C filled the vector.
unsafe fn slice<'a>(vec: &capi::wasm_byte_vec_t) -> &'a [u8] {
    if vec.data.is_null() || vec.size == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { from_raw_parts(vec.data.cast(), vec.size) }
}

macro_rules! scalars {
    ($($make:ident / $read:ident: $rust:ty = $kind:ident in $field:ident;)*) => {
        /// Numbers, characters and booleans.
        impl RawVal {
            $(
                #[allow(missing_docs, reason = "named by what it makes")]
                #[inline]
                pub fn $make(value: $rust) -> Self {
                    Self { kind: kind::$kind, of: capi::wasmtime_component_valunion_t { $field: value } }
                }

                /// # Safety
                /// The value is of this kind.
                #[inline]
                pub unsafe fn $read(&self) -> $rust {
                    // SAFETY: the caller's promise.
                    unsafe { self.of.$field }
                }
            )*
        }
    };
}

scalars! {
    from_bool / bool: bool = BOOL in boolean;
    from_s8 / s8: i8 = S8 in s8;
    from_u8 / u8: u8 = U8 in u8_;
    from_s16 / s16: i16 = S16 in s16;
    from_u16 / u16: u16 = U16 in u16_;
    from_s32 / s32: i32 = S32 in s32;
    from_u32 / u32: u32 = U32 in u32_;
    from_s64 / s64: i64 = S64 in s64;
    from_u64 / u64: u64 = U64 in u64_;
    from_f32 / f32: f32 = F32 in f32_;
    from_f64 / f64: f64 = F64 in f64_;
    from_char / char: u32 = CHAR in character;
}

/// Texts.
impl RawVal {
    /// A string. C aborts on what is no UTF-8: the caller has checked.
    pub fn from_string(text: &[u8]) -> Self {
        Self { kind: kind::STRING, of: capi::wasmtime_component_valunion_t { string: bytes(text) } }
    }

    /// A case of an enum.
    pub fn from_enum(name: &str) -> Self {
        Self { kind: kind::ENUM, of: capi::wasmtime_component_valunion_t { enumeration: bytes(name.as_bytes()) } }
    }

    /// The text of a string or the case of an enum.
    ///
    /// # Safety
    /// The value is one of these.
    pub unsafe fn text(&self) -> &[u8] {
        // SAFETY: both have a name in the same place.
        unsafe { slice(&self.of.string) }
    }
}

/// Several values.
impl RawVal {
    /// A list of `len` items that are all `false` for now (`wasmtime_component_vallist_new_uninit`).
    pub fn list(len: usize) -> Self {
        let mut list = capi::wasmtime_component_vallist_t::default();
        // SAFETY: the out-pointer is ours; C fills the items.
        unsafe { capi::wasmtime_component_vallist_new_uninit(&mut list, len) };
        Self { kind: kind::LIST, of: capi::wasmtime_component_valunion_t { list } }
    }

    /// As [`Self::list`], for a type with a fixed length.
    pub fn fixed_length_list(len: usize) -> Self {
        Self { kind: kind::FIXED_LENGTH_LIST, ..Self::list(len) }
    }

    /// A tuple of `len` items that are all `false` for now (`wasmtime_component_valtuple_new_uninit`).
    pub fn tuple(len: usize) -> Self {
        let mut tuple = capi::wasmtime_component_valtuple_t::default();
        // SAFETY: as for list.
        unsafe { capi::wasmtime_component_valtuple_new_uninit(&mut tuple, len) };
        Self { kind: kind::TUPLE, of: capi::wasmtime_component_valunion_t { tuple } }
    }

    /// The items of a list or a tuple, to be written.
    ///
    /// # Safety
    /// The value is one of these.
    pub unsafe fn items_mut(&mut self) -> &mut [Self] {
        // SAFETY: both have pointer and length in the same places.
        unsafe {
            let list = self.of.list;
            if list.data.is_null() || list.size == 0 { &mut [] } else { from_raw_parts_mut(list.data, list.size) }
        }
    }

    /// The items of a list or a tuple.
    ///
    /// # Safety
    /// The value is one of these.
    pub unsafe fn items(&self) -> &[Self] {
        // SAFETY: as for items_mut.
        unsafe {
            let list = self.of.list;
            if list.data.is_null() || list.size == 0 { &[] } else { from_raw_parts(list.data, list.size) }
        }
    }

    /// A record with `len` fields without names for now (`wasmtime_component_valrecord_new_uninit`).
    pub fn record(len: usize) -> Self {
        let mut record = capi::wasmtime_component_valrecord_t::default();
        // SAFETY: as for list.
        unsafe { capi::wasmtime_component_valrecord_new_uninit(&mut record, len) };
        Self { kind: kind::RECORD, of: capi::wasmtime_component_valunion_t { record } }
    }

    /// The fields of a record, to be written.
    ///
    /// # Safety
    /// The value is a record.
    pub unsafe fn fields_mut(&mut self) -> &mut [RecordEntry] {
        // SAFETY: the caller's promise.
        unsafe {
            let record = self.of.record;
            if record.data.is_null() || record.size == 0 { &mut [] } else { from_raw_parts_mut(record.data, record.size) }
        }
    }

    /// The fields of a record.
    ///
    /// # Safety
    /// The value is a record.
    pub unsafe fn fields(&self) -> &[RecordEntry] {
        // SAFETY: the caller's promise.
        unsafe {
            let record = self.of.record;
            if record.data.is_null() || record.size == 0 { &[] } else { from_raw_parts(record.data, record.size) }
        }
    }

    /// A map of `len` pairs of `false` for now (`wasmtime_component_valmap_new_uninit`).
    pub fn map(len: usize) -> Self {
        let mut map = capi::wasmtime_component_valmap_t::default();
        // SAFETY: as for list.
        unsafe { capi::wasmtime_component_valmap_new_uninit(&mut map, len) };
        Self { kind: kind::MAP, of: capi::wasmtime_component_valunion_t { map } }
    }

    /// The pairs of a map, to be written.
    ///
    /// # Safety
    /// The value is a map.
    pub unsafe fn pairs_mut(&mut self) -> &mut [MapEntry] {
        // SAFETY: the caller's promise.
        unsafe {
            let map = self.of.map;
            if map.data.is_null() || map.size == 0 { &mut [] } else { from_raw_parts_mut(map.data, map.size) }
        }
    }

    /// The pairs of a map.
    ///
    /// # Safety
    /// The value is a map.
    pub unsafe fn pairs(&self) -> &[MapEntry] {
        // SAFETY: the caller's promise.
        unsafe {
            let map = self.of.map;
            if map.data.is_null() || map.size == 0 { &[] } else { from_raw_parts(map.data, map.size) }
        }
    }

    /// Flags by name (`wasmtime_component_valflags_new_uninit`).
    pub fn from_flags(names: &[&str]) -> Self {
        let mut flags = capi::wasmtime_component_valflags_t::default();
        // SAFETY: C makes as many empty names as asked for, each of which is replaced by one of ours.
        unsafe {
            capi::wasmtime_component_valflags_new_uninit(&mut flags, names.len());
            for (index, name) in names.iter().enumerate() {
                *flags.data.add(index) = bytes(name.as_bytes());
            }
        }
        Self { kind: kind::FLAGS, of: capi::wasmtime_component_valunion_t { flags } }
    }

    /// The flags that are set.
    ///
    /// # Safety
    /// The value is of flags.
    pub unsafe fn flags(&self) -> impl Iterator<Item = &[u8]> {
        // SAFETY: the caller's promise.
        let flags = unsafe { self.of.flags };
        // SAFETY: C keeps `size` names at `data`.
        (0..flags.size).map(move |index| unsafe { slice(&*flags.data.add(index)) })
    }
}

impl RecordEntry {
    /// Names a field.
    pub fn set_name(&mut self, name: &str) {
        self.name = bytes(name.as_bytes());
    }
}

/// One value or another.
impl RawVal {
    /// Moves a value into a box of C's (`wasmtime_component_val_new`).
    fn boxed(payload: Option<Self>) -> *mut Self {
        // SAFETY: C moves the content out of our slot, which is forgotten.
        payload.map_or(std::ptr::null_mut(), |mut payload| unsafe { capi::wasmtime_component_val_new(&mut payload) })
    }

    /// A variant. The payload goes with it.
    pub fn from_variant(case: &str, payload: Option<Self>) -> Self {
        let variant = capi::wasmtime_component_valvariant_t { discriminant: bytes(case.as_bytes()), val: Self::boxed(payload) };
        Self { kind: kind::VARIANT, of: capi::wasmtime_component_valunion_t { variant } }
    }

    /// An option. The payload goes with it.
    pub fn from_option(payload: Option<Self>) -> Self {
        Self { kind: kind::OPTION, of: capi::wasmtime_component_valunion_t { option: Self::boxed(payload) } }
    }

    /// A result. The payload goes with it.
    pub fn from_result(is_ok: bool, payload: Option<Self>) -> Self {
        let result = capi::wasmtime_component_valresult_t { is_ok, val: Self::boxed(payload) };
        Self { kind: kind::RESULT, of: capi::wasmtime_component_valunion_t { result } }
    }

    /// The case and the payload of a variant.
    ///
    /// # Safety
    /// The value is a variant.
    pub unsafe fn variant(&self) -> (&[u8], Option<&Self>) {
        // SAFETY: the caller's promise.
        unsafe { (slice(&self.of.variant.discriminant), self.of.variant.val.as_ref()) }
    }

    /// The payload of an option.
    ///
    /// # Safety
    /// The value is an option.
    pub unsafe fn option(&self) -> Option<&Self> {
        // SAFETY: the caller's promise.
        unsafe { self.of.option.as_ref() }
    }

    /// Whether a result is ok, and its payload.
    ///
    /// # Safety
    /// The value is a result.
    pub unsafe fn result(&self) -> (bool, Option<&Self>) {
        // SAFETY: the caller's promise.
        unsafe { (self.of.result.is_ok, self.of.result.val.as_ref()) }
    }

    /// A resource. The handle goes with it.
    pub fn from_resource(resource: RawResource) -> Self {
        Self { kind: kind::RESOURCE, of: capi::wasmtime_component_valunion_t { resource: resource.into_raw() } }
    }

    /// Another handle of a resource.
    ///
    /// # Safety
    /// The value is a resource.
    pub unsafe fn resource(&self) -> Option<RawResource> {
        // SAFETY: the caller's promise; the handle is live as long as the value.
        unsafe { RawResource::copy_of(self.of.resource) }
    }
}
