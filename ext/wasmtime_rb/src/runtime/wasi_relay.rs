//! Wasmtime's own `poll_oneoff`, called from ours. It takes its lists from the memory that its caller exports, which a host function does not
//! have; so a small module of ours imports the guest's memory, exports it again and calls it.

use super::compile;
use super::error;
use super::hook::{leave_with, with_gvl};
use super::process::LOADING;
use super::store::StoreInner;
use super::wasi_functions::PREVIEW1;
use super::wasi_poll::Lists;
use crate::handle::context::Ctx;
use crate::handle::externs::{Extern, RawExtern, RawFunc, RawMemory};
use crate::handle::linker::Linker;
use crate::handle::memory;
use crate::handle::module::Module;
use crate::handle::val::Val;
use magnus::Error;
use std::sync::OnceLock;

/// `errno` of preview 1 for a list in a shared memory, which Wasmtime's function does not take either.
const NOT_SUPPORTED: i32 = 58;

const RELAY: &str = r#"(module
  (import "" "poll" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "" "memory" (memory 0))
  (export "memory" (memory 0))
  (func (export "relay") (param i32 i32 i32 i32) (result i32)
    (call $poll (local.get 0) (local.get 1) (local.get 2) (local.get 3))))"#;

/// What an engine needs for it, made when a guest of it first waits for a stream.
#[derive(Default)]
pub struct Relay(OnceLock<Parts>);

struct Parts {
    module: Module,
    /// WASI as Wasmtime defines it.
    originals: Linker,
}

// SAFETY: once made, the linker is only read; Wasmtime's may be read by several threads.
unsafe impl Send for Parts {}
// SAFETY: as above.
unsafe impl Sync for Parts {}

impl Drop for Relay {
    fn drop(&mut self) {
        // Unloading code takes locks of Wasmtime's, here on whatever thread lets the engine go.
        LOADING.pass(|| drop(self.0.take()));
    }
}

/// Waits for a list as Wasmtime does. `None` when the call has to end: why is pending then.
pub fn poll(store: &StoreInner, context: Ctx, memory: &Extern, lists: Lists) -> Option<i32> {
    let Extern::Memory(memory) = memory else { return Some(NOT_SUPPORTED) };
    let relay = relay(store, context, memory)?;
    let arguments = [lists.subscriptions, lists.events, lists.count, lists.written].map(|argument| Val::from_i32(argument.cast_signed()));
    let mut results = [Val::from_i32(0)];
    // Not through `enter`: nothing of a guest runs in it, and the call it is part of has been checked.
    match context.call(&relay, &arguments, &mut results) {
        Ok(()) => Some(results[0].as_i32()),
        Err(fault) => {
            with_gvl(store, || fail(store, error::from_fault(fault)));
            None
        }
    }
}

/// What ended the relay may be pending already: an interrupt, or a deadline.
fn fail(store: &StoreInner, error: Error) {
    if !store.is_pending() {
        leave_with(store, error);
    }
}

fn relay(store: &StoreInner, context: Ctx, memory: &RawMemory) -> Option<RawFunc> {
    let relays = &store.wasi()?.relays;
    let known = relays.borrow().iter().find(|(known, _)| memory::same(known, memory)).map(|(_, relay)| *relay);
    known.or_else(|| {
        let made = with_gvl(store, || make(store, context, memory).map_err(|error| fail(store, error)).ok()).flatten()?;
        relays.borrow_mut().push((*memory, made));
        Some(made)
    })
}

/// An instance of the relay, which counts among those of the store.
fn make(store: &StoreInner, context: Ctx, memory: &RawMemory) -> Result<RawFunc, Error> {
    let Parts { module, originals } = parts(store)?;
    let Some(Extern::Func(poll)) = originals.get(context, PREVIEW1, "poll_oneoff") else { return Err(missing()) };
    let imports = [RawExtern::func(poll), RawExtern::memory(*memory)];
    let instance = context.instance_new(module, &imports).map_err(error::from_fault)?;
    match context.instance_export(&instance, "relay") {
        Some(Extern::Func(relay)) => Ok(relay),
        _ => Err(missing()),
    }
}

#[cold]
fn missing() -> Error {
    error::raise(error::Kind::Base, "a bug in wasmtime-rb: poll_oneoff is missing")
}

fn parts(store: &StoreInner) -> Result<&Parts, Error> {
    let cell = &store.engine.relay.0;
    if let Some(parts) = cell.get() {
        return Ok(parts);
    }
    let (module, _) = compile::compile::<Module>(&store.engine, RELAY.into())?.map_err(|text| error::raise(error::Kind::Base, &text))?;
    let originals = Linker::new(&store.engine.handle).map_err(error::from_fault)?;
    originals.define_wasi().map_err(error::from_fault)?;
    Ok(cell.get_or_init(|| Parts { module, originals }))
}
