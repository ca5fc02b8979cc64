//! A linker with what keeps it safe: its roots, and the store its items belong to.

use super::engine::EngineInner;
use super::error::{self, Kind};
use super::instance::{self, check_engine};
use super::roots::Roots;
use super::store::{StoreInner, StoreRef};
use crate::handle::externs::{RawExtern, RawInstance};
use crate::handle::linker::Linker as Handle;
use crate::handle::module::Module;
use magnus::Error;
use std::cell::Cell;
use std::sync::Arc;

const MISSING_WASI: &str = "Store is missing WASI p1 configuration: the linker has WASI, so give the store one too, with \
                            Store.new(engine, wasi_config: Wasmtime::WasiConfig.new)";

/// What definitions ask of a store.
pub struct Demands {
    engine: Arc<EngineInner>,
    wasi: bool,
    asynchronous: bool,
}

impl Demands {
    /// Refuses a store of another engine, and one without the WASI that is needed.
    pub fn check(&self, store: &StoreInner) -> Result<(), Error> {
        check_demands(&self.engine, self.wasi, self.asynchronous, store)
    }
}

#[inline]
fn check_demands(engine: &Arc<EngineInner>, wasi: bool, asynchronous: bool, store: &StoreInner) -> Result<(), Error> {
    check_engine("linker", engine, store)?;
    if asynchronous {
        store.require_async()?;
    }
    if wasi && store.wasi().is_none() { Err(error::raise(Kind::Base, MISSING_WASI)) } else { Ok(()) }
}

/// A linker and its guards; used with the GVL.
pub struct LinkerInner {
    pub handle: Handle,
    pub engine: Arc<EngineInner>,
    pub roots: Roots,
    /// The one store whose items were defined: C aborts when they meet another store. Whoever defines them puts the Store object into our roots.
    store: Cell<Option<StoreRef>>,
    /// Whether WASI's functions are defined: they abort the process in a store without WASI.
    wasi: Cell<bool>,
    /// Whether async host functions are defined: they abort the process in a call that is not async.
    asynchronous: Cell<bool>,
    /// Instantiations under way: definitions would change the table they read.
    borrows: Cell<u32>,
}

// SAFETY: used with the GVL only; host blocks that run meanwhile find `borrows` raised.
unsafe impl Send for LinkerInner {}

impl LinkerInner {
    /// An empty linker.
    pub fn new(engine: Arc<EngineInner>) -> Result<Self, Error> {
        let handle = Handle::new(&engine.handle).map_err(error::from_fault)?;
        Ok(Self {
            handle,
            engine,
            roots: Roots::new(0),
            store: Cell::new(None),
            wasi: Cell::new(false),
            asynchronous: Cell::new(false),
            borrows: Cell::new(0),
        })
    }

    /// A linker with the same definitions. Its host functions still use the roots of the first, which the caller keeps alive.
    pub fn duplicate(&self) -> Result<Self, Error> {
        let handle = self.handle.duplicate().map_err(error::from_fault)?;
        let (store, wasi, asynchronous) = (self.store.clone(), self.wasi.clone(), self.asynchronous.clone());
        Ok(Self { handle, engine: self.engine.clone(), roots: Roots::new(0), store, wasi, asynchronous, borrows: Cell::new(0) })
    }

    /// The handle, for changing definitions.
    pub fn define(&self) -> Result<&Handle, Error> {
        if self.borrows.get() == 0 {
            return Ok(&self.handle);
        }
        Err(error::raise(Kind::Base, "the linker is instantiating a module: it cannot be changed by a host block that runs meanwhile"))
    }

    /// Defines an item of `store`; whether the store was not known yet and must be kept alive by the caller.
    pub fn define_item(&self, store: &StoreInner, module: &str, name: &str, item: &RawExtern) -> Result<bool, Error> {
        let fresh = self.bind(store)?;
        let context = store.access()?;
        self.define()?.define(context, module, name, item).map_err(error::from_fault)?;
        Ok(fresh)
    }

    /// Ties the linker to the first store it holds items of.
    pub fn bind(&self, store: &StoreInner) -> Result<bool, Error> {
        self.check(store)?;
        let fresh = self.store.get().is_none();
        if fresh {
            self.store.set(Some(store.share()));
        }
        Ok(fresh)
    }

    /// Defines WASI preview 1; from then on the linker works with stores that have a WASI configuration only.
    pub fn define_wasi(&self) -> Result<(), Error> {
        let handle = self.define()?;
        // Also when a name is taken: some functions are defined by then.
        self.wasi.set(true);
        handle.define_wasi().map_err(error::from_fault)
    }

    /// The handle, for defining an async host function; from then on the linker makes its stores take async calls only.
    pub fn define_async(&self) -> Result<&Handle, Error> {
        let handle = self.define()?;
        self.asynchronous.set(true);
        Ok(handle)
    }

    /// Whether it holds nothing of Ruby's: no block, and no item of a store.
    pub fn is_free_of_ruby(&self) -> bool {
        self.roots.is_unused()
    }

    /// What its definitions ask of any store.
    pub fn demands(&self) -> Demands {
        Demands { engine: self.engine.clone(), wasi: self.wasi.get(), asynchronous: self.asynchronous.get() }
    }

    /// Refuses a store of another engine, another store than the one the linker's items belong to, and one without the WASI they need.
    pub fn check(&self, store: &StoreInner) -> Result<(), Error> {
        check_demands(&self.engine, self.wasi.get(), self.asynchronous.get(), store)?;
        match self.store.get() {
            Some(bound) if !bound.is(store) => {
                Err(error::raise(Kind::Store, "the linker holds items of another store; use one Linker per Store, or define host functions only"))
            }
            _ => Ok(()),
        }
    }

    /// Instantiates a module of the same engine.
    pub fn instantiate(&self, store: &StoreInner, module: &Module) -> Result<RawInstance, Error> {
        self.check(store)?;
        self.borrowed(|| instance::instantiate(store, |context| self.handle.instantiate(context, module)))
    }

    /// Runs `work` with the definitions frozen.
    pub fn borrowed<R>(&self, work: impl FnOnce() -> R) -> R {
        self.borrows.set(self.borrows.get() + 1);
        let result = work();
        self.borrows.set(self.borrows.get().saturating_sub(1));
        result
    }

    /// The store whose items the linker holds.
    pub fn bound_store(&self) -> Option<StoreRef> {
        self.store.get()
    }
}
