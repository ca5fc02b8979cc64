//! `Wasmtime::PoolingAllocationConfig`.

use super::engine::{takes, with_given};
use crate::handle::config::{POOLING_OPTIONS, PoolingConfig};
use crate::handle::fault::Fault;
use crate::handle::option::{self, Given, Takes};
use crate::runtime::{error, escape};
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RHash, Ruby, Value};

/// The settings of a pool, copied into each engine made with them.
#[magnus::wrap(class = "Wasmtime::PoolingAllocationConfig", free_immediately, size)]
pub struct PoolingAllocationConfig(PoolingConfig);

const KEYS: &str = "memory_protection_keys";
const MAX_KEYS: &str = "max_memory_protection_keys";

impl PoolingAllocationConfig {
    /// The owner of the C configuration.
    pub fn handle(&self) -> &PoolingConfig {
        &self.0
    }

    fn new(ruby: &Ruby) -> Result<Obj<Self>, Error> {
        Ok(ruby.obj_wrap(Self(PoolingConfig::new().map_err(error::from_fault)?)))
    }

    fn set(ruby: &Ruby, this: &Self, name: String, value: Value) -> Result<(), Error> {
        with_given(ruby, value, |given| {
            let known = match (name.as_str(), given) {
                (KEYS, Given::Choice(choice)) => escape::pooling_set_memory_protection_keys(&this.0, choice),
                (MAX_KEYS, Given::Number(max)) => {
                    escape::pooling_set_max_memory_protection_keys(&this.0, usize::try_from(max).unwrap_or(usize::MAX));
                    true
                }
                _ => option::apply(POOLING_OPTIONS, &this.0, &name, given)?,
            };
            if known { Ok(()) } else { Err(Fault::message(format!("unknown option {name}"))) }
        })
    }

    fn inspect(&self) -> String {
        format!("#<Wasmtime::PoolingAllocationConfig inner={}>", escape::pooling_debug(&self.0))
    }

    fn options(ruby: &Ruby) -> Result<RHash, Error> {
        let options = ruby.hash_new();
        for row in POOLING_OPTIONS {
            options.aset(ruby.to_symbol(row.name), takes(ruby, row.takes()))?;
        }
        let choices = escape::MEMORY_PROTECTION_KEYS.iter().map(|(name, _)| ruby.to_symbol(name));
        options.aset(ruby.to_symbol(KEYS), ruby.ary_from_iter(choices))?;
        let max = u64::try_from(usize::MAX).unwrap_or(u64::MAX);
        options.aset(ruby.to_symbol(MAX_KEYS), takes(ruby, Takes::Number { max }))?;
        Ok(options)
    }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "PoolingAllocationConfig")?;
    let singleton = class.singleton_class()?;
    singleton.define_private_method("_new", method!(|ruby: &Ruby, _: Value| PoolingAllocationConfig::new(ruby), 0))?;
    class.define_singleton_method("_options", function!(PoolingAllocationConfig::options, 0))?;
    class.define_singleton_method("memory_protection_keys_available?", function!(escape::memory_protection_keys_available, 0))?;
    class.define_private_method("_set", method!(PoolingAllocationConfig::set, 2))?;
    class.define_method("inspect", method!(PoolingAllocationConfig::inspect, 0))
}
