//! Async calls. Wasm runs on a stack of Wasmtime's, where nothing of Ruby may run: Ruby's GC would take that stack for Ruby's own. So host blocks,
//! interrupts and deadlines are served here, on Ruby's stack, between two steps of the guest.

use super::activation::{self, explain};
use super::call;
use super::convert;
use super::epoch_block;
use super::error::{self, Kind};
use super::roots::DeadSlots;
use super::signature::Signature;
use super::store::{Pending, Phase, StoreInner};
use super::thread;
use super::trampoline::{self, HostFunc, Outcome};
use crate::handle::call_future::{CallFuture, Ended};
use crate::handle::context::Ctx;
use crate::handle::externs::RawInstance;
use crate::handle::fault::{Failure, Fault, Report, Trap};
use crate::handle::func::{Continuation, RawCaller, RawTrap};
use crate::handle::val::Val;
use magnus::Error;
use rb_sys::VALUE;
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What an async call is for.
pub enum Goal {
    Func(Arc<Signature>),
    Instance,
}

/// What one was for, and what it came to.
pub enum Done {
    Value(VALUE),
    Instance(RawInstance),
}

/// An async call under way. The store owns it, because the store must not go first.
pub struct AsyncCall {
    future: CallFuture,
    goal: Goal,
    serial: u64,
    /// Set when the Ruby object that stands for the call is collected.
    abandoned: Arc<AtomicBool>,
    _kept: Kept,
}

/// Root slots of what a call needs alive.
struct Kept {
    slots: Vec<usize>,
    dead: Arc<DeadSlots>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.slots.iter().for_each(|index| self.dead.push(*index));
    }
}

/// A host block that the guest waits for. All pointers are good until the guest goes on.
struct Request {
    host: *const HostFunc,
    caller: *mut RawCaller,
    args: *const Val,
    results: *mut Val,
    trap: *mut *mut RawTrap,
}

/// What a store knows about its async call.
#[derive(Default)]
pub struct Suspension {
    call: Cell<Option<Box<AsyncCall>>>,
    request: Cell<Option<Request>>,
    /// Whether the guest may go on after its host block.
    answered: Cell<bool>,
    /// Whether some thread or fiber is inside [`poll`].
    polling: Cell<bool>,
    next_serial: Cell<u64>,
    /// Ticks by which a user's deadline is put off when it makes a call yield.
    pub yield_and_update: Cell<Option<u64>>,
}

/// A call that was begun, for the Ruby object that stands for it.
pub struct Begun {
    pub serial: u64,
    pub abandoned: Arc<AtomicBool>,
}

/// Begins a call; `keep` lives as long as it. Nothing of the guest runs before the first [`poll`].
pub fn begin(
    store: &StoreInner,
    timeout: Option<Duration>,
    goal: Goal,
    keep: &[VALUE],
    start: impl FnOnce(Ctx) -> Result<CallFuture, Error>,
) -> Result<Begun, Error> {
    if store.wasi().is_some() {
        return Err(error::raise(Kind::Base, "async calls are not for stores with WASI: its functions wait on the stack they are called on"));
    }
    if timeout.is_some() {
        store.check_interruptible()?;
    }
    store.access()?;
    if !store.phase_is_idle() || !store.may_suspend() {
        return Err(error::raise(Kind::StoreBusy, "the store is busy: a host block cannot begin an async call of the store it runs in"));
    }
    // After the access: an async call that nobody waits for has made way.
    let future = start(store.access()?)?;
    let suspension = store.suspension();
    let (serial, abandoned) = (suspension.next_serial.get(), Arc::new(AtomicBool::new(false)));
    suspension.next_serial.set(serial + 1);
    let kept = Kept { slots: keep.iter().map(|value| store.roots.insert(*value)).collect(), dead: store.roots.dead().clone() };
    let call = AsyncCall { future, goal, serial, abandoned: abandoned.clone(), _kept: kept };
    suspension.call.set(Some(Box::new(call)));
    store.clock.forget_interrupt();
    if let Some(timeout) = timeout {
        store.clock.start(timeout);
    }
    store.suspend();
    Ok(Begun { serial, abandoned })
}

