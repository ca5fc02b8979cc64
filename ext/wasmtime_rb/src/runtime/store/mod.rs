//! A store with everything that guards it. Ruby's Store object owns it; handles keep that object alive by marking it.

use super::async_call::{self, Suspension};
mod bell;
mod claim;
mod outcome;

use super::call_clock::CallClock;
use super::component::Components;
use super::engine::EngineInner;
use super::error::{self, Kind};
use super::limits::Limits;
use super::pressure::Pressure;
use super::profiling::Profiling;
use super::roots::Roots;
use super::sleep::Alarm;
use super::wasi::Wasi;
use super::{escape, interrupt, process};
use crate::handle::context::Ctx;
use crate::handle::fault::Fault;
use crate::handle::func::RawCaller;
use crate::handle::guest_profiler::GuestProfiler;
use crate::handle::store::Store as Handle;
use magnus::Error;
use rb_sys::VALUE;
use std::cell::{Cell, OnceCell, RefCell};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Root slots with a fixed meaning.
const PENDING_SLOT: usize = 0;
const DATA_SLOT: usize = 1;
const EPOCH_SLOT: usize = 2;
/// The WasmExceptions that host blocks threw last.
const THROWN_SLOT: usize = 3;
const RESERVED_SLOTS: u8 = 4;
/// How many of them are remembered.
const MAX_THROWN: std::ffi::c_long = 16;
/// The claimants of a store whose async call is under way, and of one that takes async calls only: no place has these ids.
const ASYNC_CALL: usize = usize::MAX;
const ASYNC_ONLY: usize = usize::MAX - 1;

/// What a store is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Idle,
    /// Wasm runs; nothing else may touch the store.
    Wasm,
    /// An async call is between two steps; only who polls it may use the store.
    Suspended,
    /// A host block runs, on the store's owner: it may use the store and call back into wasm.
    HostBlock,
    /// The doorbell runs Ruby's interrupts: Wasmtime has the deadline callback taken out, so nobody may use the store.
    Hook,
}

/// What must be raised once wasm has unwound.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    Nothing,
    /// The exception in the pending root slot.
    Exception,
    /// A non-local jump (throw, break, return, kill) whose state Ruby keeps.
    Jump(i32),
    /// A trap of ours, by code.
    Trap(u8),
    /// WASI's `proc_exit`, with its status.
    Exit(i32),
    /// The call's `timeout:` has passed.
    Timeout,
    /// A host block that is no async one was called by an async call.
    SyncInAsync,
}

/// A store as its handles hold it: a plain address. Whoever keeps one marks the Ruby Store object ([`StoreInner::mark_object`]), which owns the
/// store, and never follows the address in its own free function: Ruby frees objects that die together in any order.
#[derive(Clone, Copy)]
pub struct StoreRef(NonNull<StoreInner>);

// SAFETY: an address; using it needs the GVL like everything of the store.
unsafe impl Send for StoreRef {}
// SAFETY: as above.
unsafe impl Sync for StoreRef {}

impl std::ops::Deref for StoreRef {
    type Target = StoreInner;

    #[inline]
    fn deref(&self) -> &StoreInner {
        // SAFETY: the holder is alive, so it marked the Store object, which owns the store.
        unsafe { self.0.as_ref() }
    }
}

impl StoreRef {
    /// Whether it is this store.
    #[inline]
    pub fn is(self, store: &StoreInner) -> bool {
        std::ptr::eq(self.0.as_ptr(), store)
    }
}

