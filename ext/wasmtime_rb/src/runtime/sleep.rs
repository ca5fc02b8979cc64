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
    let alarm = store.alarm();
    take_turns(store, time, |left| {
        alarm.wait(left);
        call_clock::now() >= time
    })
}

/// The longest that what cannot be woken waits at a time.
const TURN: Duration = Duration::from_millis(10);

/// Waits in a host function for something that `step` waits for, not longer than told, and says whether it has come. False when the call has to
/// end: why is pending then.
pub fn wait_for(store: &StoreInner, step: &mut dyn FnMut(Duration) -> bool) -> bool {
    with_gvl(store, || take_turns(store, u64::MAX, |left| step(left.min(TURN)))).unwrap_or(false)
}

/// Lets `step` wait without the GVL until it says that it is done, and looks in between whether the call has to end.
fn take_turns(store: &StoreInner, time: u64, mut step: impl FnMut(Duration) -> bool) -> bool {
    let (alarm, slice) = (store.alarm(), gvl::longest_wait());
    loop {
        if let Some(reason) = store.clock.reason() {
            store.set_pending(reason);
            return false;
        }
        let left = Duration::from_nanos(time.min(store.clock.deadline()).saturating_sub(call_clock::now()));
        let mut done = false;
        gvl::without_gvl(|| done = step(left.min(slice)), alarm);
        if in_hook(store, check_ints, 0 as VALUE).is_none() {
            return false;
        }
        if done {
            return true;
        }
    }
}
