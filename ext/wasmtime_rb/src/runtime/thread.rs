//! What a native thread knows about itself: who is inside wasm on it, how much stack it has, and which engine its calls keep awake.

use rb_sys::VALUE;
use std::cell::{Cell, UnsafeCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One entry into wasm. Boxed where the fiber is pinned, because Ruby keeps the address of `fiber`.
struct Activation {
    fiber: VALUE,
    pin: Option<Box<VALUE>>,
}

/// The engine whose doorbell the ticker must ring for this thread; 0 while the thread is outside wasm.
#[derive(Default)]
pub struct Slot(AtomicU64);

impl Slot {
    /// The id of the engine to ring, if any.
    pub fn engine(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|id| *id != 0)
    }

    /// Names the engine to ring and gives back the one before. A plain store: the ticker looks again before it parks.
    #[inline]
    pub fn occupy(&self, engine: u64) -> u64 {
        let previous = self.0.load(Ordering::Relaxed);
        self.0.store(engine, Ordering::Release);
        previous
    }
}

/// Per native thread; reached through [`with`].
pub struct ThreadState {
    activations: UnsafeCell<Vec<Activation>>,
    stack: Cell<Option<(usize, usize)>>,
    pub slot: Arc<Slot>,
}

thread_local! {
    static STATE: ThreadState = ThreadState {
        activations: const { UnsafeCell::new(Vec::new()) },
        stack: const { Cell::new(None) },
        slot: super::interrupt::new_slot(),
    };
}

/// This thread's state; `None` only while the thread is being torn down.
#[inline]
pub fn current() -> Option<&'static ThreadState> {
    // SAFETY: the reference is used by this thread only, inside the call that asked for it; a thread does not end inside a call.
    STATE.try_with(|state| unsafe { &*std::ptr::from_ref(state) }).ok()
}

impl ThreadState {
    /// The fiber that is inside wasm on this thread, innermost first.
    #[inline]
    pub fn occupant(&self) -> Option<VALUE> {
        // SAFETY: only this thread touches the vector, and no reference into it survives a call that could push or pop.
        unsafe { (*self.activations.get()).last() }.map(|activation| activation.fiber)
    }

    /// Records an entry. A fiber other than the thread's root is pinned: suspended inside a host block it must not be collected, because its
    /// stack holds wasm frames that Wasmtime still points to.
    #[inline]
    pub fn push(&self, fiber: VALUE, on_root: bool) {
        let pin = if on_root { None } else { Some(pin(fiber)) };
        // SAFETY: as above.
        unsafe { (*self.activations.get()).push(Activation { fiber, pin }) }
    }

    /// Forgets the innermost entry.
    #[inline]
    pub fn pop(&self) {
        // SAFETY: as above.
        let activation = unsafe { (*self.activations.get()).pop() };
        if let Some(mut pin) = activation.and_then(|activation| activation.pin) {
            // SAFETY: registered in `pin` below with this address.
            unsafe { rb_sys::rb_gc_unregister_address(&mut *pin) }
        }
    }

    /// Bytes left below this frame, and whether the frame is on the thread's own stack (not a fiber's).
    #[inline]
    pub fn stack_room(&self) -> (usize, bool) {
        let here = 0_u8;
        let sp = std::ptr::from_ref(&here).addr();
        let (low, high) = self.stack.get().unwrap_or_else(|| self.measure());
        if (low..high).contains(&sp) { (sp - low, true) } else { (fiber_room(), false) }
    }

    #[cold]
    fn measure(&self) -> (usize, usize) {
        let bounds = native_stack();
        self.stack.set(Some(bounds));
        bounds
    }
}

fn pin(fiber: VALUE) -> Box<VALUE> {
    let mut pin = Box::new(fiber);
    // SAFETY: the box keeps its address until unregistered in `pop`.
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