/// A store and its guards. Fields are used with the GVL, except where atomic.
pub struct StoreInner {
    handle: Cell<Option<Handle>>,
    context: Cell<Option<Ctx>>,
    pub engine: Arc<EngineInner>,
    pub roots: Roots,
    pub limits: Limits,
    wasi: OnceCell<Box<Wasi>>,
    object: Cell<VALUE>,
    /// The place (thread::ThreadState::place) that is inside; 0 when idle.
    owner: Cell<usize>,
    phase: Cell<Phase>,
    /// The place that set the clock of a call that it is about to make; 0 for none. Nobody else may call meanwhile: the clock is theirs.
    claimant: Cell<usize>,
    /// The first object of [`Self::retain`], marked and pinned; most stores retain one linker and need no roots for it.
    first_retained: Cell<VALUE>,
    /// The slots of the others.
    retained: OnceCell<Box<RefCell<Vec<usize>>>>,
    /// The profile being made of this store's guests.
    profiling: RefCell<Option<Box<Profiling>>>,
    /// Made when the first component comes.
    components: OnceCell<Box<Components>>,
    /// Made when the first async call begins.
    suspension: OnceCell<Box<Suspension>>,
    /// Whether a step of an async call is under way.
    async_step: Cell<bool>,
    async_only: Cell<bool>,
    pub(super) pressure: Pressure,
    /// IO::Buffers over memories of the store that Ruby may still read.
    views: Cell<u32>,
    pending: Cell<Pending>,
    callers: RefCell<Vec<(u64, *mut RawCaller)>>,
    next_caller: Cell<u64>,
    /// Changes whenever a memory of the store may have moved or grown: what was found before is found anew.
    stamp: Cell<u64>,
    generation: u64,
    user_deadline: AtomicU64,
    pub clock: CallClock,
    /// Made when a guest first sleeps.
    alarm: OnceCell<Box<Alarm>>,
    /// Whether calls of fibers that a scheduler drives run on other threads.
    offloads: Cell<bool>,
    /// Whether there is neither WASI nor a component, and nothing runs elsewhere: what most calls need to look at.
    plain: Cell<bool>,
    /// Whether calls give the GVL up when neither they nor their function say so.
    releases: Cell<bool>,
    /// What the call under way says about it.
    gvl_of_call: Cell<Option<bool>>,
    /// Whether the wasm under way runs without the GVL.
    released: AtomicBool,
    attention: AtomicBool,
    /// Ticks between looks for signals while the GVL is released; 0 for never.
    signal_poll: AtomicU32,
    ticks: AtomicU32,
}

// SAFETY: every use goes through access or enter, which need the GVL and refuse a store that another thread is inside of; what runs without
// the GVL (doorbell, limiter, unblock function) touches atomics only.
unsafe impl Send for StoreInner {}
// SAFETY: as above.
unsafe impl Sync for StoreInner {}

impl StoreInner {
    /// A store that is still closed: [`Self::open`] makes it usable once it lies where it stays.
    pub fn new(engine: Arc<EngineInner>) -> Self {
        Self {
            handle: Cell::new(None),
            context: Cell::new(None),
            roots: Roots::new(RESERVED_SLOTS),
            limits: Limits::default(),
            wasi: OnceCell::new(),
            object: Cell::new(NIL),
            owner: Cell::new(0),
            phase: Cell::new(Phase::Idle),
            claimant: Cell::new(0),
            first_retained: Cell::new(NIL),
            retained: OnceCell::new(),
            profiling: RefCell::new(None),
            components: OnceCell::new(),
            suspension: OnceCell::new(),
            async_step: Cell::new(false),
            async_only: Cell::new(false),
            pressure: Pressure::default(),
            views: Cell::new(0),
            pending: Cell::new(Pending::Nothing),
            callers: RefCell::default(),
            next_caller: Cell::new(1),
            stamp: Cell::new(1),
            generation: process::generation(),
            // As Wasmtime itself: with user epochs on and no deadline set, the first call is interrupted at once.
            user_deadline: AtomicU64::new(if engine.settings.epoch_interruption { engine.user_epoch() } else { u64::MAX }),
            clock: CallClock::default(),
            alarm: OnceCell::new(),
            // A guest that waits at a shared memory waits for another thread.
            releases: Cell::new(engine.settings.shared_memory),
            gvl_of_call: Cell::new(None),
            offloads: Cell::new(false),
            plain: Cell::new(true),
            released: AtomicBool::new(false),
            attention: AtomicBool::new(false),
            signal_poll: AtomicU32::new(0),
            ticks: AtomicU32::new(interrupt::FIRST_TICK),
            engine,
        }
    }

    /// Makes the C store with its doorbell and limiter, for the Ruby object that owns this store.
    pub fn open(&self, object: VALUE) -> Result<(), Fault> {
        self.object.set(object);
        self.roots.owned_by(object);
        let data = std::ptr::from_ref(self).cast_mut().cast();
        let handle = Handle::new(&self.engine.handle, data)?;
        // The limiter and the callback hold pointers to us; dispose() deletes the C store before we go.
        escape::install_limiter(&handle, &self.limits);
        if self.engine.settings.epoch_compiled() {
            handle.on_epoch_deadline(interrupt::on_deadline, data);
            if let Some(context) = handle.context() {
                context.set_epoch_deadline(1);
            }
        }
        self.context.set(handle.context());
        self.handle.replace(Some(handle));
        Ok(())
    }

