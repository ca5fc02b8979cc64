//! What a guest writes to standard output and error when a Ruby String takes it. The C API calls on a thread of tokio's, where Ruby must
//! never run: the bytes wait in a [`Sink`] until the thread that runs the guest brings them to the String.

use super::error::{self, Kind};
use crate::handle::fault::Fault;
use crate::handle::wasi::{Output, WasiConfig};
use magnus::Error;
use magnus::rb_sys::protect;
use rb_sys::VALUE;
use std::ffi::{c_long, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// The String's length when it was last looked at.
    before: usize,
}

/// Bytes on their way to one Ruby String, in the order they were written. Standard output and error may share one.
#[derive(Default)]
pub struct Sink {
    waiting: Mutex<Waiting>,
    any: AtomicBool,
}

/// A Ruby String that takes a stream.
pub struct Buffer {
    pub string: VALUE,
    /// How long the String may become, in bytes.
    pub capacity: usize,
    /// Raised when bytes were dropped; shared with the Ruby object that asked for the stream.
    pub truncated: Arc<AtomicBool>,
}

/// Where one stream puts its bytes. Given to C, which frees it with the store's WASI.
pub struct Port {
    pub sink: Arc<Sink>,
    /// As in [`Buffer`].
    pub capacity: usize,
    /// As in [`Buffer`].
    pub truncated: Arc<AtomicBool>,
}

impl Port {
    /// Makes `self` the stream of a configuration.
    pub fn install(self, config: &WasiConfig, output: Output) {
        let data = Box::into_raw(Box::new(self));
        // SAFETY: the functions below take a Port, which can be used on any thread; C frees it once.
        unsafe { config.output_sink(output, write, data.cast(), free) }
    }

    /// Takes what fits. Never blocks on Ruby: the lock is held for copying only.
    fn write(&self, bytes: &[u8]) {
        let mut waiting = self.sink.lock();
        let room = self.capacity.saturating_sub(waiting.before.saturating_add(waiting.bytes.len()));
        let mut taken = bytes.get(..room).unwrap_or(bytes);
        if waiting.bytes.try_reserve(taken.len()).is_err() {
            taken = &[];
        }
        waiting.bytes.extend_from_slice(taken);
        if taken.len() < bytes.len() {
            self.truncated.store(true, Ordering::Relaxed);
        }
        self.sink.any.store(true, Ordering::Release);
    }
}

/// The guest hears that everything was written: what is over the capacity is dropped silently.
unsafe extern "C" fn write(data: *mut c_void, bytes: *const u8, len: usize) -> isize {
    // SAFETY: C passes the Port it was given, alive until `free`, and a slice.
    let (port, bytes) = unsafe { (&*data.cast::<Port>(), if len == 0 { &[][..] } else { std::slice::from_raw_parts(bytes, len) }) };
    port.write(bytes);
    isize::try_from(len).unwrap_or(isize::MAX)
}

unsafe extern "C" fn free(data: *mut c_void) {
    // SAFETY: made by Box::into_raw in `install`; C calls this once.
    drop(unsafe { Box::from_raw(data.cast::<Port>()) });
}

impl Sink {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks how long the String is: the program may have emptied it since the last call.
    pub fn measure(&self, string: VALUE) {
        let length = length(string);
        self.lock().before = length;
    }

    /// Appends what waits to the String. With the GVL. What a String cannot take goes on waiting.
    pub fn deliver(&self, string: VALUE) -> Result<(), Error> {
        if !self.any.swap(false, Ordering::Acquire) {
            return Ok(());
        }
        // Taken out, so that nothing of Ruby runs under the lock.
        let bytes = std::mem::take(&mut self.lock().bytes);
        let appended = append(string, &bytes);
        let mut waiting = self.lock();
        waiting.before = length(string);
        if appended.is_err() {
            let later = std::mem::replace(&mut waiting.bytes, bytes);
            waiting.bytes.extend(later);
            self.any.store(true, Ordering::Release);
        }
        appended
    }
}

fn length(string: VALUE) -> usize {
    // SAFETY: a String that the store's roots keep alive.
    usize::try_from(unsafe { rb_sys::RSTRING_LEN(string) }).unwrap_or(0)
}

fn append(string: VALUE, bytes: &[u8]) -> Result<(), Error> {
    // SAFETY: as in length.
    if unsafe { rb_sys::rb_obj_frozen_p(string) } == rb_sys::Qtrue as VALUE {
        return Err(error::raise(Kind::Base, "the String that takes the guest's output is frozen: give the WasiConfig one that is not"));
    }
    let len = c_long::try_from(bytes.len()).map_err(|_| error::from_fault(Fault::message("the guest's output is too long for a String")))?;
    // SAFETY: a live String and bytes that outlive the call; what rb_str_cat raises (a locked String, no memory) is caught.
    protect(|| unsafe { rb_sys::rb_str_cat(string, bytes.as_ptr().cast(), len) }).map(|_| ())
}
