//! A guest that sleeps: without the GVL, and woken by whatever ends a guest that runs.

use super::call_clock;
use super::gvl;
use super::hook::{in_hook, with_gvl};
use super::interrupt::check_ints;
use super::store::StoreInner;
use rb_sys::VALUE;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes a sleeping guest before its time.
#[derive(Default)]
pub struct Alarm {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Alarm {
    /// Wakes who sleeps, from any thread.
    pub fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn wait(&self, time: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(rung, time, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

impl gvl::Unblock for Alarm {
    const ASYNC_SAFE: bool = false;

    fn unblock(&self) {
        self.ring();
    }
}

/// Sleeps in a host function until the monotonic clock ([`call_clock::now`]) says so. False when the call has to end: why is pending then.
pub fn until(store: &StoreInner, time: u64) -> bool {
    with_gvl(store, || sleep(store, time)).unwrap_or(false)
}

fn sleep(store: &StoreInner, time: u64) -> bool {
    let (alarm, slice) = (store.alarm(), gvl::longest_wait());
    loop {
        if let Some(reason) = store.clock.reason() {
            store.set_pending(reason);
            return false;
        }
        let now = call_clock::now();
        if now >= time {
            return true;
        }
        let left = Duration::from_nanos(time.min(store.clock.deadline()) - now);
        gvl::without_gvl(|| alarm.wait(left.min(slice)), alarm);
        if in_hook(store, check_ints, 0 as VALUE).is_none() {
            return false;
        }
    }
}
