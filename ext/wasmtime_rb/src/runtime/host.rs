//! Making host functions from Ruby blocks.

use super::async_call;
use super::error;
use super::roots::Roots;
use super::signature::Signature;
use super::store::StoreInner;
use super::trampoline::{CallerMode, HostFunc, checked, free_host_func, is_unchecked, unchecked};
use crate::handle::externs::RawFunc;
use crate::handle::func::HostCallback;
use crate::handle::functype::RawFuncType;
use crate::handle::linker::Linker;
use crate::handle::types::FuncType;
use magnus::Error;
use rb_sys::VALUE;
use std::ffi::c_void;

/// A Ruby Proc and where it wants its Caller.
#[derive(Clone, Copy)]
pub struct Block {
    pub proc: VALUE,
    pub mode: CallerMode,
}

/// The caller mode lib/ names by number: 0 first argument, 1 none.
pub fn mode(number: u8) -> CallerMode {
    match number {
        0 => CallerMode::First,
        _ => CallerMode::None,
    }
}

/// The environment of a host function, to be freed by `free_host_func`; whether the unchecked callback serves it.
fn environment(roots: &Roots, ty: FuncType, block: Block) -> (*mut c_void, bool) {
    let signature = Signature::new(ty);
    let plain = is_unchecked(&signature);
    let index = roots.insert(block.proc);
    let host = HostFunc { array: roots.array(), index, dead: roots.dead().clone(), signature, mode: block.mode };
    (Box::into_raw(Box::new(host)).cast(), plain)
}

/// A host function of one store.
pub fn new_func(store: &StoreInner, raw_type: &RawFuncType, ty: FuncType, block: Block) -> Result<RawFunc, Error> {
    store.access()?;
    let (env, plain) = environment(&store.roots, ty, block);
    let context = store.access()?;
    Ok(if plain {
        context.func_new_unchecked(raw_type, unchecked, env, free_host_func)
    } else {
        context.func_new(raw_type, checked, env, free_host_func)
    })
}

/// A host function of a linker, for any store; with `asynchronous` for async calls only.
pub fn define_func(
    linker: &Linker,
    roots: &Roots,
    (module, name): (&str, &str),
    raw_type: &RawFuncType,
    ty: FuncType,
    block: Block,
    asynchronous: bool,
) -> Result<(), Error> {
    let (env, plain) = environment(roots, ty, block);
    let callback = match (asynchronous, plain) {
        (true, _) => HostCallback::Async(async_call::ask),
        (false, true) => HostCallback::Unchecked(unchecked),
        (false, false) => HostCallback::Checked(checked),
    };
    // On an error C has run the finalizer, which gave the slot back.
    linker.define_func(module, name, raw_type, callback, env, free_host_func).map_err(error::from_fault)
}