    /// The inner store behind a context.
    ///
    /// # Safety
    /// `context` belongs to a store opened by [`Self::open`] that is still open.
    pub unsafe fn of_context<'a>(context: Ctx) -> &'a Self {
        // SAFETY: open() gave C this pointer, and the C store is deleted before the inner store.
        unsafe { &*context.data().cast::<Self>() }
    }

    /// The address, for a handle.
    #[inline]
    pub fn share(&self) -> StoreRef {
        StoreRef(NonNull::from(self))
    }

    /// The store's context, when it may be used now: open, not another thread's, not inside the doorbell.
    #[inline(always)]
    pub fn access(&self) -> Result<Ctx, Error> {
        match self.context.get() {
            Some(context) if self.phase.get() == Phase::Idle => Ok(context),
            context => self.access_busy(context),
        }
    }

    #[cold]
    fn access_busy(&self, context: Option<Ctx>) -> Result<Ctx, Error> {
        let Some(context) = context else { return Err(error::raise(Kind::StoreClosed, "Wasmtime::Store is closed")) };
        let mine = super::thread::current().is_some_and(|thread| thread.place().id == self.owner.get());
        match self.phase.get() {
            Phase::HostBlock if mine => Ok(context),
            Phase::Suspended if async_call::give_up_abandoned(self) => self.resume_idle(),
            _ if self.generation != process::generation() && !mine => Err(error::raise(
                Kind::ForkedStore,
                "the store was running wasm on another thread when this process was forked; create a new Store in the child",
            )),
            Phase::Hook if mine => Err(error::raise(
                Kind::StoreBusy,
                "the store is busy: its wasm is being interrupted (a signal handler or thread hook cannot use the store it interrupts)",
            )),
            Phase::Suspended => Err(async_call::busy(self)),
            _ => Err(Self::busy()),
        }
    }

    /// The context of an open store, whatever it is doing.
    pub(super) fn context(&self) -> Option<Ctx> {
        self.context.get()
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Deletes the C store. True when it was open. Refused while wasm or a host block runs in it.
    pub fn close(&self) -> Result<bool, Error> {
        if self.context.get().is_none() {
            return Ok(false);
        }
        self.access()?;
        if self.phase.get() != Phase::Idle {
            return Err(error::raise(Kind::StoreBusy, "the store is busy: it cannot be closed by a host block it is running"));
        }
        if self.views.get() != 0 {
            return Err(error::raise(Kind::StoreBusy, "the store is busy: a memory view is open; close the store after its block has ended"));
        }
        self.dispose();
        Ok(true)
    }

    /// Deletes the C store unless wasm is inside it: then it leaks, which is the lesser evil.
    pub fn dispose(&self) {
        if self.phase.get() == Phase::Suspended
            && let Some(suspension) = self.suspension.get()
        {
            async_call::dispose(suspension);
            self.phase.set(Phase::Idle);
        }
        if self.phase.get() != Phase::Idle || self.context.get().is_none() {
            return;
        }
        self.context.set(None);
        drop(self.take_profiling());
        // Taken first: deleting runs finalizers, which may not find a borrowed cell.
        let handle = self.handle.replace(None);
        if self.wasi().is_some_and(Wasi::inherited) {
            // Deleting it would wait for threads of the process we were forked from: leaking it is the lesser evil.
            std::mem::forget(handle);
        } else {
            drop(handle);
        }
        let reported = self.limits.take_reported();
        super::memory::adjust(-reported);
    }

    /// Changes a limit; whether there is one of that name. Wasmtime reads how many instances, tables and memories are allowed only when it is
    /// given the limiter, which must not happen while wasm runs.
    pub fn set_limit(&self, name: &str, value: Option<u64>) -> Result<bool, Error> {
        self.access()?;
        if Limits::is_count(name) && self.phase.get() != Phase::Idle {
            return Err(error::raise(Kind::StoreBusy, "the store is busy: how much it may hold cannot be changed by a host block it is running"));
        }
        let known = self.limits.set(name, value);
        if Limits::is_count(name)
            && let Some(handle) = self.handle.take()
        {
            escape::install_limiter(&handle, &self.limits);
            self.handle.set(Some(handle));
        }
        Ok(known)
    }

    /// The store's WASI, if it has one.
    #[inline]
    pub fn wasi(&self) -> Option<&Wasi> {
        self.wasi.get().map(Box::as_ref)
    }

    /// Remembers the store's WASI; the first one counts, and `Store.new` gives no second.
    pub(super) fn set_wasi(&self, wasi: Wasi) {
        self.releases.set(self.releases.get() || wasi.releases);
        self.plain.set(false);
        self.wasi.get_or_init(|| Box::new(wasi));
    }

    /// What the store knows of components.
    pub fn components(&self) -> &Components {
        self.components.get_or_init(|| {
            self.plain.set(false);
            Box::default()
        })
    }

    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.plain.get()
    }

