//! `Wasmtime::Table`.

use super::externs::store_object;
use super::global::{cell_read, cell_value};
use super::store::Store;
use super::types;
use crate::handle::externs::RawTable;
use crate::handle::types::Limits;
use crate::runtime::{convert, error, escape};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, Ruby, Value};

store_object! {
    /// A table of a store.
    Table(RawTable), "Wasmtime::Table"
}

/// A number of elements. C's type for tables with 32-bit indexes has room for as many bits.
fn elements(value: Value, what: &str, is_64: bool) -> Result<u64, Error> {
    let wide = convert::to_u64(value.as_raw(), what)?;
    if is_64 || u32::try_from(wide).is_ok() {
        return Ok(wide);
    }
    Err(error::range(&format!("{what} is too big: {wide} (a table made by the host has at most 2**32-1 elements)")))
}

impl Table {
    fn new(ruby: &Ruby, store: Obj<Store>, ty: Value, initial: Value, min: Value, max: Option<Value>, is_64: bool) -> Result<Obj<Self>, Error> {
        let (store, engine) = (&store.inner, &store.inner.engine);
        let element = types::valtype_from_value(engine, ty)?;
        let (min, max) = (elements(min, "min_size", is_64)?, max.map(|max| elements(max, "max_size", is_64)).transpose()?);
        if max.is_some_and(|max| max < min) {
            return Err(error::argument("max_size is smaller than min_size"));
        }
        let initial = cell_value(store, &element, initial)?;
        let context = store.access()?;
        let raw = if is_64 {
            escape::table::new_64(context, &engine.handle, &element, min, max, &initial.0)
        } else {
            let narrow = |size| u32::try_from(size).unwrap_or(u32::MAX);
            context.table_new(&engine.handle, &element, narrow(min), max.map(narrow), &initial.0)
        };
        Ok(ruby.obj_wrap(Self { store: store.share(), raw: raw.map_err(error::from_fault)? }))
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
        let val = context.table_get(&self.raw, index);
        Ok(val.map(|val| cell_read(&self.store, context, &context.table_element(&self.raw), val)))
    }

    fn set(&self, index: Value, value: Value) -> Result<(), Error> {
        let index = convert::to_u64(index.as_raw(), "index")?;
        let element = self.store.access()?.table_element(&self.raw);
        let val = cell_value(&self.store, &element, value)?;
        let context = self.store.access()?;
        let size = context.table_size(&self.raw);
        if index >= size {
            return Err(error::raise(error::Kind::Base, &format!("table element index out of bounds: {index} (the table has {size} elements)")));
        }
        context.table_set(&self.raw, index, &val.0).map_err(error::from_fault)
    }

    fn grow(&self, delta: Value, initial: Value) -> Result<u64, Error> {
        let delta = convert::to_u64(delta.as_raw(), "delta")?;
        let element = self.store.access()?.table_element(&self.raw);
        let val = cell_value(&self.store, &element, initial)?;
        self.store.access()?.table_grow(&self.raw, delta, &val.0).map_err(error::from_fault)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Table")?;
    class.define_singleton_method("_new", function!(Table::new, 6))?;
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
