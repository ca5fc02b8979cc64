//! Resource types of the host's: which Ruby objects a linker gives to guests.

use crate::handle::component::resource::RawResourceType;
use rb_sys::VALUE;
use std::cell::RefCell;
use std::ffi::c_long;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

/// One resource type of a linker.
pub struct HostType {
    /// What tells it from all others of this process.
    pub id: u32,
    pub ty: RawResourceType,
    pub name: String,
    /// The roots array of the linker, which every store that knows the type keeps alive, and the slot of the Ruby class in it.
    array: VALUE,
    slot: usize,
}

/// The resource types of a linker, as its stores share them. Used with the GVL only.
pub type HostTypes = Rc<RefCell<Vec<Rc<HostType>>>>;

impl HostType {
    /// A new type. `slot` of the linker's roots holds its Ruby class.
    pub fn new(name: String, array: VALUE, slot: usize) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Some(Self { id, ty: RawResourceType::host(id)?, name, array, slot })
    }

    /// The class (or anything else with `===`) its objects belong to.
    pub fn class(&self) -> VALUE {
        // SAFETY: the array is alive while the linker is; rb_ary_entry checks the bound.
        unsafe { rb_sys::rb_ary_entry(self.array, c_long::try_from(self.slot).unwrap_or(0)) }
    }
}
