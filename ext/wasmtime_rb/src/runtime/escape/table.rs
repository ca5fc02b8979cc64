//! Tables with 64-bit indexes.

use crate::handle::context::Ctx;
use crate::handle::engine::Engine;
use crate::handle::externs::RawTable;
use crate::handle::fault::Fault;
use crate::handle::heaptype::RawValType;
use crate::handle::types::ValType;
use crate::handle::val::Val;

const _: () = {
    assert!(size_of::<wasmtime::Table>() == size_of::<RawTable>());
    assert!(align_of::<wasmtime::Table>() == align_of::<RawTable>());
    assert!(size_of::<wasmtime_c_api::wasmtime_val_t>() == size_of::<Val>());
};

/// A new table with 64-bit indexes. `wasm_tabletype_new` has 32 bits for its limits; to be replaced by a C constructor that has 64.
pub fn new_64(context: Ctx, engine: &Engine, element: &ValType, min: u64, max: Option<u64>, init: &Val) -> Result<RawTable, Fault> {
    let numbers = || Fault::message("a table holds references, not numbers");
    // SAFETY: a new value type, which is ours.
    let raw = unsafe { RawValType::from_raw(element.to_raw(engine)) }.ok_or_else(numbers)?;
    // SAFETY: the C value type is Wasmtime's own (`pub type wasm_valtype_t = ValType`), alive as long as its owner.
    let element = unsafe { &*raw.as_ptr().cast::<wasmtime::ValType>() }.as_ref().cloned().ok_or_else(numbers)?;
    let mut scope = wasmtime::RootScope::new(super::store_context(&context));
    // SAFETY: a C value is a `wasmtime_val_t` (asserted by size), live and of this store, which the caller vouches for.
    let init = unsafe { (*std::ptr::from_ref(init).cast::<wasmtime_c_api::wasmtime_val_t>()).to_val(&mut scope) };
    let init = init.ref_().ok_or_else(numbers)?;
    let table = super::guarded(|| wasmtime::Table::new(&mut scope, wasmtime::TableType::new64(element, min, max), init)).map_err(Fault::message)?;
    // SAFETY: the same plain struct by C's declaration and by Rust's, as asserted above.
    Ok(unsafe { std::mem::transmute::<wasmtime::Table, RawTable>(table) })
}
