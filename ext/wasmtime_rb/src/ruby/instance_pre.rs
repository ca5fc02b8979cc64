//! `Wasmtime::InstancePre`.

use super::instance::{self, Instance};
use super::linker::Linker;
use super::module::Module;
use super::store::Store;
use crate::handle::instance::InstancePre as Handle;
use crate::runtime::error;
use crate::runtime::instance as runtime;
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Ruby, TypedData, gc, method};

/// A module whose imports are resolved. Keeps the linker alive: its roots hold the host blocks.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::InstancePre", free_immediately, mark, size)]
pub struct InstancePre {
    handle: Handle,
    linker: Obj<Linker>,
    module: Obj<Module>,
}

// SAFETY: the two objects are used with the GVL and marked below.
unsafe impl Send for InstancePre {}

impl DataTypeFunctions for InstancePre {
    fn mark(&self, marker: &gc::Marker) {
        marker.mark(self.linker);
        marker.mark(self.module);
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl InstancePre {
    /// What `Linker#instantiate_pre` gives.
    pub fn new(handle: Handle, linker: Obj<Linker>, module: Obj<Module>) -> Self {
        Self { handle, linker, module }
    }

    fn instantiate(ruby: &Ruby, this: Obj<Self>, store: Obj<Store>) -> Result<Obj<Instance>, Error> {
        this.linker.inner.check(&store.inner)?;
        store.inner.access()?;
        // Before the start function runs: from then on host functions of the linker may be called.
        store.inner.retain(this.linker.as_raw());
        let raw = runtime::instantiate(&store.inner, |context| this.handle.instantiate(context))?;
        Ok(instance::wrap(ruby, &store.inner, raw))
    }

    fn module(&self) -> Obj<Module> {
        self.module
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "InstancePre")?;
    class.define_method("instantiate", method!(InstancePre::instantiate, 1))?;
    class.define_method("module", method!(InstancePre::module, 0))
}
