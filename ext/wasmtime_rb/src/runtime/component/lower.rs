//! Ruby objects made values of components. Every value is checked here: C aborts on what does not fit.

use super::super::error;
use super::super::number;
use super::super::store::StoreInner;
use super::host_types::HostType;
use super::lift::{is_some, long};
use super::names;
use super::resource::{Resource, State};
use super::scalars::{character, float, integer, name_of, packed, packed_size, text};
use crate::handle::component::resource::{RawResource, RawResourceType};
use crate::handle::component::val::{OwnedVal, RawVal};
use crate::handle::component::valtype::{Name, Type};
use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::{Error, Value, prelude::*};
use rb_sys::VALUE;
use std::cell::{Cell, RefCell};
use std::ffi::c_long;
use std::rc::Rc;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Longer values are not printed whole.
const SHOWN: usize = 80;
/// Records with more fields keep their values in a Ruby Array.
const FEW: usize = 16;

/// Arguments, or a result, on their way to a guest; what was made for them is undone unless they arrive.
pub struct Lowering<'a> {
    store: &'a StoreInner,
    /// The names of the types at hand.
    names: VALUE,
    /// Where in the value something is wrong, innermost first.
    places: RefCell<Vec<String>>,
    /// Host objects the store was given, with the slots that keep them.
    given: RefCell<Vec<Given>>,
    /// Resources that will be the guest's.
    promised: RefCell<Vec<Rc<Cell<State>>>>,
    /// Resources lent to the guest.
    lent: RefCell<Vec<Rc<Cell<State>>>>,
}

/// A host object on its way: its handle, the slot that keeps it, and whether it will be the guest's.
struct Given {
    handle: RawResource,
    slot: usize,
    owned: bool,
}

/// A live value for magnus.
pub(super) fn value_of(raw: VALUE) -> Value {
    // SAFETY: values that are lowered are live: arguments, or parts of arguments that a Ruby object holds.
    unsafe { Value::from_raw(raw) }
}

pub(super) fn shown(raw: VALUE) -> String {
    let text = value_of(raw).inspect();
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).chain("...".chars()).collect() }
}

/// The error for a value of the wrong class.
#[cold]
pub(super) fn mismatch(expected: &str, value: VALUE) -> Error {
    error::type_error(&format!("expected {expected}, got {}", shown(value)))
}

#[cold]
fn missing(field: &str, object: VALUE) -> Error {
    error::argument(&format!("struct field missing: {field} in {}", shown(object)))
}

pub(super) fn items(array: VALUE) -> usize {
    // SAFETY: a live Array.
    usize::try_from(unsafe { rb_sys::RARRAY_LEN(array) }).unwrap_or(0)
}

pub(super) fn entry(array: VALUE, index: usize) -> VALUE {
    // SAFETY: a live Array; rb_ary_entry checks the bound.
    unsafe { rb_sys::rb_ary_entry(array, c_long::try_from(index).unwrap_or(c_long::MAX)) }
}

pub(super) fn has_type(value: VALUE, ty: rb_sys::ruby_value_type) -> bool {
    // SAFETY: reads the tag of a live value.
    unsafe { rb_sys::RB_TYPE_P(value, ty) }
}

impl<'a> Lowering<'a> {
    /// For values of one call.
    pub fn new(store: &'a StoreInner, names: VALUE) -> Self {
        let (places, given, promised, lent) = Default::default();
        Self { store, names, places, given, promised, lent }
    }

    /// Lowers the value at `place`, which errors name.
    pub fn lower_at(&self, place: impl FnOnce() -> String, ty: &Type, value: VALUE) -> Result<RawVal, Error> {
        self.lower(ty, value).map(OwnedVal::into_raw).map_err(|error| self.located(place(), error))
    }

    /// An error that says where it happened.
    #[cold]
    pub(super) fn located(&self, place: String, error: Error) -> Error {
        let mut places = self.places.take();
        places.push(place);
        places.reverse();
        super::super::convert::locate(error, |message| format!("{}: {message}", places.join(", ")))
    }

    /// Remembers a place on the way out.
    pub(super) fn at<T>(&self, result: Result<T, Error>, place: impl FnOnce() -> String) -> Result<T, Error> {
        result.inspect_err(|_| self.places.borrow_mut().push(place()))
    }

    /// The call has happened: what was promised is gone, what was lent is back.
    pub fn arrived(self) {
        self.promised.take().iter().for_each(|state| state.set(State::Passed));
        self.given.take().into_iter().filter(|given| !given.owned).for_each(|given| self.take_back(&given));
    }

