//! Values between Ruby and WebAssembly: the one table of conversions.

use super::error;
use super::func::Func;
use super::roots::{ExternCell, free_extern};
use super::signature::Conv;
use super::store::StoreInner;
use crate::handle::context::Ctx;
use crate::handle::externref::unroot;
use crate::handle::externs::RawFunc;
use crate::handle::fault::Fault;
use crate::handle::types::ValType;
use crate::handle::val::{RawExternref, Val, ValRaw};
use magnus::rb_sys::protect;
use magnus::{Error, prelude::*};
use rb_sys::VALUE;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// A Ruby value checked against its type, before the store is touched.
#[derive(Clone, Copy)]
pub enum Arg {
    Number(ValRaw),
    Func(Option<RawFunc>),
    /// Any Ruby object; nil is null.
    Extern(VALUE),
}

/// Converts a Ruby value for a type. May run Ruby code (`to_int`), so no context may be held.
#[inline]
pub fn to_arg(store: &StoreInner, conv: Conv, value: VALUE) -> Result<Arg, Error> {
    match conv {
        Conv::I32 | Conv::I64 | Conv::F32 | Conv::F64 => to_number(conv, value).map(Arg::Number),
        Conv::Func { nullable, .. } => to_func(store, nullable, value).map(Arg::Func),
        Conv::Extern { nullable } if value == NIL && !nullable => Err(error::type_error("nil given for a non-null externref")),
        Conv::Extern { .. } => Ok(Arg::Extern(value)),
        Conv::Unsupported(ty) => Err(unsupported("to", ty)),
    }
}

#[cold]
fn unsupported(direction: &str, ty: ValType) -> Error {
    let name = super::types::name(ty);
    error::raise(
        error::Kind::Base,
        &match direction {
            "to" => format!("converting from Ruby to {name} not supported"),
            _ => format!("converting from {name} to Ruby unsupported"),
        },
    )
}

/// A number in the form programs nearly always give it; `None` for any other, which [`to_number`] converts or refuses.
#[inline(always)]
pub fn to_number_quickly(conv: Conv, value: VALUE) -> Option<ValRaw> {
    match conv {
        Conv::I32 => fixnum(value).and_then(|wide| i32::try_from(wide).ok()).map(|narrow| ValRaw { i32_: narrow }),
        Conv::I64 => fixnum(value).map(|wide| ValRaw { i64_: wide }),
        // SAFETY: a Flonum, as just checked.
        Conv::F64 => rb_sys::FLONUM_P(value).then(|| ValRaw { f64_: unsafe { rb_sys::rb_float_value(value) } }),
        _ => None,
    }
}

/// Converts a number.
#[inline]
pub fn to_number(conv: Conv, value: VALUE) -> Result<ValRaw, Error> {
    Ok(match conv {
        Conv::I32 => ValRaw { i32_: to_i32(value)? },
        Conv::I64 => ValRaw { i64_: to_i64(value)? },
        Conv::F32 => ValRaw { f32_: to_f32(value)? },
        _ => ValRaw { f64_: to_f64(value)? },
    })
}

/// -2**31 to 2**32-1.
#[inline]
pub fn to_i32(value: VALUE) -> Result<i32, Error> {
    match fixnum(value).map(i32::try_from) {
        Some(Ok(narrow)) => Ok(narrow),
        _ => to_i32_slowly(value),
    }
}

#[cold]
fn to_i32_slowly(value: VALUE) -> Result<i32, Error> {
    let wide = to_i128(value)?;
    let signed = i32::try_from(wide).ok();
    signed.or_else(|| u32::try_from(wide).ok().map(u32::cast_signed)).ok_or_else(|| out_of_range(value, "i32", "-2**31..2**32-1"))
}

/// -2**63 to 2**64-1.
#[inline]
pub fn to_i64(value: VALUE) -> Result<i64, Error> {
    fixnum(value).map_or_else(|| to_i64_slowly(value), Ok)
}

#[cold]
fn to_i64_slowly(value: VALUE) -> Result<i64, Error> {
    let wide = to_i128(value)?;
    let signed = i64::try_from(wide).ok();
    signed.or_else(|| u64::try_from(wide).ok().map(u64::cast_signed)).ok_or_else(|| out_of_range(value, "i64", "-2**63..2**64-1"))
}

/// The number in a Fixnum.
#[inline]
fn fixnum(value: VALUE) -> Option<i64> {
    // SAFETY: a Fixnum, as just checked.
    rb_sys::FIXNUM_P(value).then(|| unsafe { rb_sys::FIX2LONG(value) })
}

/// Any Numeric, rounded; out of range becomes infinity, as in Ruby's own pack.
#[inline]
pub fn to_f32(value: VALUE) -> Result<f32, Error> {
    #[allow(clippy::cast_possible_truncation, reason = "narrowing is the conversion asked for")]
    to_f64(value).map(|wide| wide as f32)
}