/// Lends the call under way to one poll at a time.
struct Polling<'a>(&'a Suspension);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.polling.set(false);
    }
}

fn take(store: &StoreInner, serial: u64) -> Result<(Polling<'_>, Box<AsyncCall>), Error> {
    let suspension = store.suspension();
    if suspension.polling.get() {
        return Err(error::raise(
            Kind::StoreBusy,
            "the async call is being polled: by another thread or fiber, or by the one whose host block this is",
        ));
    }
    match suspension.call.take() {
        Some(call) if call.serial == serial => {
            suspension.polling.set(true);
            Ok((Polling(suspension), call))
        }
        other => {
            suspension.call.set(other);
            Err(error::raise(Kind::Store, "the async call was cancelled, or its store was closed"))
        }
    }
}

/// Whether the call has neither ended nor been cancelled.
pub fn is_pending(store: &StoreInner, serial: u64) -> bool {
    let suspension = store.suspension();
    if suspension.polling.get() {
        return true;
    }
    let call = suspension.call.take();
    let pending = call.as_ref().is_some_and(|call| call.serial == serial);
    suspension.call.set(call);
    pending
}

/// Runs the guest until it yields, with every host block it asks for on the way. `None` when it yielded; an error when the call is over, or cannot
/// go on here.
pub fn poll(store: &StoreInner, serial: u64) -> Result<Option<Done>, Error> {
    let (polling, mut call) = take(store, serial)?;
    loop {
        match activation::step(store, || call.future.poll()) {
            Err(refusal) => {
                polling.0.call.set(Some(call));
                return Err(refusal);
            }
            Ok(true) => return finish(store, *call).map(Some),
            Ok(false) => {}
        }
        if let Some(request) = polling.0.request.take() {
            answer(store, &request);
            polling.0.answered.set(true);
            continue;
        }
        if let Some(reason) = must_end(store) {
            drop(call);
            return Err(end(store, reason));
        }
        polling.0.call.set(Some(call));
        return Ok(None);
    }
}

/// Why a guest that yielded may not go on.
fn must_end(store: &StoreInner) -> Option<Pending> {
    if let Some(reason) = store.clock.reason() {
        return Some(reason);
    }
    if !store.user_deadline_reached() {
        return None;
    }
    if let Some(ticks) = store.suspension().yield_and_update.get() {
        store.set_user_deadline(ticks);
        return None;
    }
    if epoch_block::extends(store) {
        return None;
    }
    let pending = store.take_pending();
    Some(if pending == Pending::Nothing { Pending::Trap(super::interrupt::INTERRUPT_TRAP) } else { pending })
}

/// The error for a call that was ended from outside. Its wasm is unwound.
fn end(store: &StoreInner, reason: Pending) -> Error {
    let context = match store.resume_idle() {
        Ok(context) => context,
        Err(error) => return error,
    };
    store.set_pending(reason);
    let report = Report { chain: vec!["interrupted".into()], frames: Vec::new() };
    explain(store, context, Fault::from(Failure::Trap(Some(super::interrupt::INTERRUPT_TRAP), report)))
}

fn finish(store: &StoreInner, call: AsyncCall) -> Result<Done, Error> {
    let AsyncCall { future, goal, .. } = call;
    let ended = future.finish();
    let context = store.resume_idle()?;
    match ended {
        Err(fault) => Err(explain(store, context, fault)),
        Ok(Ended { results, instance }) => {
            store.roots.reclaim();
            store.report_memory();
            Ok(match goal {
                Goal::Instance => Done::Instance(instance),
                Goal::Func(signature) => Done::Value(call::collect(&signature.results, |index, conv| {
                    results.0.get(index).map_or(rb_sys::Qnil.into(), |val| convert::from_val(store, context, *conv, val))
                })),
            })
        }
    }
}

