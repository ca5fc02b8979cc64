//! Numbers, characters and texts from Ruby, and lists of numbers packed in a String.

use super::super::error;
use super::super::number;
use super::values::{has_type, mismatch, shown, value_of};
use crate::handle::component::val::{OwnedVal, RawVal};
use crate::handle::component::valtype::Type;
use magnus::{Error, RString, Symbol, prelude::*};
use rb_sys::VALUE;

/// The integer types, with their bounds for messages.
pub trait Bounds: TryFrom<i128> + TryFrom<i64> {
    const BOUNDS: (i128, i128);
}

macro_rules! bounds {
    ($($ty:ty)*) => {
        $(impl Bounds for $ty {
            #[allow(clippy::cast_lossless, reason = "one conversion for all types")]
            const BOUNDS: (i128, i128) = (<$ty>::MIN as i128, <$ty>::MAX as i128);
        })*
    };
}

bounds! { i8 u8 i16 u16 i32 u32 i64 u64 }

/// An integer that fits.
#[inline]
pub fn integer<T: Bounds>(value: VALUE, ty: &str) -> Result<T, Error> {
    // SAFETY: a Fixnum, as just checked.
    let quick = rb_sys::FIXNUM_P(value).then(|| T::try_from(unsafe { rb_sys::FIX2LONG(value) }).ok()).flatten();
    quick.map_or_else(|| integer_slowly(value, ty), Ok)
}

#[cold]
fn integer_slowly<T: Bounds>(value: VALUE, ty: &str) -> Result<T, Error> {
    if !value_of(value).respond_to("to_int", false)? {
        return Err(mismatch(ty, value));
    }
    let wide = number::to_i128(value)?;
    T::try_from(wide).map_err(|_| {
        let (min, max) = T::BOUNDS;
        let side = match () {
            () if wide > max => "too big",
            () if min == 0 => "negative",
            () => "too small",
        };
        error::range(&format!("expected {ty} ({min}..{max}), got {}: {side}", shown(value)))
    })
}

/// Any Numeric.
#[inline]
pub fn float(value: VALUE, ty: &str) -> Result<f64, Error> {
    if rb_sys::FLONUM_P(value) || value_of(value).is_kind_of(magnus::Ruby::get_with(value_of(value)).class_numeric()) {
        return number::to_f64(value);
    }
    Err(mismatch(ty, value))
}

/// The one character of what `to_s` gives.
pub fn character(value: VALUE) -> Result<char, Error> {
    let text: RString = value_of(value).funcall("to_s", ())?;
    let text = utf8(text, value, "char")?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) => Ok(char),
        (None, _) => Err(error::type_error(&format!("expected char, got {}: no character", shown(value)))),
        _ => Err(error::type_error(&format!("expected char, got {}: too many characters", shown(value)))),
    }
}

/// The name a Symbol or a String says.
pub fn name_of(value: VALUE) -> Option<String> {
    match Symbol::from_value(value_of(value)) {
        Some(symbol) => symbol.name().ok().map(std::borrow::Cow::into_owned),
        None => RString::from_value(value_of(value)).and_then(|string| string.to_string().ok()),
    }
}

/// A text in UTF-8, from a String of any encoding.
fn utf8(string: RString, value: VALUE, ty: &str) -> Result<String, Error> {
    if string.is_utf8_compatible_encoding() {
        // SAFETY: the bytes are copied before anything of Ruby runs.
        let bytes = unsafe { string.as_slice() };
        return std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| invalid(value, ty));
    }
    string.to_string().map_err(|error| if error.is_kind_of(encoding_error()) { invalid(value, ty) } else { error })
}

fn encoding_error() -> magnus::ExceptionClass {
    // SAFETY: values are lowered with the GVL.
    unsafe { magnus::Ruby::get_unchecked() }.exception_encoding_error()
}

#[cold]
fn invalid(value: VALUE, ty: &str) -> Error {
    error::exception(encoding_error(), &format!("expected {ty}, got {}: no valid UTF-8", shown(value)))
}

/// The text of a String, in UTF-8.
pub fn text<R>(value: VALUE, take: impl FnOnce(&str) -> R) -> Result<R, Error> {
    if !has_type(value, rb_sys::ruby_value_type::RUBY_T_STRING) && !value_of(value).respond_to("to_str", false)? {
        return Err(mismatch("string", value));
    }
    let string = <RString as magnus::TryConvert>::try_convert(value_of(value))?;
    // SAFETY: nothing of Ruby runs while the slice is borrowed.
    let bytes = unsafe { string.as_slice() };
    match std::str::from_utf8(bytes) {
        Ok(text) if string.is_utf8_compatible_encoding() => Ok(take(text)),
        _ => utf8(string, value, "string").map(|text| take(&text)),
    }
}

/// Bytes of one number of a type, when a list of such may come as a packed String.
pub fn packed_size(ty: &Type) -> Option<usize> {
    Some(match ty {
        Type::U8 | Type::S8 => 1,
        Type::U16 | Type::S16 => 2,
        Type::U32 | Type::S32 | Type::F32 => 4,
        Type::U64 | Type::S64 | Type::F64 => 8,
        _ => return None,
    })
}

/// The bytes of a String that holds numbers little end first, as `Array#pack` makes it. Until Ruby runs again.
pub fn packed_bytes<'a>(size: usize, value: VALUE) -> Result<&'a [u8], Error> {
    // SAFETY: a String, as the caller has seen; the pointer is good until Ruby runs.
    let bytes = unsafe {
        let len = usize::try_from(rb_sys::RSTRING_LEN(value)).unwrap_or(0);
        std::slice::from_raw_parts(rb_sys::RSTRING_PTR(value).cast::<u8>(), len)
    };
    if bytes.len() % size == 0 {
        return Ok(bytes);
    }
    Err(error::argument(&format!("expected a packed list of numbers of {size} bytes each, got a String of {} bytes", bytes.len())))
}

/// A list of numbers from such a String.
pub fn packed(ty: &Type, size: usize, value: VALUE, make: fn(usize) -> RawVal) -> Result<OwnedVal, Error> {
    let bytes = packed_bytes(size, value)?;
    let mut list = OwnedVal(make(bytes.len() / size));
    // SAFETY: a list, as just made.
    let slots = unsafe { list.0.items_mut() };
    macro_rules! fill {
        ($number:ty, $make:path) => {
            for (slot, chunk) in slots.iter_mut().zip(bytes.chunks_exact(size_of::<$number>())) {
                *slot = $make(<$number>::from_le_bytes(chunk.try_into().unwrap_or_default()));
            }
        };
    }
    match ty {
        Type::U8 => fill!(u8, RawVal::from_u8),
        Type::S8 => fill!(i8, RawVal::from_s8),
        Type::U16 => fill!(u16, RawVal::from_u16),
        Type::S16 => fill!(i16, RawVal::from_s16),
        Type::U32 => fill!(u32, RawVal::from_u32),
        Type::S32 => fill!(i32, RawVal::from_s32),
        Type::F32 => fill!(f32, RawVal::from_f32),
        Type::U64 => fill!(u64, RawVal::from_u64),
        Type::S64 => fill!(i64, RawVal::from_s64),
        _ => fill!(f64, RawVal::from_f64),
    }
    Ok(list)
}
