//! One file per Ruby class: arguments are converted first, then the layers below are called. Each file defines its own class.

pub mod call_future;
pub mod caller;
pub mod component;
pub mod engine;
pub mod externs;
pub mod func;
pub mod global;
pub mod guest_profiler;
pub mod heap_type;
pub mod instance;
pub mod instance_pre;
pub mod linker;
pub mod memory;
pub mod memory_access;
pub mod module;
pub mod names;
pub mod options;
pub mod pooling_allocation_config;
pub mod raw;
pub mod reference;
pub mod shared_memory;
pub mod store;
pub mod table;
pub mod tag;
pub mod types;
pub mod v128;
pub mod wasi_config;

use crate::{handle, runtime};
use magnus::{Error, Module as _, Object, RHash, Ruby, TypedData, value::ReprValue as _};

/// Live C handles by kind, for leak specs.
fn live_handles(ruby: &Ruby) -> Result<RHash, Error> {
    let counts = ruby.hash_new();
    for (kind, count) in handle::live_handles() {
        counts.aset(ruby.to_symbol(kind), count)?;
    }
    Ok(counts)
}

/// Defines every class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    runtime::process::install();
    runtime::error::init(ruby)?;
    let module = runtime::error::wasmtime(ruby);
    let version = ruby.str_new(&handle::version());
    version.freeze();
    module.const_set("WASMTIME_VERSION", version)?;
    module.define_singleton_method("_live_handles", function!(live_handles, 0))?;
    let params: RHash = ruby.eval("RubyVM::DEFAULT_PARAMS")?;
    if let Some(size) = params.lookup::<_, Option<usize>>(ruby.to_symbol("fiber_machine_stack_size"))? {
        runtime::thread::set_fiber_stack_size(size);
    }
    let classes = [
        engine::init,
        pooling_allocation_config::init,
        module::init,
        store::init,
        wasi_config::init,
        caller::init,
        func::init,
        memory::init,
        shared_memory::init,
        table::init,
        global::init,
        tag::init,
        v128::init,
        heap_type::init,
        guest_profiler::init,
        reference::init,
        instance::init,
        linker::init,
        instance_pre::init,
        call_future::init,
        component::init,
        runtime::view::init,
        runtime::offload::init,
    ];
    classes.into_iter().try_for_each(|init| init(ruby))?;
    look_up_classes(ruby);
    Ok(())
}

/// magnus looks a class up when its first object is made, by calling Ruby inside a lock of Rust's. Were a second Ruby thread to come along, it
/// would wait for that lock while it holds the GVL, for ever.
fn look_up_classes(ruby: &Ruby) {
    let look_up = [
        engine::Engine::class,
        pooling_allocation_config::PoolingAllocationConfig::class,
        module::Module::class,
        store::Store::class,
        runtime::func::Caller::class,
        runtime::func::Func::class,
        memory::Memory::class,
        shared_memory::SharedMemory::class,
        table::Table::class,
        global::Global::class,
        tag::Tag::class,
        runtime::v128::V128::class,
        runtime::heap_type::TypeObject::class,
        runtime::reference::Reference::class,
        instance::Instance::class,
        linker::Linker::class,
        wasi_config::OutputBuffer::class,
        instance_pre::InstancePre::class,
        call_future::CallFuture::class,
        runtime::offload::Job::class,
    ];
    for class in look_up {
        class(ruby);
    }
}
