//! Functions of components.

use super::types::{FuncType, RawFuncType};
use super::val::RawVal;
use crate::capi;
use crate::handle::context::Ctx;
use crate::handle::fault::{Fault, check};
use std::ptr::null_mut;

pub use crate::capi::wasmtime_component_func_t as RawFunc;

impl Ctx {
    /// The type of a function, with resources as the instance knows them (`wasmtime_component_func_type`).
    pub fn component_func_type(self, func: &RawFunc) -> FuncType {
        // SAFETY: function and context belong together; the type is ours.
        unsafe { RawFuncType::from_raw(capi::wasmtime_component_func_type(func, self.as_ptr())) }.map(|raw| raw.read()).unwrap_or_default()
    }

    /// Calls a function (`wasmtime_component_func_call`). Arguments stay the caller's; each result slot holds a value, which is overwritten
    /// without being freed. No value may be a future, a stream or an error context, on which C aborts.
    pub fn component_call(self, func: &RawFunc, args: &[RawVal], results: &mut [RawVal]) -> Result<(), Fault> {
        // SAFETY: function and context belong together; the slices carry their lengths.
        unsafe {
            let error = capi::wasmtime_component_func_call(func, self.as_ptr(), args.as_ptr(), args.len(), results.as_mut_ptr(), results.len());
            check(error, null_mut())
        }
    }
}
