//! The configuration of an engine and of its pooling allocator.
//!
//! Two setters of the C API have no option: `host_memory_creator` and `host_stack_creator` take callbacks that hand out memory, and one
//! that hands out too little corrupts the process.

use super::fault::{Fault, check};
use super::option::{Row, options};
use crate::capi;
use std::ffi::CString;
use std::ptr::null_mut;

owned_handle! {
    /// The configuration of an engine to be (`wasm_config_t`).
    pub struct Config(capi::wasm_config_t) => capi::wasm_config_delete;
}
owned_handle! {
    /// The configuration of a pooling allocator (`wasmtime_pooling_allocation_config_t`).
    pub struct PoolingConfig(capi::wasmtime_pooling_allocation_config_t) => capi::wasmtime_pooling_allocation_config_delete;
}

// SAFETY: plain data; Ruby lets one thread at a time use the object around it.
unsafe impl Send for PoolingConfig {}

/// Every option of [`Config`] that is one value for one C setter.
pub static OPTIONS: &[Row<Config>] = options! {
    Bool "debug_info" => wasmtime_config_debug_info_set,
    Bool "consume_fuel" => wasmtime_config_consume_fuel_set,
    Bool "epoch_interruption" => wasmtime_config_epoch_interruption_set,
    Size "max_wasm_stack" => wasmtime_config_max_wasm_stack_set,
    Bool "wasm_threads" => wasmtime_config_wasm_threads_set,
    Bool "shared_memory" => wasmtime_config_shared_memory_set,
    Bool "wasm_tail_call" => wasmtime_config_wasm_tail_call_set,
    Bool "wasm_reference_types" => wasmtime_config_wasm_reference_types_set,
    Bool "wasm_function_references" => wasmtime_config_wasm_function_references_set,
    Bool "wasm_gc" => wasmtime_config_wasm_gc_set,
    Bool "gc_support" => wasmtime_config_gc_support_set,
    Bool "wasm_simd" => wasmtime_config_wasm_simd_set,
    Bool "wasm_relaxed_simd" => wasmtime_config_wasm_relaxed_simd_set,
    Bool "wasm_relaxed_simd_deterministic" => wasmtime_config_wasm_relaxed_simd_deterministic_set,
    Bool "wasm_bulk_memory" => wasmtime_config_wasm_bulk_memory_set,
    Bool "wasm_multi_value" => wasmtime_config_wasm_multi_value_set,
    Bool "wasm_multi_memory" => wasmtime_config_wasm_multi_memory_set,
    Bool "wasm_memory64" => wasmtime_config_wasm_memory64_set,
    Bool "wasm_wide_arithmetic" => wasmtime_config_wasm_wide_arithmetic_set,
    Bool "wasm_branch_hinting" => wasmtime_config_wasm_branch_hinting_set,
    Bool "wasm_exceptions" => wasmtime_config_wasm_exceptions_set,
    Bool "wasm_custom_page_sizes" => wasmtime_config_wasm_custom_page_sizes_set,
    Bool "wasm_stack_switching" => wasmtime_config_wasm_stack_switching_set,
    Choice "strategy" => wasmtime_config_strategy_set("auto", "cranelift", "winch"),
    Bool "parallel_compilation" => wasmtime_config_parallel_compilation_set,
    Bool "cranelift_debug_verifier" => wasmtime_config_cranelift_debug_verifier_set,
    Bool "cranelift_nan_canonicalization" => wasmtime_config_cranelift_nan_canonicalization_set,
    Choice "cranelift_opt_level" => wasmtime_config_cranelift_opt_level_set("none", "speed", "speed_and_size"),
    Choice "cranelift_regalloc_algorithm" => wasmtime_config_cranelift_regalloc_algorithm_set("backtracking", "single_pass"),
    Choice "profiler" => wasmtime_config_profiler_set("none", "jitdump", "vtune", "perfmap"),
    Bool "memory_may_move" => wasmtime_config_memory_may_move_set,
    U64 "memory_reservation" => wasmtime_config_memory_reservation_set,
    U64 "memory_guard_size" => wasmtime_config_memory_guard_size_set,
    U64 "memory_reservation_for_growth" => wasmtime_config_memory_reservation_for_growth_set,
    Bool "native_unwind_info" => wasmtime_config_native_unwind_info_set,
    Bool "macos_use_mach_ports" => wasmtime_config_macos_use_mach_ports_set,
    Bool "signals_based_traps" => wasmtime_config_signals_based_traps_set,
    Bool "memory_init_cow" => wasmtime_config_memory_init_cow_set,
    Bool "wasm_component_model" => wasmtime_config_wasm_component_model_set,
    Bool "concurrency_support" => wasmtime_config_concurrency_support_set,
    Bool "wasm_component_model_map" => wasmtime_config_wasm_component_model_map_set,
    Size "async_stack_size" => wasmtime_config_async_stack_size_set,
    Absent "wasm_component_model_async" => wasmtime_config_wasm_component_model_async_set,
    Absent "wasm_component_model_more_async_builtins" => wasmtime_config_wasm_component_model_more_async_builtins_set,
    Absent "wasm_component_model_async_stackful" => wasmtime_config_wasm_component_model_async_stackful_set,
};

