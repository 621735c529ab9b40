//! Files that are written again and again, but not all the time.

use std::time::Instant;

/// When a file is to be written again: at most a share of the time goes into it, however short epochs are.
pub(super) struct Pace {
    /// A pause is so many times as long as the writing before it.
    pause: u32,
    next: Option<Instant>,
    behind: bool,
}

impl Default for Pace {
    /// At most a tenth of the time.
    fn default() -> Pace {
        Pace::new(10)
    }
}

impl Pace {
    /// Pauses `pause` times as long as the writing before.
    pub fn new(pause: u32) -> Pace {
        Pace { pause, next: None, behind: false }
    }
    /// The present, if it is time to write what is new.
    pub fn due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.behind = self.next.is_some_and(|next| now < next);
        (!self.behind).then_some(now)
    }
    /// What was due at `start` has been written: finds out how long that took.
    pub fn written(&mut self, start: Instant) {
        self.next = Some(Instant::now() + self.pause * start.elapsed());
    }
    /// Whether something was not written yet.
    pub fn behind(&self) -> bool {
        self.behind
    }
}
