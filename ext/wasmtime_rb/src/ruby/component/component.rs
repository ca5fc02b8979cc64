//! `Component::Component`.

use super::export_index::ExportIndex;
use super::types;
use crate::handle::component::Component as Handle;
use crate::ruby::engine::{self, Engine};
use crate::ruby::module::{copy, source};
use crate::runtime::engine::EngineInner;
use crate::runtime::error::{self, Kind};
use crate::runtime::{compile, memory};
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, RString, Ruby, TypedData, Value, gc, prelude::*};
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A component, frozen and shareable between Ractors.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::Component", free_immediately, mark, size, frozen_shareable)]
pub struct Component {
    pub handle: Handle,
    pub engine: Arc<EngineInner>,
    /// Bytes of native code.
    code: usize,
    /// The `Component::ComponentType` that lib/ made of it, frozen and shareable as it is; 0 before.
    ty: AtomicU64,
}

impl DataTypeFunctions for Component {
    fn mark(&self, marker: &gc::Marker) {
        if let Some(ty) = self.ty() {
            marker.mark(ty);
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.code
    }
}

impl Component {
    fn code_bytes(&self) -> i64 {
        i64::try_from(self.code).unwrap_or(0)
    }

    fn ty(&self) -> Option<Value> {
        let ty = self.ty.load(Ordering::Acquire);
        // SAFETY: an object that `keep_type` was given, and `mark` keeps from then on.
        (ty != 0).then(|| unsafe { Value::from_raw(ty) })
    }

    /// Keeps the type; the first one, when Ractors make it at the same time.
    fn keep_type(&self, ty: Value) -> Option<Value> {
        _ = self.ty.compare_exchange(0, ty.as_raw(), Ordering::AcqRel, Ordering::Acquire);
        self.ty()
    }

    fn wrap(ruby: &Ruby, engine: Arc<EngineInner>, (handle, code): (Handle, usize)) -> Obj<Self> {
        let component = Self { handle, engine, code, ty: AtomicU64::new(0) };
        memory::adjust(component.code_bytes());
        let component = ruby.obj_wrap(component);
        component.freeze();
        component
    }

    fn new(ruby: &Ruby, engine: Obj<Engine>, bytes: RString) -> Result<Obj<Self>, Error> {
        let wasm = source(bytes)?;
        let engine = engine.arc().clone();
        let compiled = compile::compile::<Handle>(&engine, wasm)?;
        let compiled = compiled.map_err(|text| error::raise(Kind::Compile, &format!("Could not build component: {text}")))?;
        Ok(Self::wrap(ruby, engine, compiled))
    }

    fn deserialize(ruby: &Ruby, engine: Obj<Engine>, bytes: RString) -> Result<Obj<Self>, Error> {
        let code = copy(bytes);
        let engine = engine.arc().clone();
        let owner = engine.clone();
        let load = move || Handle::deserialize(&owner.handle, &code).map(|handle| (handle, code.len())).map_err(|fault| fault.to_text());
        Ok(Self::wrap(ruby, engine, compile::load(load)?.map_err(|text| error::raise(Kind::Base, &text))?))
    }

    fn deserialize_file(ruby: &Ruby, engine: Obj<Engine>, path: RString, size: usize) -> Result<Obj<Self>, Error> {
        let path = CString::new(copy(path)).map_err(|_| error::argument("path contains null byte"))?;
        let engine = engine.arc().clone();
        let owner = engine.clone();
        let load = move || Handle::deserialize_file(&owner.handle, &path).map(|handle| (handle, size)).map_err(|fault| fault.to_text());
        Ok(Self::wrap(ruby, engine, compile::load(load)?.map_err(|text| error::raise(Kind::Base, &text))?))
    }

    fn serialize(ruby: &Ruby, this: &Self) -> Result<RString, Error> {
        let code = this.handle.serialize().map_err(error::from_fault)?;
        Ok(ruby.str_from_slice(code.as_slice()))
    }

    /// `[imports, exports]`, as [`types::item_to_value`] describes them.
    fn desc(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        types::component_to_value(ruby, this.handle.item(&this.engine.handle))
    }

    fn export_index(ruby: &Ruby, this: Obj<Self>, parent: Option<Obj<ExportIndex>>, name: String) -> Option<Obj<ExportIndex>> {
        let found = this.handle.export_index(parent.as_ref().map(|index| &index.raw), &name);
        found.map(|raw| ExportIndex::wrap(ruby, raw, this.as_raw(), parent, name))
    }

    fn engine_object(ruby: &Ruby, this: &Self) -> Obj<Engine> {
        engine::wrap(ruby, this.engine.clone())
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        memory::adjust(-self.code_bytes());
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = super::define_class(ruby, "Component")?;
    class.define_singleton_method("_new", function!(Component::new, 2))?;
    class.define_singleton_method("_deserialize", function!(Component::deserialize, 2))?;
    class.define_singleton_method("_deserialize_file", function!(Component::deserialize_file, 3))?;
    class.define_method("serialize", method!(Component::serialize, 0))?;
    class.define_private_method("_export_index", method!(Component::export_index, 2))?;
    class.define_private_method("_desc", method!(Component::desc, 0))?;
    class.define_private_method("_kept_type", method!(Component::ty, 0))?;
    class.define_private_method("_keep_type", method!(Component::keep_type, 1))?;
    class.define_method("engine", method!(Component::engine_object, 0))
}