    /// The call did not happen: everything is as it was.
    pub fn undo(self) {
        self.promised.take().iter().for_each(|state| state.set(State::Live));
        self.given.take().iter().for_each(|given| self.take_back(given));
    }

    fn take_back(&self, given: &Given) {
        if let Some(context) = self.store.context() {
            // A handle of the host's own has no destructor, so nothing of the guest runs.
            drop(context.resource_drop(&given.handle));
        }
        self.store.roots.dead().push(given.slot);
    }

    fn lower(&self, ty: &Type, value: VALUE) -> Result<OwnedVal, Error> {
        let val = match ty {
            Type::Bool => match value {
                _ if value == rb_sys::Qtrue as VALUE => RawVal::from_bool(true),
                _ if value == rb_sys::Qfalse as VALUE => RawVal::from_bool(false),
                _ => return Err(mismatch("bool", value)),
            },
            Type::S8 => RawVal::from_s8(integer(value, "s8")?),
            Type::U8 => RawVal::from_u8(integer(value, "u8")?),
            Type::S16 => RawVal::from_s16(integer(value, "s16")?),
            Type::U16 => RawVal::from_u16(integer(value, "u16")?),
            Type::S32 => RawVal::from_s32(integer(value, "s32")?),
            Type::U32 => RawVal::from_u32(integer(value, "u32")?),
            Type::S64 => RawVal::from_s64(integer(value, "s64")?),
            Type::U64 => RawVal::from_u64(integer(value, "u64")?),
            Type::F32 => RawVal::from_f32(number::narrow(float(value, "f32")?)),
            Type::F64 => RawVal::from_f64(float(value, "f64")?),
            Type::Char => RawVal::from_char(character(value)?.into()),
            Type::String => text(value, |text| RawVal::from_string(text.as_bytes()))?,
            Type::List(item) => return self.list(item, value, RawVal::list),
            Type::FixedLengthList(item) => return self.list(item, value, RawVal::fixed_length_list),
            Type::Tuple(types) => return self.tuple(types, value),
            Type::Record(fields) => return self.record(fields, value),
            Type::Map(pair) => return self.map(&pair.0, &pair.1, value),
            Type::Variant(cases) => self.variant(cases, value)?,
            Type::Enum(cases) => RawVal::from_enum(cases.get(case_index(cases, value)?).map_or("", |case| &case.text)),
            Type::Option(payload) => self.option(payload, value)?,
            Type::Result(pair) => self.result(pair, value)?,
            Type::Flags(flags) => {
                RawVal::from_flags(&set_flags(flags, value)?.map(|index| flags.get(index).map_or("", |flag| &flag.text)).collect::<Vec<_>>())
            }
            Type::Own(ty) => RawVal::from_resource(self.own(ty, value)?),
            Type::Borrow(ty) => RawVal::from_resource(self.borrow(ty, value)?),
            Type::Future(_) | Type::Stream(_) | Type::ErrorContext => {
                return Err(error::type_error("no Ruby value can be a future, a stream or an error context"));
            }
        };
        Ok(OwnedVal(val))
    }

    fn list(&self, ty: &Type, value: VALUE, make: fn(usize) -> RawVal) -> Result<OwnedVal, Error> {
        if has_type(value, rb_sys::ruby_value_type::RUBY_T_STRING)
            && let Some(size) = packed_size(ty)
        {
            return packed(ty, size, value, make);
        }
        let array = to_array(value)?.ok_or_else(|| mismatch("list", value))?;
        let mut list = OwnedVal(make(items(array)));
        // SAFETY: a list, as just made.
        let slots = unsafe { list.0.items_mut() };
        for (index, slot) in slots.iter_mut().enumerate() {
            let item = self.at(self.lower(ty, entry(array, index)), || format!("list item {index}"))?;
            *slot = item.into_raw();
        }
        std::hint::black_box(array);
        Ok(list)
    }

    fn tuple(&self, types: &[Type], value: VALUE) -> Result<OwnedVal, Error> {
        let array = tuple_items(types.len(), value)?;
        let mut tuple = OwnedVal(RawVal::tuple(types.len()));
        // SAFETY: a tuple, as just made.
        let slots = unsafe { tuple.0.items_mut() };
        for ((index, slot), ty) in slots.iter_mut().enumerate().zip(types) {
            let item = self.at(self.lower(ty, entry(array, index)), || format!("tuple item {index}"))?;
            *slot = item.into_raw();
        }
        std::hint::black_box(array);
        Ok(tuple)
    }

