//! Compiling without the GVL, on the gem's own threads. The waiting Ruby thread can be interrupted: it leaves, the result is thrown away.

use super::engine::EngineInner;
use super::error::{self, Kind};
use super::process::Pool;
use super::{escape, gvl, process};
use crate::handle::component::Component;
use crate::handle::engine::Engine;
use crate::handle::fault::Fault;
use crate::handle::module::Module;
use magnus::Error;
use rb_sys::VALUE;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many compilations may go on after their callers left. A hostile module can compile for half a minute.
const MAX_ABANDONED: u32 = 4;

pub type Outcome<T> = Result<T, String>;

struct State<T> {
    outcome: Option<Outcome<T>>,
    /// The caller left; whoever finishes counts the job off.
    abandoned: bool,
    woken: bool,
}

/// A job and who waits for it.
struct Job<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    /// Jobs end in the process they began in: a forked child does not count its parent's.
    pool: &'static Pool,
}

impl<T: Send> gvl::Unblock for Job<T> {
    const ASYNC_SAFE: bool = false;

    fn unblock(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }
}

impl<T> Job<T> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, outcome: Outcome<T>) {
        let mut state = self.lock();
        if state.abandoned {
            drop(state);
            process::LOADING.pass(|| drop(outcome));
            self.pool.abandoned.fetch_sub(1, Ordering::AcqRel);
            return;
        }
        state.outcome = Some(outcome);
        self.changed.notify_all();
    }

    /// Waits for the outcome or for Ruby's attention, not longer than told.
    fn wait(&self, longest: Duration) -> Option<Outcome<T>> {
        let waits = |state: &mut State<T>| state.outcome.is_none() && !state.woken;
        let waited = self.changed.wait_timeout_while(self.lock(), longest, waits);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.woken = false;
        state.outcome.take()
    }

    fn abandon(&self) {
        let mut state = self.lock();
        if let Some(outcome) = state.outcome.take() {
            // Here, with the GVL: the worker may hold the job a little longer, and would unload the code across a fork.
            drop(state);
            drop(outcome);
        } else {
            state.abandoned = true;
            self.pool.abandoned.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// Runs `work` on the pool while this Ruby thread waits without the GVL. The outer error is Ruby's interrupt.
pub fn in_pool<T: Send + 'static>(work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Result<Outcome<T>, Error> {
    let pool = process::pool().map_err(|text| error::raise(Kind::Base, &text))?;
    if pool.abandoned.load(Ordering::Acquire) >= MAX_ABANDONED {
        return Err(error::raise(Kind::Base, &format!("{MAX_ABANDONED} interrupted compilations are still running; try again when one has ended")));
    }
    let job = Arc::new(Job { state: Mutex::new(State { outcome: None, abandoned: false, woken: false }), changed: Condvar::new(), pool });
    let worker = job.clone();
    pool.threads.spawn(move || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        worker.finish(outcome.unwrap_or_else(|_| Err("the compiler panicked".into())));
    });
    let slice = gvl::longest_wait();
    loop {
        if let Some(Ok(Some(outcome))) = gvl::without_gvl(|| job.wait(slice), &*job) {
            return Ok(outcome);
        }
        // SAFETY: with the GVL; raises what Ruby has for this thread.
        let checked = magnus::rb_sys::protect(|| unsafe {
            rb_sys::rb_thread_check_ints();
            rb_sys::Qnil as VALUE
        });
        if let Err(interrupt) = checked {
            job.abandon();
            return Err(interrupt);
        }
    }
}

/// What can be compiled, and loaded from native code.
pub trait Compiled: Send + Sized + 'static {
    /// Compiles, without loading.
    fn precompile(compiler: &Engine, source: &[u8]) -> Outcome<Vec<u8>>;
    /// As [`Self::precompile`], through the engine's cache.
    fn compile_cached(compiler: &Engine, source: &[u8]) -> Outcome<Vec<u8>>;
    /// Loads native code.
    fn load(engine: &Engine, code: &[u8]) -> Result<Self, Fault>;
}

impl Compiled for Module {
    fn precompile(compiler: &Engine, source: &[u8]) -> Outcome<Vec<u8>> {
        escape::precompile_module(compiler, source)
    }

    fn compile_cached(compiler: &Engine, source: &[u8]) -> Outcome<Vec<u8>> {
        escape::compile_cached(compiler, source)
    }

    fn load(engine: &Engine, code: &[u8]) -> Result<Self, Fault> {
        Self::deserialize(engine, code)
    }
}

impl Compiled for Component {
    fn precompile(compiler: &Engine, source: &[u8]) -> Outcome<Vec<u8>> {
        escape::precompile_component(compiler, source)
    }

    fn compile_cached(compiler: &Engine, source: &[u8]) -> Outcome<Vec<u8>> {
        escape::compile_component_cached(compiler, source)
    }

    fn load(engine: &Engine, code: &[u8]) -> Result<Self, Fault> {
        Self::deserialize(engine, code)
    }
}

/// Compiles a module or a component, binary or text; with it how many bytes of native code it is.
pub fn compile<T: Compiled>(engine: &Arc<EngineInner>, source: Vec<u8>) -> Result<Outcome<(T, usize)>, Error> {
    let engine = engine.clone();
    in_pool(move || {
        let code = if engine.settings.cached {
            // This path loads what it compiled, and so a fork has to wait for it.
            process::LOADING.pass(|| engine.compile(|compiler| T::compile_cached(compiler, &source)))
        } else {
            engine.compile(|compiler| T::precompile(compiler, &source))
        }?;
        let loaded = process::LOADING.pass(|| T::load(&engine.handle, &code)).map_err(|fault| fault.to_text())?;
        Ok((loaded, code.len()))
    })
}

/// Loads native code without the GVL.
pub fn load<T: Send + 'static>(work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Result<Outcome<T>, Error> {
    in_pool(move || process::LOADING.pass(work))
}
