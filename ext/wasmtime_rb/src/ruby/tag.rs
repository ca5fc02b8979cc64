//! `Wasmtime::Tag`.

use super::externs::store_object;
use super::store::Store;
use super::types;
use crate::handle::externs::RawTag;
use crate::handle::global;
use crate::runtime::error;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RArray, Ruby, TryConvert, Value};

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

    /// Needs no access: objects can be compared whatever their store is doing.
    fn same(&self, other: Value) -> bool {
        Obj::<Self>::try_convert(other).is_ok_and(|other| other.store.is(&self.store) && global::same_tag(&self.raw, &other.raw))
    }

    fn hash(&self) -> u64 {
        global::tag_bits(&self.raw)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Tag")?;
    class.define_singleton_method("_new", function!(Tag::new, 2))?;
    class.define_private_method("_params", method!(Tag::params, 0))?;
    class.define_method("==", method!(Tag::same, 1))?;
    class.define_method("eql?", method!(Tag::same, 1))?;
    class.define_method("hash", method!(Tag::hash, 0))?;
    class.define_method("store", method!(Tag::store, 0))
}
