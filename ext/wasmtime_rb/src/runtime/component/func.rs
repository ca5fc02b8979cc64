//! What a Ruby `Component::Func` holds.

use super::super::error;
use super::super::store::{StoreInner, StoreRef};
use super::direct::Direct;
use super::names;
use crate::handle::component::func::RawFunc;
use crate::handle::component::types::FuncType;
use crate::handle::component::valtype::Type;
use magnus::rb_sys::AsRawValue;
use magnus::{DataTypeFunctions, Error, Ruby, TypedData, gc};
use rb_sys::VALUE;
use std::cell::{Cell, OnceCell};

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// A function's type, read once.
pub struct Plan {
    pub ty: FuncType,
    pub direct: Option<Direct>,
}

impl Plan {
    /// Refuses what no C value can carry.
    pub fn new(ty: FuncType) -> Result<Self, Error> {
        let types = ty.params.iter().map(|(_, ty)| ty).chain(&ty.result);
        match types.filter_map(Type::unsupported).next() {
            Some(what) => Err(error::type_error(&format!("the function takes or gives a {what}, which the C API of Wasmtime cannot carry"))),
            None => Ok(Self { direct: Direct::of(&ty), ty }),
        }
    }
}

/// A function of an instance.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::Func", free_immediately, mark, size)]
pub struct Func {
    pub store: StoreRef,
    pub raw: RawFunc,
    /// The Ruby instance.
    pub instance: VALUE,
    /// Whether `list<u8>` becomes a binary String.
    pub bytes: bool,
    plan: OnceCell<Plan>,
    names: Cell<VALUE>,
}

// SAFETY: used with the GVL only; the raw function is plain numbers.
unsafe impl Send for Func {}

impl DataTypeFunctions for Func {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
        // SAFETY: called by Ruby's GC; live objects or nil, pinned.
        unsafe {
            rb_sys::rb_gc_mark(self.instance);
            rb_sys::rb_gc_mark(self.names.get());
        }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Func {
    /// A new Ruby object.
    pub fn wrap(store: &StoreInner, raw: RawFunc, instance: VALUE, bytes: bool) -> VALUE {
        // SAFETY: called with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        let func = Self { store: store.share(), raw, instance, bytes, plan: OnceCell::new(), names: Cell::new(NIL) };
        ruby.obj_wrap(func).as_raw()
    }

    /// The type, and the names in it as a Ruby Array.
    #[inline]
    pub fn plan(&self) -> Result<(&Plan, VALUE), Error> {
        match self.plan.get() {
            Some(plan) => Ok((plan, self.names.get())),
            None => self.read_plan(),
        }
    }

    #[cold]
    fn read_plan(&self) -> Result<(&Plan, VALUE), Error> {
        let plan = Plan::new(self.store.access()?.component_func_type(&self.raw))?;
        // Marked from now on; the magnus object is not write barrier protected.
        self.names.set(names::array(&plan.ty.names));
        Ok((self.plan.get_or_init(|| plan), self.names.get()))
    }
}
