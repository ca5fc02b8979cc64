//! Exceptions of the guest's heap, and the one that is on its way.

use super::context::Ctx;
use super::externs::RawTag;
use super::fault::{Fault, Trap, check};
use super::heaptype::HeapRef;
use super::val::{RawExnref, Val};
use crate::capi;
use std::ptr::null_mut;

impl Ctx {
    /// A new exception, owned by the caller (`wasmtime_exnref_new`). Tag and values belong to this context's store.
    pub fn exn_new(self, tag: &RawTag, payload: &[Val]) -> Result<RawExnref, Fault> {
        let mut out = RawExnref::default();
        // SAFETY: tag, values and context belong together (the caller's promise).
        unsafe { check(capi::wasmtime_exnref_new(self.as_ptr(), tag, payload.as_ptr(), payload.len(), &mut out), null_mut()) }.map(|()| out)
    }

    /// The tag it was made with (`wasmtime_exnref_tag`).
    pub fn exn_tag(self, exnref: &RawExnref) -> Result<RawTag, Fault> {
        let mut tag = RawTag::default();
        // SAFETY: reference and context belong together.
        unsafe { check(capi::wasmtime_exnref_tag(self.as_ptr(), exnref, &mut tag), null_mut()) }.map(|()| tag)
    }

    /// How many values it carries (`wasmtime_exnref_field_count`).
    pub fn exn_len(self, exnref: &RawExnref) -> usize {
        // SAFETY: as above.
        unsafe { capi::wasmtime_exnref_field_count(self.as_ptr(), exnref) }
    }

    /// A value of the payload, owned by the caller (`wasmtime_exnref_field`).
    pub fn exn_get(self, exnref: &RawExnref, index: usize) -> Result<Val, Fault> {
        let mut val = Val::from_i32(0);
        // SAFETY: as above; C checks the index.
        unsafe { check(capi::wasmtime_exnref_field(self.as_ptr(), exnref, index, &mut val), null_mut()) }.map(|()| val)
    }

    /// The type of the exception (`wasmtime_exnref_type`).
    pub fn exn_type(self, exnref: &RawExnref) -> Option<HeapRef> {
        // SAFETY: as above; the type is ours.
        HeapRef::from_exn(unsafe { capi::wasmtime_exnref_type(self.as_ptr(), exnref) })
    }

    /// Makes it the exception on its way; the trap to return from the host function that throws it (`wasmtime_context_set_exception`).
    pub fn throw(self, exnref: &RawExnref) -> Option<Trap> {
        // SAFETY: as above; the trap is ours until it is returned.
        unsafe { Trap::from_raw(capi::wasmtime_context_set_exception(self.as_ptr(), exnref)) }
    }

    /// Whether an exception is on its way (`wasmtime_context_has_exception`). It must be taken by `runtime::escape`: what C's
    /// `wasmtime_context_take_exception` leaves behind stays rooted until the store goes.
    pub fn has_exception(self) -> bool {
        // SAFETY: as above.
        unsafe { capi::wasmtime_context_has_exception(self.as_ptr()) }
    }
}
