//! The exception tree, and the one place that turns faults of the C API into Ruby exceptions.

use crate::handle::fault::{Failure, Fault, Frame, Report, words};
use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::value::{Lazy, ReprValue};
use magnus::{Error, Exception, ExceptionClass, Module as _, RArray, RClass, RModule, Ruby, Value, prelude::*};
use rb_sys::VALUE;

/// The classes native code raises.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Base,
    Compile,
    Link,
    Conversion,
    Result,
    WasiExit,
    Trap,
    Timeout,
    OutOfFuel,
    MemoryLimit,
    WasmException,
    Store,
    StoreBusy,
    StoreClosed,
    ForkedStore,
    PoolExhausted,
}

/// Name and superclass by kind, in the order of [`Kind`]; parents come first.
const TREE: [(Kind, &str, Kind); 15] = [
    (Kind::Compile, "CompileError", Kind::Base),
    (Kind::Link, "LinkError", Kind::Base),
    (Kind::Conversion, "ConversionError", Kind::Base),
    (Kind::Result, "ResultError", Kind::Base),
    (Kind::WasiExit, "WasiExit", Kind::Base),
    (Kind::Trap, "Trap", Kind::Base),
    (Kind::Timeout, "TimeoutError", Kind::Trap),
    (Kind::OutOfFuel, "OutOfFuelError", Kind::Trap),
    (Kind::MemoryLimit, "MemoryLimitError", Kind::Trap),
    (Kind::WasmException, "WasmException", Kind::Base),
    (Kind::Store, "StoreError", Kind::Base),
    (Kind::StoreBusy, "StoreBusyError", Kind::Store),
    (Kind::StoreClosed, "StoreClosedError", Kind::Store),
    (Kind::ForkedStore, "ForkedStoreError", Kind::Store),
    (Kind::PoolExhausted, "PoolExhaustedError", Kind::Base),
];

static WASMTIME: Lazy<RModule> = Lazy::new(|ruby| match ruby.define_module("Wasmtime") {
    Ok(module) => module,
    // Only a constant of that name that is no module gets us here; loading fails with Ruby's own words right after.
    Err(_) => ruby.module_kernel(),
});

/// The module everything is defined under.
pub fn wasmtime(ruby: &Ruby) -> RModule {
    ruby.get_inner(&WASMTIME)
}

/// The class of a kind.
pub fn class(ruby: &Ruby, kind: Kind) -> ExceptionClass {
    let name = TREE.iter().find(|(known, _, _)| *known == kind).map_or("Error", |(_, name, _)| name);
    wasmtime(ruby).const_get(name).unwrap_or_else(|_| ruby.exception_standard_error())
}

/// Defines the tree.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let module = wasmtime(ruby);
    module.define_error("Error", ruby.exception_standard_error())?;
    for (_, name, parent) in TREE {
        module.define_error(name, class(ruby, parent))?;
    }
    Ok(())
}

/// This thread's Ruby. Every caller runs with the GVL.
fn ruby() -> Ruby {
    // SAFETY: native methods and callbacks under with_gvl are the only callers.
    unsafe { Ruby::get_unchecked() }
}

/// A new exception of a class. Made here and not by magnus, which makes one when it is raised, and ends the process when that is cut short: by
/// the throw of a Timeout, say. Then the throw is what goes on.
pub fn exception(class: ExceptionClass, message: &str) -> Error {
    match class.new_instance((message,)) {
        Ok(exception) => {
            // SAFETY: a live object on our stack; an instance variable without @ is invisible to Ruby.
            let marked = protect(|| unsafe { rb_sys::rb_ivar_set(exception.as_raw(), rb_sys::rb_intern(OURS.as_ptr()), rb_sys::Qtrue as VALUE) });
            marked.map_or_else(|error| error, |_| Error::from(exception))
        }
        Err(error) => error,
    }
}

/// An error with its exception made, as [`exception`] makes one.
pub fn eager(error: Error) -> Error {
    match error.error_type() {
        magnus::error::ErrorType::Error(class, message) => exception(*class, message),
        _ => error,
    }
}

/// What marks an exception of our own making.
const OURS: &std::ffi::CStr = c"__wasmtime_rb";

/// Whether native code made the exception, and no code of a user.
pub fn is_ours(exception: Exception) -> bool {
    // SAFETY: reads an instance variable of a live object; nil where there is none.
    unsafe { rb_sys::rb_attr_get(exception.as_raw(), rb_sys::rb_intern(OURS.as_ptr())) == rb_sys::Qtrue as VALUE }
}

/// An exception of a kind.
#[cold]
pub fn raise(kind: Kind, message: &str) -> Error {
    exception(class(&ruby(), kind), message)
}

/// An ArgumentError.
#[cold]
pub fn argument(message: &str) -> Error {
    exception(ruby().exception_arg_error(), message)
}

/// A TypeError.
#[cold]
pub fn type_error(message: &str) -> Error {
    exception(ruby().exception_type_error(), message)
}

/// The TypeError for an argument of the wrong class.
#[cold]
pub fn no_conversion(value: VALUE, into: &str) -> Error {
    // SAFETY: a live argument of the method that is running.
    let value = unsafe { Value::from_raw(value) };
    // SAFETY: the class of a live value; its name is copied at once.
    let class = unsafe { value.classname() }.into_owned();
    type_error(&format!("no implicit conversion of {class} into {into}"))
}

/// A RangeError.
#[cold]
pub fn range(message: &str) -> Error {
    exception(ruby().exception_range_error(), message)
}

/// Whether a guest's trap is what happened, and not a timeout.
pub fn is_trap(error: &Error) -> bool {
    let ruby = ruby();
    error.is_kind_of(class(&ruby, Kind::Trap)) && !error.is_kind_of(class(&ruby, Kind::Timeout))
}

