//! What belongs to one process and not to its forked children: worker threads, and the gate before Wasmtime's registries.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};
use std::time::Duration;

static GENERATION: AtomicU64 = AtomicU64::new(0);
static INSTALL: Once = Once::new();

/// How many forks lie between the process that loaded us and this one.
#[inline]
pub fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

/// Registers the fork handlers, once.
pub fn install() {
    #[cfg(unix)]
    INSTALL.call_once(|| {
        // SAFETY: the handlers touch atomics only and live as long as the library, which Ruby never unloads.
        unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork_in_parent), Some(after_fork_in_child)) };
    });
}

/// A lock that a fork takes first, so that no child inherits it held by a thread that did not come along.
pub struct Gate(AtomicBool);

/// Around loading native code: Wasmtime's type registry has a lock of its own.
pub static LOADING: Gate = Gate(AtomicBool::new(false));
/// Around the ticker's lists.
pub static TICKING: Gate = Gate(AtomicBool::new(false));

impl Gate {
    /// Runs `work` alone, and never across a fork. `work` must not panic through here while it holds another gate.
    pub fn pass<R>(&self, work: impl FnOnce() -> R) -> R {
        struct Open<'a>(&'a Gate);
        impl Drop for Open<'_> {
            fn drop(&mut self) {
                self.0.open();
            }
        }
        self.close();
        let _open = Open(self);
        work()
    }

    fn close(&self) {
        // Held for microseconds mostly, for milliseconds while a large module is loaded.
        while self.0.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    fn open(&self) {
        self.0.store(false, Ordering::Release);
    }
}

unsafe extern "C" fn before_fork() {
    LOADING.close();
    TICKING.close();
}

unsafe extern "C" fn after_fork_in_parent() {
    TICKING.open();
    LOADING.open();
}

unsafe extern "C" fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    TICKING.open();
    LOADING.open();
}

struct Pool {
    generation: u64,
    pool: rayon::ThreadPool,
}

static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());
static POOL_LOCK: AtomicU64 = AtomicU64::new(u64::MAX);

/// This process's compile threads. A forked child makes its own and forgets the parent's, whose threads did not come along.
pub fn pool() -> Result<&'static rayon::ThreadPool, String> {
    let generation = generation();
    loop {
        // SAFETY: pools are leaked, never freed.
        if let Some(pool) = unsafe { POOL.load(Ordering::Acquire).as_ref() }
            && pool.generation == generation
        {
            return Ok(&pool.pool);
        }
        // One thread of this generation makes the pool; a claim left behind by the parent does not count.
        if POOL_LOCK.swap(generation, Ordering::AcqRel) != generation {
            let pool = build(generation).inspect_err(|_| POOL_LOCK.store(u64::MAX, Ordering::Release))?;
            POOL.store(Box::into_raw(Box::new(pool)), Ordering::Release);
        }
        std::thread::yield_now();
    }
}

fn build(generation: u64) -> Result<Pool, String> {
    let name = |index| format!("wasmtime-rb compile {index}");
    let pool = rayon::ThreadPoolBuilder::new().thread_name(name).build();
    pool.map(|pool| Pool { generation, pool }).map_err(|error| format!("failed to start compile threads: {error}"))
}
