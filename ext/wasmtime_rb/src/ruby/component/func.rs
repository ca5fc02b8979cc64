//! `Component::Func`. `call` is a raw method: it is what programs do most.

use super::types;
use crate::ruby::{options, raw, store};
use crate::runtime::component::call;
use crate::runtime::component::func::Func;
use crate::runtime::typed;
use magnus::rb_sys::FromRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Ruby, Value};
use rb_sys::VALUE;
use std::ffi::c_int;

fn desc(ruby: &Ruby, func: Obj<Func>) -> Result<Value, Error> {
    types::func_to_value(ruby, &func.store.access()?.component_func_type(&func.raw))
}

fn instance(func: Obj<Func>) -> Value {
    // SAFETY: a live object that the function marks.
    unsafe { Value::from_raw(func.instance) }
}

fn store(func: Obj<Func>) -> Value {
    store::object(&func.store)
}

fn bytes(func: Obj<Func>) -> bool {
    func.bytes
}

/// The same function with another word about `list<u8>`.
fn with_bytes(func: Obj<Func>, bytes: bool) -> Value {
    // SAFETY: a new object on our stack.
    unsafe { Value::from_raw(Func::wrap(&func.store, func.raw, func.instance, bytes)) }
}

fn arity(func: Obj<Func>) -> Result<usize, Error> {
    Ok(func.plan()?.0.ty.params.len())
}

/// `call(*args)`. Ruby guarantees that `this` is a Func: the method is bound to no other class, and no Func exists without its data.
unsafe extern "C" fn raw_call(argc: c_int, argv: *const VALUE, this: VALUE) -> VALUE {
    // SAFETY: see above; Ruby passes `argc` values at `argv`, which stay on its stack for the call.
    let result = unsafe {
        let (func, args) = (typed::this::<Func>(this), raw::args(argc, argv));
        if options::given(args) { options::forward(this, c"_call_with_keywords", args) } else { call::call(func, args) }
    };
    raw::finish(this, result)
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = super::define_class(ruby, "Func")?;
    raw::define_method(class, c"call", raw_call);
    class.define_private_method("_desc", method!(desc, 0))?;
    class.define_private_method("_bytes", method!(bytes, 0))?;
    class.define_private_method("_with_bytes", method!(with_bytes, 1))?;
    class.define_method("arity", method!(arity, 0))?;
    class.define_method("instance", method!(instance, 0))?;
    class.define_method("store", method!(store, 0))
}
