//! How wasm calls Ruby: one callback for checked and one for unchecked host functions, around one body.

use super::convert::{self, Arg};
use super::error::{self, Kind};
use super::func::Caller;
use super::roots::DeadSlots;
use super::signature::{Class, Conv, Signature};
use super::store::{Pending, Phase, StoreInner};
use super::{exception, gvl};
use crate::handle::context::Ctx;
use crate::handle::externref::unroot;
use crate::handle::fault::{Fault, Trap};
use crate::handle::func::{RawCaller, RawTrap};
use crate::handle::val::{Val, ValRaw};
use magnus::Error;
use magnus::rb_sys::FromRawValue;
use magnus::value::ReprValue;
use rb_sys::VALUE;
use std::ffi::{c_int, c_long, c_void};
use std::sync::Arc;

const NIL: VALUE = rb_sys::Qnil as VALUE;
/// Arguments passed on the stack; more go through a Ruby Array.
const ON_STACK: usize = 16;

/// Where a host block expects its Caller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CallerMode {
    /// As the first argument (`Func.new`, `Linker#func_new`, and what lib/ makes of a block with the keyword `caller:`).
    First,
    /// Nowhere.
    None,
}

/// The environment of a host function: owned by Wasmtime, freed by [`free_host_func`].
pub struct HostFunc {
    /// The roots array of the store or linker, pinned by its owner, and the slot of the Proc in it.
    pub array: VALUE,
    pub index: usize,
    pub dead: Arc<DeadSlots>,
    pub signature: Signature,
    pub mode: CallerMode,
}

/// The finalizer of every host function. Runs on any thread, also inside Ruby's GC.
///
/// # Safety
/// `env` came from `Box::into_raw` of a [`HostFunc`]; Wasmtime calls this once.
pub unsafe extern "C" fn free_host_func(env: *mut c_void) {
    // SAFETY: see above.
    let host = unsafe { Box::from_raw(env.cast::<HostFunc>()) };
    host.dead.push(host.index);
}

/// Where arguments come from and results go to.
enum Slots {
    Raw(*mut ValRaw),
    Tagged { args: *const Val, results: *mut Val },
}

/// One host call in flight; lives on the native stack of the callback.
struct HostCall<'a> {
    host: &'a HostFunc,
    store: &'a StoreInner,
    context: Ctx,
    slots: Slots,
    serial: u64,
}

/// The callback of host functions with numbers and simple references (`wasmtime_func_unchecked_callback_t`).
///
/// # Safety
/// Wasmtime calls it with the [`HostFunc`] it was registered with and slots of that function's type.
pub unsafe extern "C" fn unchecked(env: *mut c_void, caller: *mut RawCaller, slots: *mut ValRaw, _len: usize) -> *mut RawTrap {
    // SAFETY: see above.
    unsafe { guarded(env, caller, Slots::Raw(slots)) }
}

/// The callback of all other host functions (`wasmtime_func_callback_t`).
///
/// # Safety
/// As [`unchecked`], with tagged values; arguments are borrowed, results become Wasmtime's.
pub unsafe extern "C" fn checked(
    env: *mut c_void,
    caller: *mut RawCaller,
    args: *const Val,
    _nargs: usize,
    results: *mut Val,
    _nresults: usize,
) -> *mut RawTrap {
    // SAFETY: see above.
    unsafe { guarded(env, caller, Slots::Tagged { args, results }) }
}

unsafe fn guarded(env: *mut c_void, caller: *mut RawCaller, slots: Slots) -> *mut RawTrap {
    // SAFETY: our callers' promise.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| unsafe { dispatch(env, caller, slots) }));
    match outcome {
        Ok(Outcome::Return) => std::ptr::null_mut(),
        Ok(Outcome::Throw(trap)) => trap.into_raw(),
        Ok(Outcome::Unwind) => unwind("a Ruby host block ended the call"),
        Err(_) => unwind("a bug in wasmtime-rb: a host call panicked"),
    }
}

#[cold]
fn unwind(message: &str) -> *mut RawTrap {
    Trap::with_message(message).map_or(std::ptr::null_mut(), Trap::into_raw)
}

/// How a host block ended.
pub enum Outcome {
    Return,
    /// With a wasm exception, which the guest may catch.
    Throw(Trap),
    /// With anything else: the call ends, and what is pending in the store is raised.
    Unwind,
}

unsafe fn dispatch(env: *mut c_void, caller: *mut RawCaller, slots: Slots) -> Outcome {
    // SAFETY: our callers' promise; the context's store is open, because wasm runs in it.
    let (host, context, store) = unsafe {
        let Some(context) = Ctx::of_caller(caller) else { return Outcome::Unwind };
        (&*env.cast::<HostFunc>(), context, StoreInner::of_context(context))
    };
    with_gvl(store, || call(host, store, context, caller, slots))
}

