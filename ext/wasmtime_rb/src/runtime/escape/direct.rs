//! Calls of component functions without C's values in between. `wasmtime_component_func_call` makes a value of every byte of a list, and of every
//! field of a record, with its name: a mebibyte takes a tenth of a second. To be replaced by a C call that takes numbers, texts and bytes as they
//! lie in memory. This is the flat half of the canonical ABI, for types without resources; Wasmtime allocates, encodes texts and checks bounds.

use super::store_context;
use crate::handle::component::func::RawFunc;
use crate::handle::context::Ctx;
use crate::handle::fault::{Fault, check};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmtime::ValRaw;
use wasmtime::component::__internal::{CanonicalAbiInfo, ComponentTypes, InstanceType, InterfaceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, Func, Lift, Lower, TypedFunc};

/// Arguments that go without memory of their own.
pub const MAX_FLAT: usize = 16;

const _: () = {
    assert!(size_of::<RawFunc>() == size_of::<Func>());
    assert!(align_of::<RawFunc>() == align_of::<Func>());
};

/// One piece of the arguments, in order. Texts and lists are one piece, and two flat values.
#[derive(Clone, Copy)]
pub enum Leaf<'a> {
    I32(u32),
    I64(u64),
    F32(u32),
    F64(u64),
    Text(&'a str),
    /// Numbers, little end first, and how many bytes each has.
    List(&'a [u8], usize),
}

/// One piece of a result, in order: a number, which is also what a discriminant, a character or a bool is; or what lies elsewhere.
pub enum Part {
    Number(u64),
    Text(String),
    /// Numbers, little end first.
    List(Vec<u8>),
}

struct Args<'a>(&'a [Leaf<'a>]);

const fn abi(flat_count: u8) -> CanonicalAbiInfo {
    // Sizes do not matter: arguments are always flat, and a result is read where it lies, whatever its size.
    CanonicalAbiInfo { size32: 0, align32: 1, size64: 0, align64: 1, flat_count: Some(flat_count) }
}

// SAFETY: the lowered form is a sequence of ValRaw; the caller of `call` vouches that the pieces are what the function takes.
unsafe impl ComponentType for Args<'_> {
    type Lower = [ValRaw; MAX_FLAT];
    const ABI: CanonicalAbiInfo = abi(16);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> wasmtime::Result<()> {
        Ok(())
    }
}

// SAFETY: every flat value is written, those the function does not take with zeros.
unsafe impl Lower for Args<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        _ty: InterfaceType,
        dst: &mut MaybeUninit<[ValRaw; MAX_FLAT]>,
    ) -> wasmtime::Result<()> {
        let flat = dst.write([ValRaw::u64(0); MAX_FLAT]);
        let mut slots = flat.iter_mut();
        let mut put = |raw| {
            if let Some(slot) = slots.next() {
                *slot = raw;
            }
        };
        for leaf in self.0 {
            match *leaf {
                Leaf::I32(bits) => put(ValRaw::u32(bits)),
                Leaf::I64(bits) => put(ValRaw::u64(bits)),
                Leaf::F32(bits) => put(ValRaw::f32(bits)),
                Leaf::F64(bits) => put(ValRaw::f64(bits)),
                Leaf::Text(text) => {
                    let mut pair = MaybeUninit::new([ValRaw::u64(0); 2]);
                    text.linear_lower_to_flat(cx, InterfaceType::String, &mut pair)?;
                    // SAFETY: written above.
                    unsafe { pair.assume_init() }.into_iter().for_each(&mut put);
                }
                Leaf::List(bytes, size) => {
                    let align = u32::try_from(size)?;
                    let at = cx.realloc(0, 0, align, bytes.len())?;
                    let room = cx.as_slice_mut().get_mut(at..).and_then(|memory| memory.get_mut(..bytes.len()));
                    room.ok_or_else(|| wasmtime::format_err!("realloc return: result out of bounds"))?.copy_from_slice(bytes);
                    put(ValRaw::u64(at as u64));
                    put(ValRaw::u64((bytes.len() / size) as u64));
                }
            }
        }
        Ok(())
    }

    fn linear_lower_to_memory<T>(&self, _cx: &mut LowerContext<'_, T>, _ty: InterfaceType, _offset: usize) -> wasmtime::Result<()> {
        wasmtime::bail!("arguments that go through memory")
    }
}

// SAFETY: a list of arguments.
unsafe impl ComponentNamedList for Args<'_> {}

/// A result that is one flat value, or none.
struct InRegister(Vec<Part>);
/// A result that lies in memory.
struct InMemory(Vec<Part>);

// SAFETY: as for Args.
unsafe impl ComponentType for InRegister {
    type Lower = ValRaw;
    const ABI: CanonicalAbiInfo = abi(1);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> wasmtime::Result<()> {
        Ok(())
    }
}

