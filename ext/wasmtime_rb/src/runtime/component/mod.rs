//! Components at run time: what a store knows of those in it, values, calls, host functions and resources.

pub mod call;
mod direct;
pub mod func;
pub mod host;
pub mod host_types;
pub mod lift;
pub mod linker;
pub mod lower;
pub mod names;
pub mod resource;
mod scalars;
mod values;

use super::error::{self, Kind};
use super::store::StoreInner;
use host_types::{HostType, HostTypes};
use magnus::Error;
use magnus::value::Lazy;
use magnus::{ExceptionClass, Module as _, RClass, RModule, Ruby};
use resource::DeadResources;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::handle::component::resource::RawResourceType;

/// What a store knows of the components in it. Used with the GVL, but for the queue.
#[derive(Default)]
pub struct Components {
    /// The host's resource types of every linker that instantiated something here.
    host_types: RefCell<Vec<HostTypes>>,
    /// Resources that Ruby's GC found: they are dropped at the next entry.
    pub dead: Arc<DeadResources>,
    /// How the last call that failed inside a component ended: why no other enters it.
    broken: RefCell<Option<String>>,
}

impl Components {
    /// Learns a linker's resource types, before anything of the linker's can be called.
    pub fn learn(&self, types: &HostTypes) {
        let mut known = self.host_types.borrow_mut();
        if !known.iter().any(|one| Rc::ptr_eq(one, types)) {
            known.push(types.clone());
        }
    }

    /// The host's own description of a resource type, if it is one of the host's.
    pub fn host_type(&self, ty: &RawResourceType) -> Option<Rc<HostType>> {
        self.host_types.borrow().iter().find_map(|types| types.borrow().iter().find(|host| host.ty == *ty).cloned())
    }

    fn break_off(&self, error: &Error) {
        self.broken.replace(Some(error.to_string()));
    }

    fn broken(&self) -> Option<String> {
        self.broken.borrow().clone()
    }
}

/// Drops the resources that Ruby's GC found. Their destructors may run in the guest, so this is an entry of its own.
#[cold]
pub fn drop_dead(store: &StoreInner, components: &Components) -> Result<(), Error> {
    let mut dead = components.dead.take();
    while let Some(resource) = dead.pop() {
        let mut entered = false;
        let dropped = call::enter_component(store, false, |context| {
            entered = true;
            context.resource_drop(&resource)
        });
        match dropped {
            // One that trapped is gone too, and the next call into the instance says why there is no other.
            Err(error) if !entered || !error::is_trap(&error) => {
                let left = dead.into_iter().chain((!entered).then_some(resource));
                left.for_each(|resource| components.dead.push(resource));
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

/// `Wasmtime::Component`.
pub fn module(ruby: &Ruby) -> Result<RModule, Error> {
    error::wasmtime(ruby).define_module("Component")
}

macro_rules! classes {
    ($($name:ident: $function:ident = $text:literal;)*) => {
        $(
            static $name: Lazy<RClass> = Lazy::new(|ruby| {
                module(ruby).and_then(|module| module.define_class($text, ruby.class_object())).unwrap_or_else(|_| ruby.class_object())
            });

            /// A class that lib/ fills; native code makes its objects.
            pub fn $function(ruby: &Ruby) -> RClass {
                ruby.get_inner(&$name)
            }
        )*

        /// Looks the classes up, which must not happen inside magnus's lock later.
        pub fn look_up_classes(ruby: &Ruby) {
            $($function(ruby);)*
        }
    };
}

classes! {
    VARIANT: variant_class = "Variant";
    RESULT: result_class = "Result";
    SOME: some_class = "Some";
}

/// `Component::ResultError`, which a host block raises to return the error of a result.
pub fn result_error(ruby: &Ruby) -> Result<ExceptionClass, Error> {
    module(ruby)?.define_error("ResultError", error::class(ruby, Kind::Base))
}
