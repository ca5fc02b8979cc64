//! Ruby objects made values of components. Every value is checked here: C aborts on what does not fit.

pub mod compound;
mod record;
mod resources;

use super::super::error;
use super::super::number;
use super::super::store::StoreInner;
use super::resource::State;
use super::scalars::{character, float, integer, text};
use super::values::{mismatch, value_of};
use crate::handle::component::val::{OwnedVal, RawVal};
use crate::handle::component::valtype::Type;
use compound::{case_index, set_flags};
use magnus::{Error, prelude::*};
use rb_sys::VALUE;
use resources::Given;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

const NIL: VALUE = rb_sys::Qnil as VALUE;

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
}
