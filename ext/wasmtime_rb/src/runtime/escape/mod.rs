//! The one folder that uses Wasmtime's Rust types, for what the C API cannot say, or says by aborting the process. Each function names the C
//! function that should replace it one day. The C structs are `#[repr(C)]` around one Rust value, which the assertions below hold on to.

use crate::handle::config::{Config, PoolingConfig};
use crate::handle::context::Ctx;
use crate::handle::engine::Engine;
use crate::handle::externs::RawTable;
use crate::handle::fault::Fault;
use crate::handle::linker::Linker;
use crate::handle::module::Module;
use crate::handle::store::Store;
use crate::handle::types::Limits as TableLimits;
use crate::runtime::limits::Limits;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub mod component;
pub mod direct;
pub mod heap;
pub mod shared;
pub mod table;
pub mod wasi;
pub mod wasi_p2;

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
    own_engine(guarded(|| wasmtime::Engine::new(config_ref(config))).map_err(Fault::message)?)
}

/// A new engine that compiles what `engine` can load, with a cache configured by a file or where Wasmtime likes. C can neither copy an engine
/// nor read its configuration; to be replaced by a compiler that survives a fork.
pub fn engine_for_compiling(engine: &Engine, cache: Option<Option<&str>>) -> Result<Engine, String> {
    let engine = guarded(|| {
        let mut config = engine_ref(engine).config().clone();
        // Nothing will be instantiated in it, so it needs no pool.
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::OnDemand);
        config.cache(cache.map(|file| wasmtime::Cache::from_file(file.map(std::path::Path::new))).transpose()?);
        wasmtime::Engine::new(&config)
    })?;
    own_engine(engine).map_err(|fault| fault.to_text())
}

fn own_engine(engine: wasmtime::Engine) -> Result<Engine, Fault> {
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

/// As [`precompile_module`], through the engine's compile cache. `wasmtime_module_new` uses the cache too, but aborts when Cranelift panics.
pub fn compile_cached(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, String> {
    guarded(|| wasmtime::Module::new(engine_ref(engine), wasm)?.serialize())
}

/// As [`compile_cached`] for a component.
pub fn compile_component_cached(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, String> {
    guarded(|| wasmtime::component::Component::new(engine_ref(engine), wasm)?.serialize())
}

const _: () = {
    assert!(size_of::<wasmtime_c_api::wasmtime_store_t>() == size_of::<wasmtime::Store<wasmtime_c_api::WasmtimeStoreData>>());
    // Its only field is as large as the struct, so it starts where the struct starts.
    assert!(size_of::<wasmtime_c_api::wasmtime_module_t>() == size_of::<wasmtime::Module>());
    assert!(align_of::<wasmtime_c_api::wasmtime_module_t>() == align_of::<wasmtime::Module>());
    assert!(size_of::<wasmtime_c_api::wasmtime_linker_t>() == size_of::<wasmtime::Linker<wasmtime_c_api::WasmtimeStoreData>>());
    assert!(size_of::<RawTable>() == size_of::<wasmtime::Table>());
};

impl wasmtime::ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.allow_memory(current, desired))
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.allow_table(desired))
    }

    fn instances(&self) -> usize {
        self.counts()[0]
    }

    fn tables(&self) -> usize {
        self.counts()[1]
    }

    fn memories(&self) -> usize {
        self.counts()[2]
    }
}

/// Makes `limits` the store's resource limiter. `wasmtime_store_limiter` takes fixed limits and never tells what they did; to be replaced by
/// a C limiter with callbacks. `limits` must stay where it is until the store is deleted.
pub fn install_limiter(store: &Store, limits: &Limits) {
    let limits = SendPtr(std::ptr::from_ref(limits).cast_mut());
    // SAFETY: `#[repr(C)]` around the Rust store, which nobody else uses yet.
    let store = unsafe { &mut *store.as_ptr().cast::<wasmtime::Store<wasmtime_c_api::WasmtimeStoreData>>() };
    // SAFETY: the caller keeps `limits` alive; its fields are atomics, so that a second reference does no harm.
    store.limiter(move |_| unsafe { limits.get() });
}

struct SendPtr(*mut Limits);
// SAFETY: Limits consists of atomics.
unsafe impl Send for SendPtr {}
// SAFETY: as above.
unsafe impl Sync for SendPtr {}

