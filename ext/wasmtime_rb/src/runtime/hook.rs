//! Ruby code that runs in the middle of wasm, where no host block is: interrupts, the block of a deadline. What it leaves with becomes pending.

use super::store::{Phase, StoreInner};
use super::{error, gvl};
use magnus::Error;
use rb_sys::VALUE;

/// Runs `work`, which calls Ruby and has nothing to drop when Ruby jumps out of it, where nobody may use the store. With the GVL. `None` when
/// it did not come back: what it left with is pending then.
pub(super) fn in_hook(store: &StoreInner, work: unsafe extern "C" fn(VALUE) -> VALUE, argument: VALUE) -> Option<VALUE> {
    let phase = store.swap_phase(Phase::Hook);
    let mut state = 0;
    // SAFETY: with the GVL, as the caller promises.
    let result = unsafe { rb_sys::rb_protect(Some(work), argument, &mut state) };
    store.swap_phase(phase);
    if state != 0 {
        store.set_pending_from_protect(state);
    }
    (state == 0).then_some(result)
}

/// Runs `work` with the GVL, which wasm under way may have released. `None` when it panicked.
pub fn with_gvl<R>(store: &StoreInner, work: impl FnOnce() -> R) -> Option<R> {
    if store.released() { gvl::with_gvl(work).and_then(Result::ok) } else { Some(work()) }
}

/// Makes the call under way end with `error`. With the GVL.
pub fn leave_with(store: &StoreInner, error: Error) {
    let mut error = Some(error);
    in_hook(store, leave, std::ptr::from_mut(&mut error) as VALUE);
}

unsafe extern "C" fn leave(error: VALUE) -> VALUE {
    // SAFETY: the error on the stack of `leave_with`, which waits for us; taken out, it leaves nothing to drop.
    unsafe {
        match (*(error as *mut Option<Error>)).take() {
            Some(error) => error::resume(error),
            None => rb_sys::Qnil as VALUE,
        }
    }
}
