//! `Wasmtime::Store`.

use crate::runtime::error::{self, Kind};
use crate::runtime::recycle::{self, Recycled, Spare};
use crate::runtime::store::StoreInner;
use crate::runtime::{convert, typed};
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::{DataTypeFunctions, Error, Module as _, Ruby, TypedData, Value, gc};
use rb_sys::VALUE;
use std::ffi::c_int;
use std::time::Duration;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// A store. The only Ruby object that marks the roots; everything else of the store marks this one. Write barrier protected, because such
/// objects are quicker to make: `StoreInner` tells Ruby of every object it refers to.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Store", free_immediately, mark, size, wb_protected)]
pub struct Store {
    pub inner: StoreInner,
}

impl DataTypeFunctions for Store {
    fn mark(&self, _marker: &gc::Marker) {
        self.inner.mark();
    }

    fn size(&self) -> usize {
        size_of::<StoreInner>() + self.inner.limits.committed()
    }

    fn free(self: Box<Self>) {
        recycle::free(self);
    }
}

impl Recycled for Store {
    fn spare() -> &'static Spare<Self> {
        static SPARE: Spare<Store> = Spare::new();
        &SPARE
    }
}

impl Store {
    fn make(engine: VALUE, data: VALUE) -> Result<VALUE, Error> {
        let engine = typed::expect::<super::engine::Engine>(engine)?;
        // SAFETY: raw methods run with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        let object = recycle::wrap(&ruby, Self { inner: StoreInner::new(engine.arc().clone()) });
        let inner = &typed::expect::<Self>(object)?.inner;
        inner.open(object).map_err(error::from_fault)?;
        inner.set_data(data);
        Ok(object)
    }

    fn data(&self) -> Result<Value, Error> {
        self.open()?;
        // SAFETY: the roots keep the data alive.
        Ok(unsafe { Value::from_raw(self.inner.data()) })
    }

    fn set_data(&self, data: Value) -> Result<(), Error> {
        self.open()?;
        self.inner.set_data(data.as_raw());
        Ok(())
    }

    fn open(&self) -> Result<(), Error> {
        if self.inner.closed() { self.inner.access().map(|_| ()) } else { Ok(()) }
    }

    fn set_limit(&self, name: String, value: Option<Value>) -> Result<(), Error> {
        self.open()?;
        let value = value.map(|value| convert::to_u64(value.as_raw(), &name)).transpose()?;
        if self.inner.set_limit(&name, value)? { Ok(()) } else { Err(error::argument(&format!("unknown limit: {name}"))) }
    }

    fn gc(&self) -> Result<(), Error> {
        self.inner.access()?.gc().map_err(error::from_fault)?;
        self.inner.roots.reclaim();
        Ok(())
    }

    fn fuel(&self) -> Result<u64, Error> {
        self.inner.access()?.fuel().map_err(error::from_fault)
    }

    fn set_fuel(&self, fuel: Value) -> Result<(), Error> {
        let fuel = convert::to_u64(fuel.as_raw(), "fuel")?;
        self.inner.access()?.set_fuel(fuel).map_err(error::from_fault)
    }

    fn set_fuel_yield_interval(&self, interval: Value) -> Result<(), Error> {
        let interval = convert::to_u64(interval.as_raw(), "fuel_async_yield_interval")?;
        self.inner.require_async()?;
        self.inner.access()?.set_fuel_yield_interval(interval).map_err(error::from_fault)
    }

    fn set_epoch_yield(&self, ticks: Option<Value>) -> Result<(), Error> {
        self.check_epochs()?;
        let ticks = ticks.map(|ticks| convert::to_u64(ticks.as_raw(), "ticks")).transpose()?;
        self.inner.access()?;
        self.inner.suspension().yield_and_update.set(ticks);
        if let Some(ticks) = ticks {
            self.inner.set_user_deadline(ticks);
        }
        Ok(())
    }

    fn set_epoch_deadline(&self, ticks: Value) -> Result<(), Error> {
        let ticks = convert::to_u64(ticks.as_raw(), "ticks")?;
        self.inner.access()?;
        self.check_epochs()?;
        self.inner.set_user_deadline(ticks);
        Ok(())
    }

    fn call_state(&self) -> (u64, Option<bool>, usize) {
        self.inner.call_state()
    }

    fn set_call_state(&self, state: (u64, Option<bool>, usize)) {
        self.inner.end_call(state);
    }

