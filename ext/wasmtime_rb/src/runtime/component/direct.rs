//! Calls whose values need no C values in between: numbers, texts, lists of numbers, and records of such. Results may be options, results and
//! variants of them, too.

use super::super::escape::direct::{self, Leaf, MAX_FLAT, Part};
use super::super::number;
use super::call::enter_component;
use super::func::Func;
use super::lift::{Lifting, boolean, long, result_of, some, text as string_of};
use super::lower::Lowering;
use super::lower::compound::{case_index, set_flags, tuple_items};
use super::names;
use super::scalars::{character, float, integer, packed_bytes, packed_size, text};
use super::values::{entry, has_type, items, mismatch, to_array};
use crate::handle::component::types::FuncType;
use crate::handle::component::valtype::Type;
use magnus::Error;
use rb_sys::VALUE;
use std::cell::RefCell;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// How many flat values a parameter of a type becomes; `None` for types that go through C's values.
fn flat_param(ty: &Type) -> Option<usize> {
    match ty {
        Type::Option(_) | Type::Result(_) | Type::Variant(_) => None,
        Type::Record(fields) => sum(fields.iter().map(|(_, ty)| flat_param(ty))),
        Type::Tuple(types) => sum(types.iter().map(flat_param)),
        _ => flat_result(ty),
    }
}

/// As [`flat_param`], for a result.
fn flat_result(ty: &Type) -> Option<usize> {
    match ty {
        Type::String => Some(2),
        Type::List(item) => packed_size(item).map(|_| 2),
        Type::Record(fields) => sum(fields.iter().map(|(_, ty)| flat_result(ty))),
        Type::Tuple(types) => sum(types.iter().map(flat_result)),
        Type::Flags(flags) => (1..=32).contains(&flags.len()).then_some(1),
        Type::Option(payload) => most([Some(&**payload)].into_iter()),
        Type::Result(pair) => most([pair.0.as_ref(), pair.1.as_ref()].into_iter()),
        Type::Variant(cases) => most(cases.iter().map(|(_, ty)| ty.as_ref())),
        Type::FixedLengthList(_) | Type::Map(_) | Type::Own(_) | Type::Borrow(_) => None,
        Type::Future(_) | Type::Stream(_) | Type::ErrorContext => None,
        _ => Some(1),
    }
}

/// All parts; there is one at least.
fn sum(mut parts: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    parts.try_fold(0, |sum, part| Some(sum + part?)).filter(|sum| *sum > 0)
}

/// A discriminant and the largest payload.
fn most<'a>(mut payloads: impl Iterator<Item = Option<&'a Type>>) -> Option<usize> {
    payloads.try_fold(1, |most, ty| Some(most.max(1 + ty.map_or(Some(0), flat_result)?)))
}

/// How a function is called directly.
#[derive(Clone, Copy)]
pub struct Direct {
    /// Whether the result is one flat value, or none.
    in_register: bool,
}

impl Direct {
    /// `None` for a function that has to be called with C's values.
    pub fn of(ty: &FuncType) -> Option<Self> {
        let flat = ty.params.iter().try_fold(0, |sum, (_, ty)| Some(sum + flat_param(ty)?))?;
        let result = ty.result.as_ref().map_or(Some(0), flat_result)?;
        (flat <= MAX_FLAT && !ty.is_async).then_some(Self { in_register: result <= 1 })
    }
}

/// A piece of the arguments; what is longer than a number lies in the blob.
#[derive(Clone, Copy)]
enum Piece {
    Number(Leaf<'static>),
    Text { start: usize, end: usize },
    List { start: usize, end: usize, size: usize },
}

/// The arguments in pieces. Texts and lists are copied: Ruby may run before the guest has them.
struct Pieces {
    pieces: [Piece; MAX_FLAT],
    len: usize,
    blob: Vec<u8>,
}

impl Pieces {
    fn push(&mut self, piece: Piece) {
        if let Some(slot) = self.pieces.get_mut(self.len) {
            *slot = piece;
            self.len += 1;
        }
    }

