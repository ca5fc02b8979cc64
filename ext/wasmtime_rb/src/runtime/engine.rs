//! Engines as the layers above share them: the C handle, the settings later decisions depend on, and the users' epochs.

use super::epochs::Epochs;
use super::wasi_relay::Relay;
use super::{escape, interrupt, process};
use crate::handle::config::{Config, OPTIONS, PoolingConfig};
use crate::handle::engine::Engine;
use crate::handle::fault::Fault;
use crate::handle::option::{self, Given};
use std::sync::{Arc, OnceLock};

/// Ruby's fibers have 512 KiB of stack, which is Wasmtime's default for the guest alone.
pub const MAX_WASM_STACK: usize = 256 << 10;
/// Wasmtime's default on 64-bit machines: the whole address space of wasm32.
const MEMORY_RESERVATION: u64 = 4 << 30;

/// What an engine was told, as far as anything after its creation depends on it.
#[derive(Clone)]
pub struct Settings {
    /// Ours: calls can be stopped from outside.
    pub interruptible: bool,
    /// The user's own epochs end stores.
    pub epoch_interruption: bool,
    pub consume_fuel: bool,
    /// Shared memories may be created.
    pub shared_memory: bool,
    /// Externref and the references of the GC proposal work.
    pub gc_support: bool,
    /// Modules may hold continuation types, which the C API aborts on.
    pub wasm_stack_switching: bool,
    pub wasm_memory64: bool,
    /// Compiled code is kept on disk.
    pub cached: bool,
    /// Where the cache is configured; `None` for Wasmtime's own place.
    pub cache_file: Option<String>,
    /// Instances come from a pool.
    pub pooling: bool,
    pub max_wasm_stack: usize,
    pub memory_may_move: bool,
    pub memory_reservation: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interruptible: true,
            epoch_interruption: false,
            consume_fuel: false,
            shared_memory: false,
            gc_support: true,
            wasm_stack_switching: false,
            wasm_memory64: true,
            cached: false,
            cache_file: None,
            pooling: false,
            max_wasm_stack: MAX_WASM_STACK,
            memory_may_move: true,
            memory_reservation: MEMORY_RESERVATION,
        }
    }
}

impl Settings {
    /// Whether compiled code looks at the epoch.
    pub fn epoch_compiled(&self) -> bool {
        self.interruptible || self.epoch_interruption
    }

    fn remember(&mut self, name: &str, given: Given) {
        match (name, given) {
            ("interruptible", Given::Bool(on)) => self.interruptible = on,
            ("epoch_interruption", Given::Bool(on)) => self.epoch_interruption = on,
            ("consume_fuel", Given::Bool(on)) => self.consume_fuel = on,
            ("shared_memory", Given::Bool(on)) => self.shared_memory = on,
            ("gc_support", Given::Bool(on)) => self.gc_support = on,
            ("wasm_stack_switching", Given::Bool(on)) => self.wasm_stack_switching = on,
            ("wasm_memory64", Given::Bool(on)) => self.wasm_memory64 = on,
            ("memory_may_move", Given::Bool(on)) => self.memory_may_move = on,
            ("max_wasm_stack", Given::Number(bytes)) => self.max_wasm_stack = usize::try_from(bytes).unwrap_or(usize::MAX),
            ("memory_reservation", Given::Number(bytes)) => self.memory_reservation = bytes,
            // Winch does not implement the references that need a collector.
            ("strategy", Given::Choice("winch")) => self.gc_support = false,
            _ => {}
        }
    }
}

/// Our own switch: it has no setter, because epochs are compiled in for the user's sake too.
pub const INTERRUPTIBLE: &str = "interruptible";

/// An engine in the making.
pub struct Builder {
    config: Config,
    settings: Settings,
}

impl Builder {
    /// Our defaults, where they differ from Wasmtime's.
    pub fn new() -> Result<Self, Fault> {
        let builder = Self { config: Config::new()?, settings: Settings::default() };
        option::apply(OPTIONS, &builder.config, "max_wasm_stack", Given::Number(u64::try_from(MAX_WASM_STACK).unwrap_or(0)))?;
        // Mach ports do not survive a fork.
        option::apply(OPTIONS, &builder.config, "macos_use_mach_ports", Given::Bool(false))?;
        Ok(builder)
    }

