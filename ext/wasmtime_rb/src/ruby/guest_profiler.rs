//! `Wasmtime::GuestProfiler`: begins and ends the profile of a store.

use super::module::Module;
use super::store::Store;
use crate::handle::guest_profiler::GuestProfiler;
use crate::runtime::error::{self, Kind};
use crate::runtime::instance::check_engine;
use crate::runtime::profiling::Profiling;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RArray, RString, Ruby, TryConvert, Value};
use std::time::Duration;

fn begin(store: Obj<Store>, name: String, modules: RArray, seconds: f64) -> Result<(), Error> {
    let store = &store.inner;
    store.access()?;
    if !store.engine.settings.epoch_compiled() {
        return Err(error::raise(Kind::Base, "the profiler samples by the epoch: it needs an engine with interruptible: true"));
    }
    let mut named = Vec::with_capacity(modules.len());
    let mut alive = Vec::with_capacity(modules.len());
    for pair in modules {
        let pair = RArray::try_convert(pair)?;
        let (name, module): (String, Value) = (pair.entry(0)?, pair.entry(1)?);
        let module = Obj::<Module>::try_convert(module)?;
        check_engine("module", module.engine(), store)?;
        named.push(name);
        alive.push(module);
    }
    // The modules live in the Array that lib/ passes, on Ruby's stack.
    let list: Vec<_> = named.into_iter().zip(alive.iter().map(|module| module.handle())).collect();
    let interval = Duration::try_from_secs_f64(seconds).map_err(|_| error::argument("interval: expected seconds above 0"))?;
    let profiler = GuestProfiler::new(&store.engine.handle, &name, interval, &list);
    let profiler = profiler.ok_or_else(|| error::raise(Kind::Base, "failed to create a profiler"))?;
    let profiling = Profiling::start(profiler, &store.engine, interval)
        .map_err(|error| error::raise(Kind::Base, &format!("no thread for the profiler: {error}")))?;
    if store.begin_profiling(profiling) { Ok(()) } else { Err(error::raise(Kind::StoreBusy, "the store is being profiled already")) }
}

/// The profile, nil when the store was closed meanwhile.
fn finish(ruby: &Ruby, store: Obj<Store>) -> Result<Option<RString>, Error> {
    let Some(profiler) = store.inner.take_profiling() else { return Ok(None) };
    let json = profiler.finish().map_err(error::from_fault)?;
    Ok(Some(ruby.str_from_slice(&json)))
}

/// Defines the module.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let module = error::wasmtime(ruby).define_module("GuestProfiler")?;
    module.define_singleton_method("_begin", function!(begin, 4))?;
    module.define_singleton_method("_finish", function!(finish, 1))
}
