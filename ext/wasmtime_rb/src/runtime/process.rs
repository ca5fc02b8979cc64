//! What belongs to one process and not to its forked children: worker threads, and the gate before Wasmtime's registries.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

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

/// Raised while native code is loaded or unloaded: a fork in the middle would leave Wasmtime's registries locked in the child.
static GATE: AtomicBool = AtomicBool::new(false);

/// Runs `work`, which loads native code, alone and never across a fork.
pub fn gated<R>(work: impl FnOnce() -> R) -> R {
    struct Open;
    impl Drop for Open {
        fn drop(&mut self) {
            GATE.store(false, Ordering::Release);
        }
    }
    close_gate();
    let _open = Open;
    work()
}

fn close_gate() {
    while GATE.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        std::thread::yield_now();
    }
}

unsafe extern "C" fn before_fork() {
    close_gate();
}

unsafe extern "C" fn after_fork_in_parent() {
    GATE.store(false, Ordering::Release);
}

unsafe extern "C" fn after_fork_in_child() {
    GATE.store(false, Ordering::Release);
    GENERATION.fetch_add(1, Ordering::Relaxed);
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
