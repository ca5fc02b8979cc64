//! Calling wasm functions: arguments in, results out, by the fastest way the signature allows.

use super::activation::enter;
use super::convert::{self, Arg};
use super::error;
use super::func::Func;
use super::signature::{Class, Conv, Signature};
use super::store::StoreInner;
use super::typed;
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
    // WASI's functions may panic, which only the checked call catches.
    if store.wasi().is_some() {
        return call_checked(store, func, signature, release, args);
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
struct Roots {
    externrefs: [MaybeUninit<RawExternref>; REFERENCES_ON_STACK],
    len: usize,
}

impl Roots {
    #[inline]
    fn new() -> Self {
        Self { externrefs: [const { MaybeUninit::uninit() }; REFERENCES_ON_STACK], len: 0 }
    }

    #[inline]
    fn push(&mut self, externref: RawExternref) {
        if let Some(slot) = self.externrefs.get_mut(self.len) {
            slot.write(externref);
            self.len += 1;
        }
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &RawExternref> {
        // SAFETY: push wrote the first `len`.
        self.externrefs.iter().take(self.len).map(|slot| unsafe { slot.assume_init_ref() })
    }
}

impl Drop for Roots {
    #[inline]
    fn drop(&mut self) {
        self.iter().copied().for_each(unroot);
    }
}

type Slots = [MaybeUninit<ValRaw>; REFERENCES_ON_STACK];

/// Numbers and nullable funcrefs and externrefs, at most [`REFERENCES_ON_STACK`] of each.
#[inline]
fn call_simple(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, values: &[VALUE]) -> Result<VALUE, Error> {
    let mut slots: Slots = [const { MaybeUninit::uninit() }; REFERENCES_ON_STACK];
    check_simple(store, signature, values, &mut slots)?;
    let roots = wrap_simple(store, signature, values, &mut slots)?;
    let (pointer, len) = (slots.as_mut_ptr().cast::<ValRaw>(), signature.slots());
    // SAFETY: as in call_numeric; references are of this store and nullable.
    enter(store, release, |context| unsafe { context.call_unchecked(func, pointer, len) })?;
    drop(roots);
    simple_results(store, signature, &slots)
}

/// Converts numbers and checks references, before the store is touched: conversions may run Ruby code.
#[inline]
fn check_simple(store: &StoreInner, signature: &Signature, values: &[VALUE], slots: &mut Slots) -> Result<(), Error> {
    for (index, ((slot, conv), value)) in slots.iter_mut().zip(&signature.params).zip(values).enumerate() {
        let checked = match conv {
            Conv::Extern { nullable: true } => Ok(()),
            Conv::I32 | Conv::I64 | Conv::F32 | Conv::F64 => convert::to_number(*conv, *value).map(|number| {
                slot.write(number);
            }),
            _ => convert::to_arg(store, *conv, *value).map(|_| ()),
        };
        checked.map_err(|error| at_param(index, error))?;
    }
    Ok(())
}

/// Writes the references. Objects are wrapped before the GVL may be released, and before the first raw form is taken: wrapping may collect.
#[inline]
fn wrap_simple(store: &StoreInner, signature: &Signature, values: &[VALUE], slots: &mut Slots) -> Result<Roots, Error> {
    let context = store.access()?;
    let mut roots = Roots::new();
    for (conv, value) in signature.params.iter().zip(values) {
        if let Conv::Extern { .. } = conv
            && let Some(root) = convert::new_externref(store, context, *value).map_err(error::from_fault)?
        {
            roots.push(root);
        }
    }
    let mut rooted = roots.iter();
    for ((slot, conv), value) in slots.iter_mut().zip(&signature.params).zip(values) {
        match conv {
            Conv::Extern { .. } if *value == NIL => slot.write(ValRaw { externref: 0 }),
            Conv::Extern { .. } => slot.write(ValRaw { externref: rooted.next().map_or(0, |root| context.externref_to_raw(root)) }),
            Conv::Func { .. } => {
                let func = typed::get::<Func>(*value);
                slot.write(ValRaw { funcref: func.map_or(std::ptr::null_mut(), |func| context.func_to_raw(&func.raw)) })
            }
            _ => continue,
        };
    }
    drop(rooted);
    Ok(roots)
}

#[inline]
fn simple_results(store: &StoreInner, signature: &Signature, slots: &Slots) -> Result<VALUE, Error> {
    let context = store.access()?;
    // Every returned externref is rooted before anything can collect.
    let mut roots = Roots::new();
    for (conv, slot) in signature.results.iter().zip(slots) {
        if let Conv::Extern { .. } = conv {
            // SAFETY: an externref slot, written by the call that just returned.
            context.externref_from_raw(unsafe { slot.assume_init_ref().externref }).into_iter().for_each(|externref| roots.push(externref));
        }
    }
    let mut rooted = roots.iter();
    collect(&signature.results, |index, conv| match (conv, slots.get(index)) {
        // SAFETY: as above; null has no root.
        (Conv::Extern { .. }, Some(slot)) if unsafe { slot.assume_init_ref().externref } == 0 => Ok(NIL),
        (Conv::Extern { .. }, _) => rooted.next().map_or(Ok(NIL), |externref| convert::externref_object(store, context, externref)),
        // SAFETY: as above.
        (_, Some(slot)) => unsafe { convert::from_raw(store, context, *conv, slot.assume_init_ref()) },
        _ => Ok(NIL),
    })
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
#[inline]
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
