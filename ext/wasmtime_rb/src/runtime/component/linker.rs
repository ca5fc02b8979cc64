//! A component linker with what keeps it safe.

use super::super::engine::EngineInner;
use super::super::error::{self, Kind};
use super::super::instance::{check_engine, with_space};
use super::super::roots::Roots;
use super::super::store::StoreInner;
use super::super::{escape, sleep};
use super::call::enter_component;
use super::host::{self, HostFunc};
use super::host_types::{HostType, HostTypes};
use crate::handle::component::Component;
use crate::handle::component::instance::RawInstance;
use crate::handle::component::linker::Linker as Handle;
use crate::handle::context::Ctx;
use crate::handle::module::Module;
use magnus::Error;
use rb_sys::VALUE;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

const MISSING_WASI: &str = "Store is missing WASI configuration: the linker has WASI, so give the store one too, with \
                            Store.new(engine, wasi_config: Wasmtime::WasiConfig.new)";
const MISSING_HTTP: &str = "Store is missing wasi:http: the linker has it, so allow it in the store's WASI too, with \
                            Wasmtime::WasiConfig.new.allow_http";

/// A linker and its guards; used with the GVL.
pub struct LinkerInner {
    handle: Handle,
    pub engine: Arc<EngineInner>,
    pub roots: Roots,
    types: HostTypes,
    shadows: Cell<bool>,
    wasi: Cell<bool>,
    http: Cell<bool>,
    /// Instantiations under way: definitions would change the table they read.
    borrows: Cell<u32>,
}

// SAFETY: used with the GVL only; host blocks that run meanwhile find `borrows` raised.
unsafe impl Send for LinkerInner {}

impl LinkerInner {
    /// An empty linker.
    pub fn new(engine: Arc<EngineInner>) -> Result<Self, Error> {
        let handle = Handle::new(&engine.handle).map_err(error::from_fault)?;
        let (types, shadows, wasi, http, borrows) = Default::default();
        Ok(Self { handle, engine, roots: Roots::new(0), types, shadows, wasi, http, borrows })
    }

    /// The handle, for changing definitions.
    fn define(&self) -> Result<&Handle, Error> {
        if self.borrows.get() == 0 {
            return Ok(&self.handle);
        }
        Err(error::raise(Kind::Base, "the linker is instantiating a component: it cannot be changed by a host block that runs meanwhile"))
    }

    /// Whether later definitions may replace earlier ones.
    pub fn allow_shadowing(&self, allow: bool) -> Result<(), Error> {
        self.define()?.allow_shadowing(allow);
        self.shadows.set(allow);
        Ok(())
    }

    /// Defines a Ruby block.
    pub fn add_func(&self, path: &[String], name: &str, block: VALUE, bytes: bool) -> Result<(), Error> {
        let handle = self.define()?;
        let env = HostFunc::create(&self.roots, name.to_owned(), block, bytes);
        let mut given = false;
        let added = handle.at(path, |instance| {
            given = true;
            instance.add_func(name, host::call, env, host::free_host_func)
        });
        free_unless(given, env);
        added.map_err(error::from_fault)
    }

    /// Defines a module.
    pub fn add_module(&self, path: &[String], name: &str, module: &Module) -> Result<(), Error> {
        self.define()?.at(path, |instance| instance.add_module(name, module)).map_err(error::from_fault)
    }

    /// Defines a resource of Ruby objects of a class; `block` gets each that a guest drops.
    pub fn add_resource(&self, path: &[String], name: &str, class: VALUE, block: VALUE) -> Result<(), Error> {
        let handle = self.define()?;
        let slot = self.roots.insert(class);
        let ty =
            HostType::new(name.to_owned(), self.roots.array(), slot).ok_or_else(|| error::raise(Kind::Base, "failed to make a resource type"))?;
        let env = HostFunc::create(&self.roots, name.to_owned(), block, false);
        let mut given = false;
        let added = handle.at(path, |instance| {
            given = true;
            instance.add_resource(name, &ty.ty, host::destroy, env, host::free_host_func)
        });
        free_unless(given, env);
        added.map_err(error::from_fault)?;
        self.types.borrow_mut().push(Rc::new(ty));
        Ok(())
    }

    /// Makes a component's imports without a definition trap when called.
    pub fn define_unknown_imports_as_traps(&self, component: &Component) -> Result<(), Error> {
        self.define()?.define_unknown_imports_as_traps(component).map_err(error::from_fault)
    }

    /// Defines WASI preview 2; from then on the linker works with stores that have a WASI configuration only.
    pub fn add_wasi_p2(&self) -> Result<(), Error> {
        let handle = self.define()?;
        // Also when a name is taken: some functions are defined by then.
        self.wasi.set(true);
        handle.add_wasi_p2().map_err(error::from_fault)?;
        let defined = escape::wasi_p2::define_waiting(handle, wait);
        handle.allow_shadowing(self.shadows.get());
        defined.map_err(|text| error::raise(Kind::Base, &text))
    }

    /// Defines wasi:http; from then on the linker works with stores that allow it only.
    pub fn add_wasi_http(&self) -> Result<(), Error> {
        let handle = self.define()?;
        self.http.set(true);
        handle.add_wasi_http().map_err(error::from_fault)
    }

    /// Whether WASI and wasi:http are defined.
    pub fn has_wasi(&self) -> (bool, bool) {
        (self.wasi.get(), self.http.get())
    }

    /// Instantiates a component of the same engine.
    pub fn instantiate(&self, store: &StoreInner, component: &Component) -> Result<RawInstance, Error> {
        check_engine("linker", &self.engine, store)?;
        match store.wasi() {
            None if self.wasi.get() => return Err(error::raise(Kind::Base, MISSING_WASI)),
            None if self.http.get() => return Err(error::raise(Kind::Base, MISSING_HTTP)),
            Some(wasi) if self.http.get() && !wasi.http => return Err(error::raise(Kind::Base, MISSING_HTTP)),
            _ => {}
        }
        store.components().learn(&self.types);
        self.borrows.set(self.borrows.get() + 1);
        let instance =
            with_space(|note| enter_component(store, false, |context| context.component_instantiate(&self.handle, component).inspect_err(note)));
        self.borrows.set(self.borrows.get().saturating_sub(1));
        instance
    }
}

/// Waits for what WASI waits for. Wasm runs in the store, so it is open.
fn wait(context: Ctx, step: &mut dyn FnMut(Duration) -> bool) -> bool {
    // SAFETY: see above.
    sleep::wait_for(unsafe { StoreInner::of_context(context) }, step)
}

/// C runs the finalizer of what it was given, also when it refuses it.
fn free_unless(given: bool, env: *mut std::ffi::c_void) {
    if !given {
        // SAFETY: nobody was given it.
        unsafe { host::free_host_func(env) }
    }
}
