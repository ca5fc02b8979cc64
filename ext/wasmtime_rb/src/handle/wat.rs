//! The text format.

use super::fault::{Fault, check};
use super::vec::ByteVec;
use crate::capi;

/// Translates text to binary (`wasmtime_wat2wasm`). Errors carry line and column.
pub fn wat2wasm(text: &str) -> Result<ByteVec, Fault> {
    let mut out = ByteVec::empty();
    // SAFETY: pointer and length of one string; C fills the vector on success.
    unsafe { check(capi::wasmtime_wat2wasm(text.as_ptr().cast(), text.len(), out.out()), std::ptr::null_mut()) }.map(|()| out)
}
