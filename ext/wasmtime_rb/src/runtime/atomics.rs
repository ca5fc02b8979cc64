//! Atomic accesses to shared memories, which other threads change at the same time: nothing here makes a reference to their bytes.

use super::error;
use super::escape::shared::{self, Waited};
use super::gvl;
use super::interrupt::check_ints;
use crate::handle::externs::SharedMemory;
use magnus::Error;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ORDER: Ordering = Ordering::SeqCst;
/// How long a wait lasts before it looks whether Ruby wants the thread.
const SLICE: Duration = Duration::from_millis(10);

/// What an atomic access does with the number that is there.
#[derive(Clone, Copy)]
pub enum Operation {
    Load,
    Store,
    Add,
    Sub,
    And,
    Or,
    Xor,
    Exchange,
}

/// An address of `len` bytes, aligned to them.
fn place(memory: &SharedMemory, offset: u64, len: usize) -> Result<*mut u8, Error> {
    let (base, size) = memory.data();
    let start = usize::try_from(offset).ok().filter(|start| start.checked_add(len).is_some_and(|end| end <= size));
    let Some(start) = start else { return Err(error::raise(error::Kind::Base, "out of bounds memory access")) };
    if start % len != 0 {
        return Err(error::raise(error::Kind::Base, &format!("unaligned atomic access: offset {offset} is no multiple of {len}")));
    }
    // SAFETY: the range was just found to lie inside the memory, which never moves and never shrinks.
    Ok(unsafe { base.add(start) })
}

macro_rules! atomics {
    ($number:ident, $atomic:ident, $apply:ident, $compare:ident) => {
        /// Does it to the number at `offset`; what was there before.
        pub fn $apply(memory: &SharedMemory, operation: Operation, offset: u64, operand: $number) -> Result<$number, Error> {
            // SAFETY: aligned, inside a memory that lives as long as its handle; every access of ours is atomic.
            let cell = unsafe { $atomic::from_ptr(place(memory, offset, size_of::<$number>())?.cast()) };
            Ok(match operation {
                Operation::Load => cell.load(ORDER),
                Operation::Store | Operation::Exchange => cell.swap(operand, ORDER),
                Operation::Add => cell.fetch_add(operand, ORDER),
                Operation::Sub => cell.fetch_sub(operand, ORDER),
                Operation::And => cell.fetch_and(operand, ORDER),
                Operation::Or => cell.fetch_or(operand, ORDER),
                Operation::Xor => cell.fetch_xor(operand, ORDER),
            })
        }

        /// Puts `replacement` where `expected` is; what was there before.
        pub fn $compare(memory: &SharedMemory, offset: u64, expected: $number, replacement: $number) -> Result<$number, Error> {
            // SAFETY: as above.
            let cell = unsafe { $atomic::from_ptr(place(memory, offset, size_of::<$number>())?.cast()) };
            Ok(cell.compare_exchange(expected, replacement, ORDER, ORDER).unwrap_or_else(|found| found))
        }
    };
}

atomics!(u32, AtomicU32, apply32, compare_exchange32);
atomics!(u64, AtomicU64, apply64, compare_exchange64);

fn range(memory: &SharedMemory, offset: u64, len: usize) -> Result<*mut u8, Error> {
    let (base, size) = memory.data();
    let start = usize::try_from(offset).ok().filter(|start| start.checked_add(len).is_some_and(|end| end <= size));
    // SAFETY: as in `place`.
    start.map(|start| unsafe { base.add(start) }).ok_or_else(|| error::raise(error::Kind::Base, "out of bounds memory access"))
}

/// A copy of bytes, each of which is whole.
pub fn read(memory: &SharedMemory, offset: u64, len: usize) -> Result<Vec<u8>, Error> {
    let from = range(memory, offset, len)?;
    // SAFETY: inside the memory; other threads write, so each byte is loaded atomically.
    Ok((0..len).map(|index| unsafe { AtomicU8::from_ptr(from.add(index)) }.load(Ordering::Relaxed)).collect())
}

/// Writes bytes, one after the other.
pub fn write(memory: &SharedMemory, offset: u64, bytes: &[u8]) -> Result<(), Error> {
    let to = range(memory, offset, bytes.len())?;
    for (index, byte) in bytes.iter().enumerate() {
        // SAFETY: as above.
        unsafe { AtomicU8::from_ptr(to.add(index)) }.store(*byte, Ordering::Relaxed);
    }
    Ok(())
}

/// What a thread waits for.
#[derive(Clone, Copy)]
pub enum Expected {
    Narrow(u32),
    Wide(u64),
}

/// Ends a wait when Ruby wants the thread.
struct Asked(AtomicBool);

impl gvl::Unblock for Asked {
    const ASYNC_SAFE: bool = true;

    fn unblock(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Waits without the GVL at `offset` while `expected` is there; interruptible like a sleep of Ruby's.
pub fn wait(memory: &SharedMemory, offset: u64, expected: Expected, timeout: Option<Duration>) -> Result<Waited, Error> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let asked = Asked(AtomicBool::new(false));
    loop {
        let waited = gvl::without_gvl(|| wait_until_asked(memory, offset, expected, deadline, &asked), &asked);
        match waited {
            Some(Ok(Ok(Some(waited)))) => return Ok(waited),
            Some(Ok(Err(text))) => return Err(error::raise(error::Kind::Base, &text)),
            _ => asked.0.store(false, Ordering::Relaxed),
        }
        // SAFETY: check_ints calls Ruby, under protect; nothing is held that needs dropping.
        magnus::rb_sys::protect(|| unsafe { check_ints(0) })?;
    }
}

/// In slices: Wasmtime's wait ends by a notification or its timeout only. `None` when Ruby asked.
fn wait_until_asked(
    memory: &SharedMemory,
    offset: u64,
    expected: Expected,
    deadline: Option<Instant>,
    asked: &Asked,
) -> Result<Option<Waited>, String> {
    while !asked.0.load(Ordering::Relaxed) {
        let left = deadline.map_or(SLICE, |deadline| deadline.saturating_duration_since(Instant::now()));
        let slice = left.min(SLICE);
        let waited = match expected {
            Expected::Narrow(number) => shared::wait32(memory, offset, number, slice)?,
            Expected::Wide(number) => shared::wait64(memory, offset, number, slice)?,
        };
        if waited != Waited::TimedOut || left <= SLICE && deadline.is_some() {
            return Ok(Some(waited));
        }
    }
    Ok(None)
}