/// Raises an exception object as it is.
#[cold]
pub fn from_exception(exception: VALUE) -> Error {
    // SAFETY: the caller took a live exception out of a root slot.
    match Exception::from_value(unsafe { Value::from_raw(exception) }) {
        Some(exception) => Error::from(exception),
        None => raise(Kind::Base, "the host block ended without an exception"),
    }
}

/// Goes on with a throw, break, return or kill that a host block began.
#[cold]
pub fn from_jump(state: i32) -> Error {
    // SAFETY: `state` and `$!` are what rb_protect left; nothing of Ruby ran since.
    match magnus::rb_sys::protect(|| unsafe { rb_sys::rb_jump_tag(state) }) {
        Err(error) => error,
        Ok(_) => raise(Kind::Base, "the host block's jump was lost"),
    }
}

/// The exception for a fault of the C API.
#[cold]
pub fn from_fault(fault: Fault) -> Error {
    build(*fault.0).unwrap_or_else(|error| error)
}

/// The exception for a fault of the C API outside calls, with another class for plain errors.
#[cold]
pub fn from_fault_as(kind: Kind, prefix: &str, fault: Fault) -> Error {
    match *fault.0 {
        Failure::Error(report) => raise(kind, &format!("{prefix}{}", report.chain.join(": "))),
        failure => from_fault(failure.into()),
    }
}

/// The exception for a wasm exception that nobody caught, around the ExnRef.
#[cold]
pub fn from_thrown(failure: Failure, exnref: VALUE) -> Error {
    match failure {
        Failure::Error(report) | Failure::Trap(_, report) => {
            // SAFETY: a live object on our stack.
            let exnref = unsafe { Value::from_raw(exnref) };
            construct(Kind::WasmException, (message_of(&report), frames(&report.frames), exnref)).unwrap_or_else(|error| error)
        }
        failure @ Failure::Exit(_) => from_fault(failure.into()),
    }
}

/// The exception for a call whose `timeout:` has passed.
#[cold]
pub fn from_timeout(report: Report) -> Error {
    let trace = report.chain.into_iter().find(|line| is_trace(line));
    let code = super::interrupt::INTERRUPT_TRAP;
    construct(Kind::Timeout, ("the call did not end within its timeout", code, frames(&report.frames), trace)).unwrap_or_else(|error| error)
}

/// A trap with words of our own.
#[cold]
pub fn trap(code: u8, text: &str, report: Report) -> Error {
    let trace = report.chain.into_iter().find(|line| is_trace(line));
    construct(Kind::Trap, (text, code, frames(&report.frames), trace)).unwrap_or_else(|error| error)
}

/// Wasmtime's code for "all fuel consumed".
const OUT_OF_FUEL: u8 = 11;

fn build(failure: Failure) -> Result<Error, Error> {
    match failure {
        Failure::Exit(code) => construct(Kind::WasiExit, (code,)),
        Failure::Error(report) => Ok(raise(kind_of(&report), &message_of(&report))),
        Failure::Trap(Some(code), report) => {
            let kind = if code == OUT_OF_FUEL { Kind::OutOfFuel } else { Kind::Trap };
            let text = super::escape::trap_text(code).unwrap_or_else(|| message_of(&report));
            let trace = report.chain.into_iter().find(|line| is_trace(line));
            construct(kind, (text, code, frames(&report.frames), trace))
        }
        // Wasmtime caught a panic of its own or of WASI.
        Failure::Trap(None, report) => Ok(raise(Kind::Base, &message_of(&report))),
    }
}

/// The class for what Wasmtime tells in words only.
fn kind_of(report: &Report) -> Kind {
    match () {
        () if report.says(words::POOL_FULL) => Kind::PoolExhausted,
        () if report.says(words::BAD_RESULT) => Kind::Result,
        () => Kind::Base,
    }
}

/// Exceptions with attributes know how to build themselves: `_build` is private to lib/.
fn construct(kind: Kind, args: impl magnus::ArgList) -> Result<Error, Error> {
    let exception: Exception = class(&ruby(), kind).funcall("_build", args)?;
    Ok(Error::from(exception))
}

fn is_trace(line: &str) -> bool {
    line.starts_with("error while executing at wasm backtrace")
}

/// All messages but the wasm backtrace, which exceptions carry on their own.
fn message_of(report: &Report) -> String {
    let lines: Vec<&str> = report.chain.iter().map(String::as_str).filter(|line| !is_trace(line)).collect();
    if lines.is_empty() { report.chain.join(": ") } else { lines.join(": ") }
}

fn frames(frames: &[Frame]) -> RArray {
    let ruby = ruby();
    let rows = frames.iter().map(|frame| {
        ruby.ary_new_from_values(&[
            ruby.integer_from_u64(frame.func_index.into()).as_value(),
            ruby.into_value(frame.func_name.as_deref()),
            ruby.into_value(frame.module_name.as_deref()),
            ruby.into_value(frame.func_offset),
            ruby.into_value(frame.module_offset),
        ])
    });
    ruby.ary_from_iter(rows)
}

/// Raises from a raw method, where nothing is left to drop.
///
/// # Safety
/// The caller's frames hold nothing with a destructor.
pub unsafe fn resume(error: Error) -> VALUE {
    // SAFETY: the caller's promise.
    unsafe { magnus::rb_sys::resume_error(error) }
}

/// A class defined under `Wasmtime` without an allocator, so that no object without its native half can exist.
pub fn define_class(ruby: &Ruby, name: &str) -> Result<RClass, Error> {
    let class = wasmtime(ruby).define_class(name, ruby.class_object())?;
    class.undef_default_alloc_func();
    Ok(class)
}
