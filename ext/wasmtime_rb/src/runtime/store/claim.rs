//! Who may call next: claims of calls with options, and of async calls.

use super::*;
use crate::runtime::thread;

impl StoreInner {
    #[cold]
    pub(in crate::runtime) fn busy() -> Error {
        error::raise(Kind::StoreBusy, "the store is busy: another thread or fiber is running wasm in it; give each thread its own Store")
    }

    /// Whether somebody else is about to call.
    #[inline]
    pub(in crate::runtime) fn is_claimed_by_other(&self, place: usize) -> bool {
        let claimant = self.claimant.get();
        claimant != 0 && claimant != place
    }

    #[inline]
    pub(in crate::runtime) fn swap_claimant(&self, place: usize) -> usize {
        self.claimant.replace(place)
    }

    /// The deadline of the call under way, what it says about the GVL, and who claimed the store for it; for [`Self::end_call`].
    pub fn call_state(&self) -> (u64, Option<bool>, usize) {
        let place = thread::here();
        if self.is_claimed_by_other(place) {
            // What others set goes with them.
            return (CallClock::NEVER, None, 0);
        }
        (self.clock.deadline(), self.gvl_of_call.get(), self.claimant.get())
    }

    /// Claims the store for a call with a timeout, unless an earlier deadline is under way, and with a word about the GVL.
    pub fn begin_call(&self, timeout: Option<Duration>, release: Option<bool>) -> Result<(), Error> {
        self.access()?;
        let place = thread::here();
        if self.is_claimed_by_other(place) {
            return Err(if self.is_suspended() { async_call::busy(self) } else { Self::busy() });
        }
        if timeout.is_some() {
            self.check_interruptible()?;
        }
        if release == Some(false) {
            self.check_holdable()?;
        }
        self.claimant.set(place);
        if let Some(timeout) = timeout {
            self.clock.start(timeout);
        }
        if release.is_some() {
            self.gvl_of_call.set(release);
        }
        Ok(())
    }

    /// Refuses a timeout for guests that nothing stops.
    pub(in crate::runtime) fn check_interruptible(&self) -> Result<(), Error> {
        if self.engine.settings.epoch_compiled() {
            return Ok(());
        }
        let text = "the engine's guests cannot be interrupted, so a call has no timeout: create the engine without interruptible: false";
        Err(error::raise(Kind::Base, text))
    }

    /// Refuses to hold the GVL where the guest may wait for a Ruby thread of ours.
    pub fn check_holdable(&self) -> Result<(), Error> {
        if !self.wasi().is_some_and(|wasi| wasi.streams) {
            return Ok(());
        }
        let text = "the guest's standard streams are Ruby objects, whose threads need the GVL while it runs: leave out gvl: :hold";
        Err(error::argument(text))
    }

    /// Puts back what was so before [`Self::begin_call`], if that came to its end.
    pub fn end_call(&self, (deadline, release, claimant): (u64, Option<bool>, usize)) {
        if self.claimant.get() == thread::here() {
            self.clock.set_deadline(deadline);
            self.gvl_of_call.set(release);
            self.claimant.set(claimant);
        }
    }

    /// What the store knows about async calls.
    pub fn suspension(&self) -> &Suspension {
        self.suspension.get_or_init(Box::default)
    }

    /// An async call has begun: nobody enters wasm, and nobody uses the store but for its host blocks.
    pub(in crate::runtime) fn suspend(&self) {
        self.phase.set(Phase::Suspended);
        self.claimant.set(ASYNC_CALL);
    }

    /// Whether an async call is under way, or the store takes no others.
    pub(in crate::runtime) fn is_suspended(&self) -> bool {
        self.claimant.get() >= ASYNC_ONLY
    }

    /// From now on the store takes async calls only: an async host function on Ruby's own stack would abort the process.
    pub fn require_async(&self) -> Result<(), Error> {
        if self.async_only.get() {
            return Ok(());
        }
        self.access()?;
        if !self.phase_is_idle() || !self.may_suspend() {
            return Err(error::raise(Kind::StoreBusy, "the store is busy: what it runs now could not go on with async host functions"));
        }
        self.async_only.set(true);
        self.claimant.set(ASYNC_ONLY);
        Ok(())
    }

    /// Whether nobody has claimed the store for a call of another kind.
    pub(in crate::runtime) fn may_suspend(&self) -> bool {
        matches!(self.claimant.get(), 0 | ASYNC_ONLY)
    }

    /// The async call is over.
    pub(in crate::runtime) fn resume_idle(&self) -> Result<Ctx, Error> {
        self.phase.set(Phase::Idle);
        self.claimant.set(if self.async_only.get() { ASYNC_ONLY } else { 0 });
        self.clock.set_deadline(CallClock::NEVER);
        self.disturb();
        self.context.get().ok_or_else(|| error::raise(Kind::StoreClosed, "Wasmtime::Store is closed"))
    }

    #[inline]
    pub(in crate::runtime) fn in_async_step(&self) -> bool {
        self.async_step.get()
    }

    pub(in crate::runtime) fn set_async_step(&self, inside: bool) {
        self.async_step.set(inside);
    }
}
