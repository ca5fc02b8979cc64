//! `Wasmtime::CallFuture`: async calls and instantiations.

use super::instance;
use super::instance_pre::InstancePre;
use super::linker::Linker;
use super::module::Module;
use super::store::Store;
use crate::handle::call_future::CallFuture as Handle;
use crate::runtime::async_call::{self, Begun, Done, Goal};
use crate::runtime::call;
use crate::runtime::error;
use crate::runtime::func::Func;
use crate::runtime::instance::check_engine;
use crate::runtime::store::{StoreInner, StoreRef};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, Ruby, TypedData, Value, gc};
use rb_sys::VALUE;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Stands for an async call, which its store owns.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::CallFuture", free_immediately, mark, size)]
pub struct CallFuture {
    store: StoreRef,
    begun: Begun,
    /// What an instance is an instance of; nil for a call.
    module: VALUE,
}

// SAFETY: used with the GVL only.
unsafe impl Send for CallFuture {}

impl DataTypeFunctions for CallFuture {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
        // SAFETY: called by Ruby's GC; nil or a live Module.
        unsafe { rb_sys::rb_gc_mark(self.module) }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Drop for CallFuture {
    fn drop(&mut self) {
        // The store may be gone already; it looks at this when it is next used.
        self.begun.abandoned.store(true, Ordering::Relaxed);
    }
}

fn wrap(ruby: &Ruby, store: &StoreInner, begun: Begun, module: VALUE) -> Obj<CallFuture> {
    ruby.obj_wrap(CallFuture { store: store.share(), begun, module })
}

const NIL: VALUE = rb_sys::Qnil as VALUE;

fn limit(seconds: Option<f64>) -> Option<Duration> {
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

fn begin_call(ruby: &Ruby, func: Obj<Func>, args: RArray, seconds: Option<f64>) -> Result<Obj<CallFuture>, Error> {
    let (store, signature) = (&*func.store, func.signature()?.clone());
    // lib/ passes an Array of its own, which stays on Ruby's stack and which nobody changes.
    let values: Vec<VALUE> = args.into_iter().map(|value| value.as_raw()).collect();
    let vals = call::to_vals(store, &signature, &values)?;
    std::hint::black_box(args);
    let count = signature.results.len();
    let begun = async_call::begin(store, limit(seconds), Goal::Func(signature), &[], |context| Ok(Handle::call(context, func.raw, vals, count)))?;
    Ok(wrap(ruby, store, begun, NIL))
}

fn begin_linker(ruby: &Ruby, linker: Obj<Linker>, store: Obj<Store>, module: Obj<Module>, seconds: Option<f64>) -> Result<Obj<CallFuture>, Error> {
    let inner = &store.inner;
    linker.inner.check(inner)?;
    check_engine("module", module.engine(), inner)?;
    inner.access()?;
    inner.retain(linker.as_raw());
    let keep = [linker.as_raw(), module.as_raw()];
    let start = |context| Ok(Handle::instantiate(context, &linker.inner.handle, module.handle()));
    let begun = async_call::begin(inner, limit(seconds), Goal::Instance, &keep, start)?;
    Ok(wrap(ruby, inner, begun, module.as_raw()))
}

fn begin_pre(ruby: &Ruby, pre: Obj<InstancePre>, store: Obj<Store>, seconds: Option<f64>) -> Result<Obj<CallFuture>, Error> {
    let inner = &store.inner;
    pre.prepare(inner)?;
    let start = |context| Ok(Handle::instantiate_pre(context, pre.handle()));
    let begun = async_call::begin(inner, limit(seconds), Goal::Instance, &[pre.as_raw()], start)?;
    Ok(wrap(ruby, inner, begun, pre.module().as_raw()))
}

/// nil while it is under way, else the value in an Array.
fn poll(ruby: &Ruby, this: &CallFuture) -> Result<Option<RArray>, Error> {
    let Some(done) = async_call::poll(&this.store, this.begun.serial)? else { return Ok(None) };
    let value = match done {
        Done::Value(value) => value,
        Done::Instance(raw) => instance::wrap(&this.store, raw, this.module),
    };
    Ok(Some(ruby.ary_new_from_values(&[super::externs::value(value)])))
}

fn is_pending(this: &CallFuture) -> bool {
    async_call::is_pending(&this.store, this.begun.serial)
}

fn cancel(this: &CallFuture) -> Result<bool, Error> {
    async_call::cancel(&this.store, this.begun.serial)
}

fn store(this: &CallFuture) -> Value {
    super::store::object(&this.store)
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "CallFuture")?;
    class.define_singleton_method("_call", function!(begin_call, 3))?;
    class.define_singleton_method("_linker", function!(begin_linker, 4))?;
    class.define_singleton_method("_pre", function!(begin_pre, 3))?;
    class.define_private_method("_poll", method!(poll, 0))?;
    class.define_private_method("_pending?", method!(is_pending, 0))?;
    class.define_private_method("_cancel", method!(cancel, 0))?;
    class.define_method("store", method!(store, 0))
}
