//! Values between Ruby and WebAssembly: the one table of conversions. Numbers are in [`super::number`].

use super::error;
use super::func::Func;
use super::reference::{Reference, Target};
use super::roots::{ExternCell, free_extern};
use super::signature::Conv;
use super::store::StoreInner;
use super::typed;
use super::v128::V128;
use crate::handle::anyref::AnyKind;
use crate::handle::context::Ctx;
use crate::handle::externref::unroot;
use crate::handle::externs::RawFunc;
use crate::handle::fault::Fault;
use crate::handle::types::HeapType;
use crate::handle::val::{RawExternref, Val, ValRaw};
use magnus::{Error, prelude::*};
use rb_sys::VALUE;

pub use super::number::{
    from_f64, from_i32, from_i64, from_number, from_u64, to_f32, to_f64, to_i32, to_i64, to_i64_exact, to_number, to_number_quickly, to_u64,
    to_u64_exact, widen,
};

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// A Ruby value checked against its type, before the store is touched.
#[derive(Clone, Copy)]
pub enum Arg {
    Number(ValRaw),
    Func(Option<RawFunc>),
    /// Any Ruby object; nil is null.
    Extern(VALUE),
    /// A number as a reference; bits past 31 are not set.
    I31(u32),
    /// Another reference, borrowed from the Ruby object that was given and has to stay alive meanwhile; or a null.
    Ref(Val),
}

/// Converts a Ruby value for a type. May run Ruby code (`to_int`), so no context may be held.
#[inline]
pub fn to_arg(store: &StoreInner, conv: Conv, value: VALUE) -> Result<Arg, Error> {
    match conv {
        Conv::I32 | Conv::I64 | Conv::F32 | Conv::F64 | Conv::V128 => to_number(conv, value).map(Arg::Number),
        Conv::Func { nullable, .. } => to_func(store, nullable, value).map(Arg::Func),
        Conv::Extern { nullable } if value == NIL && !nullable => Err(error::type_error("nil given for a non-null externref")),
        // Only what stands for a value of a guest is that value; any other object, a reference of any store too, is a host object.
        Conv::Extern { .. } => match typed::get::<Reference>(value) {
            Some(reference) if reference.target == Target::External => Ok(Arg::Ref(reference.in_store(store)?.val.0)),
            _ => Ok(Arg::Extern(value)),
        },
        Conv::Any { nullable, heap } => to_any(store, nullable, heap, value),
        Conv::Exn { nullable } => match Reference::get(value, store)? {
            Some(reference) if reference.target == Target::Exn => Ok(Arg::Ref(reference.val.0)),
            _ => null(nullable, HeapType::Exn, value),
        },
        Conv::Null { nullable, heap } => null(nullable, heap, value),
    }
}

/// nil as a null of a heap type; anything else fits no such reference.
fn null(nullable: bool, heap: HeapType, value: VALUE) -> Result<Arg, Error> {
    let name = super::types::short(heap).unwrap_or("reference");
    if value != NIL {
        return Err(error::no_conversion(value, name));
    }
    if !nullable {
        return Err(error::type_error(&format!("nil given for a non-null {name}")));
    }
    Ok(match heap {
        HeapType::NoFunc => Arg::Func(None),
        HeapType::NoExtern => Arg::Ref(Val::from_externref(None)),
        HeapType::Exn | HeapType::NoExn => Arg::Ref(Val::from_exnref(None)),
        _ => Arg::Ref(Val::from_anyref(None)),
    })
}

/// Integers are numbers of 31 bits wherever one fits; structs, arrays and internal externs are what their objects say. Concrete types are
/// checked by Wasmtime.
fn to_any(store: &StoreInner, nullable: bool, heap: HeapType, value: VALUE) -> Result<Arg, Error> {
    let takes_i31 = matches!(heap, HeapType::Any | HeapType::Eq | HeapType::I31);
    if takes_i31 && is_integer(value) {
        let number = to_i64_exact(value, "i31", -(1 << 30), (1 << 31) - 1)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the low 31 bits are the number")]
        return Ok(Arg::I31(number as u32 & 0x7fff_ffff));
    }
    let fits = |target| match heap {
        HeapType::Any => matches!(target, Target::Struct | Target::Array | Target::Internal),
        HeapType::Eq => matches!(target, Target::Struct | Target::Array),
        HeapType::Struct | HeapType::ConcreteStruct => target == Target::Struct,
        HeapType::Array | HeapType::ConcreteArray => target == Target::Array,
        _ => false,
    };
    match Reference::get(value, store)? {
        Some(reference) if fits(reference.target) => Ok(Arg::Ref(reference.val.0)),
        _ => null(nullable, abstract_of(heap), value),
    }
}

/// The abstract type a concrete one belongs to, for messages and nulls.
fn abstract_of(heap: HeapType) -> HeapType {
    match heap {
        HeapType::ConcreteStruct => HeapType::Struct,
        HeapType::ConcreteArray => HeapType::Array,
        other => other,
    }
}

fn is_integer(value: VALUE) -> bool {
    // SAFETY: reads the tag of a live value.
    rb_sys::FIXNUM_P(value) || (!rb_sys::SPECIAL_CONST_P(value) && unsafe { rb_sys::RB_INTEGER_TYPE_P(value) })
}

/// How the message about a function of another store begins.
pub const MISMATCH: &str = "argument type mismatch";

fn to_func(store: &StoreInner, nullable: bool, value: VALUE) -> Result<Option<RawFunc>, Error> {
    if value == NIL {
        return if nullable { Ok(None) } else { Err(error::type_error("nil given for a non-null function reference")) };
    }
    let func = Func::of(value)?;
    if !func.store.is(store) {
        return Err(error::raise(error::Kind::Base, &format!("{MISMATCH}: the function belongs to another store")));
    }
    Ok(Some(func.raw))
}

