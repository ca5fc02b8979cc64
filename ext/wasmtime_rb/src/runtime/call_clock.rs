//! When a call must end: its `timeout:`, and what another thread asked for with `Store#interrupt`.

use super::store::Pending;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Read by the doorbell, without the GVL too; so it is all atomics.
pub struct CallClock {
    /// Nanoseconds since [`origin`].
    deadline: AtomicU64,
    interrupted: AtomicBool,
}

impl Default for CallClock {
    fn default() -> Self {
        Self { deadline: AtomicU64::new(Self::NEVER), interrupted: AtomicBool::new(false) }
    }
}

/// The monotonic clock counts from here; a forked child goes on with it.
fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}

/// Nanoseconds of the monotonic clock.
pub fn now() -> u64 {
    u64::try_from(origin().elapsed().as_nanos()).unwrap_or(CallClock::NEVER)
}

impl CallClock {
    /// No deadline.
    pub const NEVER: u64 = u64::MAX;

    /// Sets a deadline from now, unless there is an earlier one.
    pub fn start(&self, timeout: Duration) {
        let deadline = now().saturating_add(u64::try_from(timeout.as_nanos()).unwrap_or(CallClock::NEVER));
        self.deadline.fetch_min(deadline, Ordering::Relaxed);
    }

    /// When the call must end, in nanoseconds of [`now`].
    pub fn deadline(&self) -> u64 {
        self.deadline.load(Ordering::Relaxed)
    }

    /// Puts a deadline back that [`Self::deadline`] gave.
    pub fn set_deadline(&self, deadline: u64) {
        self.deadline.store(deadline, Ordering::Relaxed);
    }

    /// Asks the call under way to end.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Release);
    }

    /// Forgets who asked: nobody did for the call that begins.
    #[inline]
    pub fn forget_interrupt(&self) {
        if self.interrupted.load(Ordering::Relaxed) {
            self.interrupted.store(false, Ordering::Relaxed);
        }
    }

    /// Why the call must end now, if it must.
    #[inline]
    pub fn reason(&self) -> Option<Pending> {
        if self.interrupted.swap(false, Ordering::Acquire) {
            return Some(Pending::Trap(super::interrupt::INTERRUPT_TRAP));
        }
        let deadline = self.deadline.load(Ordering::Relaxed);
        (deadline != Self::NEVER && now() >= deadline).then_some(Pending::Timeout)
    }
}
