//! Instantiation: the one road for Instance, Linker and InstancePre.

use super::activation::enter;
use super::engine::EngineInner;
use super::error::{self, Kind};
use super::store::StoreInner;
use crate::handle::context::Ctx;
use crate::handle::externs::{RawExtern, RawInstance};
use crate::handle::fault::{Failure, Fault, Report, words};
use crate::handle::module::Module;
use magnus::Error;
use std::cell::Cell;
use std::sync::Arc;

/// Refuses things of two engines, on which C aborts or worse.
pub fn check_engine(what: &str, engine: &Arc<EngineInner>, store: &StoreInner) -> Result<(), Error> {
    if Arc::ptr_eq(engine, &store.engine) {
        return Ok(());
    }
    Err(error::raise(Kind::Base, &format!("the {what} and the store belong to different engines")))
}

/// Runs an instantiation, start function included.
pub fn instantiate<R>(store: &StoreInner, work: impl Fn(Ctx) -> Result<R, Fault>) -> Result<R, Error> {
    with_space(|note| enter(store, false, |context| work(context).inspect_err(note)))
}

/// Makes an attempt, which tells its fault. When address space ran out, Ruby's GC may free stores nobody uses: one more try.
pub fn with_space<R>(attempt: impl Fn(&dyn Fn(&Fault)) -> Result<R, Error>) -> Result<R, Error> {
    let out_of_space = Cell::new(false);
    let first = attempt(&|fault| out_of_space.set(matches!(&*fault.0, Failure::Error(report) if ran_out(report))));
    if !out_of_space.get() {
        return first;
    }
    // SAFETY: with the GVL and nothing borrowed.
    unsafe { rb_sys::rb_gc_start() };
    attempt(&|_| {})
}

/// Whether the kernel refused a mapping or the pool has no slot left; nothing of the guest ran then.
fn ran_out(report: &Report) -> bool {
    words::NO_SPACE.iter().chain([&words::POOL_FULL]).any(|words| report.says(words))
}

/// Instantiates with imports in the module's order.
pub fn new(store: &StoreInner, module: &Module, imports: &[RawExtern]) -> Result<RawInstance, Error> {
    instantiate(store, |context| context.instance_new(module, imports))
}
