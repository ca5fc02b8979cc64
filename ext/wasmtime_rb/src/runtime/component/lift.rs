//! Values of components made Ruby objects.

use super::super::error;
use super::super::number;
use super::super::store::StoreInner;
use super::names;
use super::resource::{Lease, Resource};
use super::{result_class, some_class, variant_class};
use crate::handle::component::resource::RawResource;
use crate::handle::component::val::RawVal;
use crate::handle::component::valtype::{Name, Type};
use crate::handle::context::Ctx;
use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::value::ReprValue;
use magnus::{Error, RClass, Ruby, Value};
use rb_sys::VALUE;
use std::cell::RefCell;
use std::ffi::c_long;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// Fields that go into a Hash at once.
const FEW: usize = 16;

/// What lifting needs to know.
pub struct Lifting<'a> {
    pub store: &'a StoreInner,
    pub context: Ctx,
    /// The names of the types at hand.
    pub names: VALUE,
    /// Whether `list<u8>` becomes a binary String.
    pub bytes: bool,
    /// Where borrows go that end with the call.
    pub leases: &'a RefCell<Vec<Lease>>,
}

fn ruby() -> Ruby {
    // SAFETY: values are lifted with the GVL.
    unsafe { Ruby::get_unchecked() }
}

pub(super) fn long(len: usize) -> c_long {
    c_long::try_from(len).unwrap_or(c_long::MAX)
}

/// A String of UTF-8.
pub(super) fn text(bytes: &[u8]) -> VALUE {
    // SAFETY: pointer and length of one slice, which Ruby copies.
    unsafe { rb_sys::rb_utf8_str_new(bytes.as_ptr().cast(), long(bytes.len())) }
}

pub(super) fn boolean(value: bool) -> VALUE {
    if value { rb_sys::Qtrue as VALUE } else { rb_sys::Qfalse as VALUE }
}

