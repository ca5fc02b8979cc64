//! Memory of objects that programs make anew for each request. Ruby's GC frees them by the thousand, which the allocator is slow to take back
//! and to give out again; so their boxes are kept and used for the next ones.

use magnus::rb_sys::AsRawValue;
use magnus::{Ruby, TypedData};
use rb_sys::{VALUE, rb_data_type_t};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many boxes of a kind are kept: what two collections of a busy program free.
const MOST: usize = 8192;

/// The empty boxes of one kind. Never waited for: a second Ractor, or the child of a fork that happened meanwhile, does without.
pub struct Spare<T> {
    taken: AtomicBool,
    boxes: UnsafeCell<Vec<Box<MaybeUninit<T>>>>,
}

// SAFETY: the list is used by whoever raised `taken`; what it holds is empty memory.
unsafe impl<T> Sync for Spare<T> {}

impl<T> Spare<T> {
    /// None yet.
    pub const fn new() -> Self {
        Self { taken: AtomicBool::new(false), boxes: UnsafeCell::new(Vec::new()) }
    }

    #[inline]
    fn with<R>(&self, work: impl FnOnce(&mut Vec<Box<MaybeUninit<T>>>) -> Option<R>) -> Option<R> {
        if self.taken.swap(true, Ordering::Acquire) {
            return None;
        }
        // SAFETY: we raised `taken`, so nobody else is here.
        let result = work(unsafe { &mut *self.boxes.get() });
        self.taken.store(false, Ordering::Release);
        result
    }
}

/// The native half of a Ruby object whose memory is used again. Its `DataTypeFunctions::free` must be [`free`].
pub trait Recycled: TypedData + 'static {
    /// Where its boxes are kept.
    fn spare() -> &'static Spare<Self>;
}

/// A Ruby object around `data`: as `Ruby::obj_wrap`, in used memory where there is some.
#[inline]
pub fn wrap<T: Recycled>(ruby: &Ruby, data: T) -> VALUE {
    let empty = T::spare().with(Vec::pop).unwrap_or_else(Box::new_uninit);
    let full = Box::into_raw(Box::write(empty, data));
    let data_type = std::ptr::from_ref(T::data_type()).cast::<rb_data_type_t>();
    // SAFETY: the class has no allocator of its own, and the data type frees a Box of T (`typed` asserts what a DataType is).
    unsafe { rb_sys::rb_data_typed_object_wrap(T::class(ruby).as_raw(), full.cast(), data_type) }
}

/// Drops what is in the box and keeps the box. Runs inside Ruby's GC, and touches nothing of Ruby.
#[inline]
pub fn free<T: Recycled>(full: Box<T>) {
    let full = Box::into_raw(full);
    // SAFETY: we own the box; dropped in place it is memory for a T.
    let empty = unsafe {
        full.drop_in_place();
        Box::from_raw(full.cast::<MaybeUninit<T>>())
    };
    T::spare().with(|boxes| {
        // Pushing may make the list longer, which happens a few times and then never again.
        (boxes.len() < MOST).then(|| boxes.push(empty))
    });
}
