//! Which addresses a guest's sockets may use: a Ruby block says so.

use super::escape::wasi as escape;
use super::hook::{in_hook, with_gvl};
use super::store::{StoreInner, StoreRef};
use super::thread;
use crate::handle::wasi::WasiConfig;
use magnus::rb_sys::AsRawValue;
use rb_sys::VALUE;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// One question.
struct Question<'a> {
    proc: VALUE,
    address: &'a str,
    usage: &'static str,
}

/// Lets `proc` decide for the guests of a store. It stays in the store's roots.
pub fn install(store: &StoreInner, config: &WasiConfig, proc: VALUE) {
    let (slot, store) = (store.roots.insert(proc), store.share());
    escape::address_check(config, move |address, usage| ask(store, slot, address, usage));
}

/// Asks in the middle of the guest's call. Elsewhere, and once something is to be raised, the answer is no.
fn ask(store: StoreRef, slot: usize, address: &str, usage: &'static str) -> bool {
    if !store.is_inside(thread::here()) || store.is_pending() {
        return false;
    }
    with_gvl(&store, || {
        let mut question = Question { proc: store.roots.get(slot), address, usage };
        in_hook(&store, call, std::ptr::from_mut(&mut question) as VALUE)
    })
    .flatten()
    .is_some_and(|answer| answer != NIL && answer != rb_sys::Qfalse as VALUE)
}

unsafe extern "C" fn call(question: VALUE) -> VALUE {
    // SAFETY: the question on the stack of `ask`, which waits for us; under rb_protect, with nothing to drop.
    unsafe {
        let question = &*(question as *const Question);
        let len = std::ffi::c_long::try_from(question.address.len()).unwrap_or(0);
        let ruby = magnus::Ruby::get_unchecked();
        let args = [rb_sys::rb_utf8_str_new(question.address.as_ptr().cast(), len), ruby.to_symbol(question.usage).as_raw()];
        rb_sys::rb_proc_call_with_block(question.proc, 2, args.as_ptr(), NIL)
    }
}
