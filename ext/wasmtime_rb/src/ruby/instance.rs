//! `Wasmtime::Instance`. `invoke` is a raw method: it is what programs do most.

use super::externs;
use super::module::Module;
use super::names::to_string;
use super::store::Store;
use crate::handle::externs::RawInstance;
use crate::runtime::func::Func;
use crate::runtime::recycle::{self, Recycled, Spare};
use crate::runtime::store::{StoreInner, StoreRef};
use crate::runtime::{call, error, instance, typed};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::value::ReprValue as _;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, Ruby, TryConvert, TypedData, Value, gc};
use rb_sys::VALUE;
use std::cell::Cell;
use std::ffi::c_int;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// An instance, with its exports wrapped once. Write barrier protected, because such objects are quicker to make: what a cell is set to later,
/// Ruby is told.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Instance", free_immediately, mark, size, wb_protected)]
pub struct Instance {
    store: StoreRef,
    raw: RawInstance,
    /// The Module object, which knows the names of the exports.
    module: VALUE,
    /// The frozen Hash of exports, or nil until first asked for.
    exports: Cell<VALUE>,
    /// The name `invoke` was last given, frozen, and its export. Marked, and so pinned.
    last: Cell<(VALUE, VALUE)>,
}

impl DataTypeFunctions for Instance {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
        // SAFETY: called by Ruby's GC; the cell holds nil or a live Hash.
        unsafe {
            rb_sys::rb_gc_mark(self.exports.get());
            rb_sys::rb_gc_mark(self.last.get().0);
            rb_sys::rb_gc_mark(self.last.get().1);
            rb_sys::rb_gc_mark(self.module);
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn free(self: Box<Self>) {
        recycle::free(self);
    }
}

impl Recycled for Instance {
    fn spare() -> &'static Spare<Self> {
        static SPARE: Spare<Instance> = Spare::new();
        &SPARE
    }
}

/// A Ruby Instance.
pub fn wrap(store: &StoreInner, raw: RawInstance, module: VALUE) -> VALUE {
    // SAFETY: instances are made by methods, which run with the GVL.
    let ruby = unsafe { Ruby::get_unchecked() };
    recycle::wrap(&ruby, Instance { store: store.share(), raw, module, exports: Cell::new(NIL), last: Cell::new((rb_sys::Qundef as VALUE, NIL)) })
}

impl Instance {
    /// The store and the handle, for a linker.
    pub fn parts(&self) -> (StoreRef, &RawInstance) {
        (self.store, &self.raw)
    }

    fn make(store: Obj<Store>, module: Obj<Module>, imports: RArray) -> Result<Value, Error> {
        instance::check_engine("module", module.engine(), &store.inner)?;
        let items: Vec<_> = imports.into_iter().map(|item| externs::unwrap(&store.inner, item)).collect::<Result<_, _>>()?;
        let raw = instance::new(&store.inner, module.handle(), &items)?;
        Ok(externs::value(wrap(&store.inner, raw, module.as_raw())))
    }

    fn store(&self) -> Value {
        super::store::object(&self.store)
    }
}

/// The exports, wrapped on first use. Objects are cached, so the same export is always the same object.
#[inline]
fn exports(this: Obj<Instance>) -> Result<VALUE, Error> {
    match this.exports.get() {
        NIL => build_exports(this),
        exports => Ok(exports),
    }
}

#[cold]
fn build_exports(this: Obj<Instance>) -> Result<VALUE, Error> {
    let ruby = Ruby::get_with(this);
    let hash = ruby.hash_new();
    let context = this.store.access()?;
    for name in typed::expect::<Module>(this.module)?.export_names()? {
        if let Some(item) = context.instance_export(&this.raw, name) {
            hash.aset(ruby.str_new(name), externs::wrap(&ruby, &this.store, item))?;
        }
    }
    hash.freeze();
    this.exports.set(hash.as_raw());
    typed::written(this.as_raw(), hash.as_raw());
    Ok(hash.as_raw())
}

fn exports_hash(this: Obj<Instance>) -> Result<Value, Error> {
    this.store.access()?;
    exports(this).map(externs::value)
}

/// The export of a name, nil when there is none.
fn export(this: Obj<Instance>, name: Value) -> Result<Value, Error> {
    this.store.access()?;
    lookup(this, name.as_raw()).map(|found| externs::value(found.unwrap_or(NIL)))
}

/// A String or Symbol names an export.
#[inline]
fn lookup(this: Obj<Instance>, name: VALUE) -> Result<Option<VALUE>, Error> {
    find(exports(this)?, name)
}

