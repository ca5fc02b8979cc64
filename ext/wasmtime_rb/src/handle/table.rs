//! Tables.

use super::context::Ctx;
use super::engine::Engine;
use super::externs::RawTable;
use super::fault::{Fault, check};
use super::types::{ExternType, HeapType, ValType, take_type};
use super::val::Val;
use crate::capi;
use std::ptr::null_mut;

impl Ctx {
    /// A new 32-bit table (`wasmtime_table_new`); a concrete element type belongs to `engine`, which is the store's.
    pub fn table_new(self, engine: &Engine, element: &ValType, min: u32, max: Option<u32>, init: &Val) -> Result<RawTable, Fault> {
        let element = element.to_raw(engine);
        // C spells "no maximum" as the largest number.
        let limits = capi::wasm_limits_t { min, max: max.unwrap_or(u32::MAX) };
        let mut table = RawTable::default();
        // SAFETY: the element type is given away; NULL means it is no reference; the table type is deleted here.
        unsafe {
            let ty = capi::wasm_tabletype_new(element, &limits);
            if ty.is_null() {
                return Err(Fault::message("a table holds references, not numbers"));
            }
            let error = capi::wasmtime_table_new(self.as_ptr(), ty, init, &mut table);
            capi::wasm_tabletype_delete(ty);
            check(error, null_mut()).map(|()| table)
        }
    }

    /// The element type (`wasmtime_table_type`); limits come from `runtime::escape`, because C aborts on 64-bit ones.
    pub fn table_element(self, table: &RawTable) -> ValType {
        // SAFETY: table and context belong together; the type is ours and deleted here.
        unsafe {
            let raw = capi::wasmtime_table_type(self.as_ptr(), table);
            match take_type(raw, capi::wasm_tabletype_as_externtype_const, capi::wasm_tabletype_delete) {
                ExternType::Table { element, .. } => element,
                _ => ValType::reference(HeapType::Func),
            }
        }
    }

    /// Size in elements (`wasmtime_table_size`).
    pub fn table_size(self, table: &RawTable) -> u64 {
        // SAFETY: as above.
        unsafe { capi::wasmtime_table_size(self.as_ptr(), table) }
    }

    /// The element at `index`, owned by the caller; `None` past the end (`wasmtime_table_get`).
    pub fn table_get(self, table: &RawTable, index: u64) -> Option<Val> {
        let mut val = Val::from_i32(0);
        // SAFETY: as above.
        unsafe { capi::wasmtime_table_get(self.as_ptr(), table, index, &mut val) }.then_some(val)
    }

    /// Replaces the element at `index` (`wasmtime_table_set`).
    pub fn table_set(self, table: &RawTable, index: u64, val: &Val) -> Result<(), Fault> {
        // SAFETY: as above; the value stays the caller's.
        unsafe { check(capi::wasmtime_table_set(self.as_ptr(), table, index, val), null_mut()) }
    }

    /// Grows by `delta` elements; the size before (`wasmtime_table_grow`).
    pub fn table_grow(self, table: &RawTable, delta: u64, val: &Val) -> Result<u64, Fault> {
        let mut before = 0;
        // SAFETY: as above.
        unsafe { check(capi::wasmtime_table_grow(self.as_ptr(), table, delta, val, &mut before), null_mut()) }.map(|()| before)
    }
}
