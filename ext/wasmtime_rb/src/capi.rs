//! The Wasmtime C API as bindgen declares it from its headers. The crate `wasmtime-c-api-impl` defines the symbols.
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals, dead_code, missing_docs)]
#![allow(clippy::all, clippy::pedantic, clippy::restriction)]
#![allow(rustdoc::all)]

include!(concat!(env!("OUT_DIR"), "/capi.rs"));
