//! `Wasmtime::Reference` and its subclasses. Each class method makes an object of the guest's heap; accessors check indexes and types first,
//! so that messages can say which.

use super::store::Store;
use super::tag::Tag;
use crate::handle::context::Ctx;
use crate::handle::fault::{Fault, words};
use crate::handle::heaptype::{FieldType, HeapRef, Storage};
use crate::handle::types::{HeapType, ValType};
use crate::handle::val::{OwnedVals, RawAnyref, Val};
use crate::runtime::heap_type::TypeObject;
use crate::runtime::reference::{self, Reference, Target};
use crate::runtime::signature::conv;
use crate::runtime::store::StoreInner;
use crate::runtime::{call, convert, error, escape};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::{Error, Module as _, Object, RArray, RClass, Ruby, TryConvert, Value, prelude::*};

/// The value type a field is read and written as: packed integers travel as i32.
fn unpacked(field: &FieldType) -> ValType {
    match &field.storage {
        Storage::I8 | Storage::I16 => ValType::I32,
        Storage::Val(ty) => ty.clone(),
    }
}

/// Converts the elements of an Array, of which element `index` has the type `ty(index)`: all before any reference is made. The conversions may run
/// Ruby code, so the values are those of a copy that nobody else knows.
fn to_vals<'a>(store: &StoreInner, values: RArray, ty: impl Fn(usize) -> Option<&'a ValType>) -> Result<OwnedVals, Error> {
    // SAFETY: a live Array; the copy is on our stack until the last value is used.
    let values = super::externs::value(unsafe { rb_sys::rb_ary_dup(values.as_raw()) });
    let items = RArray::try_convert(values)?;
    let mut args = Vec::with_capacity(items.len());
    for (index, value) in items.into_iter().enumerate() {
        let Some(ty) = ty(index) else { break };
        let arg = convert::to_arg(store, conv(ty), value.as_raw());
        args.push((conv(ty), arg.map_err(|error| convert::locate(error, |message| format!("{message} (value at index {index})")))?));
    }
    let context = store.access()?;
    let mut vals = OwnedVals(Vec::with_capacity(args.len()));
    for (conv, arg) in args {
        vals.0.push(call::to_val(store, context, conv, arg).map_err(error::from_fault)?);
    }
    std::hint::black_box(values);
    Ok(vals)
}

/// As [`to_vals`], for exactly one value of each type.
fn each_to_val(store: &StoreInner, types: &[ValType], values: RArray) -> Result<OwnedVals, Error> {
    if values.len() != types.len() {
        return Err(error::argument(&format!("wrong number of values (given {}, expected {})", values.len(), types.len())));
    }
    to_vals(store, values, |index| types.get(index))
}

/// Makes an object of the guest's heap, which may grow by it. A full heap may be full of what Ruby has not collected yet: it gets a second chance.
fn allocate<T>(store: &StoreInner, make: impl Fn(Ctx) -> Result<T, Fault>) -> Result<T, Error> {
    let made = match make(store.access()?) {
        Err(fault) if fault.is_about(words::HEAP_FULL) => {
            // SAFETY: with the GVL; what the caller holds is on its stack.
            unsafe { rb_sys::rb_gc() };
            let context = store.access()?;
            context.gc().and_then(|()| make(context))
        }
        made => made,
    };
    store.report_memory();
    made.map_err(error::from_fault)
}

fn wrap(store: &StoreInner, target: Target, val: Val) -> Value {
    super::externs::value(Reference::wrap(store, target, val))
}

fn concrete(store: &StoreInner, ty: Value, what: &str, kind: HeapType) -> Result<HeapRef, Error> {
    let found = Obj::<TypeObject>::try_convert(ty).ok().filter(|ty| ty.0.kind() == kind);
    let found = found.ok_or_else(|| error::no_conversion(ty.as_raw(), &format!("Wasmtime::{what}")))?;
    found.in_engine(&store.engine)
}

fn new_struct(store: Obj<Store>, ty: Value, values: RArray) -> Result<Value, Error> {
    let store = &store.inner;
    let ty = concrete(store, ty, "StructType", HeapType::ConcreteStruct)?;
    let types: Vec<ValType> = ty.fields().iter().map(unpacked).collect();
    let vals = each_to_val(store, &types, values)?;
    let made = allocate(store, |context| context.struct_new(&ty, &vals.0))?;
    Ok(wrap(store, Target::Struct, Val::from_anyref(Some(made))))
}

/// An array type and the type of its elements.
fn array_type(store: &StoreInner, ty: Value) -> Result<(HeapRef, ValType), Error> {
    let ty = concrete(store, ty, "ArrayType", HeapType::ConcreteArray)?;
    let field = ty.fields().first().map(unpacked).ok_or_else(|| error::type_error("an array type without an element"))?;
    Ok((ty, field))
}

