//! What a C call may end with besides success: an error or a trap, turned into plain data at once so that no borrowed frame outlives them.

use super::vec::{ByteVec, FrameVec, name_to_string};
use crate::capi;

owned_handle! {
    /// An error the C API returned (`wasmtime_error_t`).
    pub struct Error(capi::wasmtime_error_t) => capi::wasmtime_error_delete;
}
owned_handle! {
    /// A trap the C API returned, or one we give to it (`wasm_trap_t`).
    pub struct Trap(capi::wasm_trap_t) => capi::wasm_trap_delete;
}

/// One wasm frame of a trap or an error.
pub struct Frame {
    pub func_index: u32,
    pub func_name: Option<String>,
    pub module_name: Option<String>,
    /// Bytes from the start of the function; `None` without an address map.
    pub func_offset: Option<usize>,
    /// Bytes from the start of the module; `None` without an address map.
    pub module_offset: Option<usize>,
}

/// A message with what caused it, outermost first, and the wasm frames it passed.
pub struct Report {
    pub chain: Vec<String>,
    pub frames: Vec<Frame>,
}

/// A failed C call. Boxed, so that a call that succeeds returns one register.
pub struct Fault(pub Box<Failure>);

/// The three ways a C call fails.
pub enum Failure {
    /// Wasmtime refused or a host function failed.
    Error(Report),
    /// WASI `proc_exit`.
    Exit(i32),
    /// A trap; the code is missing for an uncaught wasm exception and for a panic Wasmtime caught.
    Trap(Option<u8>, Report),
}

/// What Wasmtime tells in words only.
pub mod words {
    /// The guest's heap has no room.
    pub const HEAP_FULL: &str = "GC heap out of memory";
    /// The pooling allocator has no slot left.
    pub const POOL_FULL: &str = "maximum concurrent";
    /// The kernel refused a mapping.
    pub const NO_SPACE: [&str; 2] = ["mmap failed", "Cannot allocate memory"];
    /// A host function gave a reference of another type than it has.
    pub const BAD_RESULT: &str = "attempted to return an incompatible value";
}

impl Report {
    /// Whether one of the messages says so.
    pub fn says(&self, words: &str) -> bool {
        self.chain.iter().any(|message| message.contains(words))
    }
}

impl Fault {
    /// A fault of our own making, where a precondition is not met.
    pub fn message(text: impl Into<String>) -> Self {
        Failure::Error(Report { chain: vec![text.into()], frames: Vec::new() }).into()
    }

    /// Whether one of the messages says so.
    pub fn is_about(&self, words: &str) -> bool {
        match &*self.0 {
            Failure::Exit(_) => false,
            Failure::Error(report) | Failure::Trap(_, report) => report.says(words),
        }
    }

