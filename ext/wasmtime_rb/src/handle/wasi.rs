//! WASI configurations.

use super::context::Ctx;
use super::fault::{Fault, check};
use super::linker::Linker;
use super::vec::ByteVec;
use crate::capi;
use std::ffi::{CStr, CString, c_char, c_void};

owned_handle! {
    /// What a store's WASI may see of the world (`wasi_config_t`). Nothing, at first.
    pub struct WasiConfig(capi::wasi_config_t) => capi::wasi_config_delete;
}

/// One of the two output streams.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    Stdout,
    Stderr,
}

/// Takes what a guest writes; what it gives back is how many bytes it took, or a negative errno. Called on any thread.
pub type Sink = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> isize;

/// Frees a sink's data, on any thread.
pub type SinkFinalizer = unsafe extern "C" fn(*mut c_void);

fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).collect()
}

/// C answers with a bool and no reason, so the caller says what it tried.
fn done(done: bool, what: impl FnOnce() -> String) -> Result<(), Fault> {
    if done { Ok(()) } else { Err(Fault::message(what())) }
}

fn show(path: &CStr) -> std::borrow::Cow<'_, str> {
    path.to_string_lossy()
}

impl WasiConfig {
    /// A configuration that grants nothing (`wasi_config_new`).
    pub fn new() -> Result<Self, Fault> {
        // SAFETY: the result is ours.
        unsafe { Self::from_raw(capi::wasi_config_new()) }.ok_or_else(|| Fault::message("failed to create a WASI configuration"))
    }

    /// Appends arguments (`wasi_config_set_argv`), which must be UTF-8.
    pub fn argv(&self, argv: &[CString]) -> Result<(), Fault> {
        let argv = pointers(argv);
        // SAFETY: a Vec's pointer is never NULL, and the strings outlive the call, which copies them.
        let set = unsafe { capi::wasi_config_set_argv(self.as_ptr(), argv.len(), argv.as_ptr().cast_mut()) };
        done(set, || "the arguments are not UTF-8".into())
    }

    /// Appends environment variables (`wasi_config_set_env`), which must be UTF-8.
    pub fn env(&self, names: &[CString], values: &[CString]) -> Result<(), Fault> {
        let (names, values) = (pointers(names), pointers(values));
        let len = names.len().min(values.len());
        // SAFETY: as in argv; both lists have at least `len` entries.
        let set = unsafe { capi::wasi_config_set_env(self.as_ptr(), len, names.as_ptr().cast_mut(), values.as_ptr().cast_mut()) };
        done(set, || "the environment is not UTF-8".into())
    }

    /// Gives the guest these bytes to read (`wasi_config_set_stdin_bytes`).
    pub fn stdin_bytes(&self, bytes: &[u8]) {
        let mut bytes = ByteVec::copy(bytes);
        // SAFETY: C takes the vector's contents and leaves it empty.
        unsafe { capi::wasi_config_set_stdin_bytes(self.as_ptr(), bytes.out()) }
    }

    /// Lets the guest read a file (`wasi_config_set_stdin_file`). Opens it, which blocks for a pipe nobody writes to.
    pub fn stdin_file(&self, path: &CStr) -> Result<(), Fault> {
        // SAFETY: the path outlives the call.
        let set = unsafe { capi::wasi_config_set_stdin_file(self.as_ptr(), path.as_ptr()) };
        done(set, || format!("Failed to open file {}", show(path)))
    }

    /// Lets the guest read the process's own standard input (`wasi_config_inherit_stdin`).
    pub fn inherit_stdin(&self) {
        // SAFETY: the configuration is live.
        unsafe { capi::wasi_config_inherit_stdin(self.as_ptr()) }
    }

    /// Writes an output stream to a file, emptied now (`wasi_config_set_stdout_file`, `wasi_config_set_stderr_file`).
    pub fn output_file(&self, output: Output, path: &CStr) -> Result<(), Fault> {
        // SAFETY: the path outlives the call.
        let set = unsafe {
            match output {
                Output::Stdout => capi::wasi_config_set_stdout_file(self.as_ptr(), path.as_ptr()),
                Output::Stderr => capi::wasi_config_set_stderr_file(self.as_ptr(), path.as_ptr()),
            }
        };
        done(set, || format!("Failed to write to file {}", show(path)))
    }

    /// Writes an output stream to the process's own (`wasi_config_inherit_stdout`, `wasi_config_inherit_stderr`).
    pub fn inherit_output(&self, output: Output) {
        // SAFETY: the configuration is live.
        unsafe {
            match output {
                Output::Stdout => capi::wasi_config_inherit_stdout(self.as_ptr()),
                Output::Stderr => capi::wasi_config_inherit_stderr(self.as_ptr()),
            }
        }
    }

    /// Gives what the guest writes to `sink` (`wasi_config_set_stdout_custom`, `wasi_config_set_stderr_custom`), on a thread of tokio's.
    ///
    /// # Safety
    /// `data` is what `sink` and `finalizer` expect, usable from any thread, and given away: C calls the finalizer once.
    pub unsafe fn output_sink(&self, output: Output, sink: Sink, data: *mut c_void, finalizer: SinkFinalizer) {
        // SAFETY: the caller's promise.
        unsafe {
            match output {
                Output::Stdout => capi::wasi_config_set_stdout_custom(self.as_ptr(), Some(sink), data, Some(finalizer)),
                Output::Stderr => capi::wasi_config_set_stderr_custom(self.as_ptr(), Some(sink), data, Some(finalizer)),
            }
        }
    }

    /// Opens a directory for the guest (`wasi_config_preopen_dir`).
    pub fn preopen_dir(&self, host: &CStr, guest: &CStr, writable: bool) -> Result<(), Fault> {
        // SAFETY: both paths outlive the call.
        let set = unsafe { capi::wasi_config_preopen_dir(self.as_ptr(), host.as_ptr(), guest.as_ptr(), writable) };
        done(set, || format!("Failed to open directory {}", show(host)))
    }

    /// Lets the guest reach every address (`wasi_config_inherit_network`).
    pub fn inherit_network(&self) {
        // SAFETY: the configuration is live.
        unsafe { capi::wasi_config_inherit_network(self.as_ptr()) }
    }

    /// Whether the guest may look names up (`wasi_config_allow_ip_name_lookup`).
    pub fn allow_ip_name_lookup(&self, allow: bool) {
        // SAFETY: the configuration is live.
        unsafe { capi::wasi_config_allow_ip_name_lookup(self.as_ptr(), allow) }
    }
}

impl Ctx {
    /// Lets the store's guests make HTTP requests (`wasmtime_context_set_wasi_http`). The store has its WASI already.
    pub fn set_wasi_http(self) {
        // SAFETY: as below.
        unsafe { capi::wasmtime_context_set_wasi_http(self.as_ptr()) }
    }

    /// Gives the store its WASI (`wasmtime_context_set_wasi`), which takes the configuration.
    pub fn set_wasi(self, config: WasiConfig) -> Result<(), Fault> {
        // SAFETY: the context is live (Ctx's promise); C owns the configuration from here on, also when it fails.
        unsafe { check(capi::wasmtime_context_set_wasi(self.as_ptr(), config.into_raw()), std::ptr::null_mut()) }
    }
}

impl Linker {
    /// Defines the functions of WASI preview 1 (`wasmtime_linker_define_wasi`). They panic in a store without WASI: the caller checks.
    pub fn define_wasi(&self) -> Result<(), Fault> {
        // SAFETY: the linker is live and nobody else uses it now.
        unsafe { check(capi::wasmtime_linker_define_wasi(self.as_ptr()), std::ptr::null_mut()) }
    }
}