fn new_array(store: Obj<Store>, ty: Value, element: Value, len: Value) -> Result<Value, Error> {
    let store = &store.inner;
    let (ty, field) = array_type(store, ty)?;
    let len = index_of(len, "size")?;
    let val = super::global::cell_value(store, &field, element)?;
    let made = allocate(store, |context| context.array_new(&ty, &val.0, len))?;
    Ok(wrap(store, Target::Array, Val::from_anyref(Some(made))))
}

/// An array of these elements.
fn new_array_of(store: Obj<Store>, ty: Value, elements: RArray) -> Result<Value, Error> {
    let store = &store.inner;
    let (ty, field) = array_type(store, ty)?;
    let vals = to_vals(store, elements, |_| Some(&field))?;
    let made = allocate(store, |context| escape::heap::array_new(context, &ty, &vals.0))?;
    Ok(wrap(store, Target::Array, Val::from_anyref(Some(made))))
}

fn new_exn(store: Obj<Store>, tag: Value, payload: RArray) -> Result<Value, Error> {
    let store = &store.inner;
    let tag_object = Obj::<Tag>::try_convert(tag)?;
    if !tag_object.store.is(store) {
        return Err(super::externs::wrong_store(tag));
    }
    let types = store.access()?.tag_type(&tag_object.raw).params;
    let vals = each_to_val(store, &types, payload)?;
    let made = allocate(store, |context| context.exn_new(&tag_object.raw, &vals.0))?;
    Ok(wrap(store, Target::Exn, Val::from_exnref(Some(made))))
}

/// `any.convert_extern` for a host object.
fn from_extern(store: Obj<Store>, object: Value) -> Result<Value, Error> {
    let store = &store.inner;
    let context = store.access()?;
    let externref = convert::new_externref(store, context, object.as_raw()).map_err(error::from_fault)?;
    let Some(externref) = externref else { return Ok(Ruby::get_with(object).qnil().as_value()) };
    let val = Val::from_anyref(Some(context.externref_to_anyref(&externref)));
    crate::handle::externref::unroot(externref);
    Ok(any_value(store, context, val))
}

/// A Ruby value for an anyref that we own.
fn any_value(store: &StoreInner, context: Ctx, val: Val) -> Value {
    super::global::cell_read(store, context, &ValType::reference(HeapType::Any), val)
}

fn index_of(value: Value, what: &str) -> Result<u32, Error> {
    let wide = convert::to_u64(value.as_raw(), what)?;
    u32::try_from(wide).map_err(|_| error::range(&format!("{what} is too big: {wide} (expected 0..2**32-1)")))
}

fn anyref(this: &Reference) -> RawAnyref {
    this.val.0.as_anyref().unwrap_or_default()
}

fn store(this: &Reference) -> Value {
    super::store::object(&this.store)
}

fn same(this: &Reference, other: Value) -> Result<bool, Error> {
    match Obj::<Reference>::try_convert(other) {
        Ok(other) => Ok(this.same(this.store.access()?, &other)),
        Err(_) => Ok(false),
    }
}

fn to_any(this: &Reference) -> Result<Value, Error> {
    let context = this.store.access()?;
    let externref = this.val.0.as_externref().unwrap_or_default();
    Ok(any_value(&this.store, context, Val::from_anyref(Some(context.externref_to_anyref(&externref)))))
}

fn to_extern(this: &Reference) -> Result<Value, Error> {
    let context = this.store.access()?;
    let externref = context.anyref_to_externref(&anyref(this));
    let object = convert::externref_object(&this.store, context, &externref);
    crate::handle::externref::unroot(externref);
    Ok(super::externs::value(object))
}

fn heap_ref(this: &Reference) -> Result<Option<HeapRef>, Error> {
    let context = this.store.access()?;
    match this.target {
        Target::Struct => context.struct_type(&anyref(this)).map(Some).map_err(error::from_fault),
        Target::Array => context.array_type(&anyref(this)).map(Some).map_err(error::from_fault),
        Target::Exn => Ok(context.exn_type(&this.val.0.as_exnref().unwrap_or_default())),
        Target::Internal | Target::External => Ok(None),
    }
}

/// The HeapType object, nil for what has no type of its own.
fn ty(ruby: &Ruby, this: &Reference) -> Result<Option<Value>, Error> {
    Ok(heap_ref(this)?.map(|ty| TypeObject::wrap(ruby, ty)))
}

