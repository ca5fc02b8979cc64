//! Users' epochs. They are counted here and only looked at when the doorbell rings: Wasmtime's own epoch is that doorbell.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A count that grows by hand and, while an interval is set, with the monotonic clock. A pure function of that clock: no thread that a fork
/// could leave behind, and no lock that a fork could leave taken.
pub struct Epochs {
    origin: Instant,
    manual: AtomicU64,
    /// Odd while the fields below change.
    version: AtomicU64,
    /// Ticks of intervals that have ended.
    finished: AtomicU64,
    /// Milliseconds from `origin` to the start of the interval.
    start: AtomicU64,
    /// Milliseconds per tick; 0 when no interval is set.
    interval: AtomicU64,
}

/// A reader gives up on a consistent view after so many tries: only a child forked in the middle of a change needs it.
const TRIES: u32 = 10_000;

impl Default for Epochs {
    fn default() -> Self {
        Self {
            origin: Instant::now(),
            manual: AtomicU64::new(0),
            version: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            start: AtomicU64::new(0),
            interval: AtomicU64::new(0),
        }
    }
}

impl Epochs {
    /// The count.
    pub fn current(&self) -> u64 {
        self.manual.load(Ordering::Relaxed).saturating_add(self.ticks())
    }

    /// Adds one by hand.
    pub fn increment(&self) {
        self.manual.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts every `interval` milliseconds from now on, or no longer when it is 0. Ticks counted so far stay.
    pub fn set_interval(&self, interval: u64) {
        for _ in 0..TRIES {
            let version = self.version.load(Ordering::Acquire);
            let even = version & !1;
            if version == even && self.version.compare_exchange(even, even + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                break;
            }
            std::hint::spin_loop();
        }
        let now = self.now();
        let ticks = self.running(now);
        self.finished.fetch_add(ticks, Ordering::AcqRel);
        self.start.store(now, Ordering::Release);
        self.interval.store(interval, Ordering::Release);
        self.version.fetch_add(1, Ordering::AcqRel);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Ticks of the interval that is set.
    fn running(&self, now: u64) -> u64 {
        now.saturating_sub(self.start.load(Ordering::Acquire)).checked_div(self.interval.load(Ordering::Acquire)).unwrap_or(0)
    }

    fn ticks(&self) -> u64 {
        for _ in 0..TRIES {
            let version = self.version.load(Ordering::Acquire);
            let ticks = self.finished.load(Ordering::Acquire).saturating_add(self.running(self.now()));
            if version & 1 == 0 && self.version.load(Ordering::Acquire) == version {
                return ticks;
            }
            std::hint::spin_loop();
        }
        self.finished.load(Ordering::Acquire)
    }
}
