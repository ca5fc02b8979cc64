//! The doorbell: every few milliseconds a ticker advances the epoch of engines that are running wasm, and the store's deadline callback looks
//! whether anybody wants the guest to stop. Most of the time nobody does and the guest goes on.

use super::engine::EngineInner;
use super::gvl;
use super::hook::in_hook;
use super::process::TICKING;
use super::store::StoreInner;
use super::thread::{self, Slot};
use crate::capi;
use crate::handle::store::error_for_wasm;
use rb_sys::VALUE;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How often a running guest is asked whether it should stop.
const TICK: Duration = Duration::from_millis(5);
/// How many ticks a guest may run before other Ruby threads get a turn: 35 ms, because every hand-over costs a round of the GVL. The first turn is
/// theirs after one tick: the thread of a Timeout, say, begins to count only when it first runs.
const TICKS_PER_SLICE: u32 = 7;
/// The number of the first tick of a call.
pub const FIRST_TICK: u32 = 1;
/// Ticks without any guest before the ticker parks.
const IDLE_TICKS: u32 = 4;

/// The code of `WASMTIME_TRAP_CODE_INTERRUPT`.
pub const INTERRUPT_TRAP: u8 = 10;

/// Every list is used inside the [`TICKING`] gate only: a fork must not find one locked.
struct Registry {
    slots: Mutex<Vec<Weak<Slot>>>,
    engines: Mutex<Vec<(u64, Weak<EngineInner>)>>,
}

static REGISTRY: Registry = Registry { slots: Mutex::new(Vec::new()), engines: Mutex::new(Vec::new()) };
static PARKED: AtomicBool = AtomicBool::new(true);
/// The process generation that has a ticker thread; none at first.
static TICKER: AtomicU64 = AtomicU64::new(u64::MAX);
static NEXT_ENGINE: AtomicU64 = AtomicU64::new(1);

/// A slot for a new native thread, known to the ticker.
pub fn new_slot() -> Arc<Slot> {
    let slot = Arc::new(Slot::new());
    TICKING.pass(|| {
        let mut slots = lock(&REGISTRY.slots);
        slots.retain(|slot| slot.strong_count() > 0);
        slots.push(Arc::downgrade(&slot));
    });
    slot
}

fn lock<T>(list: &Mutex<T>) -> MutexGuard<'_, T> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An id for a new engine.
pub fn next_engine_id() -> u64 {
    NEXT_ENGINE.fetch_add(1, Ordering::Relaxed)
}

/// Makes an engine known to the ticker.
pub fn register(engine: &Arc<EngineInner>) {
    TICKING.pass(|| {
        let mut engines = lock(&REGISTRY.engines);
        engines.retain(|(_, engine)| engine.strong_count() > 0);
        engines.push((engine.id, Arc::downgrade(engine)));
    });
}

/// Starts or wakes the ticker when it is not running. Called after the thread's slot names its engine.
#[inline]
pub fn arm() {
    if PARKED.load(Ordering::Acquire) || TICKER.load(Ordering::Relaxed) != super::process::generation() {
        wake();
    }
}

#[cold]
fn wake() {
    let generation = super::process::generation();
    if TICKER.swap(generation, Ordering::AcqRel) == generation {
        PARKED.store(false, Ordering::Release);
        if let Some(ticker) = THREAD.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            ticker.unpark();
        }
        return;
    }
    // The first entry of this process: a fork leaves the parent's ticker behind, and with it what the parent's other threads were doing.
    forget_threads_of_other_processes();
    PARKED.store(false, Ordering::Release);
    start();
}

/// The ticker, for waking it.
static THREAD: Mutex<Option<std::thread::Thread>> = Mutex::new(None);

fn start() {
    let ticker = std::thread::Builder::new().name("wasmtime-rb ticker".into()).stack_size(128 << 10).spawn(tick_forever);
    match ticker {
        Ok(ticker) => *THREAD.lock().unwrap_or_else(PoisonError::into_inner) = Some(ticker.thread().clone()),
        // Without a thread no guest can be stopped; the next entry tries again.
        Err(_) => TICKER.store(u64::MAX, Ordering::Release),
    }
}

/// After a fork only the forking thread lives on; what the others' slots say will never change again. Threads of this process stay: they may
/// have their slots already, and be about to enter.
fn forget_threads_of_other_processes() {
    TICKING.pass(|| lock(&REGISTRY.slots).retain(|slot| slot.upgrade().is_some_and(|slot| slot.is_here())));
}

fn tick_forever() {
    let mut idle = 0;
    loop {
        std::thread::sleep(TICK);
        if ring_all() {
            idle = 0;
            PARKED.store(false, Ordering::Release);
            continue;
        }
        idle += 1;
        // PARKED is raised one tick before parking: an entry that did not see it yet has its slot visible by the next look.
        if idle == IDLE_TICKS {
            PARKED.store(true, Ordering::SeqCst);
        } else if idle > IDLE_TICKS {
            while PARKED.load(Ordering::Acquire) {
                std::thread::park();
            }
            idle = 0;
        }
    }
}