/// An integer that fits a type exactly.
#[inline]
pub fn to_i64_exact(value: VALUE, ty: &str, min: i64, max: i64) -> Result<i64, Error> {
    let wide = to_i128(value)?;
    let fits = i64::try_from(wide).ok().filter(|wide| (min..=max).contains(wide));
    fits.ok_or_else(|| out_of_range(value, ty, &format!("{min}..{max}")))
}

/// An integer that fits u64 exactly.
pub fn to_u64_exact(value: VALUE) -> Result<u64, Error> {
    u64::try_from(to_i128(value)?).map_err(|_| out_of_range(value, "u64", "0..18446744073709551615"))
}

/// 0 to 2**64-1, for counts, offsets and sizes.
#[inline]
pub fn to_u64(value: VALUE, what: &str) -> Result<u64, Error> {
    match fixnum(value).map(u64::try_from) {
        Some(Ok(number)) => Ok(number),
        _ => to_u64_slowly(value, what),
    }
}

#[cold]
fn to_u64_slowly(value: VALUE, what: &str) -> Result<u64, Error> {
    let wide = to_i128(value)?;
    u64::try_from(wide).map_err(|_| {
        let side = if wide < 0 { "negative" } else { "too big" };
        error::range(&format!("{what} is {side}: {}", inspect(value)))
    })
}

#[cold]
fn out_of_range(value: VALUE, ty: &str, range: &str) -> Error {
    error::range(&format!("integer {} out of range for {ty} (expected {range})", inspect(value)))
}

fn inspect(value: VALUE) -> String {
    // SAFETY: `value` is a live argument on the stack; inspect() catches what Ruby raises.
    unsafe { <magnus::Value as magnus::rb_sys::FromRawValue>::from_raw(value) }.inspect()
}

fn to_i128(value: VALUE) -> Result<i128, Error> {
    fixnum(value).map_or_else(|| big_to_i128(value), |number| Ok(i128::from(number)))
}

#[cold]
fn big_to_i128(value: VALUE) -> Result<i128, Error> {
    const LSWORD_FIRST: i32 = 0x02;
    const LSBYTE_FIRST: i32 = 0x20;
    const TWO_COMPLEMENT: i32 = 0x80;
    // SAFETY: rb_to_int may raise and runs under protect.
    let integer = protect(|| unsafe { rb_sys::rb_to_int(value) })?;
    let mut words = [0_u64; 2];
    // SAFETY: an Integer, packed into two words we own; the sign tells whether it fitted.
    let sign = unsafe { rb_sys::rb_integer_pack(integer, words.as_mut_ptr().cast(), 2, 8, 0, LSWORD_FIRST | LSBYTE_FIRST | TWO_COMPLEMENT) };
    if sign.abs() > 1 {
        // Past 128 bits every caller refuses the number.
        return Ok(if sign < 0 { i128::MIN } else { i128::MAX });
    }
    let [low, high] = words;
    let value = (u128::from(high) << 64 | u128::from(low)).cast_signed();
    // One whose sign was lost does not fit either: the words hold magnitudes up to 2**128.
    Ok(match (sign < 0, value < 0) {
        (false, true) => i128::MAX,
        (true, false) => i128::MIN,
        _ => value,
    })
}

/// Any Numeric; what is none raises TypeError.
#[inline]
pub fn to_f64(value: VALUE) -> Result<f64, Error> {
    // SAFETY: reads the tag, then the number, of a live value.
    unsafe {
        if rb_sys::FLONUM_P(value) || (!rb_sys::SPECIAL_CONST_P(value) && rb_sys::RB_FLOAT_TYPE_P(value)) {
            return Ok(rb_sys::rb_float_value(value));
        }
    }
    // SAFETY: rb_to_float raises TypeError for what is not Numeric and runs under protect; the result is a Float.
    protect(|| unsafe { rb_sys::rb_to_float(value) }).map(|float| unsafe { rb_sys::rb_float_value(float) })
}

/// How the message about a function of another store begins.
pub const MISMATCH: &str = "argument type mismatch";

fn to_func(store: &StoreInner, nullable: bool, value: VALUE) -> Result<Option<RawFunc>, Error> {
    if value == NIL {
        return if nullable { Ok(None) } else { Err(error::type_error("nil given for a non-null function reference")) };
    }
    let func = Func::of(value)?;
    if !func.store.is(store) {
        return Err(error::raise(error::Kind::Base, &format!("{MISMATCH}: the function belongs to another store")));
    }
    Ok(Some(func.raw))
}

/// A Ruby value for a tagged value; the caller unroots what it owns afterwards.
pub fn from_val(store: &StoreInner, context: Ctx, conv: Conv, val: &Val) -> Result<VALUE, Error> {
    Ok(match conv {
        Conv::I32 => from_i32(val.as_i32()),
        Conv::I64 => from_i64(val.as_i64()),
        Conv::F32 => from_f64(f64::from(val.as_f32())),
        Conv::F64 => from_f64(val.as_f64()),
        Conv::Func { .. } => val.as_func().map_or(NIL, |func| Func::wrap(store, func)),
        Conv::Extern { .. } => match val.as_externref() {
            None => NIL,
            Some(externref) => externref_object(store, context, &externref)?,
        },
        Conv::Unsupported(ty) => return Err(unsupported("from", ty)),
    })
}

