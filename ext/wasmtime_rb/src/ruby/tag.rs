//! `Wasmtime::Tag`.

use super::externs::store_object;
use super::types;
use crate::handle::externs::RawTag;
use crate::runtime::error;
use magnus::{Error, Module as _, RArray, Ruby, method};

store_object! {
    /// An exception tag of a store.
    Tag(RawTag), "Wasmtime::Tag"
}

impl Tag {
    fn params(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        let ty = this.store.access()?.tag_type(&this.raw);
        Ok(types::valtypes_to_value(ruby, &ty.params))
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Tag")?;
    class.define_private_method("_params", method!(Tag::params, 0))?;
    class.define_method("store", method!(Tag::store, 0))
}
