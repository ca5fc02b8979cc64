//! A memory lent to Ruby without a copy, and taken back.

use super::error;
use super::store::StoreInner;
use magnus::rb_sys::{AsRawValue, FromRawValue, protect};
use magnus::{Error, RClass, Ruby, Value, prelude::*};
use rb_sys::{ID, VALUE};
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

unsafe extern "C" {
    fn rb_io_buffer_new(base: *mut c_void, size: usize, flags: c_int) -> VALUE;
    fn rb_io_buffer_free(buffer: VALUE) -> VALUE;
    static rb_cIOBuffer: VALUE;
}

const EXTERNAL: c_int = 1;

/// An instance variable that Ruby code cannot name.
fn hidden(name: &'static std::ffi::CStr) -> ID {
    // SAFETY: with the GVL; a name of ASCII.
    unsafe { rb_sys::rb_intern(name.as_ptr()) }
}

fn slices_id() -> ID {
    static ID: OnceLock<ID> = OnceLock::new();
    *ID.get_or_init(|| hidden(c"__slices"))
}

fn store_id() -> ID {
    static ID: OnceLock<ID> = OnceLock::new();
    *ID.get_or_init(|| hidden(c"__store"))
}

/// An IO::Buffer over a range of a memory. The root stays private; what Ruby gets is a slice of it, and slices of that, all of the class
/// `Memory::View`, which notes each: at the end they are all freed, and then the root. Nothing of Ruby's frees them, because Ruby 3.1 does it
/// wrongly: a slice that its GC frees after the root takes whatever object lies at the root's old place for its source, and ends the process
/// when that is a String.
pub struct View<'a> {
    store: &'a StoreInner,
    root: VALUE,
    /// The root and the slices, alive until they are freed: also when the fiber that runs the block is abandoned and collected.
    slices: Box<VALUE>,
    len: usize,
}

impl<'a> View<'a> {
    /// A view of `len` bytes at `start`. While it lives the store cannot be closed.
    pub fn new(store: &'a StoreInner, start: *mut u8, len: usize) -> Result<Self, Error> {
        let mut slices = Box::new(rb_sys::Qnil as VALUE);
        // SAFETY: the box keeps its address until unregistered in `drop`.
        unsafe { rb_sys::rb_gc_register_address(&mut *slices) };
        let mut view = Self { store, root: rb_sys::Qnil as VALUE, slices, len };
        store.change_views(1);
        view.root = protect(|| view.make_root(start))?;
        Ok(view)
    }

    fn make_root(&mut self, start: *mut u8) -> VALUE {
        // SAFETY: under protect, with the GVL; the range is inside a memory that does not move, and the root is freed before the store can close.
        unsafe {
            *self.slices = rb_sys::rb_ary_tmp_new(2);
            let root = rb_io_buffer_new(start.cast(), self.len, EXTERNAL);
            rb_sys::rb_obj_reveal(rb_sys::rb_obj_hide(root), class());
            rb_sys::rb_ivar_set(root, slices_id(), *self.slices);
            rb_sys::rb_ivar_set(root, store_id(), self.store.object());
            rb_sys::rb_ary_push(*self.slices, root);
            root
        }
    }

    /// Calls `block` with a slice.
    pub fn lend(&self, block: Value) -> Result<Value, Error> {
        // SAFETY: the root is alive on our stack.
        let root = unsafe { Value::from_raw(self.root) };
        let slice: Value = root.funcall("slice", (0, self.len))?;
        block.funcall("call", (slice,))
    }

    /// Frees the slices, the root last. What another thread holds locked cannot be freed.
    fn take_back(&self) -> Result<VALUE, Error> {
        // SAFETY: the list is ours, and alive; freeing raises under protect at most.
        protect(|| unsafe {
            while rb_sys::RARRAY_LEN(*self.slices) > 0 {
                rb_io_buffer_free(rb_sys::rb_ary_entry(*self.slices, -1));
                rb_sys::rb_ary_pop(*self.slices);
            }
            rb_sys::Qnil as VALUE
        })
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        let listed = *self.slices != rb_sys::Qnil as VALUE;
        if !listed || self.take_back().is_ok() {
            // SAFETY: registered in `new` with this address.
            unsafe { rb_sys::rb_gc_unregister_address(&mut *self.slices) };
            self.store.change_views(-1);
        } else {
            // The memory stays lent, the store open, and the slices alive, whoever holds one locked.
            std::mem::forget(std::mem::replace(&mut self.slices, Box::new(rb_sys::Qnil as VALUE)));
        }
    }
}

/// `slice` and `transfer`, which make other buffers over the same bytes.
unsafe extern "C" fn noted(argc: c_int, argv: *const VALUE, this: VALUE) -> VALUE {
    // SAFETY: a method of View; nothing here has a destructor that Ruby could jump over.
    unsafe {
        let made = rb_sys::rb_call_super(argc, argv);
        let slices = rb_sys::rb_ivar_get(this, slices_id());
        if slices != rb_sys::Qnil as VALUE {
            rb_sys::rb_ivar_set(made, slices_id(), slices);
            rb_sys::rb_ary_push(slices, made);
        }
        made
    }
}

static CLASS: OnceLock<magnus::value::Opaque<RClass>> = OnceLock::new();

fn class() -> VALUE {
    // SAFETY: with the GVL; set when the extension was loaded.
    let ruby = unsafe { Ruby::get_unchecked() };
    CLASS.get().map_or(rb_sys::Qnil as VALUE, |class| ruby.get_inner(*class).as_raw())
}

/// Defines `Memory::View`.
pub fn init(ruby: &Ruby) -> Result<(), Error> {
    let memory: RClass = error::wasmtime(ruby).const_get("Memory")?;
    // SAFETY: a class of Ruby's own.
    let buffer = RClass::from_value(unsafe { Value::from_raw(rb_cIOBuffer) }).ok_or_else(|| error::argument("this Ruby has no IO::Buffer"))?;
    let class = memory.define_class("View", buffer)?;
    let _ = CLASS.set(class.into());
    for name in [c"slice", c"transfer"] {
        // SAFETY: with an arity of -1 Ruby calls the function with exactly these arguments; the transmute only forgets them.
        unsafe {
            let method: unsafe extern "C" fn(c_int, *const VALUE, VALUE) -> VALUE = noted;
            let erased = std::mem::transmute::<unsafe extern "C" fn(c_int, *const VALUE, VALUE) -> VALUE, unsafe extern "C" fn() -> VALUE>(method);
            rb_sys::rb_define_method(class.as_raw(), name.as_ptr(), Some(erased), -1);
        }
    }
    let _: Value = class.singleton_class()?.funcall("undef_method", (ruby.to_symbol("new"),))?;
    Ok(())
}