    /// The components, when resources of theirs wait to be dropped and nothing runs.
    #[inline]
    pub(super) fn components_with_dead(&self) -> Option<&Components> {
        self.components.get().map(Box::as_ref).filter(|components| components.dead.any() && self.phase_is_idle())
    }

    /// Whether the store was closed.
    pub fn closed(&self) -> bool {
        self.context.get().is_none()
    }

    /// Marks what the store keeps alive.
    pub fn mark(&self) {
        self.roots.mark();
        self.mark_object();
        // SAFETY: called by Ruby's GC through a mark function.
        unsafe { rb_sys::rb_gc_mark(self.first_retained.get()) }
    }

    /// Marks and pins the Ruby Store object; what every handle of the store does.
    pub fn mark_object(&self) {
        // SAFETY: called by Ruby's GC through a mark function.
        unsafe { rb_sys::rb_gc_mark(self.object.get()) }
    }

    /// The Ruby Store object.
    pub fn object(&self) -> VALUE {
        self.object.get()
    }

    /// The user's data.
    pub fn data(&self) -> VALUE {
        self.roots.get(DATA_SLOT)
    }

    /// Replaces the user's data.
    pub fn set_data(&self, data: VALUE) {
        if data != self.data() {
            self.roots.set(DATA_SLOT, data);
        }
    }

    /// Keeps a Ruby object alive as long as the store, once, however often it is given: a linker is given at each instantiation.
    #[inline]
    pub fn retain(&self, object: VALUE) {
        match self.first_retained.get() {
            NIL => {
                self.first_retained.set(object);
                super::typed::written(self.object.get(), object);
            }
            first if first == object => {}
            _ => self.retain_more(object),
        }
    }

    #[cold]
    fn retain_more(&self, object: VALUE) {
        let retained = self.retained.get_or_init(Box::default);
        let known = retained.borrow().iter().rev().any(|slot| self.roots.get(*slot) == object);
        if !known {
            let slot = self.roots.insert(object);
            retained.borrow_mut().push(slot);
        }
    }

    // What follows is the state that `activation`, `trampoline` and `interrupt` share.

    #[inline]
    pub(super) fn phase_is_idle(&self) -> bool {
        self.phase.get() == Phase::Idle
    }

    #[inline]
    pub(super) fn swap_phase(&self, phase: Phase) -> Phase {
        self.phase.replace(phase)
    }

    /// Whether a place is inside.
    pub(super) fn is_inside(&self, place: usize) -> bool {
        place != 0 && self.owner.get() == place
    }

    #[inline]
    pub(super) fn swap_owner(&self, place: usize) -> usize {
        self.owner.replace(place)
    }

    pub(super) fn change_views(&self, by: i32) {
        self.views.set(self.views.get().saturating_add_signed(by));
    }

    /// Tells which state the store's memories are in: as long as it is the same, so are their bases and sizes.
    #[inline]
    pub fn stamp(&self) -> u64 {
        self.stamp.get()
    }

    /// Says that memories may move or grow from now on: wasm runs, or a memory is grown.
    #[inline]
    pub(super) fn disturb(&self) {
        self.stamp.set(self.stamp.get().wrapping_add(1));
    }

    /// Tells Ruby's GC how much memory the guest took since it was last told.
    #[inline]
    pub fn report_memory(&self) {
        let unreported = self.limits.take_unreported();
        if unreported != 0 {
            self.report(unreported);
        }
    }

    #[cold]
    fn report(&self, grown: i64) {
        super::memory::adjust(grown);
        self.pressure.grew(grown, self.limits.committed());
    }
}

impl Drop for StoreInner {
    fn drop(&mut self) {
        if matches!(self.phase.get(), Phase::Idle | Phase::Suspended) {
            self.dispose();
        } else {
            // Only the end of the process frees a store that a suspended fiber is inside of: leaking it is the lesser evil.
            std::mem::forget(self.handle.replace(None));
        }
    }
}
