//! `Wasmtime::Table`.

use super::externs::store_object;
use super::global::{cell_read, cell_value};
use super::store::Store;
use super::types;
use crate::handle::externs::RawTable;
use crate::handle::types::Limits;
use crate::handle::val::OwnedVals;
use crate::runtime::{convert, error, escape};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, Ruby, Value, function, method};

store_object! {
    /// A table of a store.
    Table(RawTable), "Wasmtime::Table"
}

fn elements(value: Value, what: &str) -> Result<u32, Error> {
    let wide = convert::to_u64(value.as_raw(), what)?;
    u32::try_from(wide).map_err(|_| error::range(&format!("{what} is too big: {wide} (a table made by the host has at most 2**32-1 elements)")))
}

impl Table {
    fn new(ruby: &Ruby, store: Obj<Store>, ty: Value, initial: Value, min: Value, max: Option<Value>) -> Result<Obj<Self>, Error> {
        let element = types::valtype_from_value(&store.inner.engine, ty)?;
        let (min, max) = (elements(min, "min_size")?, max.map(|max| elements(max, "max_size")).transpose()?);
        if max.is_some_and(|max| max < min) {
            return Err(error::argument("max_size is smaller than min_size"));
        }
        let (_, vals) = cell_value(&store.inner, &element, initial)?;
        let context = store.inner.access()?;
        let Some(val) = vals.0.first() else { return Err(error::raise(error::Kind::Base, "no value")) };
        let raw = context.table_new(&store.inner.engine.handle, &element, min, max, val).map_err(error::from_fault)?;
        Ok(ruby.obj_wrap(Self { store: store.inner.share(), raw }))
    }

    fn new_64(ruby: &Ruby, store: Obj<Store>, ty: Value, initial: Value, min: Value, max: Option<Value>) -> Result<Obj<Self>, Error> {
        let engine = &store.inner.engine;
        let element = types::valtype_from_value(engine, ty)?;
        let min = convert::to_u64(min.as_raw(), "min_size")?;
        let max = max.map(|max| convert::to_u64(max.as_raw(), "max_size")).transpose()?;
        if max.is_some_and(|max| max < min) {
            return Err(error::argument("max_size is smaller than min_size"));
        }
        let (_, vals) = cell_value(&store.inner, &element, initial)?;
        let context = store.inner.access()?;
        let Some(val) = vals.0.first() else { return Err(error::raise(error::Kind::Base, "no value")) };
        let raw = escape::table::new_64(context, &engine.handle, &element, min, max, val).map_err(error::from_fault)?;
        Ok(ruby.obj_wrap(Self { store: store.inner.share(), raw }))
    }

    fn limits(&self) -> Result<Limits, Error> {
        Ok(escape::table_limits(self.store.access()?, &self.raw))
    }

    fn element(ruby: &Ruby, this: &Self) -> Result<Value, Error> {
        Ok(types::valtype_to_value(ruby, &this.store.access()?.table_element(&this.raw)))
    }

    fn min(&self) -> Result<u64, Error> {
        Ok(self.limits()?.min)
    }

    fn max(&self) -> Result<Option<u64>, Error> {
        Ok(self.limits()?.max)
    }

    fn is_64(&self) -> Result<bool, Error> {
        Ok(self.limits()?.is_64)
    }

    fn size(&self) -> Result<u64, Error> {
        Ok(self.store.access()?.table_size(&self.raw))
    }

    fn get(&self, index: Value) -> Result<Option<Value>, Error> {
        let index = convert::to_u64(index.as_raw(), "index")?;
        let context = self.store.access()?;
        let Some(val) = context.table_get(&self.raw, index) else { return Ok(None) };
        let vals = OwnedVals(vec![val]);
        cell_read(&self.store, context, &context.table_element(&self.raw), &vals).map(Some)
    }

    fn set(&self, index: Value, value: Value) -> Result<(), Error> {
        let index = convert::to_u64(index.as_raw(), "index")?;
        let element = self.store.access()?.table_element(&self.raw);
        let (_, vals) = cell_value(&self.store, &element, value)?;
        let context = self.store.access()?;
        let size = context.table_size(&self.raw);
        if index >= size {
            return Err(error::raise(error::Kind::Base, &format!("table element index out of bounds: {index} (the table has {size} elements)")));
        }
        let Some(val) = vals.0.first() else { return Ok(()) };
        context.table_set(&self.raw, index, val).map_err(error::from_fault)
    }

    fn grow(&self, delta: Value, initial: Value) -> Result<u64, Error> {
        let delta = convert::to_u64(delta.as_raw(), "delta")?;
        let element = self.store.access()?.table_element(&self.raw);
        let (_, vals) = cell_value(&self.store, &element, initial)?;
        let context = self.store.access()?;
        let Some(val) = vals.0.first() else { return Ok(0) };
        context.table_grow(&self.raw, delta, val).map_err(error::from_fault)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Table")?;
    class.define_singleton_method("_new", function!(Table::new, 5))?;
    class.define_singleton_method("_new64", function!(Table::new_64, 5))?;
    class.define_private_method("_element", method!(Table::element, 0))?;
    class.define_method("min_size", method!(Table::min, 0))?;
    class.define_method("max_size", method!(Table::max, 0))?;
    class.define_private_method("_table64?", method!(Table::is_64, 0))?;
    class.define_method("size", method!(Table::size, 0))?;
    class.define_method("get", method!(Table::get, 1))?;
    class.define_private_method("_set", method!(Table::set, 2))?;
    class.define_private_method("_grow", method!(Table::grow, 2))?;
    class.define_method("store", method!(Table::store, 0))
}
