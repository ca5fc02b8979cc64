//! `Component::Resource`: a handle of the guest's, dropped exactly once.

use super::super::error::{self, Kind};
use super::super::store::{StoreInner, StoreRef};
use crate::handle::component::resource::{RawResource, RawResourceType};
use crate::handle::context::Ctx;
use magnus::rb_sys::AsRawValue;
use magnus::{DataTypeFunctions, Error, Ruby, TypedData, gc, prelude::*};
use rb_sys::VALUE;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What became of a handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Live,
    /// An argument of the call being prepared.
    Promised,
    /// Given away as own.
    Passed,
    Dropped,
    /// The call it was borrowed for is over.
    Expired,
}

/// Resources that nobody can drop now: whoever found them may be Ruby's GC.
#[derive(Default)]
pub struct DeadResources {
    list: Mutex<Vec<RawResource>>,
    any: AtomicBool,
}

impl DeadResources {
    /// To be dropped at the next entry of the store. From anywhere.
    pub fn push(&self, resource: RawResource) {
        self.lock().push(resource);
        self.any.store(true, Ordering::Release);
    }

    /// Whether there is something to drop.
    #[inline]
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// All of them.
    pub fn take(&self) -> Vec<RawResource> {
        let mut list = self.lock();
        self.any.store(false, Ordering::Relaxed);
        std::mem::take(&mut list)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<RawResource>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A resource of a store.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::Resource", free_immediately, mark, size)]
pub struct Resource {
    pub store: StoreRef,
    raw: Option<RawResource>,
    ty: Arc<RawResourceType>,
    owned: bool,
    state: Rc<Cell<State>>,
    dead: Arc<DeadResources>,
}

// SAFETY: used with the GVL only, which Ruby's GC holds too.
unsafe impl Send for Resource {}

impl DataTypeFunctions for Resource {
    fn mark(&self, _marker: &gc::Marker) {
        self.store.mark_object();
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        if self.owned
            && self.state.get() == State::Live
            && let Some(raw) = self.raw.take()
        {
            self.dead.push(raw);
        }
    }
}

/// A borrow that ends with the call it came with.
pub struct Lease {
    raw: RawResource,
    state: Rc<Cell<State>>,
}

impl Lease {
    /// Ends the borrow. The Ruby object is of no use from now on.
    pub fn end(self, context: Ctx) {
        if self.state.get() == State::Live {
            self.state.set(State::Expired);
            // The guest cannot have taken a borrow back, so this has nothing to complain about.
            drop(context.resource_drop(&self.raw));
        }
    }
}

impl Resource {
    /// A new Ruby object; for a borrow also what ends it.
    pub fn wrap(store: &StoreInner, raw: RawResource) -> Result<(VALUE, Option<Lease>), Error> {
        let missing = || error::raise(Kind::Base, "the resource has no type");
        let (ty, owned, state) = (Arc::new(raw.ty().ok_or_else(missing)?), raw.owned(), Rc::new(Cell::new(State::Live)));
        let lease = if owned { None } else { raw.duplicate().map(|raw| Lease { raw, state: state.clone() }) };
        let resource = Self { store: store.share(), raw: Some(raw), ty, owned, state, dead: store.components().dead.clone() };
        // SAFETY: called with the GVL.
        let ruby = unsafe { Ruby::get_unchecked() };
        Ok((ruby.obj_wrap(resource).as_raw(), lease))
    }

    /// Whether it must be dropped, and can be given away.
    pub fn owned(&self) -> bool {
        self.owned
    }

    /// Its type.
    pub fn ty(&self) -> &Arc<RawResourceType> {
        &self.ty
    }

    /// Whether it can be used no more.
    pub fn closed(&self) -> bool {
        self.state.get() != State::Live || self.store.closed()
    }

    /// What happens to it.
    pub(super) fn state(&self) -> &Rc<Cell<State>> {
        &self.state
    }

    /// Another handle, to be given to C.
    pub(super) fn handle(&self) -> Result<RawResource, Error> {
        self.check()?;
        self.raw.as_ref().and_then(RawResource::duplicate).ok_or_else(|| error::raise(Kind::Base, "Resource has already been dropped"))
    }

    /// Refuses one that can be used no more.
    pub(super) fn check(&self) -> Result<(), Error> {
        let text = match self.state.get() {
            State::Live => return Ok(()),
            State::Promised => "the resource is given away as own by another argument of the same call",
            State::Passed => "the resource was passed away as own: it belongs to whoever took it",
            State::Dropped => "Resource has already been dropped",
            State::Expired => "the resource was borrowed for a call that is over",
        };
        Err(error::raise(Kind::Base, text))
    }

    /// Drops it, by which its destructor runs.
    pub fn close(&self) -> Result<(), Error> {
        self.check()?;
        self.store.access()?;
        let Some(raw) = &self.raw else { return Ok(()) };
        if !self.owned {
            return Err(error::raise(Kind::Base, "the resource is borrowed: who lent it drops it"));
        }
        self.state.set(State::Dropped);
        let mut entered = false;
        let result = super::call::enter_component(&self.store, false, |context| {
            entered = true;
            context.resource_drop(raw)
        });
        if !entered {
            self.state.set(State::Live);
        }
        result
    }
}

/// `Component::ResourceType`.
#[derive(TypedData)]
#[magnus(class = "Wasmtime::Component::ResourceType", free_immediately, size, frozen_shareable)]
pub struct ResourceType(pub Arc<RawResourceType>);

impl DataTypeFunctions for ResourceType {
    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

impl ResourceType {
    /// A new Ruby object.
    pub fn wrap(ruby: &Ruby, ty: Arc<RawResourceType>) -> magnus::Value {
        let object = ruby.obj_wrap(Self(ty));
        object.freeze();
        object.as_value()
    }
}
