//! References to what lives in a guest's heap, as Ruby objects. Each holds a root of its own, released when Ruby collects it.

use super::convert::MISMATCH;
use super::error::{self, Kind};
use super::store::{StoreInner, StoreRef};
use super::typed;
use crate::handle::context::Ctx;
use crate::handle::heaptype::FieldType;
use crate::handle::val::{OwnedVal, Val};
use magnus::rb_sys::AsRawValue;
use magnus::value::Lazy;
use magnus::{DataTypeFunctions, Error, RClass, Ruby, TypedData, gc, prelude::*};
use rb_sys::VALUE;
use std::cell::OnceCell;

/// What a reference points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Struct,
    Array,
    /// A host object that the guest made internal (`any.convert_extern`).
    Internal,
    /// A value of the guest that it made external (`extern.convert_any`).
    External,
    Exn,
}

/// A reference to an object of the guest's heap. Never null, and never a number.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Reference", free_immediately, mark, size)]
pub struct Reference {
    pub store: StoreRef,
    pub target: Target,
    /// The root. Releasing it needs no store, so Ruby may collect the store first.
    pub val: OwnedVal,
    /// The fields of the struct, the one of the array's elements, or the payload: read with the first of them, and the same for good.
    pub fields: OnceCell<Box<[FieldType]>>,
}

// SAFETY: used with the GVL only; the root is a counted handle that any thread may release.
unsafe impl Send for Reference {}

impl DataTypeFunctions for Reference {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

/// Names and superclasses; an empty one is Reference. Superclasses come first.
const CLASSES: [(&str, &str); 6] =
    [("AnyRef", ""), ("EqRef", "AnyRef"), ("StructRef", "EqRef"), ("ArrayRef", "EqRef"), ("ExternRef", ""), ("ExnRef", "")];

fn find(ruby: &Ruby, name: &str) -> RClass {
    // Defined by `init`, before anything can be wrapped.
    error::wasmtime(ruby).const_get(name).unwrap_or_else(|_| ruby.class_object())
}

static STRUCT: Lazy<RClass> = Lazy::new(|ruby| find(ruby, "StructRef"));
static ARRAY: Lazy<RClass> = Lazy::new(|ruby| find(ruby, "ArrayRef"));
static INTERNAL: Lazy<RClass> = Lazy::new(|ruby| find(ruby, "AnyRef"));
static EXTERNAL: Lazy<RClass> = Lazy::new(|ruby| find(ruby, "ExternRef"));
static EXN: Lazy<RClass> = Lazy::new(|ruby| find(ruby, "ExnRef"));

impl Target {
    fn class(self) -> &'static Lazy<RClass> {
        match self {
            Self::Struct => &STRUCT,
            Self::Array => &ARRAY,
            Self::Internal => &INTERNAL,
            Self::External => &EXTERNAL,
            Self::Exn => &EXN,
        }
    }
}

/// Defines the classes and looks them up, so that none is looked up while another thread waits.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let base = error::define_class(ruby, "Reference")?;
    for (name, parent) in CLASSES {
        let parent = if parent.is_empty() { base } else { find(ruby, parent) };
        error::wasmtime(ruby).define_class(name, parent)?.undef_default_alloc_func();
    }
    [Target::Struct, Target::Array, Target::Internal, Target::External, Target::Exn].iter().for_each(|target| Lazy::force(target.class(), ruby));
    Ok(())
}

impl Reference {
    /// A new Ruby object that owns the root in `val`.
    pub fn wrap(store: &StoreInner, target: Target, val: Val) -> VALUE {
        // SAFETY: called with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        store.pressure.refer();
        let reference = Self { store: store.share(), target, val: OwnedVal(val), fields: OnceCell::new() };
        ruby.obj_wrap_as(reference, ruby.get_inner(target.class())).as_raw()
    }

    /// The reference inside a value, which must belong to `store`: C aborts on another store's. `None` for any other object.
    pub fn get<'a>(value: VALUE, store: &StoreInner) -> Result<Option<&'a Self>, Error> {
        typed::get::<Self>(value).map(|reference| reference.in_store(store)).transpose()
    }

    /// The reference itself, which must belong to `store`.
    pub fn in_store(&self, store: &StoreInner) -> Result<&Self, Error> {
        if self.store.is(store) { Ok(self) } else { Err(error::raise(Kind::Base, &format!("{MISMATCH}: the reference belongs to another store"))) }
    }

    /// Whether both point to the same object.
    pub fn same(&self, context: Ctx, other: &Self) -> bool {
        self.store.is(&other.store) && self.target == other.target && self.bits(context) == other.bits(context)
    }

    /// Equal for the same object, until the guest's heap is next touched.
    fn bits(&self, context: Ctx) -> u32 {
        let val = &self.val.0;
        if let Some(anyref) = val.as_anyref() {
            return context.anyref_to_raw(&anyref);
        }
        if let Some(exnref) = val.as_exnref() {
            return context.exnref_to_raw(&exnref);
        }
        val.as_externref().map_or(0, |externref| context.externref_to_raw(&externref))
    }
}
