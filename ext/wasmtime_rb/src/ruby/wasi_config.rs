//! What native code knows of `Wasmtime::WasiConfig`: the Strings that take output, and the steps lib/ makes of a configuration.

use super::store::Store;
use crate::handle::wasi::Output;
use crate::runtime::error;
use crate::runtime::output::Buffer;
use crate::runtime::wasi::{self, Step};
use magnus::rb_sys::AsRawValue;
use magnus::typed_data::Obj;
use magnus::value::Opaque;
use magnus::{DataTypeFunctions, Error, Module as _, Object, RArray, RString, Ruby, Symbol, TypedData, Value, gc, prelude::*};
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A String that takes output of guests, and whether it could not take it all.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::WasiConfig::OutputBuffer", free_immediately, mark, size)]
pub struct OutputBuffer {
    string: Opaque<RString>,
    capacity: usize,
    truncated: Arc<AtomicBool>,
}

impl DataTypeFunctions for OutputBuffer {
    fn mark(&self, marker: &gc::Marker) {
        marker.mark(self.string);
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl OutputBuffer {
    fn new(ruby: &Ruby, string: RString, capacity: usize) -> Obj<Self> {
        ruby.obj_wrap(Self { string: string.into(), capacity, truncated: Arc::default() })
    }

    fn truncated(&self) -> bool {
        self.truncated.load(Ordering::Relaxed)
    }

    fn buffer(&self, ruby: &Ruby) -> Buffer {
        Buffer { string: ruby.get_inner(self.string).as_raw(), capacity: self.capacity, truncated: self.truncated.clone() }
    }
}

/// `_configure_wasi(steps)`: each step an Array of a name and its values, checked by lib/.
fn configure(ruby: &Ruby, store: Obj<Store>, steps: RArray) -> Result<(), Error> {
    let steps = steps.into_iter().map(|step| to_step(ruby, RArray::try_convert(step)?)).collect::<Result<Vec<_>, Error>>()?;
    wasi::configure(&store.inner, steps)
}

fn to_step(ruby: &Ruby, step: RArray) -> Result<Step, Error> {
    let name = Symbol::try_convert(step.entry(0)?)?.name()?.into_owned();
    Ok(match name.as_str() {
        "argv" => Step::Argv(texts(step.entry(1)?)?),
        "env" => Step::Env(texts(step.entry(1)?)?, texts(step.entry(2)?)?),
        "stdin_string" => Step::StdinBytes(bytes(step.entry(1)?)),
        "stdin_file" => Step::StdinFile(text(step.entry(1)?)?),
        "inherit_stdin" => Step::InheritStdin,
        "stdout_file" | "stderr_file" => Step::OutputFile(output(&name), text(step.entry(1)?)?),
        "inherit_stdout" | "inherit_stderr" => Step::InheritOutput(output(&name)),
        "stdout_buffer" | "stderr_buffer" => Step::OutputBuffer(output(&name), step.entry::<Obj<OutputBuffer>>(1)?.buffer(ruby)),
        "directory" => Step::Directory { host: text(step.entry(1)?)?, guest: text(step.entry(2)?)?, writable: step.entry(3)? },
        "inherit_network" => Step::InheritNetwork,
        "allow_tcp" => Step::AllowTcp(step.entry(1)?),
        "allow_udp" => Step::AllowUdp(step.entry(1)?),
        "allow_ip_name_lookup" => Step::AllowIpNameLookup(step.entry(1)?),
        "determinism" => Step::Determinism,
        "allow_http" => Step::AllowHttp,
        "streams" => Step::Streams,
        "socket_addr_check" => Step::AddressCheck(step.entry::<Value>(1)?.as_raw()),
        _ => return Err(error::argument(&format!("unknown step: {name}"))),
    })
}

fn output(step: &str) -> Output {
    if step.contains("stdout") { Output::Stdout } else { Output::Stderr }
}

fn bytes(string: RString) -> Vec<u8> {
    // SAFETY: the bytes are copied before anything of Ruby runs.
    unsafe { string.as_slice() }.to_vec()
}

fn text(string: RString) -> Result<CString, Error> {
    CString::new(bytes(string)).map_err(|_| error::argument("string contains null byte"))
}

fn texts(strings: RArray) -> Result<Vec<CString>, Error> {
    strings.into_iter().map(|string: Value| text(RString::try_convert(string)?)).collect()
}

/// Defines the class of output buffers, and what gives a store its WASI.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let config = error::wasmtime(ruby).define_class("WasiConfig", ruby.class_object())?;
    let buffer = config.define_class("OutputBuffer", ruby.class_object())?;
    buffer.undef_default_alloc_func();
    config.funcall::<_, _, Value>("private_constant", (ruby.to_symbol("OutputBuffer"),))?;
    buffer.define_singleton_method("new", function!(OutputBuffer::new, 2))?;
    buffer.define_method("truncated?", method!(OutputBuffer::truncated, 0))?;
    let store: magnus::RClass = error::wasmtime(ruby).const_get("Store")?;
    store.define_private_method("_configure_wasi", method!(configure, 1))
}
