//! A store whose guest is being sampled: a thread of its own rings the doorbell as often as the user asked for, and each ring takes a sample.

use super::engine::EngineInner;
use crate::handle::guest_profiler::GuestProfiler;
use crate::handle::store::Store;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// A profile in the making.
pub struct Profiling {
    profiler: GuestProfiler,
    running: Arc<AtomicBool>,
    last_sample: Instant,
}

impl Profiling {
    /// Starts to ring. Samples are taken only while wasm runs.
    pub fn start(profiler: GuestProfiler, engine: &Arc<EngineInner>, interval: Duration) -> std::io::Result<Self> {
        let running = Arc::new(AtomicBool::new(true));
        let (on, engine) = (running.clone(), Arc::downgrade(engine));
        std::thread::Builder::new().name("wasmtime-rb profiler".into()).stack_size(128 << 10).spawn(move || ring(&on, &engine, interval))?;
        Ok(Self { profiler, running, last_sample: Instant::now() })
    }

    /// Takes a sample. Called from the doorbell, on the thread that runs the guest.
    pub fn sample(&mut self, store: &Store) {
        let since_last = self.last_sample.elapsed();
        self.last_sample = Instant::now();
        self.profiler.sample(store, since_last);
    }

    /// What was sampled.
    pub fn finish(self) -> GuestProfiler {
        self.running.store(false, Ordering::Relaxed);
        self.profiler
    }
}

/// Until the profile is finished, or the engine gone.
fn ring(on: &AtomicBool, engine: &Weak<EngineInner>, interval: Duration) {
    while on.load(Ordering::Relaxed) {
        std::thread::sleep(interval);
        match engine.upgrade() {
            Some(engine) => engine.handle.increment_epoch(),
            None => return,
        }
    }
}
