//! The threads WASI's streams and sockets run on. Wasmtime has a set of its own, which a forked child would wait for in vain; it uses ours
//! when the thread that calls is inside them.

use super::process::generation;
use std::cell::Cell;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Handle, Runtime};

/// What hangs on one process: its threads. Leaked: a child must not take down threads that did not come along.
static THREADS: Mutex<Option<(u64, &'static Runtime)>> = Mutex::new(None);

thread_local! {
    /// The process generation whose threads this thread is inside of.
    static INSIDE: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Makes this process's threads the ones Wasmtime uses on the calling thread, from now on.
#[inline]
pub fn enter() -> Result<(), String> {
    if INSIDE.get() == generation() { Ok(()) } else { enter_anew() }
}

#[cold]
fn enter_anew() -> Result<(), String> {
    let generation = generation();
    let handle = threads(generation)?;
    // Never left: leaving would have to happen in the reverse order of entering, and Ruby's threads end when they like.
    std::mem::forget(handle.enter());
    INSIDE.set(generation);
    Ok(())
}

fn threads(generation: u64) -> Result<&'static Handle, String> {
    // Held by Ruby threads with the GVL only, so that no fork finds it taken.
    let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((made, runtime)) = *threads
        && made == generation
    {
        return Ok(runtime.handle());
    }
    let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("wasmtime-rb wasi").enable_all().build();
    let runtime = Box::leak(Box::new(runtime.map_err(|error| format!("failed to start the threads of WASI: {error}"))?));
    *threads = Some((generation, runtime));
    Ok(runtime.handle())
}