    /// All messages, outermost first, in one line each.
    pub fn to_text(&self) -> String {
        match &*self.0 {
            Failure::Exit(code) => format!("WASI exit with code {code}"),
            Failure::Error(report) | Failure::Trap(_, report) => report.chain.join(": "),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self(Box::new(failure))
    }
}

/// Turns the two out-pointers of a C call into a result. The only such function of the crate.
///
/// # Safety
/// Both pointers are NULL or owned by the caller, who gives them away here.
#[inline]
pub unsafe fn check(error: *mut capi::wasmtime_error_t, trap: *mut capi::wasm_trap_t) -> Result<(), Fault> {
    if error.is_null() && trap.is_null() {
        return Ok(());
    }
    // SAFETY: the caller gives both away.
    Err(unsafe { fault(error, trap) })
}

#[cold]
unsafe fn fault(error: *mut capi::wasmtime_error_t, trap: *mut capi::wasm_trap_t) -> Fault {
    // SAFETY: our caller owns both pointers.
    let (error, trap) = unsafe { (Error::from_raw(error), Trap::from_raw(trap)) };
    if let Some(error) = error {
        return error.into_fault();
    }
    match trap {
        Some(trap) => trap.into_fault(),
        None => Fault::message("unknown fault"),
    }
}

impl Error {
    fn into_fault(self) -> Fault {
        let mut status = 0;
        // SAFETY: `self` is a live error and `status` a live out-pointer.
        if unsafe { capi::wasmtime_error_exit_status(self.as_ptr(), &mut status) } {
            return Failure::Exit(status).into();
        }
        let mut message = ByteVec::empty();
        let mut frames = FrameVec::empty();
        // SAFETY: as above; the frames borrow `self` and are copied out before it is dropped.
        unsafe {
            capi::wasmtime_error_message(self.as_ptr(), message.out());
            capi::wasmtime_error_wasm_trace(self.as_ptr(), frames.out());
        }
        Failure::Error(Report { chain: split_chain(&message.to_text()), frames: copy_frames(&frames) }).into()
    }
}

impl Trap {
    /// A trap that only carries `message`, to be returned to wasm (`wasmtime_trap_new`).
    pub fn with_message(message: &str) -> Option<Self> {
        // SAFETY: pointer and length of one string; C copies it.
        unsafe { Self::from_raw(capi::wasmtime_trap_new(message.as_ptr().cast(), message.len())) }
    }

    fn into_fault(self) -> Fault {
        let mut code = 0;
        let mut message = ByteVec::empty();
        let mut frames = FrameVec::empty();
        // SAFETY: `self` is a live trap; the frames borrow it and are copied out before it is dropped.
        let code = unsafe {
            capi::wasm_trap_message(self.as_ptr(), message.out());
            capi::wasm_trap_trace(self.as_ptr(), frames.out());
            capi::wasmtime_trap_code(self.as_ptr(), &mut code).then_some(code)
        };
        Failure::Trap(code, Report { chain: split_chain(&message.to_text()), frames: copy_frames(&frames) }).into()
    }
}

fn copy_frames(frames: &FrameVec) -> Vec<Frame> {
    let copy = |frame: *mut capi::wasm_frame_t| {
        // SAFETY: the vector holds live frames, and their names are copied before it goes.
        unsafe {
            Frame {
                func_index: capi::wasm_frame_func_index(frame),
                func_name: name_to_string(capi::wasmtime_frame_func_name(frame)),
                module_name: name_to_string(capi::wasmtime_frame_module_name(frame)),
                func_offset: known(capi::wasm_frame_func_offset(frame)),
                module_offset: known(capi::wasm_frame_module_offset(frame)),
            }
        }
    };
    frames.as_slice().iter().copied().filter(|frame| !frame.is_null()).map(copy).collect()
}

/// Wasmtime says "no address map" with the largest offset.
fn known(offset: usize) -> Option<usize> {
    (offset != usize::MAX).then_some(offset)
}

/// Wasmtime's messages are the `{:?}` of an error chain: a headline, then "Caused by:" with one cause a line, numbered when there are several.
fn split_chain(text: &str) -> Vec<String> {
    let text = text.split("\n\nStack backtrace:").next().unwrap_or(text);
    let Some((headline, causes)) = text.split_once("\n\nCaused by:\n") else {
        return vec![text.trim_end().to_owned()];
    };
    let mut chain = vec![headline.trim_end().to_owned()];
    for line in causes.lines() {
        let trimmed = line.trim_start();
        let numbered = trimmed.split_once(": ").filter(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
        let indent = line.len() - trimmed.len();
        match numbered {
            Some((_, cause)) if indent <= 5 => chain.push(cause.to_owned()),
            _ if chain.len() == 1 => chain.push(trimmed.to_owned()),
            _ => append_line(&mut chain, line),
        }
    }
    chain.into_iter().map(|cause| cause.trim_end().to_owned()).collect()
}

fn append_line(chain: &mut [String], line: &str) {
    if let Some(last) = chain.last_mut() {
        last.push('\n');
        last.push_str(line);
    }
}
