//! Waiting and notifying on shared memories, which C leaves to the guests.

use crate::handle::externs::SharedMemory;
use std::time::Duration;

fn memory_ref(memory: &SharedMemory) -> &wasmtime::SharedMemory {
    // SAFETY: the C type is Wasmtime's own (`type wasmtime_sharedmemory_t = SharedMemory`), alive as long as its owner.
    unsafe { &*memory.as_ptr().cast() }
}

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    Notified,
    NotEqual,
    TimedOut,
}

impl From<wasmtime::WaitResult> for Waited {
    fn from(result: wasmtime::WaitResult) -> Self {
        match result {
            wasmtime::WaitResult::Ok => Self::Notified,
            wasmtime::WaitResult::Mismatch => Self::NotEqual,
            wasmtime::WaitResult::TimedOut => Self::TimedOut,
        }
    }
}

/// Wakes up to `count` threads that wait at an address; how many. To be replaced by a C function for `memory.atomic.notify`.
pub fn notify(memory: &SharedMemory, address: u64, count: u32) -> Result<u32, String> {
    memory_ref(memory).atomic_notify(address, count).map_err(|trap| trap.to_string())
}

/// Waits at an address while it holds `expected`. To be replaced by a C function for `memory.atomic.wait32`.
pub fn wait32(memory: &SharedMemory, address: u64, expected: u32, timeout: Duration) -> Result<Waited, String> {
    memory_ref(memory).atomic_wait32(address, expected, Some(timeout)).map(Waited::from).map_err(|trap| trap.to_string())
}

/// As [`wait32`]. To be replaced by a C function for `memory.atomic.wait64`.
pub fn wait64(memory: &SharedMemory, address: u64, expected: u64, timeout: Duration) -> Result<Waited, String> {
    memory_ref(memory).atomic_wait64(address, expected, Some(timeout)).map(Waited::from).map_err(|trap| trap.to_string())
}
