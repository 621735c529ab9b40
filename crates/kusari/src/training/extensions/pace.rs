//! Files that are written again and again, but not all the time.

use std::time::Instant;

/// A pause is so many times as long as the writing before it.
const PAUSE: u32 = 10;

/// When a file is to be written again: at most a tenth of the time goes into it, however short epochs are.
#[derive(Default)]
pub(super) struct Pace {
    next: Option<Instant>,
    behind: bool,
}

impl Pace {
    /// The present, if it is time to write what is new.
    pub fn due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.behind = self.next.is_some_and(|next| now < next);
        (!self.behind).then_some(now)
    }
    /// What was due at `start` has been written: finds out how long that took.
    pub fn written(&mut self, start: Instant) {
        self.next = Some(Instant::now() + PAUSE * start.elapsed());
    }
    /// Whether something was not written yet.
    pub fn behind(&self) -> bool {
        self.behind
    }
}
