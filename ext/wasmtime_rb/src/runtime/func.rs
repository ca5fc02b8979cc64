//! What a Ruby Func and a Ruby Caller hold. Their methods are in `ruby/`.

use super::error;
use super::signature::Signature;
use super::store::{StoreInner, StoreRef};
use crate::handle::externs::RawFunc;
use magnus::rb_sys::{AsRawValue, FromRawValue};
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Ruby, TypedData, Value, gc, prelude::*};
use rb_sys::VALUE;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

/// A function of a store.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Func", free_immediately, mark, size)]
pub struct Func {
    pub store: StoreRef,
    pub raw: RawFunc,
    /// Whether calls give up the GVL.
    pub release: bool,
    /// The lambda of `to_proc`, once made.
    pub lambda: Cell<VALUE>,
    signature: OnceCell<Arc<Signature>>,
}

// SAFETY: used with the GVL only; the raw function is an address that is never read here.
unsafe impl Send for Func {}

impl DataTypeFunctions for Func {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
        // SAFETY: called by Ruby's GC; the slot holds nil or a live Proc.
        unsafe { rb_sys::rb_gc_mark(self.lambda.get()) }
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Func {
    /// A Func object, with the signature still to be read.
    pub fn new(store: StoreRef, raw: RawFunc, release: bool) -> Self {
        Self { store, raw, release, lambda: Cell::new(rb_sys::Qnil as VALUE), signature: OnceCell::new() }
    }

    /// A new Ruby Func.
    pub fn wrap(store: &StoreInner, raw: RawFunc) -> VALUE {
        // SAFETY: called with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        ruby.obj_wrap(Self::new(store.share(), raw, false)).as_raw()
    }

    /// The Func inside a Ruby value, else TypeError.
    pub fn of(value: VALUE) -> Result<Obj<Self>, Error> {
        // SAFETY: `value` is a live argument.
        Obj::try_convert(unsafe { Value::from_raw(value) }).map_err(|_| error::no_conversion(value, "Wasmtime::Func"))
    }

    /// The converters, read from the store on first use.
    #[inline]
    pub fn signature(&self) -> Result<&Arc<Signature>, Error> {
        match self.signature.get() {
            Some(signature) => Ok(signature),
            None => self.read_signature(),
        }
    }

    #[cold]
    fn read_signature(&self) -> Result<&Arc<Signature>, Error> {
        let context = self.store.access()?;
        let ty = context.func_type(&self.raw);
        Ok(self.signature.get_or_init(|| Arc::new(Signature::new(ty))))
    }
}

/// The instance that called a host block. Valid while that block runs.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Caller", free_immediately, mark, size)]
pub struct Caller {
    pub store: StoreRef,
    pub serial: u64,
}

impl DataTypeFunctions for Caller {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Caller {
    /// A new Ruby Caller.
    pub fn wrap(store: &StoreInner, serial: u64) -> VALUE {
        // SAFETY: called with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        ruby.obj_wrap(Self { store: store.share(), serial }).as_raw()
    }
}