/// Runs a host block's work with the GVL, which the wasm that calls it may have released.
#[inline]
pub(super) fn with_gvl(store: &StoreInner, work: impl FnOnce() -> Outcome) -> Outcome {
    if !store.released() {
        return work();
    }
    if store.in_async_step() {
        store.set_pending(Pending::SyncInAsync);
        return Outcome::Unwind;
    }
    gvl::with_gvl(work).and_then(Result::ok).unwrap_or(Outcome::Unwind)
}

/// Runs a host block for an async call. On Ruby's stack, with the GVL.
///
/// # Safety
/// `args` and `results` are what Wasmtime handed to the callback of `host`, which has not returned.
pub unsafe fn call_tagged(host: &HostFunc, store: &StoreInner, context: Ctx, caller: *mut RawCaller, args: *const Val, results: *mut Val) -> Outcome {
    call(host, store, context, caller, Slots::Tagged { args, results })
}

fn call(host: &HostFunc, store: &StoreInner, context: Ctx, caller: *mut RawCaller, slots: Slots) -> Outcome {
    let entry = BlockEntry::new(store, caller);
    let mut call = HostCall { host, store, context, slots, serial: entry.serial };
    match entry.run(protected, std::ptr::from_mut(&mut call) as VALUE) {
        Ended::Return => Outcome::Return,
        Ended::Unwind => Outcome::Unwind,
        Ended::Throw => exception::throw(store, context).map_or(Outcome::Unwind, Outcome::Throw),
    }
}

/// How a host block ended, before anything is made of a wasm exception it raised.
pub(super) enum Ended {
    Return,
    /// With a WasmException, which is pending in the store.
    Throw,
    Unwind,
}

/// The one way from wasm into a host block: what the store is doing, who calls, what it leaves behind.
pub(super) struct BlockEntry<'a> {
    store: &'a StoreInner,
    released: bool,
    phase: Phase,
    pub serial: u64,
}

impl<'a> BlockEntry<'a> {
    /// `caller` is NULL for the host functions of components.
    #[inline]
    pub fn new(store: &'a StoreInner, caller: *mut RawCaller) -> Self {
        let released = store.swap_released(false);
        let phase = store.swap_phase(Phase::HostBlock);
        store.disturb();
        Self { store, released, phase, serial: store.push_caller(caller) }
    }

    /// Runs `body` with `argument`. What Ruby jumps over inside it has nothing to drop.
    #[inline]
    pub fn run(self, body: unsafe extern "C" fn(VALUE) -> VALUE, argument: VALUE) -> Ended {
        let Self { store, released, phase, serial } = self;
        let mut state: c_int = 0;
        // SAFETY: with the GVL; `body` keeps the promise above.
        unsafe { rb_sys::rb_protect(Some(body), argument, &mut state) };
        if !store.is_innermost(serial) {
            // Only a continuation gets here: the call this block belonged to has ended, its guards are undone, its wasm frames mean nothing.
            // SAFETY: nothing in the frames that are jumped over still owns anything.
            unsafe { error::resume(error::raise(Kind::Store, "a continuation jumped into a host block that had ended")) };
        }
        store.pop_caller();
        store.swap_phase(phase);
        store.swap_released(released);
        // A fork inside the block left the ticker behind.
        super::interrupt::arm();
        if state != 0 {
            store.set_pending_from_protect(state);
            if !exception::is_throwable(store) {
                return Ended::Unwind;
            }
        }
        // The block was not cut short; what called it ends now, and no guest gets to catch anything.
        match store.clock.reason() {
            None if state == 0 => Ended::Return,
            None => Ended::Throw,
            Some(reason) => {
                store.set_pending(reason);
                Ended::Unwind
            }
        }
    }
}

unsafe extern "C" fn protected(arg: VALUE) -> VALUE {
    // SAFETY: `arg` is the HostCall on the stack of `call`, which waits for us.
    let call = unsafe { &*(arg as *const HostCall) };
    if let Err(error) = call.run() {
        // SAFETY: nothing is left to drop in this frame.
        unsafe { error::resume(error) };
    }
    NIL
}

