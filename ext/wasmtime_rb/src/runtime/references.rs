//! Calls with a few nullable funcrefs and externrefs: the unchecked call, with every externref rooted for as long as Ruby needs it.

use super::activation::enter;
use super::call::{at_param, collect};
use super::convert;
use super::error;
use super::func::Func;
use super::signature::{Conv, Signature};
use super::store::StoreInner;
use super::typed;
use crate::handle::context::Ctx;
use crate::handle::externref::unroot;
use crate::handle::externs::RawFunc;
use crate::handle::val::{RawExternref, ValRaw};
use magnus::Error;
use rb_sys::VALUE;
use std::mem::MaybeUninit;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Slots kept on the stack. Each is larger than one of a number; larger signatures take the checked call.
pub const ON_STACK: usize = 4;

/// An externref owned for the time of one call, and the object and raw form it was made of when it is an argument.
#[derive(Clone, Copy)]
struct Root {
    externref: RawExternref,
    object: VALUE,
    raw: u32,
}

struct Roots {
    roots: [MaybeUninit<Root>; ON_STACK],
    len: usize,
}

impl Roots {
    #[inline]
    fn new() -> Self {
        Self { roots: [const { MaybeUninit::uninit() }; ON_STACK], len: 0 }
    }

    #[inline]
    fn push(&mut self, externref: RawExternref, object: VALUE) {
        if let Some(slot) = self.roots.get_mut(self.len) {
            slot.write(Root { externref, object, raw: 0 });
            self.len += 1;
        }
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &Root> {
        // SAFETY: push wrote the first `len`.
        self.roots.iter().take(self.len).map(|slot| unsafe { slot.assume_init_ref() })
    }

    #[inline]
    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Root> {
        // SAFETY: push wrote the first `len`.
        self.roots.iter_mut().take(self.len).map(|slot| unsafe { slot.assume_init_mut() })
    }

    /// The argument that is returned as `raw`, if it is one. The guest's collector may have moved what had the same raw form before.
    #[inline]
    fn argument(&self, context: Ctx, raw: u32) -> Option<VALUE> {
        self.iter().find(|root| root.raw == raw && context.externref_to_raw(&root.externref) == raw).map(|root| root.object)
    }
}

impl Drop for Roots {
    #[inline]
    fn drop(&mut self) {
        self.iter().for_each(|root| unroot(root.externref));
    }
}

type Slots = [MaybeUninit<ValRaw>; ON_STACK];

/// Numbers and nullable funcrefs and externrefs, at most [`ON_STACK`] parameters or results.
#[inline]
pub fn call_simple(store: &StoreInner, func: &RawFunc, signature: &Signature, release: bool, values: &[VALUE]) -> Result<VALUE, Error> {
    let mut slots: Slots = [const { MaybeUninit::uninit() }; ON_STACK];
    check_simple(store, signature, values, &mut slots)?;
    let roots = wrap_simple(store, signature, values, &mut slots)?;
    let (pointer, len) = (slots.as_mut_ptr().cast::<ValRaw>(), signature.slots());
    // SAFETY: as in call_numeric; references are of this store and nullable.
    enter(store, release, |context| unsafe { context.call_unchecked(func, pointer, len) })?;
    simple_results(store, signature, &slots, &roots)
}

/// Converts numbers and checks references, before the store is touched: conversions may run Ruby code.
#[inline]
fn check_simple(store: &StoreInner, signature: &Signature, values: &[VALUE], slots: &mut Slots) -> Result<(), Error> {
    for (index, ((slot, conv), value)) in slots.iter_mut().zip(&signature.params).zip(values).enumerate() {
        let checked = match conv {
            conv if conv.is_number() => convert::to_number(*conv, *value).map(|number| {
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
            roots.push(root, *value);
        }
    }
    let mut rooted = roots.iter_mut();
    for ((slot, conv), value) in slots.iter_mut().zip(&signature.params).zip(values) {
        match conv {
            Conv::Extern { .. } if *value == NIL => slot.write(ValRaw { externref: 0 }),
            Conv::Extern { .. } => slot.write(ValRaw {
                externref: rooted.next().map_or(0, |root| {
                    root.raw = context.externref_to_raw(&root.externref);
                    root.raw
                }),
            }),
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
fn simple_results(store: &StoreInner, signature: &Signature, slots: &Slots, arguments: &Roots) -> Result<VALUE, Error> {
    const ROOTED: VALUE = rb_sys::Qundef as VALUE;
    let context = store.access()?;
    let mut objects = [NIL; ON_STACK];
    // Every returned externref is rooted before anything can collect.
    let mut roots = Roots::new();
    for ((object, conv), slot) in objects.iter_mut().zip(&signature.results).zip(slots) {
        if !matches!(conv, Conv::Extern { .. }) {
            continue;
        }
        // SAFETY: an externref slot, written by the call that just returned.
        let raw = unsafe { slot.assume_init_ref().externref };
        if let Some(argument) = arguments.argument(context, raw) {
            *object = argument;
        } else if let Some(externref) = context.externref_from_raw(raw) {
            *object = ROOTED;
            roots.push(externref, NIL);
        }
    }
    let mut rooted = roots.iter();
    let values = collect(&signature.results, |index, conv| match (conv, objects.get(index), slots.get(index)) {
        (Conv::Extern { .. }, Some(&ROOTED), _) => rooted.next().map_or(NIL, |root| convert::externref_object(store, context, &root.externref)),
        (Conv::Extern { .. }, Some(object), _) => *object,
        // SAFETY: as above.
        (_, _, Some(slot)) => unsafe { convert::from_raw(store, context, *conv, slot.assume_init_ref()) },
        _ => NIL,
    });
    Ok(values)
}