impl SendPtr {
    /// # Safety
    /// The limits are alive.
    #[allow(clippy::mut_from_ref, reason = "Wasmtime wants `&mut`; only atomics are behind it")]
    unsafe fn get<'a>(&self) -> &'a mut Limits {
        // SAFETY: the caller's promise.
        unsafe { &mut *self.0 }
    }
}

fn module_ref(module: &Module) -> &wasmtime::Module {
    // SAFETY: the assertions above: the struct is its only field.
    unsafe { &*module.as_ptr().cast() }
}

fn limits_of(ty: &wasmtime::ExternType) -> Result<Option<TableLimits>, String> {
    if mentions_continuations(ty) {
        return Err("the module imports or exports continuation types, which the C API cannot describe".into());
    }
    Ok(ty.table().map(|table| TableLimits { min: table.minimum(), max: table.maximum(), is_64: table.is_64() }))
}

fn mentions_continuations(ty: &wasmtime::ExternType) -> bool {
    use wasmtime::{ExternType, HeapType, ValType};
    let is_cont = |heap: &HeapType| matches!(heap, HeapType::Cont | HeapType::ConcreteCont(_) | HeapType::NoCont);
    let val = |ty: ValType| ty.as_ref().is_some_and(|ty| is_cont(ty.heap_type()));
    match ty {
        ExternType::Func(ty) => ty.params().chain(ty.results()).any(val),
        ExternType::Global(ty) => val(ty.content().clone()),
        ExternType::Table(ty) => is_cont(ty.element().heap_type()),
        ExternType::Tag(ty) => ty.ty().params().any(val),
        ExternType::Memory(_) => false,
    }
}

/// The limits of a module's imported tables, by import. `wasm_tabletype_limits` aborts on 64-bit limits; to be replaced by a C reader that
/// does not. Refuses continuation types, on which every C reader aborts.
pub fn module_import_limits(module: &Module) -> Result<Vec<Option<TableLimits>>, String> {
    module_ref(module).imports().map(|import| limits_of(&import.ty())).collect()
}

/// As [`module_import_limits`] for exports.
pub fn module_export_limits(module: &Module) -> Result<Vec<Option<TableLimits>>, String> {
    module_ref(module).exports().map(|export| limits_of(&export.ty())).collect()
}

/// A context as Rust knows it, for as long as the proof that it is ours.
fn store_context(context: &Ctx) -> wasmtime::StoreContextMut<'_, wasmtime_c_api::WasmtimeStoreData> {
    // SAFETY: a C context is a StoreContextMut; it is live and ours while somebody holds a Ctx.
    unsafe { std::mem::transmute_copy(&context.as_ptr()) }
}

/// The limits of a table in a store, for the reason given at [`module_import_limits`].
pub fn table_limits(context: Ctx, table: &RawTable) -> TableLimits {
    // SAFETY: a C table is a Table (asserted by size); both are live and belong together.
    let ty = unsafe { (*std::ptr::from_ref(table).cast::<wasmtime::Table>()).ty(store_context(&context)) };
    TableLimits { min: ty.minimum(), max: ty.maximum(), is_64: ty.is_64() }
}

type RustLinker = wasmtime::Linker<wasmtime_c_api::WasmtimeStoreData>;

/// Runs `work` on the Rust linker.
fn with_linker<R>(linker: &Linker, work: impl FnOnce(&mut RustLinker) -> R) -> R {
    // SAFETY: `#[repr(C)]` around the Rust linker; LinkerInner::define lets nobody else use it now.
    work(unsafe { &mut *linker.as_ptr().cast() })
}

/// Whether `module` ignores exports it does not know. To be replaced by `wasmtime_linker_allow_unknown_exports`, which does not exist.
pub fn linker_allow_unknown_exports(linker: &Linker, allow: bool) {
    with_linker(linker, |linker| {
        linker.allow_unknown_exports(allow);
    });
}

/// Defines an item under a second name. To be replaced by `wasmtime_linker_alias`, which does not exist.
pub fn linker_alias(linker: &Linker, (module, name): (&str, &str), (as_module, as_name): (&str, &str)) -> Result<(), String> {
    with_linker(linker, |linker| guarded(|| linker.alias(module, name, as_module, as_name).map(|_| ())))
}

/// Defines a module's items under a second name. To be replaced by `wasmtime_linker_alias_module`, which does not exist.
pub fn linker_alias_module(linker: &Linker, module: &str, as_module: &str) -> Result<(), String> {
    with_linker(linker, |linker| guarded(|| linker.alias_module(module, as_module)))
}