/// Rings every engine some thread is inside of; whether there was one.
fn ring_all() -> bool {
    TICKING.pass(|| {
        let mut busy: Vec<u64> = lock(&REGISTRY.slots).iter().filter_map(|slot| slot.upgrade()?.engine()).collect();
        busy.sort_unstable();
        busy.dedup();
        for (id, engine) in lock(&REGISTRY.engines).iter() {
            if busy.binary_search(id).is_ok()
                && let Some(engine) = engine.upgrade()
            {
                engine.handle.increment_epoch();
            }
        }
        !busy.is_empty()
    })
}

/// The deadline callback of every store (`wasmtime_store_epoch_deadline_callback`).
///
/// # Safety
/// Wasmtime calls it on the thread that runs the guest, with the `StoreInner` given at registration, which outlives the store.
pub unsafe extern "C" fn on_deadline(
    _context: *mut capi::wasmtime_context,
    data: *mut c_void,
    delta: *mut u64,
    kind: *mut u8,
) -> *mut capi::wasmtime_error_t {
    // SAFETY: see above; the out-pointers are live for the call.
    let store = unsafe {
        *delta = 1;
        *kind = 0;
        &*data.cast::<StoreInner>()
    };
    store.sample();
    if store.in_async_step() {
        // Whoever polls looks after the rest, on Ruby's stack. WASMTIME_UPDATE_DEADLINE_YIELD.
        // SAFETY: as above.
        unsafe { *kind = 1 };
        return std::ptr::null_mut();
    }
    if store.user_deadline_reached() && !super::epoch_block::extends(store) {
        return error_for_wasm(c"interrupted: the epoch deadline was reached");
    }
    if let Some(reason) = store.clock.reason() {
        store.set_pending(reason);
        return error_for_wasm(c"interrupted: the call was told to end");
    }
    let stop = if store.released() { check_released(store) } else { check(store) };
    if stop { error_for_wasm(c"interrupted by Ruby") } else { std::ptr::null_mut() }
}

/// Ticks between two looks for signals in released mode: 50 ms, or a second while other threads want the GVL.
pub const SIGNAL_POLL: u32 = 10;
const SIGNAL_POLL_CONTENDED: u32 = 200;

/// Without the GVL: takes it when Ruby asked for this thread's attention. On the main thread also now and then, because Ruby delivers signals
/// through some thread that waits or sleeps, and there may be none; when there are others, getting the GVL takes time, and they do it.
fn check_released(store: &StoreInner) -> bool {
    let asked = store.take_attention();
    if !asked && !store.signal_poll_due() {
        return false;
    }
    let start = Instant::now();
    let stop = gvl::with_gvl(|| {
        if !asked {
            store.set_signal_poll(if start.elapsed() < TICK { SIGNAL_POLL } else { SIGNAL_POLL_CONTENDED });
        }
        check(store)
    });
    stop.is_some_and(|checked| checked.unwrap_or(false))
}

/// With the GVL: runs what Ruby has for this thread (signals, Thread#raise, kill, Timeout); whether the guest must stop.
fn check(store: &StoreInner) -> bool {
    let give_way = store.count_tick() % TICKS_PER_SLICE == FIRST_TICK;
    in_hook(store, check_ints, VALUE::from(give_way)).is_none()
}

/// Runs what Ruby has for this thread; lets others have a turn when told so. For [`in_hook`].
pub(super) unsafe extern "C" fn check_ints(give_way: VALUE) -> VALUE {
    // SAFETY: called under rb_protect with the GVL.
    unsafe {
        rb_sys::rb_thread_check_ints();
        if give_way != 0 {
            rb_sys::rb_thread_schedule();
        }
    }
    rb_sys::Qnil as VALUE
}

/// What Ruby calls to get the attention of a thread that runs wasm without the GVL.
pub struct Bell<'a>(pub &'a StoreInner);

impl gvl::Unblock for Bell<'_> {
    const ASYNC_SAFE: bool = true;

    fn unblock(&self) {
        self.0.ask_attention();
        self.0.engine.handle.increment_epoch();
    }
}

/// Names the engine in this thread's slot until dropped.
pub struct Armed(&'static thread::ThreadState, u64);

impl Armed {
    /// Keeps the ticker ringing `engine` while this thread is inside it.
    #[inline]
    pub fn new(state: &'static thread::ThreadState, engine: &EngineInner) -> Self {
        let previous = state.slot.occupy(engine.id);
        arm();
        Self(state, previous)
    }
}

impl Drop for Armed {
    #[inline]
    fn drop(&mut self) {
        self.0.slot.occupy(self.1);
    }
}
