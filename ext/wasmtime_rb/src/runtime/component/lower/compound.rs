//! Lists, tuples, maps, variants, options and results.

use super::super::super::error;
use super::super::lift::is_some;
use super::super::scalars::{name_of, packed, packed_size};
use super::super::values::{entry, has_type, items, mismatch, shown, to_array, value_of};
use super::Lowering;
use crate::handle::component::val::{OwnedVal, RawVal};
use crate::handle::component::valtype::{Name, Type};
use magnus::rb_sys::AsRawValue;
use magnus::{Error, Value, prelude::*};
use rb_sys::VALUE;

const NIL: VALUE = rb_sys::Qnil as VALUE;

impl Lowering<'_> {
    pub(super) fn list(&self, ty: &Type, value: VALUE, make: fn(usize) -> RawVal) -> Result<OwnedVal, Error> {
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

    pub(super) fn tuple(&self, types: &[Type], value: VALUE) -> Result<OwnedVal, Error> {
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

    pub(super) fn map(&self, key: &Type, value: &Type, object: VALUE) -> Result<OwnedVal, Error> {
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

    pub(super) fn payload(&self, ty: Option<&Type>, value: VALUE, place: &str) -> Result<Option<RawVal>, Error> {
        match ty {
            Some(ty) => self.at(self.lower(ty, value), || place.to_owned()).map(|val| Some(val.into_raw())),
            None if value == NIL => Ok(None),
            None => self.at(Err(error::argument(&format!("expected no value, got {}", shown(value)))), || place.to_owned()),
        }
    }

    pub(super) fn variant(&self, cases: &[(Name, Option<Type>)], value: VALUE) -> Result<RawVal, Error> {
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

    pub(super) fn option(&self, ty: &Type, value: VALUE) -> Result<RawVal, Error> {
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

    pub(super) fn result(&self, types: &(Option<Type>, Option<Type>), value: VALUE) -> Result<RawVal, Error> {
        let object = value_of(value);
        if !["ok?", "ok", "error"].iter().all(|method| object.respond_to(*method, false).unwrap_or(false)) {
            return Err(mismatch("result", value));
        }
        let is_ok: Value = object.funcall("ok?", ())?;
        let (ty, method) = if is_ok.to_bool() { (&types.0, "ok") } else { (&types.1, "error") };
        let payload: Value = object.funcall(method, ())?;
        Ok(RawVal::from_result(is_ok.to_bool(), self.payload(ty.as_ref(), payload.as_raw(), method)?))
    }
}

/// The items of a tuple, in an Array.
pub fn tuple_items(len: usize, value: VALUE) -> Result<VALUE, Error> {
    let array = to_array(value)?.ok_or_else(|| mismatch("tuple", value))?;
    if items(array) == len {
        return Ok(array);
    }
    Err(error::argument(&format!("expected a tuple of {len} items, got {} in {}", items(array), shown(value))))
}

/// Which case of an enum a name says.
pub fn case_index(cases: &[Name], value: VALUE) -> Result<usize, Error> {
    let text = name_of(value).ok_or_else(|| mismatch("enum", value))?;
    cases.iter().position(|name| *name.text == *text).ok_or_else(|| {
        let valid: Vec<&str> = cases.iter().map(|name| &*name.text).collect();
        error::argument(&format!("enum variant name `{text}` is not valid, expected one of {valid:?}"))
    })
}

/// Which flags an Array of names sets, in the order of their type.
pub fn set_flags(flags: &[Name], value: VALUE) -> Result<impl Iterator<Item = usize>, Error> {
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
