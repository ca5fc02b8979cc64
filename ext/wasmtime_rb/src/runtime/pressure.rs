//! When Ruby should collect references for a guest's sake. A reference is small, and what it holds in the guest's heap may be large: Ruby is in no
//! hurry to collect it, and meanwhile the guest's heap doubles. How many references fill it is learnt from when it does.

use std::cell::Cell;

/// Heaps and steps smaller than this may grow.
const SMALL_HEAP: usize = 16 << 20;
const SMALL_STEP: i64 = 1 << 20;
const MIN_BUDGET: u32 = 16;

/// What a store knows about it. Used with the GVL.
pub struct Pressure {
    /// References made since Ruby was last made to collect.
    made: Cell<u32>,
    /// How many may be made before it is again.
    budget: Cell<u32>,
    /// Whether it was since the heap last grew.
    collected: Cell<bool>,
}

impl Default for Pressure {
    fn default() -> Self {
        Self { made: Cell::new(0), budget: Cell::new(u32::MAX), collected: Cell::new(false) }
    }
}

impl Pressure {
    /// A reference is about to be made.
    #[inline]
    pub fn refer(&self) {
        self.made.set(self.made.get().saturating_add(1));
        if self.made.get() >= self.budget.get() {
            self.collect();
        }
    }

    /// Memory of the store grew. One that grows though Ruby has just collected is full of what is in use.
    pub fn grew(&self, by: i64, committed: usize) {
        let made = self.made.get();
        if by < SMALL_STEP || committed < SMALL_HEAP || made == 0 {
            return;
        }
        let budget = if self.collected.get() { self.budget.get().saturating_mul(2) } else { (made / 2).max(MIN_BUDGET) };
        self.budget.set(budget);
        self.collect();
        self.collected.set(false);
    }

    #[cold]
    fn collect(&self) {
        self.made.set(0);
        self.collected.set(true);
        // SAFETY: with the GVL; what the caller holds is on its stack.
        unsafe { rb_sys::rb_gc() };
    }
}
