//! How components call Ruby: host functions, and destructors of the host's resources.

use super::super::error::{self, Kind};
use super::super::roots::{DeadSlots, Roots};
use super::super::store::StoreInner;
use super::super::trampoline::{BlockEntry, Ended, Outcome, with_gvl};
use super::func::Plan;
use super::lift::Lifting;
use super::lower::Lowering;
use super::{names, result_error};
use crate::handle::component::linker::{RawError, new_error};
use crate::handle::component::types::{LentFuncType, raw_params, raw_result, read_func};
use crate::handle::component::val::RawVal;
use crate::handle::component::valtype::{RawValType, Type};
use crate::handle::context::{Ctx, RawContext};
use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::{Error, Ruby, Value, prelude::*};
use rb_sys::VALUE;
use std::cell::RefCell;
use std::ffi::{c_int, c_long, c_void};
use std::rc::Rc;
use std::sync::Arc;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// The environment of a host function: owned by Wasmtime, freed by [`free_host_func`]. Used with the GVL only, but for its end.
pub struct HostFunc {
    /// The roots array of the linker, pinned by its owner, and the slot of the Proc in it.
    array: VALUE,
    index: usize,
    dead: Arc<DeadSlots>,
    name: String,
    /// Whether `list<u8>` becomes a binary String.
    bytes: bool,
    /// The type it was called with last: another component may know it by another.
    seen: RefCell<Option<Rc<Seen>>>,
    /// The slot of that type's names.
    names: usize,
}

/// A type as C has it, to know it again, and as we read it.
struct Seen {
    params: Vec<RawValType>,
    result: Option<RawValType>,
    plan: Plan,
}

/// The finalizer of every host function and destructor. Runs on any thread, also inside Ruby's GC.
///
/// # Safety
/// `env` came from `Box::into_raw` of a [`HostFunc`]; Wasmtime calls this once.
pub unsafe extern "C" fn free_host_func(env: *mut c_void) {
    // SAFETY: see above.
    let host = unsafe { Box::from_raw(env.cast::<HostFunc>()) };
    host.dead.push(host.index);
    host.dead.push(host.names);
}

impl HostFunc {
    /// An environment, for [`call`] or [`destroy`] and [`free_host_func`].
    pub fn create(roots: &Roots, name: String, proc: VALUE, bytes: bool) -> *mut c_void {
        let (index, names) = (roots.insert(proc), roots.insert(NIL));
        let host = Self { array: roots.array(), index, dead: roots.dead().clone(), name, bytes, seen: RefCell::new(None), names };
        Box::into_raw(Box::new(host)).cast()
    }

    fn slot(&self, index: usize) -> VALUE {
        // SAFETY: the array is alive while the linker is; rb_ary_entry checks the bound.
        unsafe { rb_sys::rb_ary_entry(self.array, c_long::try_from(index).unwrap_or(0)) }
    }

    fn proc(&self) -> VALUE {
        self.slot(self.index)
    }

    /// # Safety
    /// C lends the type.
    unsafe fn plan(&self, ty: *const LentFuncType) -> Result<(Rc<Seen>, VALUE), Error> {
        // SAFETY: the caller's promise.
        let (params, result) = unsafe { (raw_params(ty).map(|(_, ty)| ty).collect::<Vec<_>>(), raw_result(ty)) };
        if let Some(seen) = self.seen.borrow().clone().filter(|seen| seen.params == params && seen.result == result) {
            return Ok((seen, self.slot(self.names)));
        }
        // SAFETY: as above.
        let plan = Plan::new(unsafe { read_func(ty) })?;
        let array = names::array(&plan.ty.names);
        // SAFETY: a live Array of ours, which is never shared or frozen.
        unsafe { rb_sys::rb_ary_store(self.array, c_long::try_from(self.names).unwrap_or(0), array) };
        let seen = Rc::new(Seen { params, result, plan });
        self.seen.replace(Some(seen.clone()));
        Ok((seen, array))
    }
}

/// One call of a host function; lives on the native stack of the callback.
struct HostCall<'a> {
    host: &'a HostFunc,
    store: &'a StoreInner,
    context: Ctx,
    ty: *const LentFuncType,
    args: &'a [RawVal],
    results: *mut RawVal,
    leases: RefCell<Vec<super::resource::Lease>>,
}

/// The callback of every host function (`wasmtime_component_func_callback_t`).
///
/// # Safety
/// Wasmtime calls it with the [`HostFunc`] it was registered with; arguments are borrowed, results become Wasmtime's.
pub unsafe extern "C" fn call(
    env: *mut c_void,
    context: *mut RawContext,
    ty: *const LentFuncType,
    args: *mut RawVal,
    nargs: usize,
    results: *mut RawVal,
    _nresults: usize,
) -> *mut RawError {
    let work = || {
        // SAFETY: our callers' promise; the context's store is open, because wasm runs in it.
        let (host, store, context, args) = unsafe {
            let Some(context) = Ctx::from_raw(context) else { return Outcome::Unwind };
            let args = if nargs == 0 { &[] } else { std::slice::from_raw_parts(args.cast_const(), nargs) };
            (&*env.cast::<HostFunc>(), StoreInner::of_context(context), context, args)
        };
        with_gvl(store, || {
            let mut call = HostCall { host, store, context, ty, args, results, leases: RefCell::default() };
            let ended = BlockEntry::new(store, std::ptr::null_mut()).run(protected, std::ptr::from_mut(&mut call) as VALUE);
            call.leases.take().into_iter().for_each(|lease| lease.end(context));
            outcome(&ended)
        })
    };
    answer(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok())
}