    /// Adds a value of a type for which [`flat_param`] has a number.
    fn add(&mut self, lowering: &Lowering, ty: &Type, value: VALUE) -> Result<(), Error> {
        let number = match ty {
            Type::Bool => Leaf::I32(match value {
                _ if value == rb_sys::Qtrue as VALUE => 1,
                _ if value == rb_sys::Qfalse as VALUE => 0,
                _ => return Err(mismatch("bool", value)),
            }),
            Type::S8 => Leaf::I32(i32::from(integer::<i8>(value, "s8")?).cast_unsigned()),
            Type::U8 => Leaf::I32(integer::<u8>(value, "u8")?.into()),
            Type::S16 => Leaf::I32(i32::from(integer::<i16>(value, "s16")?).cast_unsigned()),
            Type::U16 => Leaf::I32(integer::<u16>(value, "u16")?.into()),
            Type::S32 => Leaf::I32(integer::<i32>(value, "s32")?.cast_unsigned()),
            Type::U32 => Leaf::I32(integer(value, "u32")?),
            Type::S64 => Leaf::I64(integer::<i64>(value, "s64")?.cast_unsigned()),
            Type::U64 => Leaf::I64(integer(value, "u64")?),
            Type::F32 => Leaf::F32(number::narrow(float(value, "f32")?).to_bits()),
            Type::F64 => Leaf::F64(float(value, "f64")?.to_bits()),
            Type::Char => Leaf::I32(character(value)?.into()),
            Type::Enum(cases) => Leaf::I32(u32::try_from(case_index(cases, value)?).unwrap_or(0)),
            Type::Flags(flags) => Leaf::I32(set_flags(flags, value)?.fold(0, |bits, flag| bits | 1 << flag)),
            Type::Record(fields) => return lowering.each_field(fields, value, |_, ty, value| self.add(lowering, ty, value)),
            Type::Tuple(types) => return self.add_tuple(lowering, types, value),
            Type::List(item) => return self.add_list(lowering, item, value),
            _ => {
                let start = self.blob.len();
                text(value, |text| self.blob.extend_from_slice(text.as_bytes()))?;
                self.push(Piece::Text { start, end: self.blob.len() });
                return Ok(());
            }
        };
        self.push(Piece::Number(number));
        Ok(())
    }

    fn add_tuple(&mut self, lowering: &Lowering, types: &[Type], value: VALUE) -> Result<(), Error> {
        let array = tuple_items(types.len(), value)?;
        for (index, ty) in types.iter().enumerate() {
            lowering.at(self.add(lowering, ty, entry(array, index)), || format!("tuple item {index}"))?;
        }
        std::hint::black_box(array);
        Ok(())
    }

    fn add_list(&mut self, lowering: &Lowering, item: &Type, value: VALUE) -> Result<(), Error> {
        let (start, size) = (self.blob.len(), packed_size(item).unwrap_or(1));
        if has_type(value, rb_sys::ruby_value_type::RUBY_T_STRING) {
            self.blob.extend_from_slice(packed_bytes(size, value)?);
        } else {
            let array = to_array(value)?.ok_or_else(|| mismatch("list", value))?;
            self.blob.reserve(size * items(array));
            // Numbers only: none of them runs code that changes how many there are without our seeing it.
            let mut index = 0;
            while index < items(array) {
                lowering.at(append(&mut self.blob, item, entry(array, index)), || format!("list item {index}"))?;
                index += 1;
            }
        }
        self.push(Piece::List { start, end: self.blob.len(), size });
        Ok(())
    }