// SAFETY: as for Args.
unsafe impl ComponentType for InMemory {
    type Lower = [ValRaw; 2];
    const ABI: CanonicalAbiInfo = abi(2);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> wasmtime::Result<()> {
        Ok(())
    }
}

// SAFETY: every byte pattern is looked at before it is believed.
unsafe impl Lift for InRegister {
    fn linear_lift_from_flat(cx: &mut LiftContext<'_>, ty: InterfaceType, src: &ValRaw) -> wasmtime::Result<Self> {
        let Some(ty) = only(cx.types, ty) else { return Ok(Self(Vec::new())) };
        let number = match innermost(cx.types, ty) {
            InterfaceType::S64 | InterfaceType::U64 | InterfaceType::Float64 => src.get_u64(),
            _ => u64::from(src.get_u32()),
        };
        Ok(Self(vec![Part::Number(checked(cx.types, innermost(cx.types, ty), number)?)]))
    }

    fn linear_lift_from_memory(_cx: &mut LiftContext<'_>, _ty: InterfaceType, _bytes: &[u8]) -> wasmtime::Result<Self> {
        wasmtime::bail!("a result that lies in memory")
    }
}

// SAFETY: as for InRegister; bounds and alignment are checked.
unsafe impl Lift for InMemory {
    fn linear_lift_from_flat(_cx: &mut LiftContext<'_>, _ty: InterfaceType, _src: &[ValRaw; 2]) -> wasmtime::Result<Self> {
        wasmtime::bail!("a result that is flat")
    }

    fn linear_lift_from_memory(cx: &mut LiftContext<'_>, ty: InterfaceType, bytes: &[u8]) -> wasmtime::Result<Self> {
        // Nothing of it has been looked at: `bytes` says where it lies.
        let at = bytes.as_ptr().addr() - cx.memory().as_ptr().addr();
        let mut parts = Vec::new();
        if let Some(ty) = only(cx.types, ty) {
            load(cx, ty, at, &mut parts)?;
        }
        Ok(Self(parts))
    }
}

// SAFETY: a list of results.
unsafe impl ComponentNamedList for InRegister {}
// SAFETY: as above.
unsafe impl ComponentNamedList for InMemory {}

/// The one type of a list of results.
fn only(types: &ComponentTypes, ty: InterfaceType) -> Option<InterfaceType> {
    match ty {
        InterfaceType::Tuple(index) => types[index].types.first().copied(),
        _ => None,
    }
}

/// What a flat value is, however many records of one field are around it.
fn innermost(types: &ComponentTypes, ty: InterfaceType) -> InterfaceType {
    let inner = match ty {
        InterfaceType::Record(index) => types[index].fields.first().map(|field| field.ty),
        InterfaceType::Tuple(index) => types[index].types.first().copied(),
        _ => None,
    };
    inner.map_or(ty, |inner| innermost(types, inner))
}

/// Refuses a number that a type does not have, in Wasmtime's words.
fn checked(types: &ComponentTypes, ty: InterfaceType, number: u64) -> wasmtime::Result<u64> {
    let cases = match ty {
        InterfaceType::Char => {
            char::try_from(u32::try_from(number)?)?;
            return Ok(number);
        }
        InterfaceType::Enum(index) => types[index].names.len(),
        InterfaceType::Variant(index) => types[index].cases.len(),
        InterfaceType::Option(_) | InterfaceType::Result(_) => 2,
        _ => return Ok(number),
    };
    if usize::try_from(number).is_ok_and(|number| number < cases) {
        Ok(number)
    } else {
        wasmtime::bail!("discriminant {number} out of range [0..{cases})")
    }
}

