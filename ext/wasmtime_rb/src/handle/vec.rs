//! Owned vectors of the C API. Their storage comes from Wasmtime's allocator and goes back to it.

use crate::capi;

macro_rules! owned_vec {
    ($(#[$doc:meta])* $name:ident($raw:ty, $item:ty) => $delete:path;) => {
        $(#[$doc])*
        pub struct $name($raw);

        impl $name {
            /// An empty vector, to be filled through [`Self::out`].
            pub fn empty() -> Self {
                Self(<$raw>::default())
            }

            /// The out-pointer for a C function that fills the vector.
            pub fn out(&mut self) -> *mut $raw {
                &mut self.0
            }

            /// The items, borrowed from the vector.
            pub fn as_slice(&self) -> &[$item] {
                if self.0.data.is_null() || self.0.size == 0 {
                    return &[];
                }
                // SAFETY: the C API filled `size` items at `data`, and they live until our Drop.
                unsafe { std::slice::from_raw_parts(self.0.data.cast(), self.0.size) }
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: an empty vector may be deleted too; nobody else owns the storage.
                unsafe { $delete(&mut self.0) }
            }
        }
    };
}

owned_vec! {
    /// Bytes: a message, a name or a serialized module (`wasm_byte_vec_t`).
    ByteVec(capi::wasm_byte_vec_t, u8) => capi::wasm_byte_vec_delete;
}
owned_vec! {
    /// The imports of a module (`wasm_importtype_vec_t`).
    ImportTypeVec(capi::wasm_importtype_vec_t, *mut capi::wasm_importtype_t) => capi::wasm_importtype_vec_delete;
}
owned_vec! {
    /// The exports of a module (`wasm_exporttype_vec_t`).
    ExportTypeVec(capi::wasm_exporttype_vec_t, *mut capi::wasm_exporttype_t) => capi::wasm_exporttype_vec_delete;
}
owned_vec! {
    /// The frames of a trap or an error (`wasm_frame_vec_t`); they borrow it and must go first.
    FrameVec(capi::wasm_frame_vec_t, *mut capi::wasm_frame_t) => capi::wasm_frame_vec_delete;
}

impl ByteVec {
    /// A copy of `bytes` (`wasm_byte_vec_new`).
    pub fn copy(bytes: &[u8]) -> Self {
        let mut vec = Self::empty();
        // SAFETY: pointer and length of one slice, which C copies.
        unsafe { capi::wasm_byte_vec_new(vec.out(), bytes.len(), bytes.as_ptr().cast()) };
        vec
    }

    /// The bytes as text; Wasmtime's messages are UTF-8, anything else is replaced.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(self.as_slice()).trim_end_matches('\0').to_owned()
    }
}

/// Reads a name the C API lends us.
///
/// # Safety
/// `name` is NULL or borrowed from an object that outlives the call.
pub unsafe fn name_to_string(name: *const capi::wasm_byte_vec_t) -> Option<String> {
    // SAFETY: the caller vouches for `name`.
    let name = unsafe { name.as_ref() }?;
    if name.data.is_null() || name.size == 0 {
        return Some(String::new());
    }
    // SAFETY: a byte vec holds `size` bytes at `data`.
    let bytes = unsafe { std::slice::from_raw_parts(name.data.cast::<u8>(), name.size) };
    Some(String::from_utf8_lossy(bytes).into_owned())
}
