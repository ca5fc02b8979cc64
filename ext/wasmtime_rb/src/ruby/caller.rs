//! `Wasmtime::Caller`: what a host block may ask of the instance that called it, while it runs.

use super::externs;
use crate::handle::context::Ctx;
use crate::handle::func::RawCaller;
use crate::runtime::convert;
use crate::runtime::error::{self, Kind};
use crate::runtime::func::Caller;
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::{Error, Module as _, Ruby, Value};

/// The running host call, else the error that it is over.
fn live(caller: &Caller) -> Result<*mut RawCaller, Error> {
    let raw = caller.store.caller(caller.serial);
    let raw = raw.ok_or_else(|| error::raise(Kind::Base, "Caller outlived its Func execution"))?;
    caller.store.access()?;
    Ok(raw)
}

fn export(ruby: &Ruby, caller: &Caller, name: Value) -> Result<Option<Value>, Error> {
    let name = super::names::to_name(name)?;
    let raw = live(caller)?;
    // SAFETY: the block this Caller was made for is still running.
    let item = unsafe { Ctx::caller_export(raw, &name) };
    Ok(item.map(|item| externs::wrap(ruby, &caller.store, item)))
}

fn store_data(caller: &Caller) -> Result<Value, Error> {
    live(caller)?;
    // SAFETY: the roots keep the data alive.
    Ok(unsafe { Value::from_raw(caller.store.data()) })
}

fn store(caller: &Caller) -> Result<Value, Error> {
    live(caller)?;
    Ok(super::store::object(&caller.store))
}

fn fuel(caller: &Caller) -> Result<u64, Error> {
    live(caller)?;
    caller.store.access()?.fuel().map_err(error::from_fault)
}

fn set_fuel(caller: &Caller, fuel: Value) -> Result<(), Error> {
    let fuel = convert::to_u64(fuel.as_raw(), "fuel")?;
    live(caller)?;
    caller.store.access()?.set_fuel(fuel).map_err(error::from_fault)
}

fn valid(caller: &Caller) -> bool {
    caller.store.caller(caller.serial).is_some()
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Caller")?;
    class.define_method("export", method!(export, 1))?;
    class.define_method("[]", method!(export, 1))?;
    class.define_method("store_data", method!(store_data, 0))?;
    class.define_method("store", method!(store, 0))?;
    class.define_method("get_fuel", method!(fuel, 0))?;
    class.define_method("set_fuel", method!(set_fuel, 1))?;
    class.define_method("valid?", method!(valid, 0))
}