/// A Ruby value for a tagged value; the caller unroots what it owns afterwards.
pub fn from_val(store: &StoreInner, context: Ctx, conv: Conv, val: &Val) -> VALUE {
    match conv {
        Conv::I32 => from_i32(val.as_i32()),
        Conv::I64 => from_i64(val.as_i64()),
        Conv::F32 => from_f64(widen(val.as_f32())),
        Conv::F64 => from_f64(val.as_f64()),
        Conv::V128 => V128::wrap(val.as_v128()),
        Conv::Func { .. } => val.as_func().map_or(NIL, |func| Func::wrap(store, func)),
        Conv::Extern { .. } => match val.as_externref() {
            None => NIL,
            Some(externref) => externref_object(store, context, &externref),
        },
        Conv::Any { .. } => val.as_anyref().map_or(NIL, |anyref| match context.anyref_kind(&anyref) {
            AnyKind::I31(number) => from_i32(number),
            AnyKind::Struct => Reference::wrap(store, Target::Struct, val.duplicate()),
            AnyKind::Array => Reference::wrap(store, Target::Array, val.duplicate()),
            AnyKind::Extern => Reference::wrap(store, Target::Internal, val.duplicate()),
        }),
        Conv::Exn { .. } => val.as_exnref().map_or(NIL, |_| Reference::wrap(store, Target::Exn, val.duplicate())),
        Conv::Null { .. } => NIL,
    }
}

/// A Ruby value for a raw slot.
///
/// # Safety
/// The slot was written for this type, and nothing ran in the store since.
#[inline]
pub unsafe fn from_raw(store: &StoreInner, context: Ctx, conv: Conv, slot: &ValRaw) -> VALUE {
    // SAFETY: the caller vouches for the slot.
    unsafe {
        match conv {
            Conv::I32 | Conv::I64 | Conv::F32 | Conv::F64 | Conv::V128 => from_number(conv, slot),
            Conv::Func { .. } => context.func_from_raw(slot.funcref).map_or(NIL, |func| Func::wrap(store, func)),
            Conv::Extern { .. } => match context.externref_from_raw(slot.externref) {
                None => NIL,
                Some(externref) => {
                    let object = externref_object(store, context, &externref);
                    unroot(externref);
                    object
                }
            },
            // Signatures with any other type are checked ones.
            _ => NIL,
        }
    }
}

/// Wraps a Ruby object; the root belongs to the caller. nil is null.
pub fn new_externref(store: &StoreInner, context: Ctx, object: VALUE) -> Result<Option<RawExternref>, Fault> {
    if object == NIL {
        return Ok(None);
    }
    needs_collector(store, "externref")?;
    if let Some(reference) = typed::get::<Reference>(object)
        && reference.target == Target::External
    {
        if !reference.store.is(store) {
            return Err(Fault::message(format!("{MISMATCH}: the reference belongs to another store")));
        }
        return Ok(reference.val.0.duplicate().as_externref());
    }
    let externref = context.externref_new(store.roots.extern_cell(object), free_extern);
    externref.map(Some).ok_or_else(|| Fault::message("failed to allocate an externref: the guest's heap is full"))
}

/// Refuses to make references in an engine that has no collector, where C aborts.
pub fn needs_collector(store: &StoreInner, what: &str) -> Result<(), Fault> {
    if store.engine.settings.gc_support {
        return Ok(());
    }
    Err(Fault::message(format!("{what} values need the engine option gc_support: true (and the Cranelift strategy)")))
}

/// The Ruby object of an externref; for one that wraps a value of the guest, an object that stands for it.
pub fn externref_object(store: &StoreInner, context: Ctx, externref: &RawExternref) -> VALUE {
    let data = context.externref_data(externref);
    if data.is_null() {
        return Reference::wrap(store, Target::External, Val::from_externref(Some(*externref)).duplicate());
    }
    // SAFETY: only new_externref makes externrefs with data, and the reference keeps it alive.
    let data = unsafe { &*data.cast::<ExternCell>() };
    store.roots.get(data.index)
}

/// Adds where it happened to Ruby's own conversion errors; what user code raised passes unchanged.
#[cold]
pub fn locate(error: Error, locate: impl FnOnce(&str) -> String) -> Error {
    // SAFETY: called with the GVL.
    let ruby = unsafe { magnus::Ruby::get_unchecked() };
    let plain = [ruby.exception_type_error(), ruby.exception_range_error(), ruby.exception_float_domain_error()];
    let known = match error.error_type() {
        magnus::error::ErrorType::Error(..) => true,
        magnus::error::ErrorType::Exception(exception) if error::is_ours(*exception) => true,
        magnus::error::ErrorType::Exception(exception) => {
            plain.iter().any(|known| known.as_value().eql(exception.exception_class()).unwrap_or(false))
        }
        magnus::error::ErrorType::Jump(_) => false,
    };
    if known { relocate(error, locate) } else { error }
}

fn relocate(error: Error, locate: impl FnOnce(&str) -> String) -> Error {
    match error.error_type() {
        magnus::error::ErrorType::Error(class, message) => error::exception(*class, &locate(message)),
        magnus::error::ErrorType::Exception(exception) => {
            let text: String = exception.funcall("message", ()).unwrap_or_default();
            error::exception(exception.exception_class(), &locate(&text))
        }
        magnus::error::ErrorType::Jump(_) => error,
    }
}
