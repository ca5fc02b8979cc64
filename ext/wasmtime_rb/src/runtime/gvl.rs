//! Leaving and taking Ruby's global lock. Nothing but these two functions crosses it.

use std::ffi::{c_int, c_void};
use std::time::Duration;

/// `RB_NOGVL_INTR_FAIL`: do not start blocking while an interrupt is pending; the caller checks interrupts and tries again.
const INTR_FAIL: c_int = 0x1;
/// `RB_NOGVL_UBF_ASYNC_SAFE`: the unblock function may run in a signal handler; without this flag Ruby starts a timer thread for it (70 us).
const UBF_ASYNC_SAFE: c_int = 0x2;

unsafe extern "C" {
    fn rb_nogvl(
        func: Option<unsafe extern "C" fn(*mut c_void) -> *mut c_void>,
        data1: *mut c_void,
        ubf: Option<unsafe extern "C" fn(*mut c_void)>,
        data2: *mut c_void,
        flags: c_int,
    ) -> *mut c_void;
    fn rb_thread_call_with_gvl(func: Option<unsafe extern "C" fn(*mut c_void) -> *mut c_void>, data: *mut c_void) -> *mut c_void;
}

/// What Ruby may call, from another thread, to end a blocking region early.
pub trait Unblock: Sync {
    /// Whether `unblock` uses only atomics, so that it may run inside a signal handler.
    const ASYNC_SAFE: bool;
    /// Asks the blocking work to come back soon. Called without the GVL, from any thread, never allowed to block.
    fn unblock(&self);
}

/// Whether this is Ruby's main thread, the one that signals are for. With the GVL.
pub fn on_main_thread() -> bool {
    // SAFETY: with the GVL; compares two live Threads.
    unsafe { rb_sys::rb_thread_current() == rb_sys::rb_thread_main() }
}

/// How long a wait without the GVL may last at a time. Ruby delivers signals to a main thread without the GVL through some other thread that
/// waits, and there may be none: so the main thread has to come back now and then and look itself.
pub fn longest_wait() -> Duration {
    if on_main_thread() { Duration::from_millis(50) } else { Duration::MAX }
}

struct Work<F, R> {
    work: Option<F>,
    result: Option<std::thread::Result<R>>,
}

unsafe extern "C" fn run<F: FnOnce() -> R, R>(data: *mut c_void) -> *mut c_void {
    // SAFETY: `data` is the Work on our caller's stack, used by nobody else while this runs.
    let slot = unsafe { &mut *data.cast::<Work<F, R>>() };
    if let Some(work) = slot.work.take() {
        slot.result = Some(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)));
    }
    std::ptr::null_mut()
}

unsafe extern "C" fn unblock<U: Unblock>(data: *mut c_void) {
    // SAFETY: `data` is the Unblock our caller lends for the whole region.
    unsafe { &*data.cast::<U>() }.unblock();
}

/// Runs `work` without the GVL. `None` when an interrupt was already pending and `work` did not run: check interrupts, then call again.
/// `work` must not touch Ruby except through [`with_gvl`].
pub fn without_gvl<F: FnOnce() -> R, R, U: Unblock>(work: F, on_interrupt: &U) -> Option<std::thread::Result<R>> {
    let mut slot = Work { work: Some(work), result: None };
    let flags = if U::ASYNC_SAFE { INTR_FAIL | UBF_ASYNC_SAFE } else { INTR_FAIL };
    // SAFETY: the caller holds the GVL; both pointers outlive the call, and Ruby runs neither function after it returns.
    unsafe {
        rb_nogvl(
            Some(run::<F, R>),
            std::ptr::from_mut(&mut slot).cast(),
            Some(unblock::<U>),
            std::ptr::from_ref(on_interrupt).cast_mut().cast(),
            flags,
        );
    }
    slot.result
}

/// Runs `work` with the GVL, from a Ruby thread that has released it in [`without_gvl`].
pub fn with_gvl<F: FnOnce() -> R, R>(work: F) -> Option<std::thread::Result<R>> {
    let mut slot = Work { work: Some(work), result: None };
    // SAFETY: the caller is a Ruby thread inside without_gvl; `slot` outlives the call.
    unsafe { rb_thread_call_with_gvl(Some(run::<F, R>), std::ptr::from_mut(&mut slot).cast()) };
    slot.result
}