/// The fields of a struct, the one of an array's elements, or the payload of an exception.
fn fields(this: &Reference) -> Result<&[FieldType], Error> {
    if let Some(fields) = this.fields.get() {
        return Ok(fields);
    }
    let read = |ty: HeapRef| match this.target {
        Target::Exn => ty.func_type().params.into_iter().map(|ty| FieldType { storage: Storage::Val(ty), mutable: false }).collect(),
        _ => ty.fields(),
    };
    let fields = heap_ref(this)?.map(read).unwrap_or_default();
    Ok(this.fields.get_or_init(|| fields.into_boxed_slice()))
}

fn size(this: &Reference) -> Result<u64, Error> {
    let context = this.store.access()?;
    match this.target {
        Target::Array => context.array_len(&anyref(this)).map(u64::from).map_err(error::from_fault),
        Target::Exn => Ok(context.exn_len(&this.val.0.as_exnref().unwrap_or_default()) as u64),
        _ => Ok(fields(this)?.len() as u64),
    }
}

/// What is at an index.
fn field(this: &Reference, index: u64) -> Result<&FieldType, Error> {
    let len = size(this)?;
    let place = if this.target == Target::Array { 0 } else { usize::try_from(index).unwrap_or(usize::MAX) };
    fields(this)?.get(place).filter(|_| index < len).ok_or_else(|| {
        let what = if this.target == Target::Array { "elements" } else { "fields" };
        error::raise(error::Kind::Base, &format!("index {index} is out of bounds: there are {len} {what}"))
    })
}

fn get(this: &Reference, index: Value) -> Result<Value, Error> {
    let index = convert::to_u64(index.as_raw(), "index")?;
    let ty = unpacked(field(this, index)?);
    let context = this.store.access()?;
    #[allow(clippy::cast_possible_truncation, reason = "below a length that fits")]
    let (wide, narrow) = (index as usize, index as u32);
    let val = match this.target {
        Target::Array => context.array_get(&anyref(this), narrow),
        Target::Exn => context.exn_get(&this.val.0.as_exnref().unwrap_or_default(), wide),
        _ => context.struct_get(&anyref(this), wide),
    };
    Ok(super::global::cell_read(&this.store, context, &ty, val.map_err(error::from_fault)?))
}

fn set(this: &Reference, index: Value, value: Value) -> Result<Value, Error> {
    let index = convert::to_u64(index.as_raw(), "index")?;
    let field = field(this, index)?;
    if !field.mutable {
        return Err(error::raise(error::Kind::Base, "the field is immutable: its type says const"));
    }
    let val = super::global::cell_value(&this.store, &unpacked(field), value)?;
    let context = this.store.access()?;
    #[allow(clippy::cast_possible_truncation, reason = "below a length that fits")]
    let (wide, narrow) = (index as usize, index as u32);
    let done =
        if this.target == Target::Array { context.array_set(&anyref(this), narrow, &val.0) } else { context.struct_set(&anyref(this), wide, &val.0) };
    done.map_err(error::from_fault)?;
    Ok(value)
}

fn tag(ruby: &Ruby, this: &Reference) -> Result<Obj<Tag>, Error> {
    let raw = this.store.access()?.exn_tag(&this.val.0.as_exnref().unwrap_or_default()).map_err(error::from_fault)?;
    Ok(ruby.obj_wrap(Tag { store: this.store, raw }))
}

/// Defines the classes.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    reference::init(ruby)?;
    let class = |name: &str| error::wasmtime(ruby).const_get::<_, RClass>(name);
    let base = class("Reference")?;
    base.define_method("store", method!(store, 0))?;
    base.define_method("==", method!(same, 1))?;
    base.define_private_method("_type", method!(ty, 0))?;
    for name in ["StructRef", "ArrayRef", "ExnRef"] {
        class(name)?.define_method("[]", method!(get, 1))?;
        class(name)?.define_method("size", method!(size, 0))?;
    }
    for name in ["StructRef", "ArrayRef"] {
        class(name)?.define_method("[]=", method!(set, 2))?;
    }
    class("AnyRef")?.define_singleton_method("_from_extern", function!(from_extern, 2))?;
    class("AnyRef")?.define_method("to_extern", method!(to_extern, 0))?;
    class("ExternRef")?.define_method("to_any", method!(to_any, 0))?;
    class("StructRef")?.define_singleton_method("_new", function!(new_struct, 3))?;
    class("ArrayRef")?.define_singleton_method("_filled", function!(new_array, 4))?;
    class("ArrayRef")?.define_singleton_method("_new", function!(new_array_of, 3))?;
    class("ExnRef")?.define_singleton_method("_new", function!(new_exn, 3))?;
    class("ExnRef")?.define_method("tag", method!(tag, 0))
}
