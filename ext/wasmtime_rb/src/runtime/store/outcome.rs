//! What host blocks leave behind, and which of them run.

use super::*;

impl StoreInner {
    #[inline]
    pub(in crate::runtime) fn take_pending(&self) -> Pending {
        self.pending.replace(Pending::Nothing)
    }

    pub(in crate::runtime) fn is_pending(&self) -> bool {
        self.pending.get() != Pending::Nothing
    }

    pub(in crate::runtime) fn set_pending(&self, pending: Pending) {
        self.pending.set(pending);
    }

    /// Keeps what `rb_protect` caught until wasm has unwound. An exception is taken out of `$!`; for a jump Ruby's own state stays as it is,
    /// and no Ruby may run until it is resumed.
    pub(in crate::runtime) fn set_pending_from_protect(&self, state: i32) {
        const TAG_RAISE: i32 = 6;
        if state != TAG_RAISE {
            self.pending.set(Pending::Jump(state));
            return;
        }
        // SAFETY: with the GVL, right after rb_protect.
        unsafe {
            self.roots.set(PENDING_SLOT, rb_sys::rb_errinfo());
            rb_sys::rb_set_errinfo(NIL);
        }
        self.pending.set(Pending::Exception);
    }

    /// The exception a host block raised, if that is how it ended.
    pub(in crate::runtime) fn peek_pending_exception(&self) -> Option<VALUE> {
        (self.pending.get() == Pending::Exception).then(|| self.roots.get(PENDING_SLOT))
    }

    /// What the host block raised is the guest's to catch now. It may come back much later: a guest can keep an exception and throw it again.
    pub(in crate::runtime) fn remember_thrown(&self) {
        self.pending.set(Pending::Nothing);
        let exception = self.take_pending_exception();
        // SAFETY: with the GVL; an Array of ours that the roots keep.
        unsafe {
            let mut thrown = self.roots.get(THROWN_SLOT);
            if thrown == NIL {
                thrown = rb_sys::rb_ary_tmp_new(MAX_THROWN);
                self.roots.set(THROWN_SLOT, thrown);
            }
            if rb_sys::RARRAY_LEN(thrown) >= MAX_THROWN {
                rb_sys::rb_ary_shift(thrown);
            }
            rb_sys::rb_ary_push(thrown, exception);
        }
    }

    /// The exceptions that host blocks threw to the guest, the last one first.
    pub(in crate::runtime) fn thrown(&self) -> impl Iterator<Item = VALUE> {
        let thrown = self.roots.get(THROWN_SLOT);
        // SAFETY: nil or an Array of ours that the roots keep; rb_ary_entry checks the bound.
        let len = if thrown == NIL { 0 } else { unsafe { rb_sys::RARRAY_LEN(thrown) } };
        // SAFETY: as above.
        (0..len).rev().map(move |index| unsafe { rb_sys::rb_ary_entry(thrown, index) })
    }

    pub(in crate::runtime) fn take_pending_exception(&self) -> VALUE {
        let exception = self.roots.get(PENDING_SLOT);
        self.roots.set(PENDING_SLOT, NIL);
        exception
    }

    /// How many host blocks have been called so far, wherever they were.
    pub fn host_calls(&self) -> u64 {
        self.next_caller.get().wrapping_sub(1)
    }

    /// A new running host block: the number its Caller object is valid by.
    #[inline]
    pub(in crate::runtime) fn push_caller(&self, caller: *mut RawCaller) -> u64 {
        let serial = self.next_caller.get();
        self.next_caller.set(serial.wrapping_add(1));
        self.callers.borrow_mut().push((serial, caller));
        serial
    }

    #[inline]
    pub(in crate::runtime) fn pop_caller(&self) {
        self.callers.borrow_mut().pop();
    }

    /// Whether the innermost running host block has this number.
    #[inline]
    pub(in crate::runtime) fn is_innermost(&self, serial: u64) -> bool {
        self.callers.borrow().last().is_some_and(|(known, _)| *known == serial)
    }

    /// The running host block with this number.
    pub fn caller(&self, serial: u64) -> Option<*mut RawCaller> {
        self.callers.borrow().iter().rev().find(|(known, _)| *known == serial).map(|(_, caller)| *caller)
    }
}
