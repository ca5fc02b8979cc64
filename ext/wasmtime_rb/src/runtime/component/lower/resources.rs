//! Resources that change hands, or are lent.

use super::super::super::{error, typed};
use super::super::host_types::HostType;
use super::super::resource::{Resource, State};
use super::super::values::{mismatch, shown, value_of};
use super::Lowering;
use crate::handle::component::resource::{RawResource, RawResourceType};
use magnus::{Error, Value, prelude::*};
use rb_sys::VALUE;
use std::rc::Rc;

/// A host object on its way: its handle, the slot that keeps it, and whether it will be the guest's.
pub(super) struct Given {
    handle: RawResource,
    slot: usize,
    owned: bool,
}

impl<'a> Lowering<'a> {
    /// The call has happened: what was promised is gone, what was lent is back.
    pub fn arrived(self) {
        self.promised.take().iter().for_each(|state| state.set(State::Passed));
        self.given.take().into_iter().filter(|given| !given.owned).for_each(|given| self.take_back(&given));
    }

    /// The call did not happen: everything is as it was.
    pub fn undo(self) {
        self.promised.take().iter().for_each(|state| state.set(State::Live));
        self.given.take().iter().for_each(|given| self.take_back(given));
    }

    fn take_back(&self, given: &Given) {
        if let Some(context) = self.store.context() {
            // A handle of the host's own has no destructor, so nothing of the guest runs.
            drop(context.resource_drop(&given.handle));
        }
        self.store.roots.dead().push(given.slot);
    }

    pub(super) fn own(&self, ty: &RawResourceType, value: VALUE) -> Result<RawResource, Error> {
        if let Some(host) = self.store.components().host_type(ty) {
            return self.give(&host, true, value);
        }
        let resource = self.resource(ty, value)?;
        if !resource.owned() {
            return Err(error::raise(error::Kind::Base, "the resource is borrowed: it cannot be given away as own"));
        }
        if self.lent.borrow().iter().any(|lent| Rc::ptr_eq(lent, resource.state())) {
            return Err(error::raise(error::Kind::Base, "the resource is lent by another argument of the same call"));
        }
        let handle = resource.handle()?;
        resource.state().set(State::Promised);
        self.promised.borrow_mut().push(resource.state().clone());
        Ok(handle)
    }

    pub(super) fn borrow(&self, ty: &RawResourceType, value: VALUE) -> Result<RawResource, Error> {
        if let Some(host) = self.store.components().host_type(ty) {
            return self.give(&host, false, value);
        }
        let resource = self.resource(ty, value)?;
        let handle = resource.handle()?;
        self.lent.borrow_mut().push(resource.state().clone());
        Ok(handle)
    }

    fn resource(&self, ty: &RawResourceType, value: VALUE) -> Result<&'a Resource, Error> {
        let resource = typed::get::<Resource>(value).ok_or_else(|| mismatch("resource", value))?;
        if !resource.store.is(self.store) {
            return Err(error::raise(error::Kind::Store, "the resource belongs to another store"));
        }
        resource.check()?;
        if **resource.ty() == *ty {
            Ok(resource)
        } else {
            Err(error::type_error(&format!("expected a resource of another type, got {}", shown(value))))
        }
    }

    /// A host object for the guest: its own, or borrowed for the call.
    fn give(&self, host: &Rc<HostType>, owned: bool, value: VALUE) -> Result<RawResource, Error> {
        let fits: Value = value_of(host.class()).funcall("===", (value_of(value),))?;
        if !fits.to_bool() {
            return Err(mismatch(&format!("{} (a {})", host.name, value_of(host.class())), value));
        }
        let slot = self.store.roots.insert(value);
        let rep = u32::try_from(slot).map_err(|_| error::raise(error::Kind::Base, "too many host objects in one store"))?;
        // A borrow is a handle of ours that the guest gets for one call.
        let given = self.store.access()?.resource_from_host(true, rep, host.id);
        let raw = given.map_err(|fault| {
            self.store.roots.dead().push(slot);
            error::from_fault(fault)
        })?;
        if let Some(handle) = raw.duplicate() {
            self.given.borrow_mut().push(Given { handle, slot, owned });
        }
        Ok(raw)
    }
}
