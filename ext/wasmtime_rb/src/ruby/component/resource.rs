//! `Component::Resource` and `Component::ResourceType`.

use crate::ruby::store;
use crate::runtime::component::resource::{Resource, ResourceType};
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Ruby, TryConvert, Value};
use std::sync::Arc;

fn close(resource: Obj<Resource>) -> Result<(), Error> {
    resource.close()
}

fn closed(resource: Obj<Resource>) -> bool {
    resource.closed()
}

fn owned(resource: Obj<Resource>) -> bool {
    resource.owned()
}

fn ty(ruby: &Ruby, resource: Obj<Resource>) -> Value {
    ResourceType::wrap(ruby, Arc::clone(resource.ty()))
}

fn store(resource: Obj<Resource>) -> Value {
    store::object(&resource.store)
}

fn same(ty: Obj<ResourceType>, other: Value) -> bool {
    Obj::<ResourceType>::try_convert(other).is_ok_and(|other| ty.0 == other.0)
}

/// Types that are the same have the same; C tells no more of them.
fn hash(_ty: Obj<ResourceType>) -> usize {
    size_of::<ResourceType>()
}

/// Defines the classes.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = super::define_class(ruby, "Resource")?;
    class.define_private_method("_close", method!(close, 0))?;
    class.define_method("closed?", method!(closed, 0))?;
    class.define_method("owned?", method!(owned, 0))?;
    class.define_method("type", method!(ty, 0))?;
    class.define_method("store", method!(store, 0))?;
    let class = super::define_class(ruby, "ResourceType")?;
    class.define_method("==", method!(same, 1))?;
    class.define_method("eql?", method!(same, 1))?;
    class.define_method("hash", method!(hash, 0))
}