    fn record(&self, fields: &[(Name, Type)], value: VALUE) -> Result<OwnedVal, Error> {
        let mut record = OwnedVal(RawVal::record(fields.len()));
        // SAFETY: a record, as just made.
        let mut slots = unsafe { record.0.fields_mut() }.iter_mut();
        self.each_field(fields, value, |name, ty, value| {
            if let Some(slot) = slots.next() {
                slot.set_name(&name.text);
                slot.val = self.lower(ty, value)?.into_raw();
            }
            Ok(())
        })?;
        Ok(record)
    }

    /// Finds the fields' values in an object, then yields them in order.
    pub(super) fn each_field(
        &self,
        fields: &[(Name, Type)],
        object: VALUE,
        mut each: impl FnMut(&Name, &Type, VALUE) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut few = [NIL; FEW];
        let is_few = fields.len() <= FEW;
        // SAFETY: a new Array on our stack, which only we know.
        let many = if is_few { NIL } else { unsafe { rb_sys::rb_ary_tmp_new(long(fields.len())) } };
        self.find_fields(fields, object, |index, found| match few.get_mut(index).filter(|_| is_few) {
            Some(slot) => *slot = found,
            // SAFETY: as above; what it raises is caught.
            None => unsafe { rb_sys::rb_ary_store(many, long(index), found) },
        })?;
        for (index, (name, ty)) in fields.iter().enumerate() {
            let value = if is_few { few.get(index).copied().unwrap_or(NIL) } else { entry(many, index) };
            if value == MISSING {
                return Err(missing(&name.text, object));
            }
            self.at(each(name, ty, value), || format!("field \"{}\"", name.text))?;
        }
        std::hint::black_box(many);
        Ok(())
    }

    /// Finds the fields' values, which a Hash, a Struct or any other object has.
    fn find_fields(&self, fields: &[(Name, Type)], value: VALUE, mut put: impl FnMut(usize, VALUE)) -> Result<(), Error> {
        let is_hash = has_type(value, rb_sys::ruby_value_type::RUBY_T_HASH);
        if !is_hash && (rb_sys::SPECIAL_CONST_P(value) || is_scalar(value)) {
            return Err(mismatch("record", value));
        }
        protect(|| {
            for (index, (name, _)) in fields.iter().enumerate() {
                let (key, snake) = (names::at(self.names, name.index), names::snake(self.names, name.index));
                // SAFETY: under protect, with nothing to drop: Strings' hashes, methods and comparisons may run code of the program.
                put(index, unsafe { if is_hash { from_hash(value, key, snake) } else { from_object(value, snake) } });
            }
            NIL
        })
        .map(|_| ())
    }

    fn map(&self, key: &Type, value: &Type, object: VALUE) -> Result<OwnedVal, Error> {
        if !has_type(object, rb_sys::ruby_value_type::RUBY_T_HASH) {
            return Err(mismatch("map", object));
        }
        let flat: Value = value_of(object).funcall("to_a", ())?;
        let flat = flat.as_raw();
        let mut map = OwnedVal(RawVal::map(items(flat)));
        // SAFETY: a map, as just made.
        let slots = unsafe { map.0.pairs_mut() };
        for (index, slot) in slots.iter_mut().enumerate() {
            let pair = entry(flat, index);
            slot.key = self.at(self.lower(key, entry(pair, 0)), || format!("key {index}"))?.into_raw();
            slot.value = self.at(self.lower(value, entry(pair, 1)), || format!("value {index}"))?.into_raw();
        }
        std::hint::black_box(flat);
        Ok(map)
    }

    fn payload(&self, ty: Option<&Type>, value: VALUE, place: &str) -> Result<Option<RawVal>, Error> {
        match ty {
            Some(ty) => self.at(self.lower(ty, value), || place.to_owned()).map(|val| Some(val.into_raw())),
            None if value == NIL => Ok(None),
            None => self.at(Err(error::argument(&format!("expected no value, got {}", shown(value)))), || place.to_owned()),
        }
    }

    fn variant(&self, cases: &[(Name, Option<Type>)], value: VALUE) -> Result<RawVal, Error> {
        let object = value_of(value);
        let answers = |method: &str| object.respond_to(method, false).unwrap_or(false);
        if !answers("name") || !answers("value") {
            return Err(mismatch("variant", value));
        }
        let name: Value = object.funcall("name", ())?;
        let text = name_of(name.as_raw()).ok_or_else(|| mismatch("variant", value))?;
        let Some((name, ty)) = cases.iter().find(|(name, _)| *name.text == *text) else {
            let valid: Vec<&str> = cases.iter().map(|(name, _)| &*name.text).collect();
            return Err(error::argument(&format!("invalid variant case {text:?}, valid cases: {valid:?}")));
        };
        let payload: Value = object.funcall("value", ())?;
        let payload = self.payload(ty.as_ref(), payload.as_raw(), &format!("case \"{text}\""))?;
        Ok(RawVal::from_variant(&name.text, payload))
    }