    /// The pieces as they are passed on.
    fn leaves(&self) -> [Leaf<'_>; MAX_FLAT] {
        let bytes = |start: usize, end: usize| self.blob.get(start..end).unwrap_or_default();
        self.pieces.map(|piece| match piece {
            Piece::Number(leaf) => leaf,
            Piece::Text { start, end } => Leaf::Text(std::str::from_utf8(bytes(start, end)).unwrap_or_default()),
            Piece::List { start, end, size } => Leaf::List(bytes(start, end), size),
        })
    }
}

/// Writes a number as it lies in memory.
fn append(blob: &mut Vec<u8>, ty: &Type, value: VALUE) -> Result<(), Error> {
    match ty {
        Type::U8 => blob.push(integer(value, "u8")?),
        Type::S8 => blob.extend(integer::<i8>(value, "s8")?.to_le_bytes()),
        Type::U16 => blob.extend(integer::<u16>(value, "u16")?.to_le_bytes()),
        Type::S16 => blob.extend(integer::<i16>(value, "s16")?.to_le_bytes()),
        Type::U32 => blob.extend(integer::<u32>(value, "u32")?.to_le_bytes()),
        Type::S32 => blob.extend(integer::<i32>(value, "s32")?.to_le_bytes()),
        Type::U64 => blob.extend(integer::<u64>(value, "u64")?.to_le_bytes()),
        Type::S64 => blob.extend(integer::<i64>(value, "s64")?.to_le_bytes()),
        Type::F32 => blob.extend(number::narrow(float(value, "f32")?).to_le_bytes()),
        _ => blob.extend(float(value, "f64")?.to_le_bytes()),
    }
    Ok(())
}

/// Calls a function directly. As many arguments as parameters.
pub fn call(func: &Func, ty: &FuncType, names: VALUE, direct: Direct, args: &[VALUE]) -> Result<VALUE, Error> {
    let store = &*func.store;
    let context = store.access()?;
    let lowering = Lowering::new(store, names);
    let mut pieces = Pieces { pieces: [Piece::Number(Leaf::I32(0)); MAX_FLAT], len: 0, blob: Vec::new() };
    for ((name, ty), value) in ty.params.iter().zip(args) {
        pieces.add(&lowering, ty, *value).map_err(|error| lowering.located(format!("argument \"{name}\""), error))?;
    }
    let leaves = pieces.leaves();
    let leaves = leaves.get(..pieces.len).unwrap_or_default();
    let parts = enter_component(store, false, |context| direct::call(context, &func.raw, leaves, direct.in_register))?;
    let Some(ty) = &ty.result else { return Ok(NIL) };
    let lifting = Lifting { store, context, names, bytes: func.bytes, leases: &RefCell::default() };
    build(&lifting, ty, &mut parts.into_iter())
}

/// The Ruby object for the next parts, which are of a type.
fn build(lifting: &Lifting, ty: &Type, parts: &mut impl Iterator<Item = Part>) -> Result<VALUE, Error> {
    match ty {
        Type::Record(fields) => return lifting.record_of(fields, |ty| build(lifting, ty, parts)),
        Type::Tuple(types) => {
            // SAFETY: a new Array on our stack.
            let array = unsafe { rb_sys::rb_ary_new_capa(long(types.len())) };
            for ty in types {
                let item = build(lifting, ty, parts)?;
                // SAFETY: as above.
                unsafe { rb_sys::rb_ary_push(array, item) };
            }
            return Ok(array);
        }
        _ => {}
    }
    let number = match parts.next() {
        Some(Part::Text(text)) => return Ok(string_of(text.as_bytes())),
        Some(Part::List(bytes)) => return Ok(list_of(lifting, ty, &bytes)),
        Some(Part::Number(number)) => number,
        None => return Ok(NIL),
    };
    let case = usize::try_from(number).unwrap_or(0);
    match ty {
        Type::Option(payload) if case == 1 => some(payload, build(lifting, payload, parts)?),
        Type::Option(_) => Ok(NIL),
        Type::Result(pair) => {
            let payload = if case == 0 { &pair.0 } else { &pair.1 };
            result_of(case == 0, payload.as_ref().map_or(Ok(NIL), |ty| build(lifting, ty, parts))?)
        }
        Type::Variant(cases) => match cases.get(case) {
            Some((name, payload)) => lifting.variant_of(name, payload.as_ref().map_or(Ok(NIL), |ty| build(lifting, ty, parts))?),
            None => Ok(NIL),
        },
        Type::Enum(cases) => Ok(cases.get(case).map_or(NIL, |name| names::at(lifting.names, name.index))),
        Type::Flags(flags) => {
            // SAFETY: a new Array on our stack.
            let array = unsafe { rb_sys::rb_ary_new() };
            for (_, name) in flags.iter().enumerate().filter(|(index, _)| number >> index & 1 == 1) {
                // SAFETY: as above.
                unsafe { rb_sys::rb_ary_push(array, names::at(lifting.names, name.index)) };
            }
            Ok(array)
        }
        _ => Ok(scalar(ty, number)),
    }
}

/// A number of a type, from its bits; what a narrow one has above its own is not its.
#[allow(clippy::cast_possible_truncation, reason = "the bits above are not the number's")]
fn scalar(ty: &Type, bits: u64) -> VALUE {
    match ty {
        Type::Bool => boolean(bits != 0),
        Type::S8 => number::from_i32((bits as i8).into()),
        Type::U8 => number::from_i32((bits as u8).into()),
        Type::S16 => number::from_i32((bits as i16).into()),
        Type::U16 => number::from_i32((bits as u16).into()),
        Type::S32 => number::from_i32(bits as i32),
        Type::U32 => number::from_i64((bits as u32).into()),
        Type::S64 => number::from_i64(bits.cast_signed()),
        Type::U64 => number::from_u64(bits),
        Type::F32 => number::from_f64(number::widen(f32::from_bits(bits as u32))),
        Type::F64 => number::from_f64(f64::from_bits(bits)),
        _ => {
            let character = char::from_u32(bits as u32).unwrap_or(char::REPLACEMENT_CHARACTER);
            string_of(character.encode_utf8(&mut [0; 4]).as_bytes())
        }
    }
}

/// A list of numbers: an Array, or a binary String where bytes are wanted so.
fn list_of(lifting: &Lifting, ty: &Type, bytes: &[u8]) -> VALUE {
    let Type::List(item) = ty else { return NIL };
    if lifting.bytes && matches!(**item, Type::U8) {
        // SAFETY: pointer and length of one slice, which Ruby copies.
        return unsafe { rb_sys::rb_str_new(bytes.as_ptr().cast(), long(bytes.len())) };
    }
    let size = packed_size(item).unwrap_or(1);
    // SAFETY: a new Array on our stack.
    let array = unsafe { rb_sys::rb_ary_new_capa(long(bytes.len() / size)) };
    for chunk in bytes.chunks_exact(size) {
        let bits = chunk.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        // SAFETY: as above.
        unsafe { rb_sys::rb_ary_push(array, scalar(item, bits)) };
    }
    array
}
