//! Calling wasm functions: arguments in, results out, by the fastest way the signature allows.

use super::activation::enter;
use super::convert::{self, Arg};
use super::error;
use super::func::Func;
use super::references::{self, call_simple};
use super::signature::{Class, Conv, Signature};
use super::store::StoreInner;
use crate::handle::context::Ctx;
use crate::handle::externs::RawFunc;
use crate::handle::fault::Fault;
use crate::handle::val::{OwnedVals, Val, ValRaw};
use magnus::Error;
use rb_sys::VALUE;
use std::ffi::c_long;
use std::mem::MaybeUninit;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Slots kept on the stack; larger signatures take the checked call.
const ON_STACK: usize = 8;

/// Calls `func` with Ruby values. One result is returned as it is, several as an Array, none as nil.
#[inline]
pub fn call(func: &Func, args: &[VALUE]) -> Result<VALUE, Error> {
    let signature = func.signature()?;
    call_raw(&func.store, &func.raw, signature, func.release, args)
}

/// As [`call`], for a function that has no Func object.
#[inline]
pub fn call_raw(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, args: &[VALUE]) -> Result<VALUE, Error> {
    if args.len() != signature.params.len() {
        return Err(wrong_count(args.len(), signature.params.len()));
    }
    // WASI's functions may panic, which only the checked call catches.
    if store.wasi().is_some() {
        return call_checked(store, func, signature, release, args);
    }
    match signature.class {
        Class::Numeric if signature.slots() <= ON_STACK => call_numeric(store, func, signature, release, args),
        Class::Simple if signature.slots() <= references::ON_STACK => call_simple(store, func, signature, release, args),
        // Wasmtime's checks cost little beside that many values.
        _ => call_checked(store, func, signature, release, args),
    }
}

#[cold]
fn wrong_count(given: usize, expected: usize) -> Error {
    error::argument(&format!("wrong number of arguments (given {given}, expected {expected})"))
}

#[cold]
pub(super) fn at_param(index: usize, error: Error) -> Error {
    convert::locate(error, |message| format!("{message} (param at index {index})"))
}

#[cold]
fn number_slowly(index: usize, conv: Conv, value: VALUE) -> Result<ValRaw, Error> {
    convert::to_number(conv, value).map_err(|error| at_param(index, error))
}

#[inline]
fn call_numeric(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, args: &[VALUE]) -> Result<VALUE, Error> {
    let mut slots = [const { MaybeUninit::<ValRaw>::uninit() }; ON_STACK];
    for (index, ((slot, conv), value)) in slots.iter_mut().zip(&signature.params).zip(args).enumerate() {
        match convert::to_number_quickly(*conv, *value) {
            Some(number) => slot.write(number),
            None => slot.write(number_slowly(index, *conv, *value)?),
        };
    }
    let len = signature.slots();
    let pointer = slots.as_mut_ptr().cast::<ValRaw>();
    // SAFETY: one slot of the right type for each parameter, and room for every result.
    enter(store, release, |context| unsafe { context.call_unchecked(func, pointer, len) })?;
    // SAFETY: the call that just returned has written a number of its type for each result.
    let number = |conv: &Conv, slot: &MaybeUninit<ValRaw>| unsafe { convert::from_number(*conv, slot.assume_init_ref()) };
    match (&*signature.results, &slots) {
        ([], _) => Ok(NIL),
        ([conv], [slot, ..]) => Ok(number(conv, slot)),
        (convs, slots) => {
            let mut values = [NIL; ON_STACK];
            for ((value, conv), slot) in values.iter_mut().zip(convs).zip(slots) {
                *value = number(conv, slot);
            }
            let count = c_long::try_from(convs.len()).unwrap_or(0);
            // SAFETY: the values are on our stack.
            Ok(unsafe { rb_sys::rb_ary_new_from_values(count, values.as_ptr()) })
        }
    }
}

/// Tagged arguments for a call that Wasmtime checks, each with a root of its own.
pub fn to_vals(store: &StoreInner, signature: &Signature, args: &[VALUE]) -> Result<OwnedVals, Error> {
    if args.len() != signature.params.len() {
        return Err(wrong_count(args.len(), signature.params.len()));
    }
    let args = convert_args(store, signature, args)?;
    let context = store.access()?;
    let mut vals = OwnedVals(Vec::with_capacity(args.len()));
    for (conv, arg) in signature.params.iter().zip(&args) {
        vals.0.push(to_val(store, context, *conv, *arg).map_err(error::from_fault)?);
    }
    Ok(vals)
}

/// Converts arguments before the store is touched.
fn convert_args(store: &StoreInner, signature: &Signature, args: &[VALUE]) -> Result<Vec<Arg>, Error> {
    let convert = |(index, (conv, value)): (usize, (&Conv, &VALUE))| convert::to_arg(store, *conv, *value).map_err(|error| at_param(index, error));
    signature.params.iter().zip(args).enumerate().map(convert).collect()
}

#[cold]
fn call_checked(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, args: &[VALUE]) -> Result<VALUE, Error> {
    let vals = to_vals(store, signature, args)?;
    let mut results = OwnedVals::with_len(signature.results.len());
    let (input, output) = (&vals.0, &mut results.0);
    enter(store, release, |context| context.call(func, input, output))?;
    drop(vals);
    let context = store.access()?;
    let values = collect(&signature.results, |index, conv| match results.0.get(index) {
        Some(val) => convert::from_val(store, context, *conv, val),
        None => NIL,
    });
    drop(results);
    Ok(values)
}

/// A tagged value; a reference in it belongs to the caller.
pub fn to_val(store: &StoreInner, context: Ctx, conv: Conv, arg: Arg) -> Result<Val, Fault> {
    Ok(match arg {
        // SAFETY: to_number wrote the field of this type.
        Arg::Number(raw) => unsafe {
            match conv {
                Conv::I32 => Val::from_i32(raw.i32_),
                Conv::I64 => Val::from_i64(raw.i64_),
                Conv::F32 => Val::from_f32(raw.f32_),
                Conv::V128 => Val::from_v128(raw.v128),
                _ => Val::from_f64(raw.f64_),
            }
        },
        Arg::Func(func) => Val::from_func(func),
        Arg::Extern(object) => Val::from_externref(convert::new_externref(store, context, object)?),
        Arg::I31(number) => {
            convert::needs_collector(store, "i31ref")?;
            Val::from_anyref(Some(context.anyref_from_i31(number)))
        }
        Arg::Ref(val) => val.duplicate(),
    })
}

/// nil, the value or an Array.
#[inline]
pub(super) fn collect(convs: &[Conv], mut value: impl FnMut(usize, &Conv) -> VALUE) -> VALUE {
    match convs {
        [] => NIL,
        [conv] => value(0, conv),
        _ => {
            // SAFETY: a new Array on our stack.
            let values = unsafe { rb_sys::rb_ary_new() };
            for (index, conv) in convs.iter().enumerate() {
                // SAFETY: as above.
                unsafe { rb_sys::rb_ary_push(values, value(index, conv)) };
            }
            values
        }
    }
}
