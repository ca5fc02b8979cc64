//! What the doorbell looks at, and who keeps the GVL.

use super::*;

impl StoreInner {
    /// Makes the call under way end, from any thread; nothing when there is none. With the GVL.
    pub fn interrupt(&self) {
        if !self.phase_is_idle() {
            self.clock.interrupt();
            self.engine.handle.increment_epoch();
            if let Some(alarm) = self.alarm.get() {
                alarm.ring();
            }
        }
    }

    /// What wakes the guest when it sleeps.
    pub(in crate::runtime) fn alarm(&self) -> &Alarm {
        self.alarm.get_or_init(Box::default)
    }

    /// Sets the user's deadline, in ticks of the user's epoch from now.
    pub fn set_user_deadline(&self, ticks: u64) {
        self.user_deadline.store(self.engine.user_epoch().saturating_add(ticks), Ordering::Relaxed);
    }

    /// Whether the user's epoch passed the user's deadline.
    #[inline]
    pub(in crate::runtime) fn user_deadline_reached(&self) -> bool {
        self.engine.settings.epoch_interruption && self.engine.user_epoch() >= self.user_deadline.load(Ordering::Relaxed)
    }

    /// The block that is asked when the user's deadline is reached; nil when there is none.
    pub(in crate::runtime) fn epoch_block(&self) -> VALUE {
        self.roots.get(EPOCH_SLOT)
    }

    /// Replaces that block.
    pub fn set_epoch_block(&self, block: VALUE) {
        self.roots.set(EPOCH_SLOT, block);
    }

    /// Whether a call gives the GVL up. The call's own word counts before its function's (`release`), and that before the store's.
    #[inline]
    pub(in crate::runtime) fn gives_up_gvl(&self, release: bool) -> bool {
        self.gvl_of_call.get().unwrap_or(release || self.releases.get())
    }

    #[inline]
    pub(in crate::runtime) fn offloads(&self) -> bool {
        self.offloads.get()
    }

    /// Runs calls of fibers that a scheduler drives on other threads from now on, without the GVL: there they disturb nobody.
    pub fn set_offloads(&self) {
        self.plain.set(false);
        self.offloads.set(true);
        self.releases.set(true);
    }

    /// Sets whether calls give the GVL up.
    pub fn set_releases(&self, releases: bool) {
        self.releases.set(releases);
    }

    pub(in crate::runtime) fn released(&self) -> bool {
        self.released.load(Ordering::Relaxed)
    }

    pub(in crate::runtime) fn swap_released(&self, released: bool) -> bool {
        self.released.swap(released, Ordering::Relaxed)
    }

    pub(in crate::runtime) fn ask_attention(&self) {
        self.attention.store(true, Ordering::Release);
    }

    pub(in crate::runtime) fn take_attention(&self) -> bool {
        self.attention.swap(false, Ordering::AcqRel)
    }

    pub(in crate::runtime) fn set_signal_poll(&self, ticks: u32) {
        self.signal_poll.store(ticks, Ordering::Relaxed);
    }

    pub(in crate::runtime) fn signal_poll_due(&self) -> bool {
        let every = self.signal_poll.load(Ordering::Relaxed);
        every != 0 && self.count_tick().is_multiple_of(every)
    }

    /// The next tick is the first of a call.
    #[inline]
    pub(in crate::runtime) fn forget_ticks(&self) {
        self.ticks.store(interrupt::FIRST_TICK, Ordering::Relaxed);
    }

    pub(in crate::runtime) fn count_tick(&self) -> u32 {
        self.ticks.fetch_add(1, Ordering::Relaxed)
    }

    /// Begins a profile; false when one is being made.
    pub fn begin_profiling(&self, profiling: Profiling) -> bool {
        let mut slot = self.profiling.borrow_mut();
        let free = slot.is_none();
        if free {
            *slot = Some(Box::new(profiling));
        }
        free
    }

    /// The profile that was being made.
    pub fn take_profiling(&self) -> Option<GuestProfiler> {
        self.profiling.borrow_mut().take().map(|profiling| profiling.finish())
    }

    /// Takes a sample when a profile is being made.
    #[inline]
    pub(in crate::runtime) fn sample(&self) {
        if let Some(profiling) = self.profiling.borrow_mut().as_mut()
            && let Some(handle) = self.handle.take()
        {
            profiling.sample(&handle);
            self.handle.set(Some(handle));
        }
    }
}
