//! What a native thread knows about itself: who is inside wasm on it, how much stack it has, and which engine its calls keep awake.

use rb_sys::VALUE;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where on a native thread code runs. Only the thread's root fiber runs on the thread's own stack, so there the thread's state stands for
/// the fiber; elsewhere the Fiber object does.
#[derive(Clone, Copy)]
pub struct Place {
    pub id: usize,
    pub on_root: bool,
    /// Bytes of stack left below.
    pub room: usize,
}

/// One entry into wasm: who was inside before, and what keeps the fiber that enters. The pin is boxed, because Ruby keeps its address.
pub struct Seat {
    before: usize,
    pin: Option<Box<VALUE>>,
}

/// The engine whose doorbell the ticker must ring for this thread; 0 while the thread is outside wasm.
pub struct Slot {
    engine: AtomicU64,
    /// The process the thread lives in. A fork takes only the thread that forks along.
    generation: AtomicU64,
}

impl Slot {
    /// For this thread.
    pub fn new() -> Self {
        Self { engine: AtomicU64::new(0), generation: AtomicU64::new(super::process::generation()) }
    }

    /// Whether its thread lives in this process.
    pub fn is_here(&self) -> bool {
        self.generation.load(Ordering::Relaxed) == super::process::generation()
    }

    /// The id of the engine to ring, if any.
    pub fn engine(&self) -> Option<u64> {
        Some(self.engine.load(Ordering::Relaxed)).filter(|id| *id != 0)
    }

    /// Names the engine to ring and gives back the one before. A plain store: the ticker looks again before it parks.
    #[inline]
    pub fn occupy(&self, engine: u64) -> u64 {
        let previous = self.engine.load(Ordering::Relaxed);
        self.engine.store(engine, Ordering::Release);
        previous
    }
}

/// Per native thread; reached through [`current`].
pub struct ThreadState {
    /// The place that is inside wasm, innermost; 0 for none.
    occupant: Cell<usize>,
    /// Low and high end of the thread's own stack.
    stack: (usize, usize),
    pub slot: Arc<Slot>,
}

thread_local! {
    /// The state, once made: a constant initializer without a destructor, so that reading it costs no more than the address.
    static STATE: Cell<*const ThreadState> = const { Cell::new(std::ptr::null()) };
    /// Frees the state with the thread.
    static OWNER: Owner = Owner::new();
}

struct Owner(Box<ThreadState>);

impl Owner {
    fn new() -> Self {
        Self(Box::new(ThreadState { occupant: Cell::new(0), stack: native_stack(), slot: super::interrupt::new_slot() }))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = STATE.try_with(|state| state.set(std::ptr::null()));
    }
}

/// This thread's state; `None` only while the thread is being torn down.
#[inline(always)]
pub fn current() -> Option<&'static ThreadState> {
    let state = STATE.with(Cell::get);
    // SAFETY: null or this thread's state, which is used by this thread only, inside a call; a thread does not end inside a call.
    unsafe { state.as_ref() }.or_else(create)
}

/// The id of the place where this frame runs; 0 while the thread is being torn down.
pub fn here() -> usize {
    current().map_or(0, |thread| thread.place().id)
}

/// Says that this thread came along into a forked child. For the fork handler: touches atomics only.
pub fn follow_fork() {
    // SAFETY: null or this thread's state, as in current.
    if let Some(state) = unsafe { STATE.with(Cell::get).as_ref() } {
        state.slot.generation.store(super::process::generation(), Ordering::Relaxed);
    }
}

#[cold]
fn create() -> Option<&'static ThreadState> {
    let state = OWNER.try_with(|owner| std::ptr::from_ref(&*owner.0)).ok()?;
    STATE.with(|cell| cell.set(state));
    // SAFETY: as in current.
    unsafe { state.as_ref() }
}

impl ThreadState {
    /// The place that is inside wasm on this thread, innermost first.
    #[inline]
    pub fn occupant(&self) -> Option<usize> {
        Some(self.occupant.get()).filter(|place| *place != 0)
    }

