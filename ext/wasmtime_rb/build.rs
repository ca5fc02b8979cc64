//! Generates the declarations of the Wasmtime C API from the headers its crate installs, and keeps its symbols out of our export table.

use std::{env, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let include = PathBuf::from(env::var("DEP_WASMTIME_C_API_INCLUDE")?);
    let out = PathBuf::from(env::var("OUT_DIR")?).join("capi.rs");

    bindgen::Builder::default()
        .header_contents("capi.h", "#include <wasi.h>\n#include <wasmtime.h>\n")
        .clang_arg(format!("-I{}", include.display()))
        .allowlist_item("(wasm|wasi|wasmtime)_.*|WASM(TIME)?_.*")
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .derive_default(true)
        .generate_cstr(true)
        .layout_tests(true)
        .generate()?
        .write_to_file(out)?;

    println!("cargo:rerun-if-changed=build.rs");
    // The rlib of the C API is an archive: hiding archives' symbols leaves only Init_wasmtime_rb visible, so that a second copy of
    // Wasmtime in the same process cannot be mixed up with ours.
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
    }
    rb_sys_env::activate()?;
    Ok(())
}
