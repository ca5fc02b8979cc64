//! The one way into wasm. Everything that can run a guest or a host block goes through [`enter`]; every guard lives here, once.

use super::error::{self, Kind};
use super::interrupt::{Armed, Bell};
use super::store::{Pending, Phase, StoreInner};
use super::{gvl, thread};
use crate::handle::context::Ctx;
use crate::handle::fault::Fault;
use magnus::Error;
use rb_sys::VALUE;

/// Native stack that must be left for Wasmtime's own frames, host blocks and the code that raises.
const RESERVE: usize = 128 << 10;

/// Runs `work`, which may run wasm, in `store`. Arguments are converted before, results after; `work` may use the context and nothing of
/// Ruby. With `release` the GVL is given up around it.
#[inline]
pub fn enter<R>(store: &StoreInner, release: bool, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<R, Error> {
    let context = store.access()?;
    let entry = Entry::new(store, context)?;
    let result = if release { run_released(store, context, work) } else { Ok(work(context)) };
    drop(entry);
    finish(store, context, result)
}

/// Restores the store, the thread and the ticker when the call is over, in reverse order.
struct Entry<'a> {
    store: &'a StoreInner,
    thread: &'static thread::ThreadState,
    _armed: Option<Armed>,
    owner: usize,
    phase: Phase,
}

impl<'a> Entry<'a> {
    #[inline]
    fn new(store: &'a StoreInner, context: Ctx) -> Result<Self, Error> {
        let Some(thread) = thread::current() else { return Err(error::raise(Kind::Store, "this thread is ending")) };
        let place = thread.place();
        check_place(store, thread, place)?;
        let settings = &store.engine.settings;
        let armed = settings.epoch_compiled().then(|| Armed::new(thread, &store.engine));
        if store.user_deadline_reached() {
            context.set_epoch_deadline(0);
        }
        thread.push(place);
        Ok(Self { store, thread, _armed: armed, owner: store.swap_owner(place.id), phase: store.swap_phase(Phase::Wasm) })
    }
}

impl Drop for Entry<'_> {
    #[inline]
    fn drop(&mut self) {
        self.thread.pop();
        self.store.swap_owner(self.owner);
        self.store.swap_phase(self.phase);
    }
}

/// Refuses a fiber that would break Wasmtime's per-thread chain of activations, and a stack too small for the guest's limit.
#[inline]
fn check_place(store: &StoreInner, thread: &thread::ThreadState, place: thread::Place) -> Result<(), Error> {
    let occupant = thread.occupant();
    if occupant.is_some_and(|occupant| occupant != place.id) {
        return Err(wrong_fiber());
    }
    // A nested call is bounded by the outermost one's limit.
    let need = if occupant.is_some() { RESERVE } else { store.engine.settings.max_wasm_stack.saturating_add(RESERVE) };
    if place.room < need { Err(no_room(place.room, need)) } else { Ok(()) }
}

#[cold]
fn wrong_fiber() -> Error {
    error::raise(
        Kind::Store,
        "another fiber of this thread is suspended inside a host block: wasm cannot run here until that fiber is resumed and its call returns",
    )
}

#[cold]
fn no_room(room: usize, need: usize) -> Error {
    error::raise(
        Kind::Store,
        &format!(
            "not enough native stack to enter wasm: {} KiB left, {} KiB needed; lower the engine's max_wasm_stack, call from less deeply \
             nested Ruby, or raise RUBY_FIBER_MACHINE_STACK_SIZE (fibers) or RUBY_THREAD_MACHINE_STACK_SIZE (threads)",
            room >> 10,
            need >> 10
        ),
    )
}

/// A panic that crossed the GVL boundary, which only a bug of ours can cause.
struct Panicked;

#[cold]
fn run_released<R>(store: &StoreInner, context: Ctx, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<Result<R, Fault>, Panicked> {
    let mut work = Some(work);
    let before = store.swap_released(true);
    let mut outcome = None;
    while outcome.is_none() {
        // INTR_FAIL may refuse to start; the interrupt is then served here, and an exception ends the attempt.
        outcome = gvl::without_gvl(|| work.take().map(|work| work(context)), &Bell(store));
        if outcome.is_none() && !serve_interrupts(store) {
            outcome = Some(Ok(Some(Err(Fault::message("interrupted by Ruby")))));
        }
    }
    store.swap_released(before);
    match outcome {
        Some(Ok(Some(result))) => Ok(result),
        _ => Err(Panicked),
    }
}

fn serve_interrupts(store: &StoreInner) -> bool {
    unsafe extern "C" fn check(_: VALUE) -> VALUE {
        // SAFETY: called under rb_protect with the GVL.
        unsafe { rb_sys::rb_thread_check_ints() };
        rb_sys::Qnil as VALUE
    }
    let mut state = 0;
    // SAFETY: with the GVL; `check` has nothing to drop.
    unsafe { rb_sys::rb_protect(Some(check), rb_sys::Qnil as VALUE, &mut state) };
    if state != 0 {
        store.set_pending_from_protect(state);
    }
    state == 0
}

/// What a host block left behind wins over what Wasmtime made of it.
#[inline]
fn finish<R>(store: &StoreInner, context: Ctx, result: Result<Result<R, Fault>, Panicked>) -> Result<R, Error> {
    match result {
        Ok(Ok(value)) => {
            store.roots.reclaim();
            store.report_memory();
            Ok(value)
        }
        failed => Err(explain(store, context, failed.map(Result::err))),
    }
}

#[cold]
fn explain(store: &StoreInner, context: Ctx, failed: Result<Option<Fault>, Panicked>) -> Error {
    let pending = store.take_pending();
    let thrown = matches!(failed, Ok(Some(Fault::Trap(None, _)))) | context.discard_exception();
    if let Pending::Jump(state) = pending {
        return error::from_jump(state);
    }
    store.roots.reclaim();
    store.report_memory();
    let fault = match failed {
        Ok(Some(fault)) => fault,
        _ => Fault::message("a bug in wasmtime-rb: the call panicked"),
    };
    match (pending, fault) {
        (Pending::Exception, _) => error::from_exception(store.take_pending_exception()),
        (Pending::Trap(code), Fault::Error(report) | Fault::Trap(_, report)) => error::from_fault(Fault::Trap(Some(code), report)),
        (_, fault) if thrown => error::from_thrown(fault),
        (_, fault) => error::from_fault(fault),
    }
}
