//! `Component::Linker`. lib/ gives every definition with the path of the instance it goes into.

use super::component::Component;
use super::instance::Instance;
use crate::ruby::engine::Engine;
use crate::ruby::module::Module;
use crate::ruby::store::Store;
use crate::runtime::component::linker::LinkerInner;
use crate::runtime::engine::EngineInner;
use crate::runtime::error::{self, Kind};
use magnus::block::Proc;
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, Ruby, TypedData, Value, gc, prelude::*};
use std::sync::Arc;

/// A linker. Marks its roots: procs and classes.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::Linker", free_immediately, mark, size)]
pub struct Linker {
    inner: LinkerInner,
}

impl DataTypeFunctions for Linker {
    fn mark(&self, _marker: &gc::Marker) {
        self.inner.roots.mark();
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

fn path(names: RArray) -> Result<Vec<String>, Error> {
    names.to_vec::<String>()
}

impl Linker {
    fn new(ruby: &Ruby, engine: Obj<Engine>) -> Result<Obj<Self>, Error> {
        Ok(ruby.obj_wrap(Self { inner: LinkerInner::new(engine.arc().clone())? }))
    }

    fn allow_shadowing(&self, allow: Value) -> Result<(), Error> {
        self.inner.allow_shadowing(allow.to_bool())
    }

    fn add_func(&self, names: RArray, name: String, block: Proc, bytes: bool) -> Result<(), Error> {
        self.inner.add_func(&path(names)?, &name, block.as_raw(), bytes)
    }

    fn add_module(&self, names: RArray, name: String, module: Obj<Module>) -> Result<(), Error> {
        self.check("module", module.engine())?;
        self.inner.add_module(&path(names)?, &name, module.handle())
    }

    fn add_resource(&self, names: RArray, name: String, class: Value, block: Option<Proc>) -> Result<(), Error> {
        let block = block.map_or(rb_sys::Qnil as rb_sys::VALUE, |block| block.as_raw());
        self.inner.add_resource(&path(names)?, &name, class.as_raw(), block)
    }

    fn check_component(&self, component: Obj<Component>) -> Result<(), Error> {
        self.check("component", &component.engine)
    }

    fn unknown_as_traps(&self, component: Obj<Component>) -> Result<(), Error> {
        self.check_component(component)?;
        self.inner.define_unknown_imports_as_traps(&component.handle)
    }

    fn add_wasi_p2(&self) -> Result<(), Error> {
        self.inner.add_wasi_p2()
    }

    fn add_wasi_http(&self) -> Result<(), Error> {
        self.inner.add_wasi_http()
    }

    fn has_wasi(&self) -> (bool, bool) {
        self.inner.has_wasi()
    }

    fn check(&self, what: &str, engine: &Arc<EngineInner>) -> Result<(), Error> {
        if Arc::ptr_eq(engine, &self.inner.engine) {
            return Ok(());
        }
        Err(error::raise(Kind::Base, &format!("the {what} and the linker belong to different engines")))
    }

    fn instantiate(ruby: &Ruby, this: Obj<Self>, store: Obj<Store>, component: Obj<Component>) -> Result<Obj<Instance>, Error> {
        this.check_component(component)?;
        store.inner.access()?;
        // Before anything of the component runs: from then on host functions of this linker may be called.
        store.inner.retain(this.as_raw());
        let raw = this.inner.instantiate(&store.inner, &component.handle)?;
        Ok(ruby.obj_wrap(Instance::new(&store.inner, raw, component.as_raw())))
    }

    fn engine_object(ruby: &Ruby, this: &Self) -> Obj<Engine> {
        crate::ruby::engine::wrap(ruby, this.inner.engine.clone())
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = super::define_class(ruby, "Linker")?;
    class.define_singleton_method("_new", function!(Linker::new, 1))?;
    class.define_private_method("_allow_shadowing=", method!(Linker::allow_shadowing, 1))?;
    class.define_private_method("_add_func", method!(Linker::add_func, 4))?;
    class.define_private_method("_add_module", method!(Linker::add_module, 3))?;
    class.define_private_method("_add_resource", method!(Linker::add_resource, 4))?;
    class.define_private_method("_define_unknown_imports_as_traps", method!(Linker::unknown_as_traps, 1))?;
    class.define_private_method("_add_wasi_p2", method!(Linker::add_wasi_p2, 0))?;
    class.define_private_method("_add_wasi_http", method!(Linker::add_wasi_http, 0))?;
    class.define_private_method("_check_component", method!(Linker::check_component, 1))?;
    class.define_private_method("_wasi", method!(Linker::has_wasi, 0))?;
    class.define_private_method("_instantiate", method!(Linker::instantiate, 2))?;
    class.define_method("engine", method!(Linker::engine_object, 0))
}
