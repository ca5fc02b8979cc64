//! `Wasmtime::InstancePre`.

use super::instance;
use super::linker::Linker;
use super::module::Module;
use super::store::Store;
use crate::handle::instance::InstancePre as Handle;
use crate::runtime::error;
use crate::runtime::linker::Demands;
use crate::runtime::store::StoreInner;
use crate::runtime::{instance as runtime, typed};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Ruby, TypedData, gc};
use rb_sys::VALUE;
use std::ffi::c_int;

/// A module whose imports are resolved.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::InstancePre", free_immediately, mark, size, frozen_shareable)]
pub struct InstancePre {
    handle: Handle,
    demands: Demands,
    /// Kept alive where its roots hold host blocks, or stores. Without it the object may be shared between Ractors.
    linker: Option<Obj<Linker>>,
    module: Obj<Module>,
}

// SAFETY: the two objects are used with a GVL and marked below; a Module may be shared between Ractors, and an object with a Linker may not.
unsafe impl Send for InstancePre {}
// SAFETY: as above; Wasmtime's InstancePre is read only, by any number of threads.
unsafe impl Sync for InstancePre {}

impl DataTypeFunctions for InstancePre {
    fn mark(&self, marker: &gc::Marker) {
        if let Some(linker) = self.linker {
            marker.mark(linker);
        }
        marker.mark(self.module);
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl InstancePre {
    /// What `Linker#instantiate_pre` gives.
    pub fn new(handle: Handle, linker: Obj<Linker>, module: Obj<Module>) -> Self {
        let demands = linker.inner.demands();
        Self { handle, demands, linker: (!linker.inner.is_free_of_ruby()).then_some(linker), module }
    }

    /// Refuses a store that does not fit, and makes the others ready: before the start function runs, because from then on host functions of the
    /// linker may be called.
    #[inline]
    pub fn prepare(&self, store: &StoreInner) -> Result<(), Error> {
        match self.linker {
            None => self.demands.check(store)?,
            Some(linker) => linker.inner.check(store)?,
        }
        store.access()?;
        if let Some(linker) = self.linker {
            store.retain(linker.as_raw());
        }
        Ok(())
    }

    /// The prepared module.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    fn instantiate(&self, store: VALUE) -> Result<VALUE, Error> {
        let store = &typed::expect::<Store>(store)?.inner;
        self.prepare(store)?;
        let raw = runtime::instantiate(store, |context| self.handle.instantiate(context))?;
        Ok(instance::wrap(store, raw, self.module.as_raw()))
    }

    /// Whether Ractors may share it.
    fn is_free_of_ruby(&self) -> bool {
        self.linker.is_none()
    }

    /// The module it is of.
    pub fn module(&self) -> Obj<Module> {
        self.module
    }
}

/// `instantiate(store)`: programs make an instance for each request.
unsafe extern "C" fn raw_instantiate(argc: c_int, argv: *const VALUE, this: VALUE) -> VALUE {
    // SAFETY: Ruby passes `argc` values at `argv`, which stay on its stack for the call; defined on InstancePre.
    let (args, pre) = unsafe { (super::raw::args(argc, argv), typed::this::<InstancePre>(this)) };
    let result = match args {
        _ if super::options::given(args) => super::options::forward(this, c"_instantiate_with_options", args),
        [store] => pre.instantiate(*store),
        _ => Err(error::argument(&format!("wrong number of arguments (given {}, expected 1)", args.len()))),
    };
    super::raw::finish(this, result)
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "InstancePre")?;
    super::raw::define_method(class, c"instantiate", raw_instantiate);
    class.define_private_method("_free_of_ruby?", method!(InstancePre::is_free_of_ruby, 0))?;
    class.define_method("module", method!(InstancePre::module, 0))
}
