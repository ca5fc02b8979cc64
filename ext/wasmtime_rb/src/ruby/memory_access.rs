//! The numbered accessors of `Wasmtime::Memory` as raw methods: one row of the table below each.

use super::memory::Memory;
use super::raw::{BinaryMethod, UnaryMethod};
use crate::runtime::{convert, typed};
use magnus::{Error, RClass};
use rb_sys::VALUE;
use std::ffi::{CStr, c_long};

#[inline]
fn load<const N: usize>(memory: &Memory, offset: VALUE) -> Result<[u8; N], Error> {
    let offset = convert::to_u64(offset, "offset")?;
    let start = memory.range(offset, N as u64)?;
    // SAFETY: N bytes from `start` are inside the memory; an array of bytes needs no alignment.
    Ok(unsafe { start.cast::<[u8; N]>().read_unaligned() })
}

#[inline]
fn store<const N: usize>(memory: &Memory, offset: VALUE, bytes: [u8; N]) -> Result<VALUE, Error> {
    let offset = convert::to_u64(offset, "offset")?;
    let start = memory.range(offset, N as u64)?;
    // SAFETY: as in load.
    unsafe { start.cast::<[u8; N]>().write_unaligned(bytes) };
    Ok(rb_sys::Qnil as VALUE)
}

/// A number from its little-endian bytes to Ruby, and back.
trait Cell<const N: usize>: Sized {
    fn to_ruby(bytes: [u8; N]) -> VALUE;
    fn from_ruby(value: VALUE) -> Result<[u8; N], Error>;
}

macro_rules! small_integer {
    ($($ty:ident, $size:literal;)*) => {$(
        impl Cell<$size> for $ty {
            #[inline]
            fn to_ruby(bytes: [u8; $size]) -> VALUE {
                convert::from_i64(i64::from($ty::from_le_bytes(bytes)))
            }

            #[inline]
            fn from_ruby(value: VALUE) -> Result<[u8; $size], Error> {
                let wide = convert::to_i64_exact(value, stringify!($ty), i64::from($ty::MIN), i64::from($ty::MAX))?;
                // In range, as just checked, so the low bytes are the number.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
                let narrow = wide as $ty;
                Ok(narrow.to_le_bytes())
            }
        }
    )*};
}

small_integer! { i8, 1; u8, 1; i16, 2; u16, 2; i32, 4; u32, 4; }

impl Cell<8> for i64 {
    #[inline]
    fn to_ruby(bytes: [u8; 8]) -> VALUE {
        convert::from_i64(Self::from_le_bytes(bytes))
    }

    #[inline]
    fn from_ruby(value: VALUE) -> Result<[u8; 8], Error> {
        convert::to_i64_exact(value, "i64", Self::MIN, Self::MAX).map(Self::to_le_bytes)
    }
}

impl Cell<8> for u64 {
    #[inline]
    fn to_ruby(bytes: [u8; 8]) -> VALUE {
        convert::from_u64(Self::from_le_bytes(bytes))
    }

    #[inline]
    fn from_ruby(value: VALUE) -> Result<[u8; 8], Error> {
        convert::to_u64_exact(value).map(Self::to_le_bytes)
    }
}

impl Cell<4> for f32 {
    #[inline]
    fn to_ruby(bytes: [u8; 4]) -> VALUE {
        convert::from_f64(convert::widen(Self::from_le_bytes(bytes)))
    }

    #[inline]
    fn from_ruby(value: VALUE) -> Result<[u8; 4], Error> {
        convert::to_f32(value).map(Self::to_le_bytes)
    }
}

impl Cell<8> for f64 {
    #[inline]
    fn to_ruby(bytes: [u8; 8]) -> VALUE {
        convert::from_f64(Self::from_le_bytes(bytes))
    }

    #[inline]
    fn from_ruby(value: VALUE) -> Result<[u8; 8], Error> {
        convert::to_f64(value).map(Self::to_le_bytes)
    }
}

