//! `Store#on_epoch_deadline`: a block decides what happens when the users' epoch reaches a store's deadline.

use super::hook::{in_hook, with_gvl};
use super::interrupt::INTERRUPT_TRAP;
use super::store::{Pending, StoreInner};
use super::{convert, error};
use magnus::{Error, Ruby};
use rb_sys::VALUE;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// Called by the doorbell when the deadline is reached: whether the guest goes on, with a new deadline. If not, why is pending.
pub fn extends(store: &StoreInner) -> bool {
    if store.epoch_block() == NIL {
        store.set_pending(Pending::Trap(INTERRUPT_TRAP));
        return false;
    }
    with_gvl(store, || ask(store)).unwrap_or(false)
}

fn ask(store: &StoreInner) -> bool {
    // SAFETY: the GVL is held here, so nobody else writes the slot.
    let answer = in_hook(store, ask_block, std::ptr::from_ref(store) as VALUE);
    match answer {
        None => false,
        Some(NIL) => {
            store.set_pending(Pending::Trap(INTERRUPT_TRAP));
            false
        }
        Some(_) => true,
    }
}

/// Sets the new deadline. nil when there is none.
unsafe extern "C" fn ask_block(store: VALUE) -> VALUE {
    // SAFETY: the store that `ask` passes, which waits for us; the block is kept by its roots.
    let (store, answer) = unsafe {
        let store = &*(store as *const StoreInner);
        (store, rb_sys::rb_proc_call_with_block(store.epoch_block(), 1, &store.object(), NIL))
    };
    match ticks(answer) {
        Ok(None) => NIL,
        Ok(Some(ticks)) => {
            store.set_user_deadline(ticks);
            rb_sys::Qtrue as VALUE
        }
        // SAFETY: nothing is left to drop in this frame.
        Err(error) => unsafe { error::resume(error) },
    }
}

/// A number of ticks, or nothing for `:trap`.
fn ticks(answer: VALUE) -> Result<Option<u64>, Error> {
    // SAFETY: called under rb_protect, with the GVL.
    let ruby = unsafe { Ruby::get_unchecked() };
    if answer == magnus::rb_sys::AsRawValue::as_raw(ruby.to_symbol("trap")) {
        return Ok(None);
    }
    match convert::to_u64(answer, "the answer of on_epoch_deadline's block") {
        Ok(0) => Err(error::argument("on_epoch_deadline: the block has to return at least 1 tick, or :trap to end the call")),
        Ok(ticks) => Ok(Some(ticks)),
        Err(error) => Err(convert::locate(error, |message| format!("on_epoch_deadline: {message} (expected a number of ticks, or :trap)"))),
    }
}
