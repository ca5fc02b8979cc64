//! The one way into wasm. Everything that can run a guest or a host block goes through [`enter`]; every guard lives here, once.

use super::error::{self, Kind};
use super::interrupt::{Armed, Bell, SIGNAL_POLL};
use super::store::{Pending, Phase, StoreInner};
use super::wasi::Wasi;
use super::{async_call, component, exception, gvl, offload, thread};
use crate::handle::context::Ctx;
use crate::handle::fault::{Failure, Fault, words};
use magnus::Error;
use rb_sys::VALUE;

/// Native stack that must be left for Wasmtime's own frames, host blocks and the code that raises.
const RESERVE: usize = 128 << 10;

/// Runs `work`, which may run wasm, in `store`: here, or on another Ruby thread when the store wants it and a Fiber scheduler is there. Arguments
/// are converted before, results after; `work` may use the context and nothing of Ruby. With `release` the GVL is given up around it, unless the store or the call say otherwise.
#[inline(always)]
pub fn enter<R>(store: &StoreInner, release: bool, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<R, Error> {
    if store.is_plain() { enter_here(store, None, release, work) } else { enter_special(store, release, work) }
}

/// Enters a store with WASI or components, or one whose calls may run on other threads.
#[inline(never)]
fn enter_special<R>(store: &StoreInner, release: bool, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<R, Error> {
    let here = || {
        if let Some(components) = store.components_with_dead() {
            component::drop_dead(store, components)?;
        }
        enter_here(store, store.wasi(), release, work)
    };
    if store.offloads() && offload::is_scheduled() && !store.is_suspended() { offload::run(store, here) } else { here() }
}

#[inline(always)]
fn enter_here<R>(store: &StoreInner, wasi: Option<&Wasi>, release: bool, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<R, Error> {
    let context = store.access()?;
    let Some(thread) = thread::current() else { return Err(thread_ends()) };
    let place = thread.place();
    if let Err(refusal) = check_place(store, thread, place) {
        return Err(if store.is_suspended() { async_call::busy(store) } else { refusal.explain() });
    }
    if let Some(wasi) = wasi {
        wasi.before_call(store)?;
    }
    let entry = Entry::new(store, context, thread, place);
    let result = if store.gives_up_gvl(release) { run_released(store, context, work) } else { work(context) };
    drop(entry);
    let delivered = wasi.map_or(Ok(()), |wasi| wasi.deliver(store));
    match result {
        Ok(value) => {
            delivered?;
            if wasi.is_some() && store.is_pending() {
                // A block that was asked about an address raised, and the guest went on.
                return Err(explain(store, context, Fault::message("a Ruby block ended the call")));
            }
            store.roots.reclaim();
            store.report_memory();
            Ok(value)
        }
        Err(fault) => Err(explain(store, context, fault)),
    }
}

/// Restores the store, the thread and the ticker when the call is over, in reverse order.
struct Entry<'a> {
    store: &'a StoreInner,
    thread: &'static thread::ThreadState,
    seat: thread::Seat,
    _armed: Option<Armed>,
    owner: usize,
    phase: Phase,
}

impl<'a> Entry<'a> {
    #[inline(always)]
    fn new(store: &'a StoreInner, context: Ctx, thread: &'static thread::ThreadState, place: thread::Place) -> Self {
        let settings = &store.engine.settings;
        if store.phase_is_idle() {
            store.clock.forget_interrupt();
            store.forget_ticks();
        }
        let armed = settings.epoch_compiled().then(|| Armed::new(thread, &store.engine));
        if store.user_deadline_reached() {
            context.set_epoch_deadline(0);
        }
        let seat = thread.enter(place);
        Self { store, thread, seat, _armed: armed, owner: store.swap_owner(place.id), phase: store.swap_phase(Phase::Wasm) }
    }
}

impl Drop for Entry<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.store.disturb();
        self.thread.leave(&mut self.seat);
        self.store.swap_owner(self.owner);
        self.store.swap_phase(self.phase);
    }
}

/// Why a place cannot enter wasm. Small, so that refusing costs the calls that are not refused nothing.
#[derive(Clone, Copy)]
enum Refusal {
    /// Another thread is about to call, with a clock of its own.
    Claimed,
    /// The fiber would break Wasmtime's per-thread chain of activations.
    WrongFiber,
    /// The stack is too small for the guest's limit; bytes left and needed.
    NoRoom(usize, usize),
}

