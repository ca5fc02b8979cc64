//! Wasm exceptions that cross between Ruby and the guest: `Wasmtime::WasmException` objects around a reference.

use super::error::{self, Kind};
use super::escape;
use super::reference::{Reference, Target};
use super::store::StoreInner;
use crate::handle::context::Ctx;
use crate::handle::fault::{Failure, Trap};
use crate::handle::val::{OwnedVal, RawExnref, Val};
use magnus::Error;
use magnus::rb_sys::FromRawValue;
use magnus::value::ReprValue;
use rb_sys::VALUE;

/// The exception that ended a call, if one did.
pub fn take(context: Ctx) -> Option<OwnedVal> {
    escape::heap::take_exception(context).map(|exnref| OwnedVal(Val::from_exnref(Some(exnref))))
}

/// The reference inside a WasmException of this store.
fn reference<'a>(store: &StoreInner, exception: VALUE) -> Option<&'a Reference> {
    // SAFETY: called with the GVL.
    let ruby = unsafe { magnus::Ruby::get_unchecked() };
    // SAFETY: a live exception, which the caller's root slot holds.
    let exception = unsafe { magnus::Value::from_raw(exception) };
    if !exception.is_kind_of(error::class(&ruby, Kind::WasmException)) {
        return None;
    }
    let inner: magnus::Value = magnus::Object::ivar_get(magnus::RObject::from_value(exception)?, "@exnref").ok()?;
    let found = Reference::get(magnus::rb_sys::AsRawValue::as_raw(inner), store).ok()??;
    (found.target == Target::Exn).then_some(found)
}

/// Whether what a host block raised is a WasmException that the guest may catch.
pub fn is_throwable(store: &StoreInner) -> bool {
    store.peek_pending_exception().is_some_and(|exception| reference(store, exception).is_some())
}

/// Throws the WasmException that a host block raised, so that the guest may catch it; the trap to return. `None` for any other exception,
/// which no guest can catch, and for one of another store.
pub fn throw(store: &StoreInner, context: Ctx) -> Option<Trap> {
    let exception = store.peek_pending_exception()?;
    let exnref = reference(store, exception)?.val.0.as_exnref()?;
    let trap = context.throw(&exnref)?;
    store.remember_thrown();
    Some(trap)
}

/// The Ruby exception for a wasm exception that nobody caught: the very object that a host block raised, if it is that one.
#[cold]
pub fn uncaught(store: &StoreInner, context: Ctx, val: &OwnedVal, failure: Failure) -> Error {
    let is_it = |exception: &VALUE| {
        let pair = reference(store, *exception).and_then(|reference| reference.val.0.as_exnref()).zip(val.0.as_exnref());
        pair.is_some_and(|(one, other)| same(context, &one, &other))
    };
    if let Some(exception) = store.thrown().find(is_it) {
        return error::from_exception(exception);
    }
    error::from_thrown(failure, Reference::wrap(store, Target::Exn, val.0.duplicate()))
}

fn same(context: Ctx, one: &RawExnref, other: &RawExnref) -> bool {
    context.exnref_to_raw(one) == context.exnref_to_raw(other)
}
