//! The names of a type's fields, cases and flags as Ruby Strings, each also with underscores, made once: a Ruby Array that whoever keeps the type keeps too.

use crate::handle::component::valtype::Names;
use rb_sys::VALUE;
use std::ffi::c_long;

/// A frozen, shared String of UTF-8.
pub fn interned(text: &[u8]) -> VALUE {
    let len = c_long::try_from(text.len()).unwrap_or(0);
    // SAFETY: pointer and length of one slice, which Ruby copies.
    unsafe { rb_sys::rb_enc_interned_str(text.as_ptr().cast(), len, rb_sys::rb_utf8_encoding()) }
}

/// The Array.
pub fn array(names: &Names) -> VALUE {
    // SAFETY: a new Array on our stack; interned Strings are alive while it holds them.
    unsafe {
        let array = rb_sys::rb_ary_tmp_new(c_long::try_from(names.0.len()).unwrap_or(0));
        names.0.iter().for_each(|name| {
            rb_sys::rb_ary_push(array, interned(name.as_bytes()));
            rb_sys::rb_ary_push(array, interned(name.replace('-', "_").as_bytes()));
        });
        array
    }
}

/// A name of the Array.
#[inline]
pub fn at(names: VALUE, index: usize) -> VALUE {
    entry(names, 2 * index)
}

/// A name as Ruby writes it, with underscores for hyphens.
#[inline]
pub fn snake(names: VALUE, index: usize) -> VALUE {
    entry(names, 2 * index + 1)
}

#[inline]
fn entry(names: VALUE, index: usize) -> VALUE {
    // SAFETY: an Array that the caller keeps alive; rb_ary_entry checks the bound.
    unsafe { rb_sys::rb_ary_entry(names, c_long::try_from(index).unwrap_or(c_long::MAX)) }
}