    fn begin_call(&self, seconds: Option<f64>, release: Option<bool>) -> Result<(), Error> {
        // What is longer than the clock can count is no limit.
        self.inner.begin_call(seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)), release)
    }

    fn set_releases(&self, releases: bool) -> Result<(), Error> {
        if !releases {
            self.inner.check_holdable()?;
        }
        self.inner.set_releases(releases);
        Ok(())
    }

    fn offload(&self) {
        self.inner.set_offloads();
    }

    fn set_epoch_block(&self, block: Value) -> Result<(), Error> {
        self.inner.access()?;
        self.check_epochs()?;
        self.inner.set_epoch_block(block.as_raw());
        Ok(())
    }

    fn check_epochs(&self) -> Result<(), Error> {
        let on = self.inner.engine.settings.epoch_interruption;
        let text = "epochs are off: create the engine with Wasmtime::Engine.new(epoch_interruption: true)";
        if on { Ok(()) } else { Err(error::raise(Kind::Base, text)) }
    }

    fn interrupt(&self) {
        self.inner.interrupt();
    }

    fn limit_hit(&self) -> Result<bool, Error> {
        self.open()?;
        Ok(self.inner.limits.hit())
    }

    fn max_memory(&self) -> Result<u64, Error> {
        self.open()?;
        Ok(self.inner.limits.max_memory())
    }

    fn host_calls(&self) -> Result<u64, Error> {
        self.open()?;
        Ok(self.inner.host_calls())
    }

    fn closed(&self) -> bool {
        self.inner.closed()
    }
}

/// `new(engine, data)`: programs make a store for each request, most of them without options. lib/ does the rest.
unsafe extern "C" fn raw_new(argc: c_int, argv: *const VALUE, class: VALUE) -> VALUE {
    // SAFETY: Ruby passes `argc` values at `argv`, which stay on its stack for the call.
    let args = unsafe { super::raw::args(argc, argv) };
    let result = match args {
        [engine] if !super::options::given(args) => Store::make(*engine, NIL),
        [engine, data] if !super::options::given(args) => Store::make(*engine, *data),
        _ => super::options::forward(class, c"_new_with_options", args),
    };
    super::raw::finish(class, result)
}

/// `_new(engine, data)`: a store without options.
unsafe extern "C" fn raw_new_plain(class: VALUE, engine: VALUE, data: VALUE) -> VALUE {
    super::raw::finish(class, Store::make(engine, data))
}

/// `close`, which ends each of them.
unsafe extern "C" fn raw_close(this: VALUE) -> VALUE {
    // SAFETY: defined on Store.
    let closed = unsafe { typed::this::<Store>(this) }.inner.close();
    super::raw::finish(this, closed.map(|closed| if closed { rb_sys::Qtrue as VALUE } else { rb_sys::Qfalse as VALUE }))
}

/// The Store object of an inner store.
pub fn object(inner: &StoreInner) -> Value {
    // SAFETY: the object pins itself while anything of the store is alive.
    unsafe { Value::from_raw(inner.object()) }
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Store")?;
    super::raw::define_singleton(class, c"new", raw_new);
    super::raw::define_singleton_binary(class, c"_new", raw_new_plain);
    super::raw::define_nullary(class, c"close", raw_close);
    class.define_method("data", method!(Store::data, 0))?;
    class.define_method("data=", method!(Store::set_data, 1))?;
    class.define_private_method("_call_state", method!(Store::call_state, 0))?;
    class.define_private_method("_call_state=", method!(Store::set_call_state, 1))?;
    class.define_private_method("_begin_call", method!(Store::begin_call, 2))?;
    class.define_private_method("_releases=", method!(Store::set_releases, 1))?;
    class.define_private_method("_offload", method!(Store::offload, 0))?;
    class.define_private_method("_epoch_block=", method!(Store::set_epoch_block, 1))?;
    class.define_method("interrupt", method!(Store::interrupt, 0))?;
    class.define_private_method("_set_limit", method!(Store::set_limit, 2))?;
    class.define_method("gc", method!(Store::gc, 0))?;
    class.define_method("get_fuel", method!(Store::fuel, 0))?;
    class.define_method("set_fuel", method!(Store::set_fuel, 1))?;
    class.define_private_method("_fuel_async_yield_interval=", method!(Store::set_fuel_yield_interval, 1))?;
    class.define_private_method("_epoch_yield=", method!(Store::set_epoch_yield, 1))?;
    class.define_method("set_epoch_deadline", method!(Store::set_epoch_deadline, 1))?;
    class.define_method("linear_memory_limit_hit?", method!(Store::limit_hit, 0))?;
    class.define_method("max_linear_memory_consumed", method!(Store::max_memory, 0))?;
    class.define_method("host_calls", method!(Store::host_calls, 0))?;
    class.define_method("closed?", method!(Store::closed, 0))
}