/// A number in memory.
fn number(cx: &LiftContext<'_>, at: usize, size: usize) -> wasmtime::Result<u64> {
    let bytes = cx.memory().get(at..).and_then(|memory| memory.get(..size));
    let bytes = bytes.ok_or_else(|| wasmtime::format_err!("pointer out of bounds of memory"))?;
    Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn size_and_align(types: &ComponentTypes, ty: &InterfaceType) -> (usize, usize) {
    let abi = types.canonical_abi(ty);
    (abi.size32 as usize, abi.align32 as usize)
}

/// Reads a value of a type.
fn load(cx: &mut LiftContext<'_>, ty: InterfaceType, at: usize, parts: &mut Vec<Part>) -> wasmtime::Result<()> {
    let types = cx.types;
    let (size, align) = size_and_align(types, &ty);
    if !at.is_multiple_of(align) {
        wasmtime::bail!("return pointer not aligned");
    }
    match ty {
        InterfaceType::String => {
            let pair = cx.memory().get(at..).and_then(|memory| memory.get(..size));
            let pair = pair.ok_or_else(|| wasmtime::format_err!("pointer out of bounds of memory"))?;
            parts.push(Part::Text(String::linear_lift_from_memory(cx, ty, pair)?));
        }
        InterfaceType::List(index) => {
            let (start, len) = (number(cx, at, 4)?, number(cx, at + 4, 4)?);
            parts.push(Part::List(list(cx, types[index].element, usize::try_from(start)?, usize::try_from(len)?)?));
        }
        InterfaceType::Record(index) => fields(cx, types[index].fields.iter().map(|field| field.ty), at, parts)?,
        InterfaceType::Tuple(index) => fields(cx, types[index].types.iter().copied(), at, parts)?,
        InterfaceType::Option(index) => {
            let info = &types[index].info;
            one_of(cx, ty, at, info.size.into(), info.payload_offset32, parts, |case| (case == 1).then(|| types[index].ty))?;
        }
        InterfaceType::Result(index) => {
            let info = &types[index].info;
            let payload = |case| if case == 0 { types[index].ok } else { types[index].err };
            one_of(cx, ty, at, info.size.into(), info.payload_offset32, parts, payload)?;
        }
        InterfaceType::Variant(index) => {
            let info = &types[index].info;
            let payload = |case: usize| types[index].cases.get_index(case).and_then(|(_, ty)| *ty);
            one_of(cx, ty, at, info.size.into(), info.payload_offset32, parts, payload)?;
        }
        // Numbers, characters, enums, and flags of up to 32.
        _ => parts.push(Part::Number(checked(types, ty, number(cx, at, size)?)?)),
    }
    Ok(())
}

fn fields(cx: &mut LiftContext<'_>, types: impl Iterator<Item = InterfaceType>, mut at: usize, parts: &mut Vec<Part>) -> wasmtime::Result<()> {
    for ty in types {
        let (size, align) = size_and_align(cx.types, &ty);
        at = at.next_multiple_of(align);
        load(cx, ty, at, parts)?;
        at += size;
    }
    Ok(())
}

/// A discriminant of `size` bytes, and the payload of its case.
fn one_of(
    cx: &mut LiftContext<'_>,
    ty: InterfaceType,
    at: usize,
    size: usize,
    offset: u32,
    parts: &mut Vec<Part>,
    payload: impl Fn(usize) -> Option<InterfaceType>,
) -> wasmtime::Result<()> {
    let case = checked(cx.types, ty, number(cx, at, size)?)?;
    parts.push(Part::Number(case));
    payload(usize::try_from(case)?).map_or(Ok(()), |ty| load(cx, ty, at + offset as usize, parts))
}

fn list(cx: &mut LiftContext<'_>, element: InterfaceType, start: usize, len: usize) -> wasmtime::Result<Vec<u8>> {
    let (size, align) = size_and_align(cx.types, &element);
    if !start.is_multiple_of(align) {
        wasmtime::bail!("list pointer is not aligned");
    }
    let bytes = len.checked_mul(size).and_then(|bytes| cx.memory().get(start..)?.get(..bytes));
    let bytes = bytes.ok_or_else(|| wasmtime::format_err!("list pointer/length out of bounds of memory"))?;
    cx.consume_fuel_array(len, size)?;
    Ok(bytes.to_vec())
}

/// Calls a function. `leaves` are what its parameters flatten to, at most [`MAX_FLAT`] values, and `in_register` says that its result is one flat
/// value or none; both as its type says, which is without resources and maps, and with lists of numbers only.
pub fn call(context: Ctx, func: &RawFunc, leaves: &[Leaf<'_>], in_register: bool) -> Result<Vec<Part>, Fault> {
    // SAFETY: a C function is a Func (asserted by size); function and context belong together.
    let func = unsafe { *std::ptr::from_ref(func).cast::<Func>() };
    let work = || {
        let store = store_context(&context);
        // SAFETY: the types are the function's, as the caller vouches.
        unsafe {
            if in_register {
                TypedFunc::<Args<'_>, InRegister>::new_unchecked(func).call(store, Args(leaves)).map(|result| result.0)
            } else {
                TypedFunc::<Args<'_>, InMemory>::new_unchecked(func).call(store, Args(leaves)).map(|result| result.0)
            }
        }
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(parts)) => Ok(parts),
        Ok(Err(error)) => {
            let raw = Box::into_raw(Box::new(wasmtime_c_api::wasmtime_error_t::from(error)));
            // SAFETY: the C error is ours, and given away here.
            unsafe { check(raw.cast(), std::ptr::null_mut()) }.map(|()| Vec::new())
        }
        Err(_) => Err(Fault::message("a bug in wasmtime-rb: the call panicked")),
    }
}
