//! `Wasmtime::Tag`.

use super::externs::store_object;
use super::store::Store;
use super::types;
use crate::handle::externs::RawTag;
use crate::runtime::error;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RArray, Ruby, TryConvert, Value, function, method};

store_object! {
    /// An exception tag of a store.
    Tag(RawTag), "Wasmtime::Tag"
}

impl Tag {
    fn new(ruby: &Ruby, store: Obj<Store>, params: RArray) -> Result<Obj<Self>, Error> {
        let engine = &store.inner.engine;
        let params = types::valtypes(engine, params)?;
        let raw = store.inner.access()?.tag_new(&engine.handle, &params).map_err(error::from_fault)?;
        Ok(ruby.obj_wrap(Self { store: store.inner.share(), raw }))
    }

    fn params(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        let ty = this.store.access()?.tag_type(&this.raw);
        Ok(types::valtypes_to_value(ruby, &ty.params))
    }

    fn same(&self, other: Value) -> Result<bool, Error> {
        match Obj::<Self>::try_convert(other) {
            Ok(other) if other.store.is(&self.store) => Ok(self.store.access()?.tag_eq(&self.raw, &other.raw)),
            _ => Ok(false),
        }
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Tag")?;
    class.define_singleton_method("_new", function!(Tag::new, 2))?;
    class.define_private_method("_params", method!(Tag::params, 0))?;
    class.define_private_method("_same?", method!(Tag::same, 1))?;
    class.define_method("store", method!(Tag::store, 0))
}
