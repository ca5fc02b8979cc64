//! The functions of WASI preview 1 that we define ourselves, because Wasmtime's refuse what we allow, or wait where we must not.

use super::store::{Pending, StoreInner};
use super::{error, wasi_poll};
use crate::handle::context::Ctx;
use crate::handle::engine::Engine;
use crate::handle::fault::Trap;
use crate::handle::func::{HostCallback, RawCaller, RawTrap, UncheckedCallback};
use crate::handle::functype::RawFuncType;
use crate::handle::linker::Linker;
use crate::handle::types::{FuncType, ValType};
use crate::handle::val::ValRaw;
use magnus::Error;
use std::ffi::c_void;

/// The module name of preview 1.
pub const PREVIEW1: &str = "wasi_snapshot_preview1";

/// The `errno` of preview 1 for what went well.
pub const SUCCESS: i32 = 0;

/// Replaces `proc_exit` by one that takes any status, because Wasmtime's refuses those from 126 on, and `poll_oneoff` by one whose sleep can be
/// ended. Needs a linker that allows shadowing.
pub fn define_ours(engine: &Engine, linker: &Linker) -> Result<(), Error> {
    define(engine, linker, "proc_exit", 1, false, proc_exit)?;
    define(engine, linker, "poll_oneoff", 4, true, wasi_poll::poll_oneoff)
}

/// Replaces what waits for time or for streams by functions that come back at once. Needs a linker that allows shadowing.
pub fn define_deterministic_scheduling(engine: &Engine, linker: &Linker) -> Result<(), Error> {
    define(engine, linker, "poll_oneoff", 4, true, wasi_poll::poll_at_once)?;
    define(engine, linker, "sched_yield", 0, true, sched_yield)
}

fn define(engine: &Engine, linker: &Linker, name: &str, params: usize, result: bool, callback: UncheckedCallback) -> Result<(), Error> {
    let ty = FuncType { params: vec![ValType::I32; params], results: vec![ValType::I32; usize::from(result)] };
    let raw = RawFuncType::new(engine, &ty).ok_or_else(|| error::raise(error::Kind::Base, "failed to create a function type"))?;
    let callback = HostCallback::Unchecked(callback);
    linker.define_func(PREVIEW1, name, &raw, callback, std::ptr::null_mut(), keep_nothing).map_err(error::from_fault)
}

/// The finalizer of functions without an environment.
unsafe extern "C" fn keep_nothing(_env: *mut c_void) {}

/// The argument at `index`.
///
/// # Safety
/// The callback's function has an i32 parameter there.
pub(super) unsafe fn argument(slots: *const ValRaw, index: usize) -> u32 {
    // SAFETY: the caller's promise; Wasmtime filled one slot for each parameter.
    unsafe { (*slots.add(index)).i32_ }.cast_unsigned()
}

/// # Safety
/// Wasmtime calls it with the slots of `(i32) -> ()`.
unsafe extern "C" fn proc_exit(_env: *mut c_void, caller: *mut RawCaller, slots: *mut ValRaw, _len: usize) -> *mut RawTrap {
    // SAFETY: see above; the store that runs wasm is open.
    unsafe {
        let status = argument(slots, 0).cast_signed();
        if let Some(context) = Ctx::of_caller(caller) {
            StoreInner::of_context(context).set_pending(Pending::Exit(status));
        }
    }
    Trap::with_message("WASI exit").map_or(std::ptr::null_mut(), Trap::into_raw)
}

/// # Safety
/// Wasmtime calls it with the slots of `() -> i32`.
unsafe extern "C" fn sched_yield(_env: *mut c_void, _caller: *mut RawCaller, slots: *mut ValRaw, _len: usize) -> *mut RawTrap {
    // SAFETY: see above.
    unsafe { *slots = ValRaw { i32_: SUCCESS } };
    std::ptr::null_mut()
}
