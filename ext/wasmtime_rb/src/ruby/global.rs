//! `Wasmtime::Global`.

use super::externs::store_object;
use super::store::Store;
use super::types;
use crate::handle::context::Ctx;
use crate::handle::externs::RawGlobal;
use crate::handle::types::ValType;
use crate::handle::val::{OwnedVal, Val};
use crate::runtime::signature::conv;
use crate::runtime::store::StoreInner;
use crate::runtime::{call, convert, error};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, Ruby, Value};

store_object! {
    /// A global of a store.
    Global(RawGlobal), "Wasmtime::Global"
}

/// Converts a value for a cell of the store (global, table): the tagged value, unrooted when dropped.
pub fn cell_value(store: &StoreInner, ty: &ValType, value: Value) -> Result<OwnedVal, Error> {
    let conv = conv(ty);
    let arg = convert::to_arg(store, conv, value.as_raw())?;
    let context = store.access()?;
    call::to_val(store, context, conv, arg).map(OwnedVal).map_err(error::from_fault)
}

/// What was read from a cell of the store, as a Ruby value.
pub fn cell_read(store: &StoreInner, context: Ctx, ty: &ValType, val: Val) -> Value {
    let val = OwnedVal(val);
    super::externs::value(convert::from_val(store, context, conv(ty), &val.0))
}

impl Global {
    fn new(ruby: &Ruby, store: Obj<Store>, ty: Value, mutable: bool, value: Value) -> Result<Obj<Self>, Error> {
        let content = types::valtype_from_value(&store.inner.engine, ty)?;
        let val = cell_value(&store.inner, &content, value)?;
        let raw = store.inner.access()?.global_new(&store.inner.engine.handle, &content, mutable, &val.0).map_err(error::from_fault)?;
        Ok(ruby.obj_wrap(Self { store: store.inner.share(), raw }))
    }

    fn content(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        let (content, _) = this.store.access()?.global_type(&this.raw);
        Ok(types::valtype_to_value(ruby, &content))
    }

    fn is_mutable(&self) -> Result<bool, Error> {
        Ok(self.store.access()?.global_type(&self.raw).1)
    }

    fn get(&self) -> Result<Value, Error> {
        let context = self.store.access()?;
        let (content, _) = context.global_type(&self.raw);
        Ok(cell_read(&self.store, context, &content, context.global_get(&self.raw)))
    }

    fn set(&self, value: Value) -> Result<(), Error> {
        let (content, mutable) = self.store.access()?.global_type(&self.raw);
        if !mutable {
            return Err(error::raise(error::Kind::Base, "immutable global cannot be set"));
        }
        let val = cell_value(&self.store, &content, value)?;
        self.store.access()?.global_set(&self.raw, &val.0).map_err(error::from_fault)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Global")?;
    class.define_singleton_method("_new", function!(Global::new, 4))?;
    class.define_private_method("_content", method!(Global::content, 0))?;
    class.define_method("var?", method!(Global::is_mutable, 0))?;
    class.define_method("get", method!(Global::get, 0))?;
    class.define_private_method("_set", method!(Global::set, 1))?;
    class.define_method("store", method!(Global::store, 0))
}