#[inline(always)]
fn check_place(store: &StoreInner, thread: &thread::ThreadState, place: thread::Place) -> Result<(), Refusal> {
    let occupant = thread.occupant();
    if occupant.is_some_and(|occupant| occupant != place.id) {
        return Err(Refusal::WrongFiber);
    }
    if store.is_claimed_by_other(place.id) {
        return Err(Refusal::Claimed);
    }
    // A nested call is bounded by the outermost one's limit.
    let need = if occupant.is_some() { RESERVE } else { store.engine.settings.max_wasm_stack.saturating_add(RESERVE) };
    if place.room < need { Err(Refusal::NoRoom(place.room, need)) } else { Ok(()) }
}

const WRONG_FIBER: &str = "another fiber of this thread is suspended inside a host block: wasm cannot run here until that fiber is resumed and its \
                           call returns";
const USE_OFFLOAD: &str = "; under a Fiber scheduler, make the stores with Wasmtime::Store.new(offload: true) to run their calls on other threads";

impl Refusal {
    #[cold]
    fn explain(self) -> Error {
        match self {
            Self::Claimed => StoreInner::busy(),
            Self::WrongFiber if offload::is_scheduled() => error::raise(Kind::Store, &format!("{WRONG_FIBER}{USE_OFFLOAD}")),
            Self::WrongFiber => error::raise(Kind::Store, WRONG_FIBER),
            Self::NoRoom(room, need) => error::raise(
                Kind::Store,
                &format!(
                    "not enough native stack to enter wasm: {} KiB left, {} KiB needed; lower the engine's max_wasm_stack, call from less \
                     deeply nested Ruby, or raise RUBY_FIBER_MACHINE_STACK_SIZE (fibers) or RUBY_THREAD_MACHINE_STACK_SIZE (threads)",
                    room >> 10,
                    need >> 10
                ),
            ),
        }
    }
}

/// Runs one step of an async call, on a stack of Wasmtime's. Nothing of Ruby runs meanwhile: the doorbell makes the guest yield, and host functions
/// that are no async ones end the call. The GVL is kept, which looks to them as if it were released.
pub fn step<R>(store: &StoreInner, work: impl FnOnce() -> R) -> Result<R, Error> {
    let Some(context) = store.context() else { return Err(error::raise(Kind::StoreClosed, "Wasmtime::Store is closed")) };
    let Some(thread) = thread::current() else { return Err(thread_ends()) };
    let place = thread.place();
    if thread.occupant().is_some_and(|occupant| occupant != place.id) {
        return Err(Refusal::WrongFiber.explain());
    }
    if place.room < RESERVE {
        return Err(Refusal::NoRoom(place.room, RESERVE).explain());
    }
    let entry = Entry::new(store, context, thread, place);
    let released = store.swap_released(true);
    store.set_async_step(true);
    let result = work();
    store.set_async_step(false);
    store.swap_released(released);
    drop(entry);
    Ok(result)
}

#[cold]
fn thread_ends() -> Error {
    error::raise(Kind::Store, "this thread is ending")
}

#[cold]
fn run_released<R>(store: &StoreInner, context: Ctx, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<R, Fault> {
    let mut work = Some(work);
    store.set_signal_poll(if gvl::on_main_thread() { SIGNAL_POLL } else { 0 });
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
        Some(Ok(Some(result))) => result,
        _ => Err(Fault::message("a bug in wasmtime-rb: the call panicked")),
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
#[cold]
pub(super) fn explain(store: &StoreInner, context: Ctx, fault: Fault) -> Error {
    let pending = store.take_pending();
    let thrown = exception::take(context);
    if let Pending::Jump(state) = pending {
        return error::from_jump(state);
    }
    if fault.is_about(words::HEAP_FULL) {
        // What fills the guest's heap may be held by references that Ruby has not collected: the next call finds it empty.
        // SAFETY: with the GVL, and nothing borrowed.
        unsafe { rb_sys::rb_gc() };
    }
    store.roots.reclaim();
    store.report_memory();
    match (pending, *fault.0) {
        (Pending::Exception, _) => error::from_exception(store.take_pending_exception()),
        (Pending::SyncInAsync, _) => error::raise(Kind::Base, async_call::SYNC_BLOCK),
        (Pending::Exit(status), _) => error::from_fault(Failure::Exit(status).into()),
        (Pending::Timeout, Failure::Error(report) | Failure::Trap(_, report)) => error::from_timeout(report),
        (Pending::Trap(code), Failure::Error(report) | Failure::Trap(_, report)) => error::from_fault(Failure::Trap(Some(code), report).into()),
        (_, failure) if let Some(thrown) = &thrown => exception::uncaught(store, context, thrown, failure),
        (_, failure) => error::from_fault(failure.into()),
    }
}