    /// Records an entry. A fiber other than the thread's root is pinned: suspended inside a host block it must not be collected, because its
    /// stack holds wasm frames that Wasmtime still points to.
    #[inline]
    pub fn enter(&self, place: Place) -> Seat {
        let pin = if place.on_root { None } else { Some(pin(place.id)) };
        Seat { before: self.occupant.replace(place.id), pin }
    }

    /// Forgets the innermost entry.
    #[inline]
    pub fn leave(&self, seat: &mut Seat) {
        self.occupant.set(seat.before);
        if let Some(mut pin) = seat.pin.take() {
            // SAFETY: registered in `pin` below with this address.
            unsafe { rb_sys::rb_gc_unregister_address(&mut *pin) }
        }
    }

    /// Where this frame runs.
    #[inline(always)]
    pub fn place(&self) -> Place {
        let here = 0_u8;
        let sp = std::ptr::from_ref(&here).addr();
        let (low, high) = self.stack;
        if (low..high).contains(&sp) {
            return Place { id: std::ptr::from_ref(self).addr(), on_root: true, room: sp - low };
        }
        fiber_place()
    }
}

/// The place of a fiber that has a stack of its own.
#[cold]
fn fiber_place() -> Place {
    // SAFETY: called with the GVL on a Ruby thread.
    let fiber = unsafe { rb_sys::rb_fiber_current() };
    Place { id: to_id(fiber), on_root: false, room: fiber_room() }
}

#[allow(clippy::unnecessary_cast, reason = "VALUE is unsigned long, which is as wide as usize")]
fn to_id(fiber: VALUE) -> usize {
    fiber as usize
}

#[cold]
#[allow(clippy::unnecessary_cast, reason = "VALUE is unsigned long, which is as wide as usize")]
fn pin(fiber: usize) -> Box<VALUE> {
    let mut pin = Box::new(fiber as VALUE);
    // SAFETY: the box keeps its address until unregistered in `leave`.
    unsafe { rb_sys::rb_gc_register_address(&mut *pin) }
    pin
}

/// Low and high end of this thread's own stack.
#[cfg(target_os = "linux")]
fn native_stack() -> (usize, usize) {
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut base, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: glibc and musl fill the attributes of a live thread; they are destroyed after reading.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return (0, usize::MAX);
        }
        libc::pthread_attr_getstack(attributes.as_ptr(), &mut base, &mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
    }
    (base.addr(), base.addr() + size)
}

/// Low and high end of this thread's own stack.
#[cfg(target_os = "macos")]
fn native_stack() -> (usize, usize) {
    // SAFETY: both ask about the calling thread.
    let (high, size) = unsafe { (libc::pthread_get_stackaddr_np(libc::pthread_self()).addr(), libc::pthread_get_stacksize_np(libc::pthread_self())) };
    (high - size, high)
}

/// Low and high end of this thread's own stack: unknown here, so every frame counts as having room.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn native_stack() -> (usize, usize) {
    (0, usize::MAX)
}

/// The size Ruby gives a fiber's machine stack, in bytes; set once at load.
static FIBER_STACK: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(256 << 10);

/// Tells how large Ruby makes fiber stacks (`RubyVM::DEFAULT_PARAMS[:fiber_machine_stack_size]`).
pub fn set_fiber_stack_size(bytes: usize) {
    FIBER_STACK.store(bytes, Ordering::Relaxed);
}

/// A fiber's stack starts where Ruby says and has the size Ruby gives every fiber: cheaper than asking the kernel, and on the safe side.
fn fiber_room() -> usize {
    let mut top = std::ptr::null_mut();
    // SAFETY: called on a Ruby thread with the GVL; only computes a distance.
    let words = unsafe { rb_sys::ruby_stack_length(&mut top) };
    let used = usize::try_from(words).unwrap_or(usize::MAX).saturating_mul(size_of::<VALUE>());
    FIBER_STACK.load(Ordering::Relaxed).saturating_sub(used)
}
