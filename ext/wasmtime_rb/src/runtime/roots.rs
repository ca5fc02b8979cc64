//! The Ruby objects native code refers to: one hidden Ruby Array a store or linker. Ruby marks and moves its elements; native code keeps
//! indexes. Freed slots come back through a queue, because whoever frees them may run inside Ruby's GC or on a thread Ruby does not know.

use rb_sys::VALUE;
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::{c_long, c_void};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NIL: VALUE = rb_sys::Qnil as VALUE;

/// What an externref of ours carries: where its Ruby object lies, and where to give the slot back. Used again and again, because guests that
/// are given objects are given many. It is the link of two lists, of the dead and of the spare ones, so that neither costs an allocation.
pub struct ExternCell {
    dead: Arc<DeadSlots>,
    pub index: usize,
    next: *mut ExternCell,
}

/// The finalizer of every externref. Runs on any thread, also inside Ruby's GC.
///
/// # Safety
/// `data` is the [`ExternCell`] of [`Roots::extern_cell`]; Wasmtime calls this once.
pub unsafe extern "C" fn free_extern(data: *mut c_void) {
    let cell = data.cast::<ExternCell>();
    // SAFETY: see above; the cell keeps the queue alive for as long as it is in it, and Roots::drop keeps it until after.
    unsafe { (*Arc::as_ptr(&(*cell).dead)).push_extern(cell) }
}

/// Slots that can be reused.
#[derive(Default)]
pub struct DeadSlots {
    indexes: Mutex<Vec<usize>>,
    any_index: AtomicBool,
    externs: AtomicPtr<ExternCell>,
}

impl DeadSlots {
    /// Gives a slot back: from any thread, also from inside Ruby's GC.
    pub fn push(&self, index: usize) {
        self.lock().push(index);
        self.any_index.store(true, Ordering::Release);
    }

    /// As [`Self::push`], for the slot of an externref: a list that grows at its head and is only ever taken whole.
    fn push_extern(&self, cell: *mut ExternCell) {
        let mut head = self.externs.load(Ordering::Relaxed);
        loop {
            // SAFETY: the cell belongs to this function until the exchange below publishes it.
            unsafe { (*cell).next = head };
            match self.externs.compare_exchange_weak(head, cell, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Whether slots came back: two loads, for the way out of every call.
    #[inline]
    fn any(&self) -> bool {
        self.any_index.load(Ordering::Relaxed) || !self.externs.load(Ordering::Relaxed).is_null()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<usize>> {
        self.indexes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_indexes(&self) -> Vec<usize> {
        let mut indexes = self.lock();
        self.any_index.store(false, Ordering::Relaxed);
        std::mem::take(&mut indexes)
    }

    fn take_externs(&self) -> Cells {
        Cells(self.externs.swap(std::ptr::null_mut(), Ordering::Acquire))
    }
}

/// A list of cells that belong to it.
struct Cells(*mut ExternCell);

impl Default for Cells {
    fn default() -> Self {
        Self(std::ptr::null_mut())
    }
}

impl Cells {
    #[inline]
    fn pop(&mut self) -> Option<Box<ExternCell>> {
        // SAFETY: every cell of the list came out of a Box and is in this list only.
        let cell = (!self.0.is_null()).then(|| unsafe { Box::from_raw(self.0) })?;
        self.0 = cell.next;
        Some(cell)
    }

    #[inline]
    fn push(&mut self, mut cell: Box<ExternCell>) {
        cell.next = self.0;
        self.0 = Box::into_raw(cell);
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        while let Some(cell) = self.pop() {
            drop(cell);
        }
    }
}

/// The root set of one store or linker. Used with the GVL only.
pub struct Roots {
    /// nil until the first object comes: most stores of short-lived guests never hold one.
    array: Cell<VALUE>,
    /// The object that marks the array, when Ruby wants to be told what it refers to; else nil.
    owner: Cell<VALUE>,
    reserved: u8,
    /// Made when the first slot is asked for, for the same reason.
    slots: OnceCell<Box<Slots>>,
}

/// Which slots come back and which can be used again.
#[derive(Default)]
struct Slots {
    free: RefCell<Vec<usize>>,
    spare: RefCell<Cells>,
    dead: Arc<DeadSlots>,
}

// SAFETY: every method but `dead` needs the GVL, which `runtime::access` and Ruby's own method calls provide.
unsafe impl Send for Roots {}
// SAFETY: as above.
unsafe impl Sync for Roots {}

impl Roots {
    /// An empty set with `reserved` slots of nil at the front. The owner's `mark` must call [`Self::mark`] from now on.
    pub const fn new(reserved: u8) -> Self {
        Self { array: Cell::new(NIL), owner: Cell::new(NIL), reserved, slots: OnceCell::new() }
    }

    /// Whether it never held anything.
    pub fn is_unused(&self) -> bool {
        self.array.get() == NIL
    }

    /// Names the object that owns the set, whose data type is write barrier protected.
    pub fn owned_by(&self, owner: VALUE) {
        self.owner.set(owner);
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
        super::typed::written(self.owner.get(), array);
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
        let cell = spare.unwrap_or_else(|| Box::new(self.new_cell()));
        self.set(cell.index, object);
        Box::into_raw(cell).cast()
    }

    #[cold]
    fn new_cell(&self) -> ExternCell {
        ExternCell { dead: self.dead().clone(), index: self.insert(NIL), next: std::ptr::null_mut() }
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
        match self.place(index) {
            Some(place) => {
                // SAFETY: a live slot of a live Array.
                unsafe { place.write(value) };
                super::typed::written(self.array.get(), value);
            }
            None => self.append(index, value),
        }
    }

    #[cold]
    fn append(&self, index: usize, value: VALUE) {
        // SAFETY: the array is alive while its owner is, and never frozen, so only running out of memory can raise.
        unsafe { rb_sys::rb_ary_store(self.array(), c_long::try_from(index).unwrap_or(0), value) }
    }

    /// Where a slot lies until Ruby next allocates; `None` for one that the array does not have yet.
    #[inline]
    fn place(&self, index: usize) -> Option<*mut VALUE> {
        let array = self.array.get();
        // SAFETY: a live Array of ours, which is never shared or frozen; the bound is checked.
        unsafe {
            let there = array != NIL && c_long::try_from(index).is_ok_and(|index| index < rb_sys::RARRAY_LEN(array));
            there.then(|| rb_sys::RARRAY_CONST_PTR(array).cast_mut().add(index))
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
        let mut indexes = slots.dead.take_indexes();
        indexes.iter().for_each(|index| self.set(*index, NIL));
        slots.free.borrow_mut().append(&mut indexes);
        let (mut dead, mut spare) = (slots.dead.take_externs(), slots.spare.borrow_mut());
        while let Some(cell) = dead.pop() {
            self.set(cell.index, NIL);
            spare.push(cell);
        }
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
            drop(slots.dead.take_externs());
        }
    }
}
