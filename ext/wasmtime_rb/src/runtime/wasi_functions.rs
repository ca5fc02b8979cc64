//! The functions of WASI preview 1 that we define ourselves, because Wasmtime's refuse what we allow, or wait where we must not.

use super::error;
use super::store::{Pending, StoreInner};
use crate::handle::context::Ctx;
use crate::handle::externs::Extern;
use crate::handle::fault::Trap;
use crate::handle::func::{RawCaller, RawTrap, UncheckedCallback};
use crate::handle::functype::RawFuncType;
use crate::handle::linker::Linker;
use crate::handle::types::{FuncType, ValType};
use crate::handle::val::ValRaw;
use magnus::Error;
use std::ffi::c_void;

/// The module name of preview 1.
pub const PREVIEW1: &str = "wasi_snapshot_preview1";

/// `errno`s of preview 1.
const SUCCESS: i32 = 0;
const FAULT: i32 = 21;
const INVALID: i32 = 28;
const NOT_SUPPORTED: i32 = 52;

/// Replaces `proc_exit` by one that takes any status: Wasmtime's refuses those from 126 on. Needs a linker that allows shadowing.
pub fn define_proc_exit(linker: &Linker) -> Result<(), Error> {
    define(linker, "proc_exit", 1, false, proc_exit)
}

/// Replaces what waits for time or for streams by functions that come back at once. Needs a linker that allows shadowing.
pub fn define_deterministic_scheduling(linker: &Linker) -> Result<(), Error> {
    define(linker, "poll_oneoff", 4, true, poll_oneoff)?;
    define(linker, "sched_yield", 0, true, sched_yield)
}

fn define(linker: &Linker, name: &str, params: usize, result: bool, callback: UncheckedCallback) -> Result<(), Error> {
    let ty = FuncType { params: vec![ValType::I32; params], results: vec![ValType::I32; usize::from(result)] };
    let raw = RawFuncType::new(&ty).map_err(|_| error::argument("a function type without references"))?;
    linker.define_func_unchecked(PREVIEW1, name, &raw, callback, std::ptr::null_mut(), keep_nothing).map_err(error::from_fault)
}

/// The finalizer of functions without an environment.
unsafe extern "C" fn keep_nothing(_env: *mut c_void) {}

/// The argument at `index`.
///
/// # Safety
/// The callback's function has an i32 parameter there.
unsafe fn argument(slots: *const ValRaw, index: usize) -> u32 {
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

/// Everything asked for has happened, whatever it is.
///
/// # Safety
/// Wasmtime calls it with the slots of `(subscriptions, events, count, events_written) -> errno`.
unsafe extern "C" fn poll_oneoff(_env: *mut c_void, caller: *mut RawCaller, slots: *mut ValRaw, _len: usize) -> *mut RawTrap {
    // SAFETY: see above; nothing runs wasm or grows the memory while the slice is in use.
    unsafe {
        let [subscriptions, events, count, written] = [0, 1, 2, 3].map(|index| argument(slots, index) as usize);
        let errno = match memory(caller) {
            Ok(memory) => report(memory, subscriptions, events, count, written).err().unwrap_or(SUCCESS),
            Err(errno) => errno,
        };
        *slots = ValRaw { i32_: errno };
    }
    std::ptr::null_mut()
}

/// The memory of the guest that calls.
///
/// # Safety
/// `caller` is running, and nothing runs wasm or grows the memory while the slice is in use.
unsafe fn memory<'a>(caller: *mut RawCaller) -> Result<&'a mut [u8], i32> {
    // SAFETY: the caller's promise.
    unsafe {
        match (Ctx::of_caller(caller), Ctx::caller_export(caller, "memory")) {
            (Some(context), Some(Extern::Memory(memory))) => {
                let (base, size) = context.memory_data(&memory);
                Ok(if size == 0 { &mut [] } else { std::slice::from_raw_parts_mut(base, size) })
            }
            // Other threads may write to a shared memory.
            (_, Some(Extern::Shared(_))) => Err(NOT_SUPPORTED),
            _ => Err(INVALID),
        }
    }
}

const SUBSCRIPTION_SIZE: usize = 48;
const EVENT_SIZE: usize = 32;
/// Where a subscription says what it waits for, and an event what happened: 0 for a clock, 1 and 2 for streams that can be read and written.
const SUBSCRIPTION_TAG: usize = 8;
const EVENT_TYPE: usize = 10;
const EVENT_BYTES: usize = 16;

/// Writes one event for each subscription: what both begin with, no error, its type and, for streams, one byte that is ready.
fn report(memory: &mut [u8], subscriptions: usize, events: usize, count: usize, written: usize) -> Result<(), i32> {
    if count == 0 {
        return Err(INVALID);
    }
    for index in 0..count {
        let from = item(subscriptions, index, SUBSCRIPTION_SIZE)?;
        let subscription = memory.get(from..from + SUBSCRIPTION_SIZE).ok_or(FAULT)?;
        let mut event = [0; EVENT_SIZE];
        let (userdata, tag) = (subscription.get(..8).ok_or(FAULT)?, *subscription.get(SUBSCRIPTION_TAG).ok_or(FAULT)?);
        if tag > 2 {
            return Err(INVALID);
        }
        event.get_mut(..8).ok_or(FAULT)?.copy_from_slice(userdata);
        event[EVENT_TYPE] = tag;
        event[EVENT_BYTES] = u8::from(tag != 0);
        let to = item(events, index, EVENT_SIZE)?;
        memory.get_mut(to..to + EVENT_SIZE).ok_or(FAULT)?.copy_from_slice(&event);
    }
    let count = u32::try_from(count).map_err(|_| INVALID)?;
    memory.get_mut(written..written.saturating_add(4)).ok_or(FAULT)?.copy_from_slice(&count.to_le_bytes());
    Ok(())
}

/// Where item `index` of a list begins, when it can lie in a 32-bit memory.
fn item(start: usize, index: usize, size: usize) -> Result<usize, i32> {
    index.checked_mul(size).and_then(|offset| offset.checked_add(start)).filter(|at| *at <= u32::MAX as usize).ok_or(FAULT)
}