/// What a block raised is pending in the store; no component catches a wasm exception.
fn outcome(ended: &Ended) -> Outcome {
    match ended {
        Ended::Return => Outcome::Return,
        Ended::Throw | Ended::Unwind => Outcome::Unwind,
    }
}

fn answer(outcome: Option<Outcome>) -> *mut RawError {
    match outcome {
        Some(Outcome::Return) => std::ptr::null_mut(),
        Some(_) => new_error(c"a Ruby host block ended the call"),
        None => new_error(c"a bug in wasmtime-rb: a host call panicked"),
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
    fn run(&self) -> Result<(), Error> {
        if let Some(wasi) = self.store.wasi() {
            // What the guest wrote before this call is there when the block looks.
            wasi.deliver(self.store)?;
        }
        // SAFETY: C lends the type for the call.
        let (seen, names) = unsafe { self.host.plan(self.ty) }?;
        let args = self.arguments(&seen.plan, names)?;
        let result = self.invoke(args);
        if let Some(wasi) = self.store.wasi() {
            wasi.measure(self.store);
        }
        let Some(ty) = &seen.plan.ty.result else { return result.map(|_| ()) };
        let lowering = Lowering::new(self.store, names);
        let place = || "result".to_owned();
        let lowered = match result {
            Ok(value) => lowering.lower_outcome(place, ty, value),
            Err(error) => match (ty, thrown_value(&error)) {
                (Type::Result(types), Some(value)) => lowering.lower_error(place, types.1.as_ref(), value),
                _ => return Err(error),
            },
        };
        match lowered {
            Ok(val) => {
                // SAFETY: Wasmtime gave a slot for the result, whose value it takes over.
                unsafe { self.results.write(val) };
                lowering.arrived();
                Ok(())
            }
            Err(error) => {
                lowering.undo();
                Err(self.bad_result(error))
            }
        }
    }

    /// A Ruby Array of the arguments.
    fn arguments(&self, plan: &Plan, names: VALUE) -> Result<VALUE, Error> {
        let lifting = Lifting { store: self.store, context: self.context, names, bytes: self.host.bytes, leases: &self.leases };
        // SAFETY: a new Array on our stack.
        let array = unsafe { rb_sys::rb_ary_new_capa(c_long::try_from(self.args.len()).unwrap_or(0)) };
        for ((_, ty), val) in plan.ty.params.iter().zip(self.args) {
            let value = lifting.lift(ty, val)?;
            // SAFETY: as above.
            unsafe { rb_sys::rb_ary_push(array, value) };
        }
        Ok(array)
    }

    /// Runs the block.
    fn invoke(&self, args: VALUE) -> Result<VALUE, Error> {
        let proc = self.host.proc();
        // SAFETY: an Array on our stack, which the C function reads before it calls; a live Proc.
        let call = || unsafe {
            let argc = c_int::try_from(rb_sys::RARRAY_LEN(args)).unwrap_or(0);
            rb_sys::rb_proc_call_with_block(proc, argc, rb_sys::RARRAY_CONST_PTR(args), NIL)
        };
        // What Ruby jumps over has something to drop here: the plan.
        let result = protect(call);
        std::hint::black_box(args);
        result
    }

    #[cold]
    fn bad_result(&self, error: Error) -> Error {
        // SAFETY: the slot holds a live Proc; inspect catches what Ruby raises.
        let block = unsafe { Value::from_raw(self.host.proc()) }.inspect();
        let mut text = None;
        let located = super::super::convert::locate(error, |message| {
            let full = format!("invalid {message} in {block}, the host function {:?}", self.host.name);
            text = Some(full.clone());
            full
        });
        text.map_or(located, |text| error::raise(Kind::Result, &text))
    }
}

/// The value of a `Component::ResultError`.
fn thrown_value(error: &Error) -> Option<VALUE> {
    // None for a throw, during which nothing of Ruby may run.
    let exception = error.value()?;
    // SAFETY: called with the GVL.
    let ruby = unsafe { Ruby::get_unchecked() };
    if !exception.is_kind_of(result_error(&ruby).ok()?) {
        return None;
    }
    let value: Value = exception.funcall("value", ()).ok()?;
    Some(value.as_raw())
}

/// One end of a host's resource.
struct End<'a> {
    host: &'a HostFunc,
    object: VALUE,
}

/// The callback of every resource type of the host's (`wasmtime_component_resource_destructor_t`).
///
/// # Safety
/// As for [`call`]; `rep` is the slot of the object.
pub unsafe extern "C" fn destroy(env: *mut c_void, context: *mut RawContext, rep: u32) -> *mut RawError {
    let work = || {
        // SAFETY: our callers' promise.
        let (host, store) = unsafe {
            let Some(context) = Ctx::from_raw(context) else { return Outcome::Unwind };
            (&*env.cast::<HostFunc>(), StoreInner::of_context(context))
        };
        with_gvl(store, || {
            let slot = usize::try_from(rep).unwrap_or(usize::MAX);
            let mut end = End { host, object: store.roots.get(slot) };
            store.roots.dead().push(slot);
            if host.proc() == NIL {
                return Outcome::Return;
            }
            outcome(&BlockEntry::new(store, std::ptr::null_mut()).run(ended, std::ptr::from_mut(&mut end) as VALUE))
        })
    };
    answer(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok())
}

unsafe extern "C" fn ended(arg: VALUE) -> VALUE {
    // SAFETY: `arg` is the End on the stack of `destroy`, which waits for us; a live Proc and a live object on that stack.
    unsafe {
        let end = &*(arg as *const End);
        rb_sys::rb_proc_call_with_block(end.host.proc(), 1, &end.object, NIL);
    }
    NIL
}