    /// Sets an option that is one value.
    pub fn set(&mut self, name: &str, given: Given) -> Result<(), Fault> {
        self.settings.remember(name, given);
        let known = name == INTERRUPTIBLE
            || option::apply(OPTIONS, &self.config, name, given)?
            || matches!(given, Given::Bool(on) if escape::config_switch(&mut self.config, name, on));
        if known { Ok(()) } else { Err(Fault::message(format!("unknown option {name}"))) }
    }

    /// Compiles for another target.
    pub fn target(&self, triple: &str) -> Result<(), Fault> {
        self.config.set_target(triple)
    }

    /// Keeps compiled code on disk, as the file says or where Wasmtime likes.
    pub fn cache(&mut self, path: Option<&str>) -> Result<(), Fault> {
        self.settings.cached = true;
        self.settings.cache_file = path.map(str::to_owned);
        self.config.load_cache(path)
    }

    /// Sets a Cranelift flag.
    pub fn cranelift_flag(&self, name: &str, value: Option<&str>) -> Result<(), Fault> {
        self.config.set_cranelift_flag(name, value)
    }

    /// Takes instances from a pool.
    pub fn pooling(&mut self, pooling: &PoolingConfig) {
        self.settings.pooling = true;
        self.config.set_pooling(pooling);
    }

    /// Whether the engine will reserve address space for a whole pool.
    pub fn pools(&self) -> bool {
        self.settings.pooling
    }

    /// An engine as configured. `description` tells people what was asked for.
    pub fn build(&self, description: &str) -> Result<Arc<EngineInner>, Fault> {
        let epochs = Given::Bool(self.settings.epoch_compiled());
        option::apply(OPTIONS, &self.config, "epoch_interruption", epochs)?;
        let engine = Arc::new(EngineInner {
            id: interrupt::next_engine_id(),
            generation: process::generation(),
            handle: escape::engine_new(&self.config)?,
            settings: self.settings.clone(),
            description: description.to_owned(),
            recipe: OnceLock::new(),
            epochs: Epochs::default(),
            relay: Relay::default(),
        });
        interrupt::register(&engine);
        Ok(engine)
    }
}

/// An engine.
pub struct EngineInner {
    /// Unique in the process.
    pub id: u64,
    /// The process that made it, see [`EngineInner::compile`].
    generation: u64,
    pub handle: Engine,
    pub settings: Settings,
    /// The options given, for `inspect`.
    pub description: String,
    /// What lib/ makes a similar engine from; empty when it cannot.
    pub recipe: OnceLock<Box<[u8]>>,
    epochs: Epochs,
    pub(super) relay: Relay,
}

impl EngineInner {
    /// Runs a compilation. The compiler and the cache have locks of their own; a fork leaves them taken for ever when another thread was
    /// compiling, and so a child compiles with an engine of its own that is configured the same.
    pub fn compile<T>(&self, work: impl FnOnce(&Engine) -> Result<T, String>) -> Result<T, String> {
        if self.generation == process::generation() {
            return work(&self.handle);
        }
        let cache = self.settings.cached.then_some(self.settings.cache_file.as_deref());
        work(&escape::engine_for_compiling(&self.handle, cache)?)
    }

    /// The users' epoch.
    pub fn user_epoch(&self) -> u64 {
        self.epochs.current()
    }

    /// Advances the users' epoch and rings the doorbell, so that running guests look at it.
    pub fn increment_epoch(&self) {
        self.epochs.increment();
        self.handle.increment_epoch();
    }

    /// Advances the users' epoch every `interval` milliseconds from now on.
    pub fn start_epoch_interval(&self, interval: std::num::NonZeroU64) {
        self.epochs.set_interval(interval.get());
    }

    /// Lets the users' epoch rest; what was counted stays.
    pub fn stop_epoch_interval(&self) {
        self.epochs.set_interval(0);
    }
}
