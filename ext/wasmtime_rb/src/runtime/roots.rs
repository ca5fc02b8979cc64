//! The Ruby objects native code refers to: one hidden Ruby Array a store or linker. Ruby marks and moves its elements; native code keeps
//! indexes. Freed slots come back through a queue, because whoever frees them may run inside Ruby's GC or on a thread Ruby does not know.

use rb_sys::VALUE;
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::{c_long, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// What an externref of ours carries: where its Ruby object lies, and where to give the slot back. Used again and again, because guests that
/// are given objects are given many.
pub struct ExternCell {
    dead: Arc<DeadSlots>,
    pub index: usize,
}

/// The finalizer of every externref. Runs on any thread, also inside Ruby's GC.
///
/// # Safety
/// `data` is the [`ExternCell`] of [`Roots::extern_cell`]; Wasmtime calls this once.
pub unsafe extern "C" fn free_extern(data: *mut c_void) {
    // SAFETY: see above.
    let cell = unsafe { Box::from_raw(data.cast::<ExternCell>()) };
    let dead = Arc::as_ptr(&cell.dead);
    // SAFETY: the cell keeps the queue alive, and nobody can take it out before the lock is released.
    let mut lists = unsafe { (*dead).lists() };
    lists.externs.push(cell);
    // SAFETY: as above.
    unsafe { (*dead).1.store(true, Ordering::Release) };
}

#[derive(Default)]
struct DeadLists {
    indexes: Vec<usize>,
    #[allow(clippy::vec_box, reason = "the boxes come from C and go back to it")]
    externs: Vec<Box<ExternCell>>,
}

/// Slots that can be reused.
#[derive(Default)]
pub struct DeadSlots(Mutex<DeadLists>, AtomicBool);

impl DeadSlots {
    /// Gives a slot back: from any thread, also from inside Ruby's GC.
    pub fn push(&self, index: usize) {
        let mut lists = self.lists();
        lists.indexes.push(index);
        self.1.store(true, Ordering::Release);
    }

    /// Whether slots came back: one load, for the way out of every call.
    #[inline]
    fn any(&self) -> bool {
        self.1.load(Ordering::Acquire)
    }

    fn lists(&self) -> MutexGuard<'_, DeadLists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> DeadLists {
        let mut lists = self.lists();
        self.1.store(false, Ordering::Relaxed);
        std::mem::take(&mut lists)
    }
}

/// The root set of one store or linker. Used with the GVL only.
pub struct Roots {
    /// nil until the first object comes: most stores of short-lived guests never hold one.
    array: Cell<VALUE>,
    reserved: u8,
    /// Made when the first slot is asked for, for the same reason.
    slots: OnceCell<Box<Slots>>,
}

/// Which slots come back and which can be used again.
#[derive(Default)]
struct Slots {
    free: RefCell<Vec<usize>>,
    #[allow(clippy::vec_box, reason = "the boxes come from C and go back to it")]
    spare: RefCell<Vec<Box<ExternCell>>>,
    dead: Arc<DeadSlots>,
}

// SAFETY: every method but `dead` needs the GVL, which `runtime::access` and Ruby's own method calls provide.
unsafe impl Send for Roots {}
// SAFETY: as above.
unsafe impl Sync for Roots {}

impl Roots {
    /// An empty set with `reserved` slots of nil at the front. The owner's `mark` must call [`Self::mark`] from now on.
    pub const fn new(reserved: u8) -> Self {
        Self { array: Cell::new(NIL), reserved, slots: OnceCell::new() }
    }

    fn slots(&self) -> &Slots {
        self.slots.get_or_init(Box::default)
    }

    /// Marks the array; it is pinned, its elements may move.
    pub fn mark(&self) {
        // SAFETY: called by Ruby's GC through the owner's mark function.
        unsafe { rb_sys::rb_gc_mark(self.array.get()) }
    }