impl HostCall<'_> {
    #[inline]
    fn run(&self) -> Result<(), Error> {
        if let Some(wasi) = self.store.wasi() {
            // What the guest wrote before this call is there when the block looks.
            wasi.deliver(self.store)?;
        }
        let count = self.host.signature.params.len();
        let result = if count < ON_STACK { self.call_on_stack(count)? } else { self.call_with_array()? };
        if let Some(wasi) = self.store.wasi() {
            // The block may have forked, and be in the child now; and it may have emptied the Strings.
            wasi.check_process()?;
            wasi.measure(self.store);
        }
        match &*self.host.signature.results {
            [] => Ok(()),
            [conv] => self.write_single(*conv, result),
            convs => self.write_many(convs, result),
        }
    }

    /// Calls the block with arguments on the machine stack, which Ruby's GC scans.
    #[inline]
    fn call_on_stack(&self, count: usize) -> Result<VALUE, Error> {
        let mut argv = [NIL; ON_STACK + 1];
        let offset = usize::from(self.host.mode == CallerMode::First);
        if offset == 1
            && let Some(first) = argv.first_mut()
        {
            *first = Caller::wrap(self.store, self.serial);
        }
        for (index, slot) in argv.iter_mut().skip(offset).take(count).enumerate() {
            *slot = self.arg(index)?;
        }
        Ok(self.invoke(&argv, offset + count))
    }

    fn invoke(&self, argv: &[VALUE; ON_STACK + 1], count: usize) -> VALUE {
        let argc = c_int::try_from(count).unwrap_or(0);
        // SAFETY: we run under rb_protect; the slot holds a Proc, put there by whoever made the HostFunc.
        unsafe {
            let proc = rb_sys::rb_ary_entry(self.host.array, c_long::try_from(self.host.index).unwrap_or(0));
            rb_sys::rb_proc_call_with_block(proc, argc, argv.as_ptr(), NIL)
        }
    }

    #[cold]
    fn call_with_array(&self) -> Result<VALUE, Error> {
        // SAFETY: under rb_protect; the array is on our stack.
        unsafe {
            let args = rb_sys::rb_ary_new();
            if self.host.mode == CallerMode::First {
                rb_sys::rb_ary_push(args, Caller::wrap(self.store, self.serial));
            }
            for index in 0..self.host.signature.params.len() {
                rb_sys::rb_ary_push(args, self.arg(index)?);
            }
            let proc = rb_sys::rb_ary_entry(self.host.array, c_long::try_from(self.host.index).unwrap_or(0));
            Ok(rb_sys::rb_proc_call(proc, args))
        }
    }

    #[inline]
    fn arg(&self, index: usize) -> Result<VALUE, Error> {
        let Some(conv) = self.host.signature.params.get(index) else { return Ok(NIL) };
        match self.slots {
            // SAFETY: Wasmtime filled one slot for each parameter of this type.
            Slots::Raw(slots) => Ok(unsafe { convert::from_raw(self.store, self.context, *conv, &*slots.add(index)) }),
            // SAFETY: as above; the value stays Wasmtime's.
            Slots::Tagged { args, .. } => Ok(unsafe { convert::from_val(self.store, self.context, *conv, &*args.add(index)) }),
        }
    }

    /// One result may come as it is or in an Array of one.
    #[inline]
    fn write_single(&self, conv: Conv, result: VALUE) -> Result<(), Error> {
        if is_plain(result) { self.write(0, conv, result) } else { self.write_object(conv, result) }
    }

    /// What is no number may be an Array or answer `to_ary`.
    fn write_object(&self, conv: Conv, result: VALUE) -> Result<(), Error> {
        // SAFETY: under rb_protect.
        let array = unsafe { rb_sys::rb_check_array_type(result) };
        if array == NIL { self.write(0, conv, result) } else { self.write_many(&[conv], array) }
    }

    fn write_many(&self, convs: &[Conv], result: VALUE) -> Result<(), Error> {
        // SAFETY: under rb_protect; rb_Array wraps what is no Array, and the copy cannot be changed by a to_int of its elements.
        let values = unsafe { rb_sys::rb_ary_dup(rb_sys::rb_Array(result)) };
        // SAFETY: an Array on our stack.
        let given = usize::try_from(unsafe { rb_sys::RARRAY_LEN(values) }).unwrap_or(0);
        if given != convs.len() {
            let text = format!("wrong number of results (given {given}, expected {}) in {}", convs.len(), self.block());
            return Err(error::raise(Kind::Result, &text));
        }
        let mut args: [Arg; ON_STACK] = [Arg::Func(None); ON_STACK];
        if convs.len() > ON_STACK {
            return self.write_each(convs, values);
        }
        for (index, (conv, arg)) in convs.iter().zip(args.iter_mut()).enumerate() {
            // SAFETY: an Array on our stack; rb_ary_entry checks the bound.
            let value = unsafe { rb_sys::rb_ary_entry(values, c_long::try_from(index).unwrap_or(0)) };
            *arg = self.convert(index, *conv, value)?;
        }
        for (index, arg) in args.iter().take(convs.len()).enumerate() {
            self.store_result(index, *arg)?;
        }
        std::hint::black_box(values);
        Ok(())
    }

    #[cold]
    fn write_each(&self, convs: &[Conv], values: VALUE) -> Result<(), Error> {
        for (index, conv) in convs.iter().enumerate() {
            // SAFETY: an Array on the caller's stack; rb_ary_entry checks the bound.
            let value = unsafe { rb_sys::rb_ary_entry(values, c_long::try_from(index).unwrap_or(0)) };
            self.write(index, *conv, value)?;
        }
        Ok(())
    }

    #[inline]
    fn write(&self, index: usize, conv: Conv, value: VALUE) -> Result<(), Error> {
        if let (Slots::Raw(slots), Some(number)) = (&self.slots, convert::to_number_quickly(conv, value)) {
            // SAFETY: Wasmtime gave a slot for each result.
            unsafe { *slots.add(index) = number };
            return Ok(());
        }
        self.write_slowly(index, conv, value)
    }

    fn write_slowly(&self, index: usize, conv: Conv, value: VALUE) -> Result<(), Error> {
        let arg = self.convert(index, conv, value)?;
        self.store_result(index, arg)
    }

    #[inline]
    fn convert(&self, index: usize, conv: Conv, value: VALUE) -> Result<Arg, Error> {
        convert::to_arg(self.store, conv, value).map_err(|error| self.bad_result(index, error))
    }

    #[cold]
    fn bad_result(&self, index: usize, error: Error) -> Error {
        let block = self.block();
        let mut text = None;
        let located = convert::locate(error, |message| {
            let message = message.replace(convert::MISMATCH, "function attempted to return an incompatible value");
            let full = format!("invalid result at index {index}: {message} in {block}");
            text = Some(full.clone());
            full
        });
        match text {
            Some(text) => error::raise(Kind::Result, &text),
            None => located,
        }
    }

    /// Writes a converted result. References are made here, after all conversions, and only the raw form of one is ever pending.
    #[inline]
    fn store_result(&self, index: usize, arg: Arg) -> Result<(), Error> {
        match self.slots {
            Slots::Raw(slots) => {
                let raw = self.to_raw(arg).map_err(error::from_fault)?;
                // SAFETY: Wasmtime gave a slot for each result.
                unsafe { *slots.add(index) = raw };
            }
            Slots::Tagged { results, .. } => {
                let val = self.to_val(index, arg).map_err(error::from_fault)?;
                // SAFETY: as above; the value becomes Wasmtime's.
                unsafe { *results.add(index) = val };
            }
        }
        Ok(())
    }

    #[inline]
    fn to_raw(&self, arg: Arg) -> Result<ValRaw, Fault> {
        Ok(match arg {
            Arg::Number(raw) => raw,
            Arg::Func(func) => ValRaw { funcref: func.map_or(std::ptr::null_mut(), |func| self.context.func_to_raw(&func)) },
            Arg::Extern(object) => match convert::new_externref(self.store, self.context, object)? {
                None => ValRaw { externref: 0 },
                Some(externref) => {
                    let raw = self.context.externref_to_raw(&externref);
                    unroot(externref);
                    ValRaw { externref: raw }
                }
            },
            // The unchecked callback serves externrefs and funcrefs only.
            Arg::Ref(val) => ValRaw { externref: val.as_externref().map_or(0, |externref| self.context.externref_to_raw(&externref)) },
            Arg::I31(_) => ValRaw { externref: 0 },
        })
    }

    fn to_val(&self, index: usize, arg: Arg) -> Result<Val, Fault> {
        let conv = self.host.signature.results.get(index).copied().unwrap_or(Conv::I32);
        super::call::to_val(self.store, self.context, conv, arg)
    }

    fn block(&self) -> String {
        let index = c_long::try_from(self.host.index).unwrap_or(0);
        // SAFETY: the slot holds a live Proc; inspect catches what Ruby raises.
        unsafe { magnus::Value::from_raw(rb_sys::rb_ary_entry(self.host.array, index)) }.inspect()
    }
}

/// Whether a value is a number or another immediate, which is no Array and answers no `to_ary`.
#[inline]
fn is_plain(value: VALUE) -> bool {
    // SAFETY: reads the tag of a live value.
    rb_sys::SPECIAL_CONST_P(value) || unsafe { rb_sys::RB_FLOAT_TYPE_P(value) || rb_sys::RB_INTEGER_TYPE_P(value) }
}

/// Which callback serves a signature.
pub fn is_unchecked(signature: &Signature) -> bool {
    // Several references at once would need a root each until the last is made; one reference needs none.
    let references = signature.results.iter().filter(|conv| matches!(conv, Conv::Extern { .. })).count();
    match signature.class {
        Class::Numeric => true,
        Class::Simple => references <= 1,
        Class::Checked => false,
    }
}