    fn option(&self, ty: &Type, value: VALUE) -> Result<RawVal, Error> {
        if value == NIL {
            return Ok(RawVal::from_option(None));
        }
        let inner = if !rb_sys::SPECIAL_CONST_P(value) && is_some(value) {
            let inner: Value = value_of(value).funcall("value", ())?;
            inner.as_raw()
        } else {
            value
        };
        let payload = self.at(self.lower(ty, inner), || "some".to_owned())?;
        Ok(RawVal::from_option(Some(payload.into_raw())))
    }

    fn result(&self, types: &(Option<Type>, Option<Type>), value: VALUE) -> Result<RawVal, Error> {
        let object = value_of(value);
        if !["ok?", "ok", "error"].iter().all(|method| object.respond_to(*method, false).unwrap_or(false)) {
            return Err(mismatch("result", value));
        }
        let is_ok: Value = object.funcall("ok?", ())?;
        let (ty, method) = if is_ok.to_bool() { (&types.0, "ok") } else { (&types.1, "error") };
        let payload: Value = object.funcall(method, ())?;
        Ok(RawVal::from_result(is_ok.to_bool(), self.payload(ty.as_ref(), payload.as_raw(), method)?))
    }

    /// The result of a host block, which may leave the Result out where all is well.
    pub fn lower_outcome(&self, place: impl FnOnce() -> String, ty: &Type, value: VALUE) -> Result<RawVal, Error> {
        if let Type::Result(types) = ty
            && !value_of(value).respond_to("ok?", false).unwrap_or(false)
        {
            // What a block without a result gives by the way is nobody's.
            let value = if types.0.is_some() { value } else { NIL };
            let payload = self.payload(types.0.as_ref(), value, "ok").map_err(|error| self.located(place(), error))?;
            return Ok(RawVal::from_result(true, payload));
        }
        self.lower_at(place, ty, value)
    }

    /// The error of a result, which a host block raised.
    pub fn lower_error(&self, place: impl FnOnce() -> String, ty: Option<&Type>, value: VALUE) -> Result<RawVal, Error> {
        let payload = self.payload(ty, value, "error").map_err(|error| self.located(place(), error))?;
        Ok(RawVal::from_result(false, payload))
    }

    fn own(&self, ty: &RawResourceType, value: VALUE) -> Result<RawResource, Error> {
        if let Some(host) = self.store.components().host_type(ty) {
            return self.give(&host, true, value);
        }
        let resource = self.resource(ty, value)?;
        if !resource.owned() {
            return Err(error::raise(error::Kind::Base, "the resource is borrowed: it cannot be given away as own"));
        }
        if self.lent.borrow().iter().any(|lent| Rc::ptr_eq(lent, resource.state())) {
            return Err(error::raise(error::Kind::Base, "the resource is lent by another argument of the same call"));
        }
        let handle = resource.handle()?;
        resource.state().set(State::Promised);
        self.promised.borrow_mut().push(resource.state().clone());
        Ok(handle)
    }

    fn borrow(&self, ty: &RawResourceType, value: VALUE) -> Result<RawResource, Error> {
        if let Some(host) = self.store.components().host_type(ty) {
            return self.give(&host, false, value);
        }
        let resource = self.resource(ty, value)?;
        let handle = resource.handle()?;
        self.lent.borrow_mut().push(resource.state().clone());
        Ok(handle)
    }

    fn resource(&self, ty: &RawResourceType, value: VALUE) -> Result<&'a Resource, Error> {
        let resource = super::super::typed::get::<Resource>(value).ok_or_else(|| mismatch("resource", value))?;
        if !resource.store.is(self.store) {
            return Err(error::raise(error::Kind::Store, "the resource belongs to another store"));
        }
        resource.check()?;
        if **resource.ty() == *ty {
            Ok(resource)
        } else {
            Err(error::type_error(&format!("expected a resource of another type, got {}", shown(value))))
        }
    }

    /// A host object for the guest: its own, or borrowed for the call.
    fn give(&self, host: &Rc<HostType>, owned: bool, value: VALUE) -> Result<RawResource, Error> {
        let fits: Value = value_of(host.class()).funcall("===", (value_of(value),))?;
        if !fits.to_bool() {
            return Err(mismatch(&format!("{} (a {})", host.name, value_of(host.class())), value));
        }
        let slot = self.store.roots.insert(value);
        let rep = u32::try_from(slot).map_err(|_| error::raise(error::Kind::Base, "too many host objects in one store"))?;
        // A borrow is a handle of ours that the guest gets for one call.
        let given = self.store.access()?.resource_from_host(true, rep, host.id);
        let raw = given.map_err(|fault| {
            self.store.roots.dead().push(slot);
            error::from_fault(fault)
        })?;
        if let Some(handle) = raw.duplicate() {
            self.given.borrow_mut().push(Given { handle, slot, owned });
        }
        Ok(raw)
    }
}

