//! Tables with 64-bit indexes.

use crate::capi;
use crate::handle::context::Ctx;
use crate::handle::engine::Engine;
use crate::handle::externs::RawTable;
use crate::handle::fault::Fault;
use crate::handle::types::ValType;
use crate::handle::val::Val;

const _: () = {
    assert!(size_of::<wasmtime::Table>() == size_of::<RawTable>());
    assert!(align_of::<wasmtime::Table>() == align_of::<RawTable>());
    assert!(size_of::<wasmtime_c_api::wasmtime_val_t>() == size_of::<Val>());
};

/// A new table with 64-bit indexes. `wasm_tabletype_new` has 32 bits for its limits; to be replaced by a C constructor that has 64.
pub fn new_64(context: Ctx, engine: &Engine, element: &ValType, min: u64, max: Option<u64>, init: &Val) -> Result<RawTable, Fault> {
    let raw = element.to_raw(engine);
    // SAFETY: the C value type is Wasmtime's own, made by us and deleted here; a C context is a StoreContextMut and a C value a
    // `wasmtime_val_t`, both live and of one store, which the caller vouches for.
    let table = unsafe {
        let element = (*raw.cast::<wasmtime::ValType>()).as_ref().cloned();
        capi::wasm_valtype_delete(raw);
        let Some(element) = element else { return Err(Fault::message("a table holds references, not numbers")) };
        let context = std::mem::transmute_copy::<_, wasmtime::StoreContextMut<'_, wasmtime_c_api::WasmtimeStoreData>>(&context.as_ptr());
        let mut scope = wasmtime::RootScope::new(context);
        let init = (*std::ptr::from_ref(init).cast::<wasmtime_c_api::wasmtime_val_t>()).to_val(&mut scope);
        let Some(init) = init.ref_() else { return Err(Fault::message("a table holds references, not numbers")) };
        super::guarded(|| wasmtime::Table::new(&mut scope, wasmtime::TableType::new64(element, min, max), init)).map_err(Fault::message)?
    };
    // SAFETY: the same plain struct by C's declaration and by Rust's, as asserted above.
    Ok(unsafe { std::mem::transmute::<wasmtime::Table, RawTable>(table) })
}