/// A Ruby number for a raw slot.
///
/// # Safety
/// The slot was written for this type, which is a number's.
#[inline]
pub unsafe fn from_number(conv: Conv, slot: &ValRaw) -> VALUE {
    // SAFETY: the caller vouches for the slot.
    unsafe {
        match conv {
            Conv::I32 => from_i32(slot.i32_),
            Conv::I64 => from_i64(slot.i64_),
            Conv::F32 => from_f64(f64::from(slot.f32_)),
            _ => from_f64(slot.f64_),
        }
    }
}

/// A Ruby value for a raw slot.
///
/// # Safety
/// The slot was written for this type, and nothing ran in the store since.
#[inline]
pub unsafe fn from_raw(store: &StoreInner, context: Ctx, conv: Conv, slot: &ValRaw) -> Result<VALUE, Error> {
    // SAFETY: the caller vouches for the slot.
    unsafe {
        Ok(match conv {
            Conv::I32 | Conv::I64 | Conv::F32 | Conv::F64 => from_number(conv, slot),
            Conv::Func { .. } => context.func_from_raw(slot.funcref).map_or(NIL, |func| Func::wrap(store, func)),
            Conv::Extern { .. } => match context.externref_from_raw(slot.externref) {
                None => NIL,
                Some(externref) => {
                    let object = externref_object(store, context, &externref);
                    unroot(externref);
                    object?
                }
            },
            Conv::Unsupported(ty) => return Err(unsupported("from", ty)),
        })
    }
}

/// An Integer.
#[inline]
pub fn from_i32(value: i32) -> VALUE {
    // SAFETY: every i32 is a Fixnum on 64-bit Ruby.
    unsafe { rb_sys::LONG2FIX(value.into()) }
}

/// An Integer.
#[inline]
pub fn from_i64(value: i64) -> VALUE {
    const FIXNUMS: std::ops::RangeInclusive<i64> = i64::MIN >> 2..=i64::MAX >> 2;
    // SAFETY: a Fixnum where one will do, else a new Bignum.
    unsafe { if FIXNUMS.contains(&value) { rb_sys::LONG2FIX(value) } else { rb_sys::rb_ll2inum(value) } }
}

/// An Integer.
#[inline]
pub fn from_u64(value: u64) -> VALUE {
    // SAFETY: allocates a Bignum at most.
    unsafe { rb_sys::rb_ull2inum(value) }
}

/// A Float.
#[inline]
pub fn from_f64(value: f64) -> VALUE {
    // SAFETY: allocates a Float at most.
    unsafe { rb_sys::rb_float_new(value) }
}

/// Wraps a Ruby object; the root belongs to the caller. nil is null.
pub fn new_externref(store: &StoreInner, context: Ctx, object: VALUE) -> Result<Option<RawExternref>, Fault> {
    if object == NIL {
        return Ok(None);
    }
    if !store.engine.settings.gc_support {
        return Err(Fault::message("externref values need the engine option gc_support: true (and the Cranelift strategy)"));
    }
    let externref = context.externref_new(store.roots.extern_cell(object), free_extern);
    externref.map(Some).ok_or_else(|| Fault::message("failed to allocate an externref: the guest's heap is full"))
}

/// The Ruby object of an externref.
pub fn externref_object(store: &StoreInner, context: Ctx, externref: &RawExternref) -> Result<VALUE, Error> {
    let data = context.externref_data(externref);
    if data.is_null() {
        return Err(error::raise(error::Kind::Conversion, "the externref holds a value of the guest, not a Ruby object"));
    }
    // SAFETY: only new_externref makes externrefs with data, and the reference keeps it alive.
    let data = unsafe { &*data.cast::<ExternCell>() };
    Ok(store.roots.get(data.index))
}

/// Adds where it happened to Ruby's own conversion errors; what user code raised passes unchanged.
#[cold]
pub fn locate(error: Error, locate: impl FnOnce(&str) -> String) -> Error {
    // SAFETY: called with the GVL.
    let ruby = unsafe { magnus::Ruby::get_unchecked() };
    let plain = [ruby.exception_type_error(), ruby.exception_range_error(), ruby.exception_float_domain_error()];
    let known = match error.error_type() {
        magnus::error::ErrorType::Error(..) => true,
        magnus::error::ErrorType::Exception(exception) => {
            plain.iter().any(|known| known.as_value().eql(exception.exception_class()).unwrap_or(false))
        }
        magnus::error::ErrorType::Jump(_) => false,
    };
    if known { relocate(error, locate) } else { error }
}

fn relocate(error: Error, locate: impl FnOnce(&str) -> String) -> Error {
    match error.error_type() {
        magnus::error::ErrorType::Error(class, message) => Error::new(*class, locate(message)),
        magnus::error::ErrorType::Exception(exception) => {
            let text: String = exception.funcall("message", ()).unwrap_or_default();
            Error::new(exception.exception_class(), locate(&text))
        }
        magnus::error::ErrorType::Jump(_) => error,
    }
}
