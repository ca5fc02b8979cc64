//! Calling wasm functions: arguments in, results out, by the fastest way the signature allows.

use super::activation::enter;
use super::convert::{self, Arg};
use super::error;
use super::func::Func;
use super::signature::{Class, Conv, Signature};
use super::store::StoreInner;
use crate::handle::context::Ctx;
use crate::handle::externref::unroot;
use crate::handle::externs::RawFunc;
use crate::handle::fault::Fault;
use crate::handle::val::{OwnedVals, RawExternref, Val, ValRaw};
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
    match signature.class {
        Class::Numeric if signature.slots() <= ON_STACK => call_numeric(store, func, signature, release, args),
        Class::Simple if signature.slots() <= REFERENCES_ON_STACK => call_simple(store, func, signature, release, args),
        // Wasmtime's checks cost little beside that many values.
        _ => call_checked(store, func, signature, release, args),
    }
}

#[cold]
fn wrong_count(given: usize, expected: usize) -> Error {
    error::argument(&format!("wrong number of arguments (given {given}, expected {expected})"))
}

#[cold]
fn at_param(index: usize, error: Error) -> Error {
    convert::locate(error, |message| format!("{message} (param at index {index})"))
}

#[inline]
fn call_numeric(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, args: &[VALUE]) -> Result<VALUE, Error> {
    let mut slots = [const { MaybeUninit::<ValRaw>::uninit() }; ON_STACK];
    for (index, ((slot, conv), value)) in slots.iter_mut().zip(&signature.params).zip(args).enumerate() {
        match convert::to_number(*conv, *value) {
            Ok(number) => slot.write(number),
            Err(error) => return Err(at_param(index, error)),
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

/// As [`ON_STACK`], for calls with references, whose slots are larger.
const REFERENCES_ON_STACK: usize = 4;

/// Converts arguments before the store is touched.
fn convert_args(store: &StoreInner, signature: &Signature, args: &[VALUE]) -> Result<Vec<Arg>, Error> {
    let convert = |(index, (conv, value)): (usize, (&Conv, &VALUE))| convert::to_arg(store, *conv, *value).map_err(|error| at_param(index, error));
    signature.params.iter().zip(args).enumerate().map(convert).collect()
}

/// Externrefs owned for the time of one call.
struct Roots([RawExternref; REFERENCES_ON_STACK], usize);

impl Roots {
    fn new() -> Self {
        Self([RawExternref::default(); REFERENCES_ON_STACK], 0)
    }

    fn push(&mut self, externref: RawExternref) {
        if let Some(slot) = self.0.get_mut(self.1) {
            *slot = externref;
            self.1 += 1;
        }
    }

    fn iter(&self) -> std::slice::Iter<'_, RawExternref> {
        self.0.get(..self.1).unwrap_or(&[]).iter()
    }
}

impl Drop for Roots {
    fn drop(&mut self) {
        self.iter().copied().for_each(unroot);
    }
}

/// Numbers and nullable funcrefs and externrefs, at most [`REFERENCES_ON_STACK`] of each.
#[inline]
fn call_simple(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, values: &[VALUE]) -> Result<VALUE, Error> {
    let mut args = [Arg::Func(None); REFERENCES_ON_STACK];
    for (index, ((arg, conv), value)) in args.iter_mut().zip(&signature.params).zip(values).enumerate() {
        *arg = convert::to_arg(store, *conv, *value).map_err(|error| at_param(index, error))?;
    }
    let args = args.get(..signature.params.len()).unwrap_or(&[]);
    let mut slots = [ValRaw::ZERO; REFERENCES_ON_STACK];
    // Objects are wrapped before the GVL may be released, and before the first raw form is taken: wrapping may collect.
    let context = store.access()?;
    let roots = wrap_all(store, context, args)?;
    let mut rooted = roots.iter();
    for (slot, arg) in slots.iter_mut().zip(args) {
        *slot = match arg {
            Arg::Number(raw) => *raw,
            Arg::Func(func) => ValRaw { funcref: func.map_or(std::ptr::null_mut(), |func| context.func_to_raw(&func)) },
            Arg::Extern(NIL) => ValRaw { externref: 0 },
            Arg::Extern(_) => ValRaw { externref: rooted.next().map_or(0, |root| context.externref_to_raw(root)) },
        };
    }
    let (pointer, len) = (slots.as_mut_ptr(), signature.slots());
    // SAFETY: as in call_numeric; references are of this store and nullable.
    enter(store, release, |context| unsafe { context.call_unchecked(func, pointer, len) })?;
    drop(roots);
    simple_results(store, signature, &slots)
}

fn simple_results(store: &StoreInner, signature: &Signature, slots: &[ValRaw; REFERENCES_ON_STACK]) -> Result<VALUE, Error> {
    let context = store.access()?;
    // Every returned externref is rooted before anything can collect.
    let mut roots = Roots::new();
    for (conv, slot) in signature.results.iter().zip(slots) {
        if let Conv::Extern { .. } = conv {
            // SAFETY: an externref slot, written by the call that just returned.
            context.externref_from_raw(unsafe { slot.externref }).into_iter().for_each(|externref| roots.push(externref));
        }
    }
    let mut rooted = roots.iter();
    collect(&signature.results, |index, conv| match (conv, slots.get(index)) {
        // SAFETY: as above; null has no root.
        (Conv::Extern { .. }, Some(slot)) if unsafe { slot.externref } == 0 => Ok(NIL),
        (Conv::Extern { .. }, _) => rooted.next().map_or(Ok(NIL), |externref| convert::externref_object(store, context, externref)),
        // SAFETY: as above.
        (_, Some(slot)) => unsafe { convert::from_raw(store, context, *conv, slot) },
        _ => Ok(NIL),
    })
}

fn wrap_all(store: &StoreInner, context: Ctx, args: &[Arg]) -> Result<Roots, Error> {
    let mut roots = Roots::new();
    for arg in args {
        if let Arg::Extern(object) = arg
            && let Some(root) = convert::new_externref(store, context, *object).map_err(error::from_fault)?
        {
            roots.push(root);
        }
    }
    Ok(roots)
}

#[cold]
fn call_checked(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, args: &[VALUE]) -> Result<VALUE, Error> {
    if let Some(Conv::Unsupported(ty)) = signature.results.iter().find(|conv| matches!(conv, Conv::Unsupported(_))) {
        let text = format!("converting from {} to Ruby unsupported", super::types::name(*ty));
        return Err(error::raise(error::Kind::Base, &text));
    }
    let args = convert_args(store, signature, args)?;
    let context = store.access()?;
    let mut vals = OwnedVals(Vec::with_capacity(args.len()));
    for (conv, arg) in signature.params.iter().zip(&args) {
        vals.0.push(to_val(store, context, *conv, *arg).map_err(error::from_fault)?);
    }
    let mut results = OwnedVals::with_len(signature.results.len());
    let (input, output) = (&vals.0, &mut results.0);
    enter(store, release, |context| context.call(func, input, output))?;
    drop(vals);
    let context = store.access()?;
    let values = collect(&signature.results, |index, conv| match results.0.get(index) {
        Some(val) => convert::from_val(store, context, *conv, val),
        None => Ok(NIL),
    });
    drop(results);
    values
}

/// A tagged value; a new externref in it belongs to the caller.
pub fn to_val(store: &StoreInner, context: Ctx, conv: Conv, arg: Arg) -> Result<Val, Fault> {
    Ok(match arg {
        // SAFETY: to_number wrote the field of this type.
        Arg::Number(raw) => unsafe {
            match conv {
                Conv::I32 => Val::from_i32(raw.i32_),
                Conv::I64 => Val::from_i64(raw.i64_),
                Conv::F32 => Val::from_f32(raw.f32_),
                _ => Val::from_f64(raw.f64_),
            }
        },
        Arg::Func(func) => Val::from_func(func),
        Arg::Extern(object) => Val::from_externref(convert::new_externref(store, context, object)?),
    })
}

/// nil, the value or an Array.
fn collect(convs: &[Conv], mut value: impl FnMut(usize, &Conv) -> Result<VALUE, Error>) -> Result<VALUE, Error> {
    match convs {
        [] => Ok(NIL),
        [conv] => value(0, conv),
        _ => {
            // SAFETY: a new Array on our stack.
            let values = unsafe { rb_sys::rb_ary_new() };
            for (index, conv) in convs.iter().enumerate() {
                // SAFETY: as above.
                unsafe { rb_sys::rb_ary_push(values, value(index, conv)?) };
            }
            Ok(values)
        }
    }
}
