//! `Wasmtime::Func`. `call` is a raw method: it is what programs do most.

use super::module::Module;
use super::store::Store;
use super::types;
use crate::handle::types::FuncType;
use crate::runtime::call;
use crate::runtime::error;
use crate::runtime::func::Func;
use crate::runtime::host::{self, Block};
use crate::runtime::instance::check_engine;
use crate::runtime::typed;
use magnus::block::Proc;
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RArray, Ruby, Value, prelude::*};
use rb_sys::VALUE;
use std::ffi::c_int;

fn new(ruby: &Ruby, store: Obj<Store>, params: RArray, results: RArray, block: Proc, mode: u8) -> Result<Obj<Func>, Error> {
    let engine = &store.inner.engine;
    let ty = FuncType { params: types::valtypes(engine, params)?, results: types::valtypes(engine, results)? };
    let raw_type = types::raw_functype(engine, &ty)?;
    let block = Block { proc: block.as_raw(), mode: host::mode(mode) };
    let raw = host::new_func(&store.inner, &raw_type, ty, block)?;
    Ok(ruby.obj_wrap(Func::new(store.inner.share(), raw, false)))
}

/// A block as import `index` of a module, with the type the module gives it.
fn for_import(ruby: &Ruby, store: Obj<Store>, module: Obj<Module>, index: usize, block: Proc, mode: u8) -> Result<Obj<Func>, Error> {
    check_engine("module", module.engine(), &store.inner)?;
    let raw_type = module.func_import(index)?.raw_type;
    let block = Block { proc: block.as_raw(), mode: host::mode(mode) };
    let raw = host::new_func(&store.inner, &raw_type, raw_type.read(), block)?;
    Ok(ruby.obj_wrap(Func::new(store.inner.share(), raw, false)))
}

fn params(ruby: &Ruby, func: Obj<Func>) -> Result<RArray, Error> {
    Ok(types::valtypes_to_value(ruby, &func.signature()?.ty.params))
}

fn results(ruby: &Ruby, func: Obj<Func>) -> Result<RArray, Error> {
    Ok(types::valtypes_to_value(ruby, &func.signature()?.ty.results))
}

fn arity(func: Obj<Func>) -> Result<usize, Error> {
    Ok(func.signature()?.params.len())
}

fn store(func: Obj<Func>) -> Value {
    super::store::object(&func.store)
}

/// A Func like this one that gives up the GVL while it runs.
fn released(ruby: &Ruby, func: Obj<Func>) -> Obj<Func> {
    ruby.obj_wrap(Func::new(func.store, func.raw, true))
}

fn is_released(func: Obj<Func>) -> bool {
    func.release
}

fn same(func: Obj<Func>, other: Value) -> bool {
    Obj::<Func>::try_convert(other).is_ok_and(|other| func.store.is(&other.store) && func.raw.__private == other.raw.__private)
}

fn hash(func: Obj<Func>) -> usize {
    func.raw.__private.addr() >> 4
}

/// The lambda made once, kept by the Func.
fn lambda(func: Obj<Func>) -> Value {
    // SAFETY: nil or a Proc that the Func marks.
    unsafe { Value::from_raw(func.lambda.get()) }
}

fn set_lambda(func: Obj<Func>, lambda: Proc) -> Proc {
    func.lambda.set(lambda.as_raw());
    lambda
}

/// `call(*args)`. Ruby guarantees that `this` is a Func: the method is bound to no other class, and no Func exists without its data.
unsafe extern "C" fn raw_call(argc: c_int, argv: *const VALUE, this: VALUE) -> VALUE {
    // SAFETY: see above; Ruby passes `argc` values at `argv`, which stay on its stack for the call.
    let result = unsafe {
        let (func, args) = (typed::this::<Func>(this), super::raw::args(argc, argv));
        if super::options::given(args) { super::options::forward(this, c"_call_with_options", args) } else { call::call(func, args) }
    };
    super::raw::finish(this, result)
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Func")?;
    class.define_singleton_method("_new", function!(new, 5))?;
    class.define_singleton_method("_for_import", function!(for_import, 5))?;
    super::raw::define_method(class, c"call", raw_call);
    class.define_method("params", method!(params, 0))?;
    class.define_method("results", method!(results, 0))?;
    class.define_method("arity", method!(arity, 0))?;
    class.define_method("store", method!(store, 0))?;
    class.define_method("==", method!(same, 1))?;
    class.define_method("eql?", method!(same, 1))?;
    class.define_method("hash", method!(hash, 0))?;
    class.define_private_method("_released", method!(released, 0))?;
    class.define_private_method("_released?", method!(is_released, 0))?;
    class.define_private_method("_lambda", method!(lambda, 0))?;
    class.define_private_method("_lambda=", method!(set_lambda, 1))
}
