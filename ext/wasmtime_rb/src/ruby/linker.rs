//! `Wasmtime::Linker` and `Wasmtime::InstancePre`.

use super::engine::Engine;
use super::externs;
use super::instance::{self, Instance};
use super::module::Module;
use super::names::to_name;
use super::store::Store;
use super::types;
use crate::handle::functype::RawFuncType;
use crate::handle::types::FuncType;
use crate::runtime::error::{self, Kind};
use crate::runtime::escape;
use crate::runtime::func::Func;
use crate::runtime::host::{self, Block};
use crate::runtime::instance::check_engine;
use crate::runtime::linker::LinkerInner;
use crate::runtime::trampoline::CallerMode;
use crate::runtime::{typed, wasi_functions};
use magnus::block::Proc;
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, Ruby, TypedData, Value, gc, prelude::*};
use rb_sys::VALUE;
use std::sync::Arc;

/// A linker. Marks its roots: procs, stores of defined items, and the linkers it was copied from.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Linker", free_immediately, mark, size)]
pub struct Linker {
    pub inner: LinkerInner,
}

impl DataTypeFunctions for Linker {
    fn mark(&self, _marker: &gc::Marker) {
        self.inner.roots.mark();
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

/// What `func_new` and `_define_import` share: names, type and block.
struct HostItem {
    module: String,
    name: String,
    ty: FuncType,
    raw_type: RawFuncType,
    block: Block,
    asynchronous: bool,
}

impl Linker {
    fn new(ruby: &Ruby, engine: Obj<Engine>) -> Result<Obj<Self>, Error> {
        Ok(ruby.obj_wrap(Self { inner: LinkerInner::new(engine.arc().clone())? }))
    }

    fn duplicate(ruby: &Ruby, this: Obj<Self>) -> Result<Obj<Self>, Error> {
        let copy = ruby.obj_wrap(Self { inner: this.inner.duplicate()? });
        if !this.inner.is_free_of_ruby() {
            copy.inner.roots.insert(this.as_raw());
        }
        if let Some(store) = this.inner.bound_store() {
            copy.inner.roots.insert(store.object());
        }
        Ok(copy)
    }

    fn allow_shadowing(&self, allow: Value) -> Result<(), Error> {
        self.inner.define()?.allow_shadowing(allow.to_bool());
        Ok(())
    }

    fn allow_unknown_exports(&self, allow: Value) -> Result<(), Error> {
        escape::linker_allow_unknown_exports(self.inner.define()?, allow.to_bool());
        Ok(())
    }

    fn define(&self, store: Obj<Store>, module: Value, name: Value, item: Value) -> Result<(), Error> {
        let (module, name) = (to_name(module)?, to_name(name)?);
        let item = externs::unwrap(&store.inner, item)?;
        if self.inner.define_item(&store.inner, &module, &name, &item)? {
            self.inner.roots.insert(store.as_raw());
        }
        Ok(())
    }

    /// The block's first argument is its Caller.
    fn func_new(&self, module: Value, name: Value, params: RArray, results: RArray, block: Proc, asynchronous: bool) -> Result<(), Error> {
        let engine = &self.inner.engine;
        let ty = FuncType { params: types::valtypes(engine, params)?, results: types::valtypes(engine, results)? };
        let raw_type = types::raw_functype(engine, &ty)?;
        let block = Block { proc: block.as_raw(), mode: CallerMode::First };
        self.define_func(HostItem { module: to_name(module)?, name: to_name(name)?, ty, raw_type, block, asynchronous })
    }

    /// Defines a block for import `index` of a module, with the type the module gives it.
    fn define_import(&self, module: Obj<Module>, index: usize, block: Proc, mode: u8) -> Result<(), Error> {
        self.check_module(&module)?;
        let import = module.func_import(index)?;
        let ty = import.raw_type.read();
        let block = Block { proc: block.as_raw(), mode: host::mode(mode) };
        self.define_func(HostItem { module: import.module, name: import.name, ty, raw_type: import.raw_type, block, asynchronous: false })
    }

    fn define_func(&self, item: HostItem) -> Result<(), Error> {
        let handle = if item.asynchronous { self.inner.define_async()? } else { self.inner.define()? };
        let name = (item.module.as_str(), item.name.as_str());
        host::define_func(handle, &self.inner.roots, name, &item.raw_type, item.ty, item.block, item.asynchronous)
    }

    fn define_instance(&self, store: Obj<Store>, module: Value, instance: Obj<Instance>) -> Result<(), Error> {
        let module = to_name(module)?;
        let (owner, raw) = instance.parts();
        if !owner.is(&store.inner) {
            return Err(externs::wrong_store(instance.as_value()));
        }
        if self.inner.bind(&store.inner)? {
            self.inner.roots.insert(store.as_raw());
        }
        let context = store.inner.access()?;
        self.inner.define()?.define_instance(context, &module, raw).map_err(error::from_fault)
    }

    fn define_module(this: Obj<Self>, store: Obj<Store>, name: Value, module: Obj<Module>) -> Result<(), Error> {
        let name = to_name(name)?;
        check_engine("module", module.engine(), &store.inner)?;
        if this.inner.bind(&store.inner)? {
            this.inner.roots.insert(store.as_raw());
        }
        store.inner.retain(this.as_raw());
        this.inner.define()?;
        // A reactor is instantiated here, start function included.
        let handle = &this.inner.handle;
        let work = |context| handle.define_module(context, &name, module.handle());
        this.inner.borrowed(|| crate::runtime::activation::enter(&store.inner, false, work))
    }

    fn alias(&self, module: Value, name: Value, as_module: Value, as_name: Value) -> Result<(), Error> {
        let (from, to) = ((to_name(module)?, to_name(name)?), (to_name(as_module)?, to_name(as_name)?));
        let result = escape::linker_alias(self.inner.define()?, (&from.0, &from.1), (&to.0, &to.1));
        result.map_err(|text| error::raise(Kind::Base, &text))
    }

    fn alias_module(&self, module: Value, as_module: Value) -> Result<(), Error> {
        let result = escape::linker_alias_module(self.inner.define()?, &to_name(module)?, &to_name(as_module)?);
        result.map_err(|text| error::raise(Kind::Base, &text))
    }

    fn unknown_as_traps(&self, module: Obj<Module>) -> Result<(), Error> {
        self.check_module(&module)?;
        self.inner.define()?.define_unknown_imports_as_traps(module.handle()).map_err(error::from_fault)
    }

    fn unknown_as_default_values(&self, store: Obj<Store>, module: Obj<Module>) -> Result<(), Error> {
        self.check_module(&module)?;
        if self.inner.bind(&store.inner)? {
            self.inner.roots.insert(store.as_raw());
        }
        let context = store.inner.access()?;
        self.inner.define()?.define_unknown_imports_as_default_values(context, module.handle()).map_err(error::from_fault)
    }

    fn define_wasi(&self) -> Result<(), Error> {
        self.inner.define_wasi()
    }

    fn define_our_wasi(&self) -> Result<(), Error> {
        wasi_functions::define_ours(&self.inner.engine.handle, self.inner.define()?)
    }

    fn define_deterministic_scheduling(&self) -> Result<(), Error> {
        wasi_functions::define_deterministic_scheduling(&self.inner.engine.handle, self.inner.define()?)
    }

    fn check_module(&self, module: &Module) -> Result<(), Error> {
        if Arc::ptr_eq(module.engine(), &self.inner.engine) {
            return Ok(());
        }
        Err(error::raise(Kind::Base, "the module and the linker belong to different engines"))
    }

    fn get(ruby: &Ruby, this: Obj<Self>, store: Obj<Store>, module: Value, name: Value) -> Result<Option<Value>, Error> {
        let (module, name) = (to_name(module)?, to_name(name)?);
        this.inner.check(&store.inner)?;
        let context = store.inner.access()?;
        let item = this.inner.handle.get(context, &module, &name);
        store.inner.retain(this.as_raw());
        Ok(item.map(|item| externs::wrap(ruby, &store.inner, item)))
    }

    fn get_default(ruby: &Ruby, this: Obj<Self>, store: Obj<Store>, module: Value) -> Result<Obj<Func>, Error> {
        let module = to_name(module)?;
        this.inner.check(&store.inner)?;
        let context = store.inner.access()?;
        let raw = this.inner.handle.get_default(context, &module).map_err(error::from_fault)?;
        store.inner.retain(this.as_raw());
        Ok(ruby.obj_wrap(Func::new(store.inner.share(), raw, false)))
    }

    fn instantiate(&self, this: VALUE, store: VALUE, module_object: VALUE) -> Result<VALUE, Error> {
        let (store, module) = (&typed::expect::<Store>(store)?.inner, typed::expect::<Module>(module_object)?);
        self.check_module(module)?;
        self.inner.check(store)?;
        store.access()?;
        // Before the start function runs: from then on host functions of this linker may be called.
        store.retain(this);
        let raw = self.inner.instantiate(store, module.handle())?;
        Ok(instance::wrap(store, raw, module_object))
    }

    fn instantiate_pre(ruby: &Ruby, this: Obj<Self>, module: Obj<Module>) -> Result<Obj<super::instance_pre::InstancePre>, Error> {
        this.check_module(&module)?;
        let handle = this.inner.handle.instantiate_pre(module.handle()).map_err(error::from_fault)?;
        Ok(ruby.obj_wrap(super::instance_pre::InstancePre::new(handle, this, module)))
    }
}

/// `_instantiate(store, module)`: programs make an instance for each request.
unsafe extern "C" fn raw_instantiate(this: VALUE, store: VALUE, module: VALUE) -> VALUE {
    // SAFETY: defined on Linker.
    let instance = unsafe { typed::this::<Linker>(this) }.instantiate(this, store, module);
    std::hint::black_box((store, module));
    super::raw::finish(this, instance)
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Linker")?;
    class.define_singleton_method("_new", function!(Linker::new, 1))?;
    class.define_method("dup", method!(Linker::duplicate, 0))?;
    class.define_private_method("_allow_shadowing=", method!(Linker::allow_shadowing, 1))?;
    class.define_method("allow_unknown_exports=", method!(Linker::allow_unknown_exports, 1))?;
    class.define_method("define", method!(Linker::define, 4))?;
    class.define_private_method("_func_new", method!(Linker::func_new, 6))?;
    class.define_private_method("_define_import", method!(Linker::define_import, 4))?;
    class.define_method("instance", method!(Linker::define_instance, 3))?;
    class.define_method("module", method!(Linker::define_module, 3))?;
    class.define_method("alias", method!(Linker::alias, 4))?;
    class.define_method("alias_module", method!(Linker::alias_module, 2))?;
    class.define_private_method("_define_unknown_imports_as_traps", method!(Linker::unknown_as_traps, 1))?;
    class.define_private_method("_define_unknown_imports_as_default_values", method!(Linker::unknown_as_default_values, 2))?;
    class.define_private_method("_define_wasi", method!(Linker::define_wasi, 0))?;
    class.define_private_method("_define_our_wasi", method!(Linker::define_our_wasi, 0))?;
    class.define_private_method("_define_deterministic_scheduling", method!(Linker::define_deterministic_scheduling, 0))?;
    class.define_private_method("_get", method!(Linker::get, 3))?;
    class.define_method("get_default", method!(Linker::get_default, 2))?;
    super::raw::define_private_binary(class, c"_instantiate", raw_instantiate);
    class.define_private_method("_instantiate_pre", method!(Linker::instantiate_pre, 1))
}
