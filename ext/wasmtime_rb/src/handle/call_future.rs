//! Async calls: wasm that runs on a stack of its own, one step at a time.

use super::context::Ctx;
use super::externs::{RawFunc, RawInstance};
use super::fault::{Fault, check};
use super::instance::InstancePre;
use super::linker::Linker;
use super::module::Module;
use super::val::OwnedVals;
use crate::capi;
use std::ptr::{NonNull, null_mut};

owned_handle! {
    /// A call that has begun (`wasmtime_call_future_t`). Deleting one that has not ended unwinds its wasm.
    pub struct RawFuture(capi::wasmtime_call_future) => capi::wasmtime_call_future_delete;
}

/// What C reads from and writes to until the call ends. Its address stays.
struct Slots {
    func: RawFunc,
    args: OwnedVals,
    results: OwnedVals,
    instance: RawInstance,
    trap: *mut capi::wasm_trap_t,
    error: *mut capi::wasmtime_error_t,
}

/// A call that has begun. The store's context belongs to it until it ends or goes; function, linker and module live as long.
pub struct CallFuture {
    future: Option<RawFuture>,
    slots: NonNull<Slots>,
}

/// What a call that ended well left.
pub struct Ended {
    pub results: OwnedVals,
    pub instance: RawInstance,
}

impl CallFuture {
    fn begin(func: RawFunc, args: OwnedVals, len: usize, start: impl FnOnce(*mut Slots) -> *mut capi::wasmtime_call_future) -> Self {
        let results = OwnedVals::with_len(len);
        let slots = Box::new(Slots { func, args, results, instance: RawInstance::default(), trap: null_mut(), error: null_mut() });
        let slots = NonNull::from(Box::leak(slots));
        // SAFETY: C gives a future of its own, which is ours.
        Self { future: unsafe { RawFuture::from_raw(start(slots.as_ptr())) }, slots }
    }

    /// Begins to call a function (`wasmtime_func_call_async`); nothing of it runs yet.
    pub fn call(ctx: Ctx, func: RawFunc, args: OwnedVals, len: usize) -> Self {
        Self::begin(func, args, len, |slots| {
            // SAFETY: the slots stay where they are until the future is gone; function and context belong together.
            unsafe {
                let (args, results) = (&(*slots).args.0, &mut (*slots).results.0);
                let (args, count, results, len) = (args.as_ptr(), args.len(), results.as_mut_ptr(), results.len());
                capi::wasmtime_func_call_async(ctx.as_ptr(), &(*slots).func, args, count, results, len, &mut (*slots).trap, &mut (*slots).error)
            }
        })
    }

    fn no_func() -> RawFunc {
        RawFunc { store_id: 0, __private: null_mut() }
    }

    /// Begins to instantiate with a linker's definitions (`wasmtime_linker_instantiate_async`).
    pub fn instantiate(ctx: Ctx, linker: &Linker, module: &Module) -> Self {
        Self::begin(Self::no_func(), OwnedVals(Vec::new()), 0, |slots| {
            // SAFETY: as in `call`; the caller keeps linker and module.
            unsafe {
                let (instance, trap, error) = (&mut (*slots).instance, &mut (*slots).trap, &mut (*slots).error);
                capi::wasmtime_linker_instantiate_async(linker.as_ptr(), ctx.as_ptr(), module.as_ptr(), instance, trap, error)
            }
        })
    }

    /// Begins to instantiate (`wasmtime_instance_pre_instantiate_async`).
    pub fn instantiate_pre(ctx: Ctx, pre: &InstancePre) -> Self {
        Self::begin(Self::no_func(), OwnedVals(Vec::new()), 0, |slots| {
            // SAFETY: as above.
            unsafe {
                let (instance, trap, error) = (&mut (*slots).instance, &mut (*slots).trap, &mut (*slots).error);
                capi::wasmtime_instance_pre_instantiate_async(pre.as_ptr(), ctx.as_ptr(), instance, trap, error)
            }
        })
    }

    /// Runs until the call yields or ends; whether it has ended (`wasmtime_call_future_poll`).
    pub fn poll(&mut self) -> bool {
        let Some(future) = &self.future else { return true };
        // SAFETY: the future is live and has not ended: C aborts when one that has is polled.
        let ended = unsafe { capi::wasmtime_call_future_poll(future.as_ptr()) };
        if ended {
            self.future = None;
        }
        ended
    }

    /// What the call that ended left.
    pub fn finish(mut self) -> Result<Ended, Fault> {
        self.future = None;
        // SAFETY: nobody else uses the slots once the future is gone; error and trap are ours.
        unsafe {
            let slots = self.slots.as_mut();
            let (error, trap) = (std::mem::replace(&mut slots.error, null_mut()), std::mem::replace(&mut slots.trap, null_mut()));
            check(error, trap)?;
            Ok(Ended { results: OwnedVals(std::mem::take(&mut slots.results.0)), instance: slots.instance })
        }
    }
}

impl Drop for CallFuture {
    fn drop(&mut self) {
        // First: it still writes to the slots while it unwinds.
        self.future = None;
        // SAFETY: leaked in `begin`, and used by nobody now; what C left in it is ours.
        unsafe {
            let slots = Box::from_raw(self.slots.as_ptr());
            let _ = check(slots.error, slots.trap);
        }
    }
}