/// Which case of an enum a name says.
pub(super) fn case_index(cases: &[Name], value: VALUE) -> Result<usize, Error> {
    let text = name_of(value).ok_or_else(|| mismatch("enum", value))?;
    cases.iter().position(|name| *name.text == *text).ok_or_else(|| {
        let valid: Vec<&str> = cases.iter().map(|name| &*name.text).collect();
        error::argument(&format!("enum variant name `{text}` is not valid, expected one of {valid:?}"))
    })
}

/// Which flags an Array of names sets, in the order of their type.
pub(super) fn set_flags(flags: &[Name], value: VALUE) -> Result<impl Iterator<Item = usize>, Error> {
    let array = to_array(value)?.ok_or_else(|| mismatch("flags", value))?;
    let mut set = vec![false; flags.len()];
    for index in 0..items(array) {
        let text = name_of(entry(array, index)).ok_or_else(|| mismatch("flags", value))?;
        let Some(flag) = flags.iter().position(|name| *name.text == *text).and_then(|flag| set.get_mut(flag)) else {
            let valid: Vec<&str> = flags.iter().map(|name| &*name.text).collect();
            return Err(error::argument(&format!("unknown flag: `{text}`, expected some of {valid:?}")));
        };
        *flag = true;
    }
    Ok(set.into_iter().enumerate().filter_map(|(index, set)| set.then_some(index)))
}

/// Stands for a field that is not there; no program can have it.
const MISSING: VALUE = rb_sys::Qundef as VALUE;

/// A field of a Hash, by its name as a String or a Symbol, also with underscores for hyphens.
///
/// # Safety
/// Under protect, with nothing to drop in the frames above it.
unsafe fn from_hash(hash: VALUE, key: VALUE, snake: VALUE) -> VALUE {
    for name in [key, snake] {
        // SAFETY: the caller's promise; live Strings.
        unsafe {
            let found = rb_sys::rb_hash_lookup2(hash, name, MISSING);
            if found != MISSING {
                return found;
            }
            let mut name = name;
            let symbol = rb_sys::rb_check_symbol(&mut name);
            if symbol != NIL {
                let found = rb_sys::rb_hash_lookup2(hash, symbol, MISSING);
                if found != MISSING {
                    return found;
                }
            }
        }
        if key == snake {
            break;
        }
    }
    MISSING
}

/// What an object answers to the name of a field.
///
/// # Safety
/// As for [`from_hash`].
unsafe fn from_object(object: VALUE, snake: VALUE) -> VALUE {
    let mut name = snake;
    // SAFETY: the caller's promise; a name without an ID is no method's.
    unsafe {
        let id = rb_sys::rb_check_id(&mut name);
        if id == 0 || rb_sys::rb_obj_respond_to(object, id, 0) == 0 {
            return MISSING;
        }
        rb_sys::rb_funcallv(object, id, 0, std::ptr::null())
    }
}

/// Whether a value has parts by name for reasons of its own.
fn is_scalar(value: VALUE) -> bool {
    use rb_sys::ruby_value_type as t;
    [t::RUBY_T_STRING, t::RUBY_T_ARRAY, t::RUBY_T_SYMBOL, t::RUBY_T_FLOAT, t::RUBY_T_BIGNUM].into_iter().any(|ty| has_type(value, ty))
}

/// The items of a tuple, in an Array.
pub(super) fn tuple_items(len: usize, value: VALUE) -> Result<VALUE, Error> {
    let array = to_array(value)?.ok_or_else(|| mismatch("tuple", value))?;
    if items(array) == len {
        return Ok(array);
    }
    Err(error::argument(&format!("expected a tuple of {len} items, got {} in {}", items(array), shown(value))))
}

/// An Array, or what `to_ary` gives.
pub(super) fn to_array(value: VALUE) -> Result<Option<VALUE>, Error> {
    if has_type(value, rb_sys::ruby_value_type::RUBY_T_ARRAY) {
        return Ok(Some(value));
    }
    // SAFETY: under protect.
    protect(|| unsafe { rb_sys::rb_check_array_type(value) }).map(|array| (array != NIL).then_some(array))
}
