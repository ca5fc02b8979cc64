//! `Component::Instance`.

use super::export_index::ExportIndex;
use crate::handle::component::instance::RawInstance;
use crate::ruby::store;
use crate::runtime::component::func::Func;
use crate::runtime::component::resource::ResourceType;
use crate::runtime::escape;
use crate::runtime::store::{StoreInner, StoreRef};
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Ruby, TypedData, Value, gc};
use rb_sys::VALUE;
use std::sync::Arc;

/// An instance of a component.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::Instance", free_immediately, mark, size)]
pub struct Instance {
    store: StoreRef,
    raw: RawInstance,
    /// The Ruby component.
    component: VALUE,
}

impl DataTypeFunctions for Instance {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
        // SAFETY: called by Ruby's GC; a live object, pinned.
        unsafe { rb_sys::rb_gc_mark(self.component) }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Instance {
    /// An instance of `component`.
    pub fn new(store: &StoreInner, raw: RawInstance, component: VALUE) -> Self {
        Self { store: store.share(), raw, component }
    }

    fn export_index(ruby: &Ruby, this: Obj<Self>, parent: Option<Obj<ExportIndex>>, name: String) -> Result<Option<Obj<ExportIndex>>, Error> {
        let context = this.store.access()?;
        let found = context.component_export_index(&this.raw, parent.as_ref().map(|index| &index.raw), &name);
        Ok(found.map(|raw| ExportIndex::wrap(ruby, raw, this.component, parent, name)))
    }

    fn func(this: Obj<Self>, index: Obj<ExportIndex>, bytes: bool) -> Result<Option<Value>, Error> {
        let raw = this.store.access()?.component_func(&this.raw, &index.raw);
        // SAFETY: a new object on our stack.
        Ok(raw.map(|raw| unsafe { Value::from_raw(Func::wrap(&this.store, raw, this.as_raw(), bytes)) }))
    }

    fn resource(ruby: &Ruby, this: Obj<Self>, index: Obj<ExportIndex>) -> Result<Option<Value>, Error> {
        let ty = escape::component::instance_resource(this.store.access()?, &this.raw, &index.raw);
        Ok(ty.map(|ty| ResourceType::wrap(ruby, Arc::new(ty))))
    }

    fn component(this: Obj<Self>) -> Value {
        // SAFETY: a live object that the instance marks.
        unsafe { Value::from_raw(this.component) }
    }

    fn store(this: Obj<Self>) -> Value {
        store::object(&this.store)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = super::define_class(ruby, "Instance")?;
    class.define_private_method("_export_index", method!(Instance::export_index, 2))?;
    class.define_private_method("_func", method!(Instance::func, 2))?;
    class.define_private_method("_resource", method!(Instance::resource, 1))?;
    class.define_method("component", method!(Instance::component, 0))?;
    class.define_method("store", method!(Instance::store, 0))
}
