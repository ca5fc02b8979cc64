//! `Wasmtime::Module`.

use super::engine::Engine;
use super::types::extern_type_to_value;
use crate::handle::functype::RawFuncType;
use crate::handle::module::Module as Handle;
use crate::handle::wat;
use crate::runtime::engine::EngineInner;
use crate::runtime::error::{self, Kind};
use crate::runtime::module::ModuleInner;
use crate::runtime::{compile, memory};
use magnus::typed_data::Obj;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, RString, Ruby, TypedData, prelude::*};
use std::ffi::CString;
use std::sync::Arc;

/// A module, frozen and shareable between Ractors.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Module", free_immediately, size, frozen_shareable)]
pub struct Module {
    inner: ModuleInner,
}

impl DataTypeFunctions for Module {
    fn size(&self) -> usize {
        size_of::<Self>() + self.inner.image_size
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        memory::adjust(-self.inner.code_bytes());
    }
}

/// A function import: its names, and its type as only C can say it.
pub struct FuncImport {
    pub module: String,
    pub name: String,
    pub raw_type: RawFuncType,
}

impl Module {
    pub fn engine(&self) -> &Arc<EngineInner> {
        &self.inner.engine
    }

    pub fn handle(&self) -> &Handle {
        &self.inner.handle
    }

    /// The names of the exports, in order.
    pub fn export_names(&self) -> Result<impl Iterator<Item = &str>, Error> {
        let exports = self.inner.exports().map_err(|text| error::raise(Kind::Base, &text))?;
        Ok(exports.iter().map(|(name, _)| name.as_str()))
    }

    /// Import `index`, which must be a function.
    pub fn func_import(&self, index: usize) -> Result<FuncImport, Error> {
        self.inner.imports().map_err(|text| error::raise(Kind::Base, &text))?;
        let (module, name, raw_type) =
            self.inner.handle.func_import(index).ok_or_else(|| error::argument(&format!("import {index} is no function")))?;
        Ok(FuncImport { module, name, raw_type })
    }

    fn wrap(ruby: &Ruby, engine: Arc<EngineInner>, handle: Handle) -> Obj<Self> {
        let inner = ModuleInner::new(engine, handle);
        memory::adjust(inner.code_bytes());
        let module = ruby.obj_wrap(Self { inner });
        module.freeze();
        module
    }

    fn new(ruby: &Ruby, engine: Obj<Engine>, bytes: RString) -> Result<Obj<Self>, Error> {
        let wasm = source(bytes)?;
        let engine = engine.arc().clone();
        let compiled = compile::compile::<Handle>(&engine, wasm)?;
        let (handle, _) = compiled.map_err(|text| error::raise(Kind::Compile, &format!("Could not build module: {text}")))?;
        Ok(Self::wrap(ruby, engine, handle))
    }

    fn deserialize(ruby: &Ruby, engine: Obj<Engine>, bytes: RString) -> Result<Obj<Self>, Error> {
        let code = copy(bytes);
        let engine = engine.arc().clone();
        let owner = engine.clone();
        let loaded = compile::load(move || Handle::deserialize(&owner.handle, &code).map_err(|fault| fault.to_text()))?;
        Ok(Self::wrap(ruby, engine, loaded.map_err(|text| error::raise(Kind::Base, &text))?))
    }

    fn deserialize_file(ruby: &Ruby, engine: Obj<Engine>, path: RString) -> Result<Obj<Self>, Error> {
        let path = CString::new(copy(path)).map_err(|_| error::argument("path contains null byte"))?;
        let engine = engine.arc().clone();
        let owner = engine.clone();
        let loaded = compile::load(move || Handle::deserialize_file(&owner.handle, &path).map_err(|fault| fault.to_text()))?;
        Ok(Self::wrap(ruby, engine, loaded.map_err(|text| error::raise(Kind::Base, &text))?))
    }

    /// Raises CompileError with the reason.
    fn validate(engine: Obj<Engine>, bytes: RString) -> Result<(), Error> {
        let wasm = copy(bytes);
        let engine = engine.arc().clone();
        let checked = compile::in_pool(move || Handle::validate(&engine.handle, &wasm).map_err(|fault| fault.to_text()))?;
        checked.map_err(|text| error::raise(Kind::Compile, &text))
    }

    fn serialize(ruby: &Ruby, this: &Self) -> Result<RString, Error> {
        let code = this.inner.handle.serialize().map_err(error::from_fault)?;
        Ok(ruby.str_from_slice(code.as_slice()))
    }

    fn imports(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        let rows = ruby.ary_new();
        for import in this.inner.imports().map_err(|text| error::raise(Kind::Base, &text))? {
            rows.push((ruby.str_new(&import.module), ruby.str_new(&import.name), extern_type_to_value(ruby, &import.ty)?))?;
        }
        Ok(rows)
    }

    fn exports(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        let rows = ruby.ary_new();
        for (name, ty) in this.inner.exports().map_err(|text| error::raise(Kind::Base, &text))? {
            rows.push((ruby.str_new(name), extern_type_to_value(ruby, ty)?))?;
        }
        Ok(rows)
    }

    fn image_range(&self) -> (usize, usize) {
        self.inner.handle.image_range()
    }

    fn engine_object(ruby: &Ruby, this: &Self) -> Obj<Engine> {
        super::engine::wrap(ruby, this.inner.engine.clone())
    }
}

/// The bytes are copied: the String may change while another thread runs.
pub fn copy(bytes: RString) -> Vec<u8> {
    // SAFETY: nothing of Ruby runs while the slice is borrowed.
    unsafe { bytes.as_slice() }.to_vec()
}

/// A module to compile: bytes as they are, and text in UTF-8. What a file was read as says nothing about what is in it.
pub fn source(wasm: RString) -> Result<Vec<u8>, Error> {
    let bytes = copy(wasm);
    if bytes.starts_with(b"\0asm") || wasm.is_utf8_compatible_encoding() || is_binary(wasm) {
        return Ok(bytes);
    }
    wasm.to_string().map(String::into_bytes)
}

fn is_binary(string: RString) -> bool {
    string.enc_get() == Ruby::get_with(string).ascii8bit_encindex()
}

fn wat2wasm(ruby: &Ruby, wat: RString) -> Result<RString, Error> {
    let utf8 = if is_binary(wat) { String::from_utf8(copy(wat)).ok() } else { None };
    let text = utf8.map_or_else(|| wat.to_string(), Ok)?;
    let wasm = wat::wat2wasm(&text).map_err(|fault| error::from_fault_as(Kind::Base, "", fault))?;
    Ok(ruby.str_from_slice(wasm.as_slice()))
}

/// Defines the class and `Wasmtime.wat2wasm`.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    error::wasmtime(ruby).define_module_function("wat2wasm", function!(wat2wasm, 1))?;
    let class = error::define_class(ruby, "Module")?;
    class.define_singleton_method("_new", function!(Module::new, 2))?;
    class.define_singleton_method("_deserialize", function!(Module::deserialize, 2))?;
    class.define_singleton_method("_deserialize_file", function!(Module::deserialize_file, 2))?;
    class.define_singleton_method("_validate", function!(Module::validate, 2))?;
    class.define_method("serialize", method!(Module::serialize, 0))?;
    class.define_private_method("_imports", method!(Module::imports, 0))?;
    class.define_private_method("_exports", method!(Module::exports, 0))?;
    class.define_private_method("_image_range", method!(Module::image_range, 0))?;
    class.define_method("engine", method!(Module::engine_object, 0))
}
