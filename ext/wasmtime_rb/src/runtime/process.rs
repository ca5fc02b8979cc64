//! What belongs to one process and not to its forked children: worker threads, and the gate before Wasmtime's registries.

use std::cell::Cell;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
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

/// What a fork waits for, so that no child inherits a lock held by a thread that did not come along. Any number of threads may be inside; a
/// fork closes the gate and waits until they are out.
pub struct Gate {
    /// How many threads are inside, and [`CLOSED`].
    state: AtomicU32,
    /// This gate's bit in [`INSIDE`].
    bit: u8,
}

/// Set while a fork is going on.
const CLOSED: u32 = 1 << 31;

/// Around what takes locks of Wasmtime's that outlive it: its type and code registries, when native code is loaded or unloaded.
pub static LOADING: Gate = Gate { state: AtomicU32::new(0), bit: 1 };
/// Around the ticker's lists.
pub static TICKING: Gate = Gate { state: AtomicU32::new(0), bit: 2 };

thread_local! {
    /// The gates this thread is inside of. A compile thread may pick up another job while it waits for a part of its own; a fork that waits
    /// for the outer one must not stop the inner one.
    static INSIDE: Cell<u8> = const { Cell::new(0) };
}

impl Gate {
    /// Runs `work`, never across a fork.
    pub fn pass<R>(&self, work: impl FnOnce() -> R) -> R {
        struct Leave<'a>(&'a Gate);
        impl Drop for Leave<'_> {
            fn drop(&mut self) {
                INSIDE.set(INSIDE.get() & !self.0.bit);
                self.0.state.fetch_sub(1, Ordering::Release);
            }
        }
        if INSIDE.get() & self.bit != 0 {
            return work();
        }
        while self.state.fetch_update(Ordering::Acquire, Ordering::Relaxed, |state| (state & CLOSED == 0).then_some(state + 1)).is_err() {
            pause();
        }
        INSIDE.set(INSIDE.get() | self.bit);
        let _leave = Leave(self);
        work()
    }

    fn close(&self) {
        while self.state.fetch_or(CLOSED, Ordering::Acquire) & CLOSED != 0 {
            pause();
        }
        while self.state.load(Ordering::Acquire) != CLOSED {
            pause();
        }
    }

    /// Nobody is inside: the fork waited for that.
    fn open(&self) {
        self.state.store(0, Ordering::Release);
    }
}

/// Forks are rare, and so is waiting for one.
fn pause() {
    std::thread::sleep(Duration::from_micros(50));
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
    super::thread::follow_fork();
    TICKING.open();
    LOADING.open();
}

/// The compile threads of one process.
pub struct Pool {
    generation: u64,
    pub threads: rayon::ThreadPool,
    /// How many jobs go on although nobody waits for them any more.
    pub abandoned: AtomicU32,
}

static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());
static POOL_LOCK: AtomicU64 = AtomicU64::new(u64::MAX);

/// This process's compile threads. A forked child makes its own and forgets the parent's, whose threads did not come along.
pub fn pool() -> Result<&'static Pool, String> {
    let generation = generation();
    loop {
        // SAFETY: pools are leaked, never freed.
        if let Some(pool) = unsafe { POOL.load(Ordering::Acquire).as_ref() }
            && pool.generation == generation
        {
            return Ok(pool);
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
    pool.map(|threads| Pool { generation, threads, abandoned: AtomicU32::new(0) })
        .map_err(|error| format!("failed to start compile threads: {error}"))
}