#[inline]
fn find(exports: VALUE, name: VALUE) -> Result<Option<VALUE>, Error> {
    // SAFETY: live values; a String key neither runs Ruby code nor raises when it is looked up.
    let found = unsafe {
        let key = if rb_sys::RB_SYMBOL_P(name) { rb_sys::rb_sym2str(name) } else { to_string(name)? };
        rb_sys::rb_hash_lookup2(exports, key, rb_sys::Qundef as VALUE)
    };
    Ok((found != rb_sys::Qundef as VALUE).then_some(found))
}

/// `invoke(name, *args)`. Ruby guarantees that `this` is an Instance.
unsafe extern "C" fn raw_invoke(argc: c_int, argv: *const VALUE, this: VALUE) -> VALUE {
    // SAFETY: Ruby passes `argc` values at `argv`, which stay on its stack for the call.
    let args = unsafe { super::raw::args(argc, argv) };
    let result = if super::options::given(args) { super::options::forward(this, c"_invoke_with_options", args) } else { invoke(this, args) };
    super::raw::finish(this, result)
}

#[inline]
fn invoke(this: VALUE, args: &[VALUE]) -> Result<VALUE, Error> {
    let [name, args @ ..] = args else {
        return Err(error::argument("wrong number of arguments (given 0, expected 1+)"));
    };
    // SAFETY: see raw_invoke.
    let instance = unsafe { typed::this::<Instance>(this) };
    let (last, found) = instance.last.get();
    if last == *name || same_text(last, *name) {
        return call_export(*name, found, args);
    }
    invoke_another(instance, this, *name, args)
}

/// Whether both are Strings with the same bytes, all of them ASCII.
#[inline]
fn same_text(one: VALUE, other: VALUE) -> bool {
    // SAFETY: live values; the types are checked before the bytes are read, and nothing of Ruby runs meanwhile.
    unsafe {
        let is_string = |value: VALUE| rb_sys::RB_TYPE_P(value, rb_sys::ruby_value_type::RUBY_T_STRING);
        if !is_string(one) || !is_string(other) || rb_sys::RSTRING_LEN(one) != rb_sys::RSTRING_LEN(other) {
            return false;
        }
        let size = usize::try_from(rb_sys::RSTRING_LEN(one)).unwrap_or(0);
        let bytes = |text: VALUE| std::slice::from_raw_parts(rb_sys::RSTRING_PTR(text).cast::<u8>(), size);
        bytes(one) == bytes(other) && bytes(one).is_ascii()
    }
}

/// A name other than the last one.
fn invoke_another(instance: &Instance, this: VALUE, name: VALUE, args: &[VALUE]) -> Result<VALUE, Error> {
    let found = match instance.exports.get() {
        NIL => None,
        exports => find(exports, name)?,
    };
    match found {
        Some(found) => {
            // SAFETY: a live value. A String that is not frozen could become another name; Symbols are frozen.
            if unsafe { rb_sys::rb_obj_frozen_p(name) } == rb_sys::Qtrue as VALUE {
                instance.last.set((name, found));
                typed::written(this, name);
                typed::written(this, found);
            }
            call_export(name, found, args)
        }
        None => invoke_slowly(this, name, args),
    }
}

#[inline]
fn call_export(name: VALUE, found: VALUE, args: &[VALUE]) -> Result<VALUE, Error> {
    match typed::get::<Func>(found) {
        Some(func) => call::call(func, args),
        None => Err(not_a_function(name, found)),
    }
}

/// The first call, and names that are not there.
#[cold]
fn invoke_slowly(this: VALUE, name: VALUE, args: &[VALUE]) -> Result<VALUE, Error> {
    let instance = Obj::<Instance>::try_convert(externs::value(this))?;
    match lookup(instance, name)? {
        Some(found) => call_export(name, found, args),
        None => Err(missing(instance, name)),
    }
}

#[cold]
fn not_a_function(name: VALUE, found: VALUE) -> Error {
    let found = externs::value(found);
    // SAFETY: the class of a live value.
    let class = unsafe { found.classname() }.into_owned();
    error::raise(error::Kind::Base, &format!("export {} is a {class}, not a function", externs::value(name).inspect()))
}

#[cold]
fn missing(instance: Obj<Instance>, name: VALUE) -> Error {
    if let Err(closed) = instance.store.access() {
        return closed;
    }
    let text = format!("function \"{}\" not found", super::names::display(externs::value(name)));
    // lib/ adds the names that come close.
    let hint: Result<String, Error> = instance.funcall("_did_you_mean", (externs::value(name),));
    error::raise(error::Kind::Base, &(text + &hint.unwrap_or_default()))
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let class = error::define_class(ruby, "Instance")?;
    class.define_singleton_method("_new", function!(Instance::make, 3))?;
    class.define_method("exports", method!(exports_hash, 0))?;
    class.define_method("export", method!(export, 1))?;
    class.define_method("[]", method!(export, 1))?;
    super::raw::define_method(class, c"invoke", raw_invoke);
    class.define_method("store", method!(Instance::store, 0))
}
