//! Components: what their C API cannot say.

use super::store_context;
use crate::handle::component::export_index::RawExportIndex;
use crate::handle::component::instance::RawInstance;
use crate::handle::component::resource::RawResourceType;
use crate::handle::context::Ctx;

const _: () = {
    assert!(size_of::<RawInstance>() == size_of::<wasmtime::component::Instance>());
    assert!(align_of::<RawInstance>() == align_of::<wasmtime::component::Instance>());
    assert!(size_of::<wasmtime_c_api::wasmtime_component_export_index_t>() == size_of::<wasmtime::component::ComponentExportIndex>());
    assert!(size_of::<wasmtime_c_api::wasmtime_component_resource_type_t>() == size_of::<wasmtime::component::ResourceType>());
};

/// The resource type an instance exports. To be replaced by `wasmtime_component_instance_get_resource`, which does not exist.
pub fn instance_resource(context: Ctx, instance: &RawInstance, index: &RawExportIndex) -> Option<RawResourceType> {
    // SAFETY: `#[repr(transparent)]` around the Rust instance and index (asserted by size); instance and context belong together.
    let (instance, index) = unsafe {
        let index: *const wasmtime::component::ComponentExportIndex = index.as_ptr().cast();
        (&*std::ptr::from_ref(instance).cast::<wasmtime::component::Instance>(), &*index)
    };
    let ty = instance.get_resource(store_context(&context), index)?;
    // SAFETY: the C destructor frees a Box of a struct around the Rust type (asserted by size); we give the only pointer away.
    unsafe { RawResourceType::from_raw(Box::into_raw(Box::new(ty)).cast()) }
}

/// The code for "cannot enter component instance".
pub const CANNOT_ENTER: u8 = wasmtime::Trap::CannotEnterComponent as u8;

/// The code of a trap that is told in words only, as the component functions of C do: they give errors without codes.
pub fn trap_code(message: &str) -> Option<u8> {
    (0..=u8::MAX)
        .map_while(|code| wasmtime::Trap::from_u8(code).map(|trap| (code, trap)))
        .find(|(_, trap)| trap.to_string() == message)
        .map(|(code, _)| code)
}