    /// The array itself, for a callback's environment.
    pub fn array(&self) -> VALUE {
        match self.array.get() {
            NIL => self.create(),
            array => array,
        }
    }

    #[cold]
    fn create(&self) -> VALUE {
        // SAFETY: called with the GVL; the array is on our stack until the owner marks it, and never frozen.
        let array = unsafe { rb_sys::rb_ary_tmp_new(4) };
        self.array.set(array);
        for index in 0..self.reserved {
            self.set(index.into(), NIL);
        }
        array
    }

    /// Keeps `value` alive until its slot is given back; the slot's index.
    pub fn insert(&self, value: VALUE) -> usize {
        self.reclaim();
        let index = self.slots().free.borrow_mut().pop();
        match index {
            Some(index) => {
                self.set(index, value);
                index
            }
            None => {
                let index = self.len();
                self.set(index, value);
                index
            }
        }
    }

    /// Keeps `object` alive for an externref; what the externref carries until [`free_extern`].
    pub fn extern_cell(&self, object: VALUE) -> *mut c_void {
        self.reclaim();
        let spare = self.slots().spare.borrow_mut().pop();
        let cell = spare.unwrap_or_else(|| Box::new(ExternCell { dead: self.dead().clone(), index: self.insert(NIL) }));
        self.set(cell.index, object);
        Box::into_raw(cell).cast()
    }

    /// The object in a slot; nil where nothing is kept.
    #[inline]
    pub fn get(&self, index: usize) -> VALUE {
        if self.array.get() == NIL {
            return NIL;
        }
        // SAFETY: the array is alive while its owner is; rb_ary_entry checks the bound.
        unsafe { rb_sys::rb_ary_entry(self.array.get(), c_long::try_from(index).unwrap_or(c_long::MAX)) }
    }

    /// Replaces the object in a slot.
    #[inline]
    pub fn set(&self, index: usize, value: VALUE) {
        // SAFETY: as above; the array is never frozen, so only running out of memory can raise.
        unsafe { rb_sys::rb_ary_store(self.array(), c_long::try_from(index).unwrap_or(0), value) }
    }

    /// Lets go of the object in a slot. nil needs no write barrier, so that it is written right where it belongs.
    #[inline]
    fn clear(&self, index: usize) {
        let array = self.array.get();
        // SAFETY: a live Array of ours, which is never shared or frozen; the bound is checked; nothing of Ruby runs meanwhile.
        unsafe {
            if array != NIL && c_long::try_from(index).is_ok_and(|index| index < rb_sys::RARRAY_LEN(array)) {
                rb_sys::RARRAY_CONST_PTR(array).cast_mut().add(index).write(NIL);
            }
        }
    }

    /// Where finalizers give slots back.
    pub fn dead(&self) -> &Arc<DeadSlots> {
        &self.slots().dead
    }

    /// Clears the slots that came back, so that Ruby can collect what they held.
    #[inline]
    pub fn reclaim(&self) {
        if let Some(slots) = self.slots.get()
            && slots.dead.any()
        {
            self.reclaim_slots(slots);
        }
    }

    #[cold]
    fn reclaim_slots(&self, slots: &Slots) {
        // The queue's lock is not held here: storing may allocate, allocating may sweep, and sweeping may push.
        let mut dead = slots.dead.take();
        for index in dead.indexes.iter().copied().chain(dead.externs.iter().map(|cell| cell.index)) {
            self.clear(index);
        }
        slots.free.borrow_mut().append(&mut dead.indexes);
        slots.spare.borrow_mut().append(&mut dead.externs);
    }

    fn len(&self) -> usize {
        // SAFETY: the array is alive while its owner is.
        usize::try_from(unsafe { rb_sys::RARRAY_LEN(self.array()) }).unwrap_or(0)
    }
}

impl Drop for Roots {
    fn drop(&mut self) {
        // The cells in the queue hold the queue.
        if let Some(slots) = self.slots.get() {
            drop(slots.dead.take());
        }
    }
}