unsafe extern "C" fn reader<T: Cell<N>, const N: usize>(this: VALUE, offset: VALUE) -> VALUE {
    // SAFETY: Ruby binds the method to Memory objects only.
    let memory = unsafe { typed::this::<Memory>(this) };
    super::raw::finish(this, load::<N>(memory, offset).map(T::to_ruby))
}

unsafe extern "C" fn writer<T: Cell<N>, const N: usize>(this: VALUE, offset: VALUE, value: VALUE) -> VALUE {
    // SAFETY: as above.
    let memory = unsafe { typed::this::<Memory>(this) };
    // The value first: its to_int may run anything, even grow the memory.
    super::raw::finish(this, T::from_ruby(value).and_then(|bytes| store::<N>(memory, offset, bytes)))
}

/// `read(offset, length)`: the most used of all.
unsafe extern "C" fn read(this: VALUE, offset: VALUE, length: VALUE) -> VALUE {
    // SAFETY: Ruby binds the method to Memory objects only.
    let memory = unsafe { typed::this::<Memory>(this) };
    super::raw::finish(this, read_bytes(memory, offset, length))
}

#[inline]
fn read_bytes(memory: &Memory, offset: VALUE, length: VALUE) -> Result<VALUE, Error> {
    let (offset, length) = (convert::to_u64(offset, "offset")?, convert::to_u64(length, "length")?);
    let start = memory.range(offset, length)?;
    // SAFETY: the range is inside the memory; Ruby copies it before anything else runs.
    Ok(unsafe { rb_sys::rb_str_new(start.cast(), c_long::try_from(length).unwrap_or(0)) })
}

/// `write(offset, string)`.
unsafe extern "C" fn write(this: VALUE, offset: VALUE, string: VALUE) -> VALUE {
    // SAFETY: Ruby binds the method to Memory objects only.
    let memory = unsafe { typed::this::<Memory>(this) };
    super::raw::finish(this, write_bytes(memory, offset, string))
}

#[inline]
fn write_bytes(memory: &Memory, offset: VALUE, string: VALUE) -> Result<VALUE, Error> {
    let offset = convert::to_u64(offset, "offset")?;
    let string = super::names::to_string(string)?;
    // SAFETY: a String; nothing of Ruby runs between finding its bytes and copying them.
    let (bytes, length) = unsafe { (rb_sys::RSTRING_PTR(string).cast::<u8>(), rb_sys::RSTRING_LEN(string)) };
    let length = u64::try_from(length).unwrap_or(0);
    let target = memory.range(offset, length)?;
    // SAFETY: the range is inside the memory, and as long as the String.
    unsafe { std::ptr::copy(bytes, target, usize::try_from(length).unwrap_or(0)) };
    std::hint::black_box(string);
    Ok(rb_sys::Qnil as VALUE)
}

const ACCESSORS: [(&CStr, UnaryMethod, &CStr, BinaryMethod); 10] = [
    (c"read_i8", reader::<i8, 1>, c"write_i8", writer::<i8, 1>),
    (c"read_u8", reader::<u8, 1>, c"write_u8", writer::<u8, 1>),
    (c"read_i16", reader::<i16, 2>, c"write_i16", writer::<i16, 2>),
    (c"read_u16", reader::<u16, 2>, c"write_u16", writer::<u16, 2>),
    (c"read_i32", reader::<i32, 4>, c"write_i32", writer::<i32, 4>),
    (c"read_u32", reader::<u32, 4>, c"write_u32", writer::<u32, 4>),
    (c"read_i64", reader::<i64, 8>, c"write_i64", writer::<i64, 8>),
    (c"read_u64", reader::<u64, 8>, c"write_u64", writer::<u64, 8>),
    (c"read_f32", reader::<f32, 4>, c"write_f32", writer::<f32, 4>),
    (c"read_f64", reader::<f64, 8>, c"write_f64", writer::<f64, 8>),
];

/// Defines the accessors.
pub fn define(class: RClass) {
    super::raw::define_binary(class, c"read", read);
    super::raw::define_binary(class, c"write", write);
    for (read_name, read, write_name, write) in ACCESSORS {
        super::raw::define_unary(class, read_name, read);
        super::raw::define_binary(class, write_name, write);
    }
}