/// Every option of [`PoolingConfig`].
pub static POOLING_OPTIONS: &[Row<PoolingConfig>] = options! {
    U32 "max_unused_warm_slots" => wasmtime_pooling_allocation_config_max_unused_warm_slots_set,
    Size "decommit_batch_size" => wasmtime_pooling_allocation_config_decommit_batch_size_set,
    Size "async_stack_keep_resident" => wasmtime_pooling_allocation_config_async_stack_keep_resident_set,
    Size "linear_memory_keep_resident" => wasmtime_pooling_allocation_config_linear_memory_keep_resident_set,
    Size "table_keep_resident" => wasmtime_pooling_allocation_config_table_keep_resident_set,
    Slots "total_component_instances" => wasmtime_pooling_allocation_config_total_component_instances_set,
    Size "max_component_instance_size" => wasmtime_pooling_allocation_config_max_component_instance_size_set,
    U32 "max_core_instances_per_component" => wasmtime_pooling_allocation_config_max_core_instances_per_component_set,
    U32 "max_memories_per_component" => wasmtime_pooling_allocation_config_max_memories_per_component_set,
    U32 "max_tables_per_component" => wasmtime_pooling_allocation_config_max_tables_per_component_set,
    Slots "total_memories" => wasmtime_pooling_allocation_config_total_memories_set,
    Slots "total_tables" => wasmtime_pooling_allocation_config_total_tables_set,
    Slots "total_stacks" => wasmtime_pooling_allocation_config_total_stacks_set,
    Slots "total_core_instances" => wasmtime_pooling_allocation_config_total_core_instances_set,
    Size "max_core_instance_size" => wasmtime_pooling_allocation_config_max_core_instance_size_set,
    U32 "max_tables_per_module" => wasmtime_pooling_allocation_config_max_tables_per_module_set,
    Size "table_elements" => wasmtime_pooling_allocation_config_table_elements_set,
    U32 "max_memories_per_module" => wasmtime_pooling_allocation_config_max_memories_per_module_set,
    Size "max_memory_size" => wasmtime_pooling_allocation_config_max_memory_size_set,
    Slots "total_gc_heaps" => wasmtime_pooling_allocation_config_total_gc_heaps_set,
};

/// The C API aborts on a NUL-terminated text that is not UTF-8 and stops reading at a NUL.
fn c_text(text: &str) -> Result<CString, Fault> {
    CString::new(text).map_err(|_| Fault::message(format!("{text:?} contains a NUL byte")))
}

impl Config {
    /// Wasmtime's defaults (`wasm_config_new`).
    pub fn new() -> Result<Self, Fault> {
        // SAFETY: a new configuration is ours.
        unsafe { Self::from_raw(capi::wasm_config_new()) }.ok_or_else(|| Fault::message("failed to create a configuration"))
    }

    /// The target triple to compile for (`wasmtime_config_target_set`).
    pub fn set_target(&self, triple: &str) -> Result<(), Fault> {
        let triple = c_text(triple)?;
        // SAFETY: the configuration is live, the text is UTF-8 and copied by C.
        unsafe { check(capi::wasmtime_config_target_set(self.as_ptr(), triple.as_ptr()), null_mut()) }
    }

    /// Keeps compiled code on disk, as the file says or where Wasmtime likes (`wasmtime_config_cache_config_load`).
    pub fn load_cache(&self, path: Option<&str>) -> Result<(), Fault> {
        let path = path.map(c_text).transpose()?;
        let path = path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr());
        // SAFETY: as above; NULL means the default file.
        unsafe { check(capi::wasmtime_config_cache_config_load(self.as_ptr(), path), null_mut()) }
    }

    /// A Cranelift flag: switched on (`wasmtime_config_cranelift_flag_enable`), or set to a value (`wasmtime_config_cranelift_flag_set`).
    pub fn set_cranelift_flag(&self, name: &str, value: Option<&str>) -> Result<(), Fault> {
        let name = c_text(name)?;
        let value = value.map(c_text).transpose()?;
        // SAFETY: as above; an unknown flag is refused when the engine is made.
        unsafe {
            match value {
                Some(value) => capi::wasmtime_config_cranelift_flag_set(self.as_ptr(), name.as_ptr(), value.as_ptr()),
                None => capi::wasmtime_config_cranelift_flag_enable(self.as_ptr(), name.as_ptr()),
            }
        }
        Ok(())
    }

    /// Allocates instances from a pool (`wasmtime_pooling_allocation_strategy_set`), whose configuration is copied.
    pub fn set_pooling(&self, pooling: &PoolingConfig) {
        // SAFETY: both are live.
        unsafe { capi::wasmtime_pooling_allocation_strategy_set(self.as_ptr(), pooling.as_ptr()) }
    }
}

impl PoolingConfig {
    /// Wasmtime's defaults (`wasmtime_pooling_allocation_config_new`).
    pub fn new() -> Result<Self, Fault> {
        // SAFETY: a new configuration is ours.
        unsafe { Self::from_raw(capi::wasmtime_pooling_allocation_config_new()) }
            .ok_or_else(|| Fault::message("failed to create a pooling configuration"))
    }
}
