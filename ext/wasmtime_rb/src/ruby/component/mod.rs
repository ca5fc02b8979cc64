//! The classes under `Wasmtime::Component`, one file each.

#[allow(clippy::module_inception, reason = "the class is Component::Component")]
pub mod component;
pub mod export_index;
pub mod func;
pub mod instance;
pub mod linker;
pub mod resource;
pub mod types;

use crate::runtime::component as runtime;
use crate::runtime::error;
use magnus::{Class as _, Error, Module as _, RClass, Ruby, TypedData};

/// A class defined under `Wasmtime::Component` without an allocator.
fn define_class(ruby: &Ruby, name: &str) -> Result<RClass, Error> {
    let class = runtime::module(ruby)?.define_class(name, ruby.class_object())?;
    class.undef_default_alloc_func();
    Ok(class)
}

/// Defines every class, and looks them up.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    error::wasmtime(ruby).define_module("Component")?;
    runtime::look_up_classes(ruby);
    runtime::result_error(ruby)?;
    let classes = [component::init, export_index::init, func::init, instance::init, linker::init, resource::init];
    classes.into_iter().try_for_each(|init| init(ruby))?;
    let look_up = [
        component::Component::class,
        runtime::func::Func::class,
        instance::Instance::class,
        export_index::ExportIndex::class,
        linker::Linker::class,
        runtime::resource::Resource::class,
        runtime::resource::ResourceType::class,
    ];
    for class in look_up {
        class(ruby);
    }
    Ok(())
}
