//! What a component imports and exports, as plain Rust.

use super::Component;
use super::resource::RawResourceType;
use super::valtype::{Names, RawValType, Type, lent_text};
use crate::capi;
use crate::handle::engine::Engine;
use crate::handle::types::{self as core, ImportType};
use std::mem::MaybeUninit;
use std::sync::Arc;

pub use crate::capi::wasmtime_component_func_type_t as LentFuncType;

owned_handle! {
    /// The type of a component (`wasmtime_component_type_t`).
    pub struct RawComponentType(capi::wasmtime_component_type_t) => capi::wasmtime_component_type_delete;
}
owned_handle! {
    /// The type of a component's function (`wasmtime_component_func_type_t`).
    pub struct RawFuncType(capi::wasmtime_component_func_type_t) => capi::wasmtime_component_func_type_delete;
}

/// The type of a function.
#[derive(Default)]
pub struct FuncType {
    pub params: Vec<(String, Type)>,
    pub result: Option<Type>,
    pub is_async: bool,
    pub names: Names,
}

/// What a name stands for.
pub enum Item {
    Component { imports: Vec<(String, Self)>, exports: Vec<(String, Self)> },
    Instance(Vec<(String, Self)>),
    Module { imports: Vec<ImportType>, exports: Vec<(String, core::ExternType)> },
    Func(FuncType),
    Resource(Arc<RawResourceType>),
    CoreFunc(core::FuncType),
    Type(Type),
}

impl RawFuncType {
    /// The type as plain Rust.
    pub fn read(&self) -> FuncType {
        // SAFETY: live while we are.
        unsafe { read_func(self.as_ptr()) }
    }
}

/// The types of the parameters as C has them.
///
/// # Safety
/// `ty` is live as long as the iterator.
pub unsafe fn raw_params(ty: *const LentFuncType) -> impl Iterator<Item = (String, RawValType)> {
    // SAFETY: the caller's promise.
    let count = unsafe { capi::wasmtime_component_func_type_param_count(ty) };
    // SAFETY: as above.
    (0..count).filter_map(move |nth| unsafe { raw_param(ty, nth) })
}

unsafe fn raw_param(ty: *const capi::wasmtime_component_func_type_t, nth: usize) -> Option<(String, RawValType)> {
    let (mut name, mut len) = (std::ptr::null(), 0);
    // SAFETY: the caller's promise; C fills all out-pointers, and the name lives as long as the type.
    unsafe {
        let param = RawValType::perhaps(|out| capi::wasmtime_component_func_type_param_nth(ty, nth, &mut name, &mut len, out))?;
        Some((lent_text(name, len), param))
    }
}

/// The type of the result as C has it.
///
/// # Safety
/// `ty` is live.
pub unsafe fn raw_result(ty: *const capi::wasmtime_component_func_type_t) -> Option<RawValType> {
    // SAFETY: the caller's promise; C writes a type when it says so.
    unsafe { RawValType::perhaps(|out| capi::wasmtime_component_func_type_result(ty, out)) }
}

/// The type of a function that C lends.
///
/// # Safety
/// `ty` is live.
pub unsafe fn read_func(ty: *const capi::wasmtime_component_func_type_t) -> FuncType {
    let mut names = Names::default();
    // SAFETY: the caller's promise.
    unsafe {
        let params = raw_params(ty).map(|(name, ty)| (name, ty.read(&mut names))).collect();
        let result = raw_result(ty).map(|ty| ty.read(&mut names));
        FuncType { params, result, is_async: capi::wasmtime_component_func_type_async(ty), names }
    }
}

impl Component {
    /// The component's imports and exports (`wasmtime_component_type` and what hangs on it).
    pub fn item(&self, engine: &Engine) -> Item {
        // SAFETY: the component is live; the type is ours.
        let ty = unsafe { RawComponentType::from_raw(capi::wasmtime_component_type(self.as_ptr())) };
        // SAFETY: live until the end of the block.
        ty.map_or(Item::Instance(Vec::new()), |ty| unsafe { read_component(ty.as_ptr(), engine) })
    }
}

type Named = (String, Item);

