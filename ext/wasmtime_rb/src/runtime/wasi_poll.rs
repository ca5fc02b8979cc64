//! `poll_oneoff` of WASI preview 1. Lists of clocks are ours, because Wasmtime's sleep cannot be ended; any other list is Wasmtime's.

use super::store::StoreInner;
use super::wasi_functions::{SUCCESS, argument};
use super::{call_clock, sleep, wasi_relay};
use crate::handle::context::Ctx;
use crate::handle::externs::Extern;
use crate::handle::fault::Trap;
use crate::handle::func::{RawCaller, RawTrap};
use crate::handle::val::ValRaw;
use std::ffi::c_void;

/// `errno`s of preview 1.
const FAULT: i32 = 21;
const INVALID: i32 = 28;

/// Sizes and places of the fields in a list's items.
const SUBSCRIPTION_SIZE: usize = 48;
const SUBSCRIPTION_TAG: usize = 8;
const CLOCK_ID: usize = 16;
const CLOCK_TIMEOUT: usize = 24;
const CLOCK_FLAGS: usize = 40;
const EVENT_SIZE: usize = 32;
const EVENT_TYPE: usize = 10;
const EVENT_BYTES: usize = 16;

/// What a subscription waits for: a clock, or a stream that can be read or written.
const TAG_CLOCK: u8 = 0;
const LAST_TAG: u8 = 2;
const REALTIME: u32 = 0;
const MONOTONIC: u32 = 1;
/// The flag of a time that is not counted from now.
const ABSOLUTE: u8 = 1;

/// A longer list of clocks than anybody has is left to Wasmtime, which consumes fuel for it.
const MOST_CLOCKS: usize = 64;

/// What `poll_oneoff` is called with.
#[derive(Clone, Copy)]
pub struct Lists {
    pub subscriptions: u32,
    pub events: u32,
    pub count: u32,
    pub written: u32,
}

/// # Safety
/// Wasmtime calls it with the slots of `(subscriptions, events, count, events_written) -> errno`.
pub unsafe extern "C" fn poll_oneoff(_env: *mut c_void, caller: *mut RawCaller, slots: *mut ValRaw, _len: usize) -> *mut RawTrap {
    // SAFETY: see above.
    unsafe { answer(caller, slots, poll) }
}

/// As if everything that is waited for had happened, whatever it is.
///
/// # Safety
/// As [`poll_oneoff`].
pub unsafe extern "C" fn poll_at_once(_env: *mut c_void, caller: *mut RawCaller, slots: *mut ValRaw, _len: usize) -> *mut RawTrap {
    // SAFETY: see above.
    unsafe { answer(caller, slots, |_, memory, lists| Some(everything(memory, lists).err().unwrap_or(SUCCESS))) }
}

/// Answers with an errno, or ends the call when there is none.
///
/// # Safety
/// As [`poll_oneoff`].
unsafe fn answer(caller: *mut RawCaller, slots: *mut ValRaw, poll: impl FnOnce(Ctx, &GuestMemory, Lists) -> Option<i32>) -> *mut RawTrap {
    // SAFETY: the caller's promise.
    let errno = unsafe {
        let [subscriptions, events, count, written] = [0, 1, 2, 3].map(|index| argument(slots, index));
        let Some(context) = Ctx::of_caller(caller) else { return std::ptr::null_mut() };
        match Ctx::caller_export(caller, "memory") {
            Some(item @ (Extern::Memory(_) | Extern::Shared(_))) => {
                poll(context, &GuestMemory { context, item }, Lists { subscriptions, events, count, written })
            }
            _ => Some(INVALID),
        }
    };
    let Some(errno) = errno else { return Trap::with_message("the guest's sleep was ended").map_or(std::ptr::null_mut(), Trap::into_raw) };
    // SAFETY: as above.
    unsafe { *slots = ValRaw { i32_: errno } };
    std::ptr::null_mut()
}

/// The memory of the guest that calls. Others may write to a shared one, so bytes are copied in and out, never borrowed.
pub struct GuestMemory {
    context: Ctx,
    pub item: Extern,
}

impl GuestMemory {
    /// `size` bytes at `offset`, if they are there.
    fn place(&self, offset: usize, size: usize) -> Result<*mut u8, i32> {
        let (base, len) = match &self.item {
            Extern::Memory(memory) => self.context.memory_data(memory),
            Extern::Shared(memory) => memory.data(),
            _ => return Err(INVALID),
        };
        let fits = offset.checked_add(size).is_some_and(|end| end <= len);
        // SAFETY: within the memory, as just checked.
        if fits { Ok(unsafe { base.add(offset) }) } else { Err(FAULT) }
    }

