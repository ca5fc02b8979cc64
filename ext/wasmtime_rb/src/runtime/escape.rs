//! The one place that uses Wasmtime's Rust types, for what the C API cannot say, or says by aborting the process. Each function names the C
//! function that should replace it one day. The C structs are `#[repr(C)]` around one Rust value, which the assertions below hold on to.

use crate::handle::config::{Config, PoolingConfig};
use crate::handle::engine::Engine;
use crate::handle::fault::Fault;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

const _: () = {
    assert!(size_of::<wasmtime_c_api::wasm_config_t>() == size_of::<wasmtime::Config>());
    assert!(align_of::<wasmtime_c_api::wasm_config_t>() == align_of::<wasmtime::Config>());
    assert!(size_of::<wasmtime_c_api::wasm_engine_t>() == size_of::<wasmtime::Engine>());
    assert!(align_of::<wasmtime_c_api::wasm_engine_t>() == align_of::<wasmtime::Engine>());
    assert!(size_of::<wasmtime_c_api::wasmtime_pooling_allocation_config_t>() == size_of::<wasmtime::PoolingAllocationConfig>());
    assert!(align_of::<wasmtime_c_api::wasmtime_pooling_allocation_config_t>() == align_of::<wasmtime::PoolingAllocationConfig>());
};

/// Runs `work`; an error becomes its chain in one line, and a panic of Wasmtime an error.
fn guarded<T>(work: impl FnOnce() -> wasmtime::Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| format!("{error:#}")),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("Wasmtime panicked: {}", words.unwrap_or("without saying why")))
        }
    }
}

fn engine_ref(engine: &Engine) -> &wasmtime::Engine {
    // SAFETY: the pointer is live as long as its owner and points to a `#[repr(C)]` struct around the Rust engine.
    unsafe { &*engine.as_ptr().cast() }
}

fn config_ref(config: &Config) -> &wasmtime::Config {
    // SAFETY: as for engine_ref.
    unsafe { &*config.as_ptr().cast() }
}

/// Changes a configuration in place.
fn change_config(config: &mut Config, change: impl FnOnce(&mut wasmtime::Config)) {
    // SAFETY: as for engine_ref; `&mut` makes us the only user.
    change(unsafe { &mut *config.as_ptr().cast() });
}

fn pooling_ref(pooling: &PoolingConfig) -> &wasmtime::PoolingAllocationConfig {
    // SAFETY: as for engine_ref.
    unsafe { &*pooling.as_ptr().cast() }
}

/// Changes a pooling configuration in place.
fn change_pooling(pooling: &PoolingConfig, change: impl FnOnce(&mut wasmtime::PoolingAllocationConfig)) {
    // SAFETY: as for engine_ref; nobody borrows from the configuration, and its Ruby object is used by one thread at a time.
    change(unsafe { &mut *pooling.as_ptr().cast() });
}

/// A new engine. `wasm_engine_new_with_config` unwraps, so that a refused configuration aborts; to be replaced by a C constructor that
/// returns an error.
pub fn engine_new(config: &Config) -> Result<Engine, Fault> {
    let engine = guarded(|| wasmtime::Engine::new(config_ref(config))).map_err(Fault::message)?;
    // SAFETY: the C destructor frees a Box of a struct with the same layout; we give the only pointer away.
    unsafe { Engine::from_raw(Box::into_raw(Box::new(engine)).cast()) }.ok_or_else(|| Fault::message("failed to create an engine"))
}

/// The switches of [`config_switch`].
pub const CONFIG_SWITCHES: [&str; 3] = ["wasm_backtrace_details", "generate_address_map", "async_stack_zeroing"];

/// Sets one of [`CONFIG_SWITCHES`]; whether the name is one. To be replaced by `wasmtime_config_{wasm_backtrace_details,
/// generate_address_map,async_stack_zeroing}_set`, which do not exist.
pub fn config_switch(config: &mut Config, name: &str, on: bool) -> bool {
    match name {
        "wasm_backtrace_details" => change_config(config, |config| {
            config.wasm_backtrace_details(if on { wasmtime::WasmBacktraceDetails::Enable } else { wasmtime::WasmBacktraceDetails::Disable });
        }),
        "generate_address_map" => change_config(config, |config| {
            config.generate_address_map(on);
        }),
        "async_stack_zeroing" => change_config(config, |config| {
            config.async_stack_zeroing(on);
        }),
        _ => return false,
    }
    true
}

/// The choices of [`pooling_set_memory_protection_keys`].
pub const MEMORY_PROTECTION_KEYS: [(&str, wasmtime::Enabled); 3] =
    [("auto", wasmtime::Enabled::Auto), ("yes", wasmtime::Enabled::Yes), ("no", wasmtime::Enabled::No)];

/// Whether the pool colours its memories with protection keys; whether the choice is known. To be replaced by
/// `wasmtime_pooling_allocation_config_memory_protection_keys_set`, which does not exist.
pub fn pooling_set_memory_protection_keys(pooling: &PoolingConfig, choice: &str) -> bool {
    let Some((_, enabled)) = MEMORY_PROTECTION_KEYS.iter().find(|(name, _)| *name == choice) else { return false };
    change_pooling(pooling, |pooling| {
        pooling.memory_protection_keys(*enabled);
    });
    true
}

/// How many protection keys the pool may take. To be replaced by
/// `wasmtime_pooling_allocation_config_max_memory_protection_keys_set`, which does not exist.
pub fn pooling_set_max_memory_protection_keys(pooling: &PoolingConfig, max: usize) {
    change_pooling(pooling, |pooling| {
        pooling.max_memory_protection_keys(max);
    });
}

/// Whether this machine has protection keys. C has no function for it.
pub fn memory_protection_keys_available() -> bool {
    guarded(|| Ok(wasmtime::PoolingAllocationConfig::are_memory_protection_keys_available())).unwrap_or(false)
}

/// All settings of a pooling configuration as Rust shows them. C has no getters.
pub fn pooling_debug(pooling: &PoolingConfig) -> String {
    format!("{:?}", pooling_ref(pooling))
}

/// Compiles a module, binary or text, for the engine's target without loading it. C can only serialize what it has loaded, which fails for
/// foreign targets, and aborts when Cranelift panics; to be replaced by `wasmtime_engine_precompile_module`, which does not exist.
pub fn precompile_module(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, String> {
    guarded(|| engine_ref(engine).precompile_module(wasm))
}

/// As [`precompile_module`] for a component; to be replaced by `wasmtime_engine_precompile_component`, which does not exist.
pub fn precompile_component(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, String> {
    guarded(|| engine_ref(engine).precompile_component(wasm))
}

/// Engines with the same key load each other's compiled code. To be replaced by `wasmtime_engine_precompile_compatibility_hash`, which does
/// not exist.
pub fn compatibility_key(engine: &Engine) -> Result<String, String> {
    guarded(|| {
        // Fixed keys, so that programs may compare the text across processes.
        let mut hasher = std::hash::DefaultHasher::new();
        engine_ref(engine).precompile_compatibility_hash().hash(&mut hasher);
        Ok(format!("{:016x}", hasher.finish()))
    })
}

/// Wasmtime's words for a trap code. C gives them only together with the wasm backtrace.
pub fn trap_text(code: u8) -> Option<String> {
    wasmtime::Trap::from_u8(code).map(|trap| trap.to_string())
}