/// Reads one item through a C function that fills name and item, and frees C's copy.
///
/// # Safety
/// `fill` writes name and item when it returns true; the name is live until then.
unsafe fn named(
    engine: &Engine,
    fill: impl FnOnce(*mut *const std::ffi::c_char, *mut usize, *mut capi::wasmtime_component_item_t) -> bool,
) -> Option<Named> {
    let (mut name, mut len, mut item) = (std::ptr::null(), 0, MaybeUninit::uninit());
    if !fill(&mut name, &mut len, item.as_mut_ptr()) {
        return None;
    }
    // SAFETY: the caller's promise; the item is ours to delete.
    unsafe {
        let mut item = item.assume_init();
        let read = (lent_text(name, len), read_item(&item, engine));
        capi::wasmtime_component_item_delete(&mut item);
        Some(read)
    }
}

unsafe fn read_component(ty: *const capi::wasmtime_component_type_t, engine: &Engine) -> Item {
    let raw = engine.as_ptr();
    // SAFETY: the caller's promise: the type is live and of this engine.
    unsafe {
        let imports = 0..capi::wasmtime_component_type_import_count(ty, raw);
        let exports = 0..capi::wasmtime_component_type_export_count(ty, raw);
        Item::Component {
            imports: imports
                .filter_map(|nth| named(engine, |name, len, item| capi::wasmtime_component_type_import_nth(ty, raw, nth, name, len, item)))
                .collect(),
            exports: exports
                .filter_map(|nth| named(engine, |name, len, item| capi::wasmtime_component_type_export_nth(ty, raw, nth, name, len, item)))
                .collect(),
        }
    }
}

unsafe fn read_instance(ty: *const capi::wasmtime_component_instance_type_t, engine: &Engine) -> Item {
    let raw = engine.as_ptr();
    // SAFETY: as for read_component.
    unsafe {
        let exports = 0..capi::wasmtime_component_instance_type_export_count(ty, raw);
        let export = |nth| named(engine, |name, len, item| capi::wasmtime_component_instance_type_export_nth(ty, raw, nth, name, len, item));
        Item::Instance(exports.filter_map(export).collect())
    }
}

unsafe fn read_module(ty: *const capi::wasmtime_module_type_t, engine: &Engine) -> Item {
    let raw = engine.as_ptr();
    // SAFETY: as for read_component; each entry is ours to delete.
    unsafe {
        let import = |nth| {
            let raw = capi::wasmtime_module_type_import_nth(ty, raw, nth);
            let read = core::read_importtype(raw);
            capi::wasm_importtype_delete(raw);
            read
        };
        let export = |nth| {
            let raw = capi::wasmtime_module_type_export_nth(ty, raw, nth);
            let read = core::read_exporttype(raw);
            capi::wasm_exporttype_delete(raw);
            read
        };
        Item::Module {
            imports: (0..capi::wasmtime_module_type_import_count(ty, raw)).map(import).collect(),
            exports: (0..capi::wasmtime_module_type_export_count(ty, raw)).map(export).collect(),
        }
    }
}

unsafe fn read_item(item: &capi::wasmtime_component_item_t, engine: &Engine) -> Item {
    // SAFETY: the kind says which pointer is there, and it is live as long as the item.
    unsafe {
        match u32::from(item.kind) {
            capi::WASMTIME_COMPONENT_ITEM_COMPONENT => read_component(item.of.component, engine),
            capi::WASMTIME_COMPONENT_ITEM_COMPONENT_INSTANCE => read_instance(item.of.component_instance, engine),
            capi::WASMTIME_COMPONENT_ITEM_MODULE => read_module(item.of.module, engine),
            capi::WASMTIME_COMPONENT_ITEM_COMPONENT_FUNC => Item::Func(read_func(item.of.component_func)),
            capi::WASMTIME_COMPONENT_ITEM_RESOURCE => {
                RawResourceType::copy_of(item.of.resource).map_or(Item::Type(Type::ErrorContext), |ty| Item::Resource(Arc::new(ty)))
            }
            capi::WASMTIME_COMPONENT_ITEM_CORE_FUNC => Item::CoreFunc(core::read_functype(item.of.core_func)),
            _ => Item::Type(RawValType::copy_of(&item.of.type_).read(&mut Names::default())),
        }
    }
}