/// Ends a call that nobody waits for any more: its wasm is unwound. False when it is over already.
pub fn cancel(store: &StoreInner, serial: u64) -> Result<bool, Error> {
    if !is_pending(store, serial) {
        return Ok(false);
    }
    let (_polling, call) = take(store, serial)?;
    drop(call);
    store.resume_idle().map(|_| true)
}

/// Makes way for others when the Ruby object of the call is gone.
pub fn give_up_abandoned(store: &StoreInner) -> bool {
    let suspension = store.suspension();
    let call = suspension.call.take();
    let abandoned = !suspension.polling.get() && call.as_ref().is_some_and(|call| call.abandoned.load(Ordering::Relaxed));
    if abandoned {
        drop(call);
    } else {
        suspension.call.set(call);
    }
    abandoned
}

/// Unwinds what is under way, for a store that goes. Runs nothing of Ruby.
pub fn dispose(suspension: &Suspension) {
    drop(suspension.call.take());
}

/// Runs the host block that the guest waits for.
fn answer(store: &StoreInner, request: &Request) {
    // SAFETY: the guest waits, so what it handed to the callback is still there; the linker keeps the host function.
    unsafe {
        let Some(context) = Ctx::of_caller(request.caller) else { return };
        let owner = store.swap_owner(thread::here());
        let outcome = trampoline::call_tagged(&*request.host, store, context, request.caller, request.args, request.results);
        store.swap_owner(owner);
        let trap = match outcome {
            Outcome::Return => return,
            Outcome::Throw(trap) => Some(trap),
            Outcome::Unwind => Trap::with_message("a Ruby host block ended the call"),
        };
        *request.trap = trap.map_or(std::ptr::null_mut(), Trap::into_raw);
    }
}

/// The callback of async host functions (`wasmtime_func_async_callback_t`): asks for the block, and waits. Runs on the guest's stack.
///
/// # Safety
/// Wasmtime calls it with the [`HostFunc`] it was registered with; the other pointers are good until the continuation says that it is done.
pub unsafe extern "C" fn ask(
    env: *mut c_void,
    caller: *mut RawCaller,
    args: *const Val,
    _nargs: usize,
    results: *mut Val,
    _nresults: usize,
    trap: *mut *mut RawTrap,
    continuation: *mut Continuation,
) {
    // SAFETY: see above; the store that runs wasm is open, and outlives the call.
    unsafe {
        let Some(context) = Ctx::of_caller(caller) else { return };
        let store = StoreInner::of_context(context);
        let suspension = store.suspension();
        suspension.answered.set(false);
        suspension.request.set(Some(Request { host: env.cast(), caller, args, results, trap }));
        let env = std::ptr::from_ref(suspension).cast_mut().cast();
        *continuation = Continuation { callback: Some(is_answered), env, finalizer: None };
    }
}

/// Whether the guest may go on.
///
/// # Safety
/// `env` is the [`Suspension`] of a store that runs wasm.
unsafe extern "C" fn is_answered(env: *mut c_void) -> bool {
    // SAFETY: see above.
    unsafe { &*env.cast::<Suspension>() }.answered.get()
}

/// What may not run on the guest's stack.
pub const SYNC_BLOCK: &str = "a host block was called in an async call, but is not an async one: define it with Linker#func_new_async";

const ASYNC_ONLY: &str = "the store has met async host functions, or yields by fuel, and takes async calls only: use call_async, invoke_async or \
                          instantiate_async";

/// Refuses to enter wasm on Ruby's own stack.
#[cold]
pub fn busy(store: &StoreInner) -> Error {
    match store.phase() {
        Phase::Idle => error::raise(Kind::Store, ASYNC_ONLY),
        Phase::HostBlock => {
            error::raise(Kind::StoreBusy, "the store is busy: a host block of an async call can use the store, but not call into wasm")
        }
        _ => error::raise(Kind::StoreBusy, "the store is busy: an async call is under way; wait for its CallFuture, or cancel it"),
    }
}
