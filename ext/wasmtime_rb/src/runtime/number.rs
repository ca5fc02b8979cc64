//! Numbers and vectors between Ruby and WebAssembly: they need no store.

use super::error;
use super::signature::Conv;
use super::v128::V128;
use crate::handle::val::ValRaw;
use magnus::rb_sys::protect;
use magnus::{Error, prelude::*};
use rb_sys::VALUE;

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
        Conv::V128 => ValRaw { v128: V128::bytes_of(value)? },
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
    to_f64(value).map(narrow)
}

/// Bits by which the fraction of an f64 is longer than that of an f32.
const WIDER: u32 = 29;
const F64_EXPONENT: u64 = 0x7ff0_0000_0000_0000;
const F32_EXPONENT: u32 = 0x7f80_0000;
const F32_QUIET: u32 = 0x0040_0000;

/// An f32 as f64. The processor's conversion makes every NaN quiet; here it keeps its sign and payload.
#[inline]
pub fn widen(number: f32) -> f64 {
    if number.is_nan() { widen_nan(number.to_bits()) } else { f64::from(number) }
}

#[cold]
fn widen_nan(bits: u32) -> f64 {
    let sign = u64::from(bits >> 31) << 63;
    let fraction = u64::from(bits & 0x007f_ffff) << WIDER;
    f64::from_bits(sign | F64_EXPONENT | fraction)
}

/// An f64 as f32, rounded; the way back of [`widen`]. A NaN that only had bits an f32 has not becomes the canonical one.
#[inline]
pub fn narrow(number: f64) -> f32 {
    #[allow(clippy::cast_possible_truncation, reason = "narrowing is the conversion asked for")]
    if number.is_nan() { narrow_nan(number.to_bits()) } else { number as f32 }
}

#[cold]
fn narrow_nan(bits: u64) -> f32 {
    #[allow(clippy::cast_possible_truncation, reason = "the bits that count are at the bottom after the shift")]
    let (sign, fraction) = ((bits >> 32) as u32 & 0x8000_0000, (bits >> WIDER) as u32 & 0x007f_ffff);
    f32::from_bits(sign | F32_EXPONENT | if fraction == 0 { F32_QUIET } else { fraction })
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

/// An Integer, or what `to_int` gives; the ends of the range for any that is wider.
pub fn to_i128(value: VALUE) -> Result<i128, Error> {
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
            Conv::F32 => from_f64(widen(slot.f32_)),
            Conv::V128 => V128::wrap(slot.v128),
            _ => from_f64(slot.f64_),
        }
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
