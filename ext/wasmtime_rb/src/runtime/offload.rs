//! Calls of a fiber that a scheduler drives, run on a Ruby thread of `Wasmtime::Offload` while the fiber waits and the scheduler goes on.

use super::error::{self, Kind};
use super::store::{Phase, StoreInner};
use magnus::typed_data::Obj;
use magnus::value::ReprValue;
use magnus::{Class, DataTypeFunctions, Error, Module, RModule, Ruby, TypedData, Value};
use rb_sys::VALUE;
use std::cell::Cell;
use std::ffi::c_void;

unsafe extern "C" {
    fn rb_fiber_scheduler_current() -> VALUE;
}

/// Whether this fiber is one that a scheduler drives: it may be suspended wherever it would block.
pub fn is_scheduled() -> bool {
    // SAFETY: with the GVL; the function allocates nothing.
    unsafe { rb_fiber_scheduler_current() != rb_sys::Qnil as VALUE }
}

/// A [`Work`], and the function that knows its type and runs it.
type Erased = (*mut c_void, unsafe fn(*mut c_void) -> Option<Error>);

/// Work on the stack of a fiber that waits for it.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Offload::Job", free_immediately, size)]
pub struct Job {
    /// None once a thread has begun.
    work: Cell<Option<Erased>>,
    done: Cell<bool>,
}

// SAFETY: used with the GVL; the fiber whose stack the pointer leads to stays until `done`.
unsafe impl Send for Job {}

impl DataTypeFunctions for Job {}

struct Work<'a, F, R> {
    work: Option<F>,
    result: Option<Result<R, Error>>,
    claim: Claim<'a>,
}

/// Keeps others out of the store while a call is on its way to a thread and back: what it was given and what it gives are raw references, which
/// a collection of the guest's heap would leave stale.
struct Claim<'a> {
    store: &'a StoreInner,
    before: (Phase, usize),
}

impl<'a> Claim<'a> {
    /// No place has this id: it is no address.
    const NOBODY: usize = 1;

    fn new(store: &'a StoreInner) -> Result<Self, Error> {
        store.access()?;
        Ok(Self { store, before: Self::hold(store) })
    }

    fn hold(store: &StoreInner) -> (Phase, usize) {
        (store.swap_phase(Phase::Wasm), store.swap_owner(Self::NOBODY))
    }

    fn end(&self) {
        self.store.swap_phase(self.before.0);
        self.store.swap_owner(self.before.1);
    }
}

/// Runs the work. A jump cannot go to another thread: it is given back, to go on in this one.
unsafe fn perform<F: FnOnce() -> Result<R, Error>, R>(work: *mut c_void) -> Option<Error> {
    // SAFETY: `run` waits with the Work on its stack, and nobody else uses it meanwhile.
    let work = unsafe { &mut *work.cast::<Work<'_, F, R>>() };
    let result = work.work.take().map(|call| {
        work.claim.end();
        // The fiber's claim is this thread's for now.
        let claimant = work.claim.store.swap_claimant(0);
        let result = call();
        work.claim.store.swap_claimant(claimant);
        Claim::hold(work.claim.store);
        result
    });
    match result {
        Some(Err(error)) if matches!(error.error_type(), magnus::error::ErrorType::Jump(_)) => Some(error),
        result => {
            work.result = result;
            None
        }
    }
}

/// Runs `work` on another Ruby thread. The fiber that calls this may be raised into while it waits: then the call is interrupted, and the
/// exception goes on once it has ended.
#[cold]
pub fn run<F: FnOnce() -> Result<R, Error>, R>(store: &StoreInner, work: F) -> Result<R, Error> {
    // SAFETY: with the GVL.
    let ruby = unsafe { Ruby::get_unchecked() };
    let mut slot = Work { work: Some(work), result: None, claim: Claim::new(store)? };
    let job = ruby.obj_wrap(Job { work: Cell::new(Some((std::ptr::from_mut(&mut slot).cast(), perform::<F, R>))), done: Cell::new(false) });
    let interrupted = wait(&ruby, store, job);
    slot.claim.end();
    match (interrupted, slot.result) {
        (Some(error), _) => Err(error),
        (None, Some(result)) => result,
        (None, None) => Err(error::raise(Kind::Store, "the thread that ran the call for this fiber was killed")),
    }
}

/// Waits until the job is done, or will never be; what the fiber was raised meanwhile.
fn wait(ruby: &Ruby, store: &StoreInner, job: Obj<Job>) -> Option<Error> {
    let offload: Result<Value, Error> = error::wasmtime(ruby).const_get("Offload");
    let call: Value = match offload.and_then(|offload| offload.funcall("start", (job,))) {
        Ok(call) => call,
        Err(error) => {
            // It may have been raised after the job was handed over: a thread that has begun uses our stack.
            while job.work.take().is_none() && !job.done.get() {
                let _: Result<Value, Error> = error::wasmtime(ruby).funcall("sleep", (0.001,));
            }
            return Some(error);
        }
    };
    let mut interrupted = None;
    while !job.done.get() {
        if let Err(error) = call.funcall::<_, _, Value>("wait", ()) {
            interrupted.get_or_insert(error);
            if job.work.take().is_some() {
                break;
            }
            store.interrupt();
            let _: Result<Value, Error> = call.funcall("cancel", ());
        }
    }
    interrupted
}

/// `job.run`, on the thread that does it.
fn perform_job(job: &Job) -> Result<(), Error> {
    let Some((work, perform)) = job.work.take() else { return Ok(()) };
    // SAFETY: `run` waits until `done`, with the work on its stack.
    let jump = unsafe { perform(work) };
    job.done.set(true);
    jump.map_or(Ok(()), Err)
}

/// `job.finish`: nobody runs it any more, and if nobody began, nobody will.
fn finish(job: &Job) {
    job.work.set(None);
    job.done.set(true);
}

/// Defines the class.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let offload: RModule = error::wasmtime(ruby).define_module("Offload")?;
    let class = offload.define_class("Job", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("run", method!(perform_job, 0))?;
    class.define_method("finish", method!(finish, 0))?;
    Ok(())
}