    fn read<const SIZE: usize>(&self, offset: usize) -> Result<[u8; SIZE], i32> {
        let mut bytes = [0; SIZE];
        // SAFETY: the place has so many bytes; nothing runs wasm of this store or grows the memory meanwhile.
        unsafe { std::ptr::copy_nonoverlapping(self.place(offset, SIZE)?, bytes.as_mut_ptr(), SIZE) };
        Ok(bytes)
    }

    fn write(&self, offset: usize, bytes: &[u8]) -> Result<(), i32> {
        // SAFETY: as read.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.place(offset, bytes.len())?, bytes.len()) };
        Ok(())
    }

    fn subscription(&self, lists: Lists, index: usize) -> Result<[u8; SUBSCRIPTION_SIZE], i32> {
        self.read(item(lists.subscriptions, index, SUBSCRIPTION_SIZE)?)
    }

    /// An event begins as its subscription does.
    fn write_event(&self, lists: Lists, index: usize, subscription: &[u8; SUBSCRIPTION_SIZE], bytes: u8) -> Result<(), i32> {
        let mut event = [0; EVENT_SIZE];
        for (to, from) in event.iter_mut().zip(subscription).take(SUBSCRIPTION_TAG) {
            *to = *from;
        }
        event[EVENT_TYPE] = subscription[SUBSCRIPTION_TAG];
        event[EVENT_BYTES] = bytes;
        self.write(item(lists.events, index, EVENT_SIZE)?, &event)
    }
}

/// Where an item of a list begins.
fn item(start: u32, index: usize, size: usize) -> Result<usize, i32> {
    index.checked_mul(size).and_then(|offset| offset.checked_add(start as usize)).ok_or(FAULT)
}

fn everything(memory: &GuestMemory, lists: Lists) -> Result<(), i32> {
    if lists.count == 0 {
        return Err(INVALID);
    }
    for index in 0..lists.count as usize {
        let subscription = memory.subscription(lists, index)?;
        if subscription[SUBSCRIPTION_TAG] > LAST_TAG {
            return Err(INVALID);
        }
        memory.write_event(lists, index, &subscription, u8::from(subscription[SUBSCRIPTION_TAG] != TAG_CLOCK))?;
    }
    memory.write(lists.written as usize, &lists.count.to_le_bytes())
}

/// A subscription of a clock, and when it is due in nanoseconds of our own clock.
type Clock = ([u8; SUBSCRIPTION_SIZE], u64);

fn poll(context: Ctx, memory: &GuestMemory, lists: Lists) -> Option<i32> {
    // SAFETY: wasm runs in the store, so it is open.
    let store = unsafe { StoreInner::of_context(context) };
    let Some(clocks) = clocks(store, memory, lists) else { return wasi_relay::poll(store, context, &memory.item, lists) };
    let first = clocks.iter().map(|(_, due)| *due).min().unwrap_or(0);
    sleep::until(store, first).then(|| report(memory, lists, &clocks).err().unwrap_or(SUCCESS))
}

/// The list, if it is one of clocks that we know. Wasmtime says what is wrong with any other.
fn clocks(store: &StoreInner, memory: &GuestMemory, lists: Lists) -> Option<Vec<Clock>> {
    let count = lists.count as usize;
    if count == 0 || count > MOST_CLOCKS {
        return None;
    }
    (0..count).map(|index| memory.subscription(lists, index).ok().and_then(|subscription| clock(store, subscription))).collect()
}

fn clock(store: &StoreInner, subscription: [u8; SUBSCRIPTION_SIZE]) -> Option<Clock> {
    let field = |at: usize| subscription.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    let (id, timeout) = (u32::try_from(field(CLOCK_ID)? & u64::from(u32::MAX)).ok()?, field(CLOCK_TIMEOUT)?);
    let flags = *subscription.get(CLOCK_FLAGS)?;
    let wasi = store.wasi()?;
    let from = match (id, flags) {
        _ if subscription[SUBSCRIPTION_TAG] != TAG_CLOCK => return None,
        (REALTIME | MONOTONIC, 0) => 0,
        (REALTIME, ABSOLUTE) => wasi.wall_now(),
        (MONOTONIC, ABSOLUTE) => wasi.monotonic_now(),
        _ => return None,
    };
    Some((subscription, call_clock::now().saturating_add(timeout.saturating_sub(from))))
}

/// Writes an event for each clock that is due.
fn report(memory: &GuestMemory, lists: Lists, clocks: &[Clock]) -> Result<(), i32> {
    let (now, mut count) = (call_clock::now(), 0_u32);
    for (subscription, _) in clocks.iter().filter(|(_, due)| *due <= now) {
        memory.write_event(lists, count as usize, subscription, 1)?;
        count += 1;
    }
    memory.write(lists.written as usize, &count.to_le_bytes())
}
