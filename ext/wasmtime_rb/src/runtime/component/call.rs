//! Calling functions of components, and everything else that may run one.

use super::super::activation::enter;
use super::super::error;
use super::super::escape;
use super::super::store::StoreInner;
use super::func::Func;
use super::lift::Lifting;
use super::lower::Lowering;
use super::{Components, direct};
use crate::handle::component::val::OwnedVals;
use crate::handle::context::Ctx;
use crate::handle::fault::{Failure, Fault, Report};
use magnus::Error;
use rb_sys::VALUE;
use std::cell::RefCell;

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// Runs `work`, which may run a component. Wasmtime tells traps in components as errors; here they are traps again, and the first one is what
/// later calls are refused with.
pub fn enter_component<R>(store: &StoreInner, release: bool, work: impl FnOnce(Ctx) -> Result<R, Fault>) -> Result<R, Error> {
    let mut ran = false;
    let mut refused = None;
    let result = enter(store, release, |context| {
        ran = true;
        work(context).map_err(|fault| with_code(fault, &mut refused))
    });
    result.map_err(|error| explain(store.components(), error, ran, refused))
}

#[cold]
fn with_code(fault: Fault, refused: &mut Option<Report>) -> Fault {
    match *fault.0 {
        Failure::Error(report) => match report.chain.iter().find_map(|message| escape::component::trap_code(message)) {
            Some(code) if code == escape::component::CANNOT_ENTER => {
                *refused = Some(report);
                Fault::message("refused")
            }
            Some(code) => Failure::Trap(Some(code), report).into(),
            None => Failure::Error(report).into(),
        },
        failure => failure.into(),
    }
}

#[cold]
fn explain(components: &Components, error: Error, ran: bool, refused: Option<Report>) -> Error {
    let Some(report) = refused else {
        if ran {
            components.break_off(&error);
        }
        return error;
    };
    let why = components.broken().map_or_else(
        || "it is running, and a host block it calls cannot call back into it".to_owned(),
        |reason| format!("the component instances of this store are unusable, because an earlier call into one of them did not end well: {reason}"),
    );
    error::trap(escape::component::CANNOT_ENTER, &format!("wasm trap: cannot enter component instance: {why}"), report)
}

/// Calls `func` with Ruby values.
pub fn call(func: &Func, args: &[VALUE]) -> Result<VALUE, Error> {
    let (plan, names) = func.plan()?;
    let (store, params) = (&*func.store, &plan.ty.params);
    if args.len() != params.len() {
        return Err(error::argument(&format!("wrong number of arguments (given {}, expected {})", args.len(), params.len())));
    }
    if let Some(direct) = plan.direct {
        return direct::call(func, &plan.ty, names, direct, args);
    }
    let context = store.access()?;
    let lowering = Lowering::new(store, names);
    let mut vals = OwnedVals::with_len(args.len());
    for ((slot, (name, ty)), value) in vals.as_mut_slice().iter_mut().zip(params).zip(args) {
        match lowering.lower_at(|| format!("argument \"{name}\""), ty, *value) {
            Ok(val) => *slot = val,
            Err(error) => {
                lowering.undo();
                return Err(error);
            }
        }
    }
    let mut results = OwnedVals::with_len(usize::from(plan.ty.result.is_some()));
    let (mut called, input, output) = (false, vals.as_slice(), results.as_mut_slice());
    let outcome = enter_component(store, false, |context| {
        called = true;
        context.component_call(&func.raw, input, output)
    });
    drop(vals);
    if called {
        lowering.arrived()
    } else {
        lowering.undo()
    }
    outcome?;
    let (Some(ty), Some(val)) = (&plan.ty.result, results.as_slice().first()) else { return Ok(NIL) };
    // No result holds a borrow.
    Lifting { store, context, names, bytes: func.bytes, leases: &RefCell::default() }.lift(ty, val)
}
