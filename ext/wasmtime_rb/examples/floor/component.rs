//! The rows of components: values there and back.

use super::capi::*;
use super::{Engine, best, check};
use std::hint::black_box;
use std::ptr::{null, null_mut};

/// As in bench/component.rb.
const ECHO: &str = include_str!("../../../../bench/echo.wat");

/// A store with an instance of [`ECHO`] in it, and one of its functions.
struct Echo {
    context: *mut wasmtime_context_t,
    func: wasmtime_component_func_t,
}

impl Echo {
    fn new(engine: &Engine, name: &str) -> Self {
        let mut component = null_mut();
        // SAFETY: every handle is used before it goes; what outlives this function is never freed: the process ends.
        unsafe {
            check(wasmtime_component_new(engine.0, ECHO.as_ptr().cast(), ECHO.len(), &mut component));
            let context = wasmtime_store_context(wasmtime_store_new(engine.0, null_mut(), None));
            let linker = wasmtime_component_linker_new(engine.0);
            let mut instance = wasmtime_component_instance_t::default();
            check(wasmtime_component_linker_instantiate(linker, context, component, &mut instance));
            let index = wasmtime_component_instance_get_export_index(&instance, context, null(), name.as_ptr().cast(), name.len());
            let mut func = wasmtime_component_func_t::default();
            assert!(wasmtime_component_instance_get_func(&instance, context, index, &mut func), "no such export");
            Self { context, func }
        }
    }

    /// Calls the function with what `make` makes each time, and frees what comes back.
    fn time(&self, make: impl Fn() -> wasmtime_component_val_t) -> f64 {
        best(|count| {
            for _ in 0..count {
                let mut argument = black_box(make());
                let mut result = wasmtime_component_val_t::default();
                // SAFETY: the function belongs to the store; both values are ours and freed once.
                unsafe {
                    check(wasmtime_component_func_call(&self.func, self.context, &argument, 1, &mut result, 1));
                    black_box(&result);
                    wasmtime_component_val_delete(&mut argument);
                    wasmtime_component_val_delete(&mut result);
                }
            }
        })
    }
}

fn u32_val(number: u32) -> wasmtime_component_val_t {
    wasmtime_component_val_t { kind: WASMTIME_COMPONENT_U32 as _, of: wasmtime_component_valunion_t { u32_: number } }
}

/// A u32 there and back.
pub fn id_u32(engine: &Engine) -> f64 {
    Echo::new(engine, "id-u32").time(|| u32_val(7))
}

/// A record of two numbers there and back.
pub fn record(engine: &Engine) -> f64 {
    Echo::new(engine, "id-point").time(|| {
        let mut record = wasmtime_component_valrecord_t::default();
        // SAFETY: C makes two fields, which are written; it copies the names.
        unsafe {
            wasmtime_component_valrecord_new_uninit(&mut record, 2);
            for (index, name) in ["x", "y"].into_iter().enumerate() {
                let field = &mut *record.data.add(index);
                wasm_byte_vec_new(&mut field.name, name.len(), name.as_ptr().cast());
                field.val = u32_val(index as u32);
            }
        }
        wasmtime_component_val_t { kind: WASMTIME_COMPONENT_RECORD as _, of: wasmtime_component_valunion_t { record } }
    })
}