impl Lifting<'_> {
    /// The Ruby object for a value of a type.
    pub fn lift(&self, ty: &Type, val: &RawVal) -> Result<VALUE, Error> {
        // SAFETY: Wasmtime made the value for this type, so its kind fits.
        unsafe {
            Ok(match ty {
                Type::Bool => boolean(val.bool()),
                Type::S8 => number::from_i32(val.s8().into()),
                Type::U8 => number::from_i32(val.u8().into()),
                Type::S16 => number::from_i32(val.s16().into()),
                Type::U16 => number::from_i32(val.u16().into()),
                Type::S32 => number::from_i32(val.s32()),
                Type::U32 => number::from_i64(val.u32().into()),
                Type::S64 => number::from_i64(val.s64()),
                Type::U64 => number::from_u64(val.u64()),
                Type::F32 => number::from_f64(number::widen(val.f32())),
                Type::F64 => number::from_f64(val.f64()),
                Type::Char => text(char::from_u32(val.char()).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]).as_bytes()),
                Type::String => text(val.text()),
                Type::List(item) | Type::FixedLengthList(item) if self.bytes && matches!(**item, Type::U8) => binary(val.items()),
                Type::List(item) | Type::FixedLengthList(item) => self.array(val.items(), |_| Some(item))?,
                Type::Tuple(types) => self.array(val.items(), |index| types.get(index))?,
                Type::Record(fields) => self.record(fields, val)?,
                Type::Map(pair) => self.map(&pair.0, &pair.1, val)?,
                Type::Variant(cases) => self.variant(cases, val)?,
                Type::Enum(cases) => self.name(cases, val.text()),
                Type::Option(payload) => self.option(payload, val.option())?,
                Type::Result(pair) => self.result(pair, val)?,
                Type::Flags(flags) => self.flags(flags, val),
                Type::Own(_) | Type::Borrow(_) => self.resource(val.resource())?,
                Type::Future(_) | Type::Stream(_) | Type::ErrorContext => NIL,
            })
        }
    }

    fn array<'t>(&self, items: &[RawVal], ty: impl Fn(usize) -> Option<&'t Type>) -> Result<VALUE, Error> {
        // SAFETY: a new Array on our stack.
        let array = unsafe { rb_sys::rb_ary_new_capa(long(items.len())) };
        for (index, item) in items.iter().enumerate() {
            let value = ty(index).map_or(Ok(NIL), |ty| self.lift(ty, item))?;
            // SAFETY: as above.
            unsafe { rb_sys::rb_ary_push(array, value) };
        }
        Ok(array)
    }

    unsafe fn record(&self, fields: &[(Name, Type)], val: &RawVal) -> Result<VALUE, Error> {
        // SAFETY: the caller has a record.
        let mut entries = unsafe { val.fields() }.iter();
        self.record_of(fields, |ty| entries.next().map_or(Ok(NIL), |entry| self.lift(ty, &entry.val)))
    }

    /// A Hash of the fields, with the values that `next` gives in their order.
    pub(super) fn record_of(&self, fields: &[(Name, Type)], mut next: impl FnMut(&Type) -> Result<VALUE, Error>) -> Result<VALUE, Error> {
        // SAFETY: a new Hash on our stack.
        let hash = unsafe { rb_sys::rb_hash_new() };
        for fields in fields.chunks(FEW) {
            let mut pairs = [NIL; 2 * FEW];
            for (pair, (name, ty)) in pairs.chunks_exact_mut(2).zip(fields) {
                pair.copy_from_slice(&[names::at(self.names, name.index), next(ty)?]);
            }
            // SAFETY: as above; keys are frozen Strings, and all pairs are on our stack.
            unsafe { rb_sys::rb_hash_bulk_insert(long(2 * fields.len()), pairs.as_ptr(), hash) };
        }
        Ok(hash)
    }

    unsafe fn map(&self, key: &Type, value: &Type, val: &RawVal) -> Result<VALUE, Error> {
        // SAFETY: as for record.
        let (hash, pairs) = unsafe { (rb_sys::rb_hash_new(), val.pairs()) };
        for pair in pairs {
            let (key, value) = (self.lift(key, &pair.key)?, self.lift(value, &pair.value)?);
            // SAFETY: as above; a Variant as key has a hash in Ruby, and what it raises is caught.
            protect(|| unsafe { rb_sys::rb_hash_aset(hash, key, value) })?;
        }
        Ok(hash)
    }

    unsafe fn variant(&self, cases: &[(Name, Option<Type>)], val: &RawVal) -> Result<VALUE, Error> {
        // SAFETY: the caller has a variant.
        let (case, payload) = unsafe { val.variant() };
        let Some((name, ty)) = cases.iter().find(|(name, _)| name.text.as_bytes() == case) else { return Ok(NIL) };
        let payload = match (ty, payload) {
            (Some(ty), Some(payload)) => self.lift(ty, payload)?,
            _ => NIL,
        };
        self.variant_of(name, payload)
    }

    /// A Variant.
    pub(super) fn variant_of(&self, name: &Name, payload: VALUE) -> Result<VALUE, Error> {
        build(variant_class(&ruby()), "new", &[names::at(self.names, name.index), payload])
    }

    fn name(&self, all: &[Name], text: &[u8]) -> VALUE {
        all.iter().find(|name| name.text.as_bytes() == text).map_or(NIL, |name| names::at(self.names, name.index))
    }

    fn option(&self, ty: &Type, payload: Option<&RawVal>) -> Result<VALUE, Error> {
        payload.map_or(Ok(NIL), |payload| some(ty, self.lift(ty, payload)?))
    }

    unsafe fn result(&self, types: &(Option<Type>, Option<Type>), val: &RawVal) -> Result<VALUE, Error> {
        // SAFETY: the caller has a result.
        let (is_ok, payload) = unsafe { val.result() };
        let payload = match (if is_ok { &types.0 } else { &types.1 }, payload) {
            (Some(ty), Some(payload)) => self.lift(ty, payload)?,
            _ => NIL,
        };
        result_of(is_ok, payload)
    }

    unsafe fn flags(&self, flags: &[Name], val: &RawVal) -> VALUE {
        // SAFETY: a new Array on our stack; the caller has flags.
        unsafe {
            let array = rb_sys::rb_ary_new();
            val.flags().for_each(|flag| {
                rb_sys::rb_ary_push(array, self.name(flags, flag));
            });
            array
        }
    }

    fn resource(&self, raw: Option<RawResource>) -> Result<VALUE, Error> {
        let Some(raw) = raw else { return Ok(NIL) };
        let host = raw.ty().and_then(|ty| self.store.components().host_type(&ty));
        if host.is_none() {
            let (object, lease) = Resource::wrap(self.store, raw)?;
            self.leases.borrow_mut().extend(lease);
            return Ok(object);
        }
        let owned = raw.owned();
        let rep = self.context.resource_to_host(&raw).map_err(error::from_fault)?;
        let slot = usize::try_from(rep).unwrap_or(usize::MAX);
        let object = self.store.roots.get(slot);
        if owned {
            self.store.roots.dead().push(slot);
        }
        Ok(object)
    }
}

/// A Result.
pub(super) fn result_of(is_ok: bool, payload: VALUE) -> Result<VALUE, Error> {
    build(result_class(&ruby()), if is_ok { "ok" } else { "error" }, &[payload])
}

/// The value of an option that has one. A nil that is there must not be taken for one that is not.
pub(super) fn some(ty: &Type, value: VALUE) -> Result<VALUE, Error> {
    let ambiguous = value == NIL || (matches!(ty, Type::Option(_)) && is_some(value));
    if ambiguous { build(some_class(&ruby()), "new", &[value]) } else { Ok(value) }
}

/// Whether a value is a `Component::Some`.
pub(super) fn is_some(value: VALUE) -> bool {
    // SAFETY: a live value.
    unsafe { Value::from_raw(value) }.is_kind_of(some_class(&ruby()))
}

/// Calls a class method of lib/.
fn build(class: RClass, method: &str, arguments: &[VALUE]) -> Result<VALUE, Error> {
    // SAFETY: live values on our stack.
    let arguments: Vec<Value> = arguments.iter().map(|value| unsafe { Value::from_raw(*value) }).collect();
    let object: Value = class.funcall(method, arguments.as_slice())?;
    Ok(object.as_raw())
}

/// A binary String of the numbers in a list.
fn binary(items: &[RawVal]) -> VALUE {
    // SAFETY: a new String of that length on our stack; every item is a u8.
    unsafe {
        let string = rb_sys::rb_str_new(std::ptr::null(), long(items.len()));
        let bytes = rb_sys::RSTRING_PTR(string).cast_mut().cast::<u8>();
        for (index, item) in items.iter().enumerate() {
            *bytes.add(index) = item.u8();
        }
        string
    }
}
