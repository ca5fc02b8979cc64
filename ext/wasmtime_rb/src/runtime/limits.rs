//! What a store may use, and what it used. `runtime::escape` installs it as the store's resource limiter, because the C API's own limits
//! cannot tell whether they were hit.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// No limit.
const NONE: u64 = u64::MAX;

/// Limits and readings of one store. Atomics, because the guest may run without the GVL; written by one thread at a time.
#[derive(Default)]
pub struct Limits {
    /// Made when the first limit is set: a store without limits stays small.
    caps: OnceLock<Box<Caps>>,
    hit: AtomicBool,
    max_memory: AtomicU64,
    committed: AtomicI64,
    reported: AtomicI64,
}

struct Caps {
    memory_size: AtomicU64,
    table_elements: AtomicU64,
    instances: AtomicU64,
    tables: AtomicU64,
    memories: AtomicU64,
}

impl Default for Caps {
    fn default() -> Self {
        let none = || AtomicU64::new(NONE);
        Self { memory_size: none(), table_elements: none(), instances: none(), tables: none(), memories: none() }
    }
}

impl Limits {
    /// Sets one limit by its option name; false when there is no such limit. `None` lifts it.
    pub fn set(&self, name: &str, value: Option<u64>) -> bool {
        let caps = self.caps.get_or_init(Box::default);
        let limit = match name {
            "memory_size" => &caps.memory_size,
            "table_elements" => &caps.table_elements,
            "instances" => &caps.instances,
            "tables" => &caps.tables,
            "memories" => &caps.memories,
            _ => return false,
        };
        limit.store(value.unwrap_or(NONE), Relaxed);
        true
    }

    fn cap(&self, limit: impl Fn(&Caps) -> &AtomicU64) -> u64 {
        self.caps.get().map_or(NONE, |caps| limit(caps).load(Relaxed))
    }

    /// Whether a limit counts things instead of measuring one.
    pub fn is_count(name: &str) -> bool {
        matches!(name, "instances" | "tables" | "memories")
    }

    /// Whether a memory may grow to `desired` bytes; remembers the wish even when it is refused.
    pub fn allow_memory(&self, current: usize, desired: usize) -> bool {
        let wish = u64::try_from(desired).unwrap_or(NONE);
        self.max_memory.fetch_max(wish, Relaxed);
        let allowed = wish <= self.cap(|caps| &caps.memory_size);
        if allowed {
            self.committed.fetch_add(i64::try_from(desired.saturating_sub(current)).unwrap_or(0), Relaxed);
        } else {
            self.hit.store(true, Relaxed);
        }
        allowed
    }

    /// Whether a table may grow to `desired` elements.
    pub fn allow_table(&self, desired: usize) -> bool {
        u64::try_from(desired).unwrap_or(NONE) <= self.cap(|caps| &caps.table_elements)
    }

    /// How many instances, tables and memories the store may hold.
    pub fn counts(&self) -> [usize; 3] {
        let count = |limit: u64| if limit == NONE { 10_000 } else { usize::try_from(limit).unwrap_or(usize::MAX) };
        [count(self.cap(|caps| &caps.instances)), count(self.cap(|caps| &caps.tables)), count(self.cap(|caps| &caps.memories))]
    }

    /// Whether a memory was refused growth.
    pub fn hit(&self) -> bool {
        self.hit.load(Relaxed)
    }

    /// The largest size in bytes a single memory had or wanted.
    pub fn max_memory(&self) -> u64 {
        self.max_memory.load(Relaxed)
    }

    /// Bytes of linear memory the store holds, as far as it told us.
    pub fn committed(&self) -> usize {
        usize::try_from(self.committed.load(Relaxed)).unwrap_or(0)
    }

    /// What Ruby's GC has not been told yet, in bytes; counts as told from now on.
    #[inline]
    pub fn take_unreported(&self) -> i64 {
        let committed = self.committed.load(Relaxed);
        let unreported = committed - self.reported.load(Relaxed);
        if unreported != 0 {
            self.reported.store(committed, Relaxed);
        }
        unreported
    }

    /// The store is gone: how many bytes Ruby's GC must forget.
    pub fn take_reported(&self) -> i64 {
        self.committed.store(0, Relaxed);
        self.reported.swap(0, Relaxed)
    }
}
