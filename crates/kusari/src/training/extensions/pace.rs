//! Files that are written again and again, but not all the time.

use std::time::{Duration, Instant};

/// A pause is so many times as long as the writing before it.
const PAUSE: u32 = 10;

/// When a file is to be written again: at most a tenth of the time goes into it, however short epochs are.
#[derive(Default)]
pub(super) struct Pace {
    next: Option<Instant>,
    behind: bool,
}

impl Pace {
    /// Whether it is time to write what is new.
    pub fn due(&mut self) -> bool {
        self.behind = self.next.is_some_and(|next| Instant::now() < next);
        !self.behind
    }
    /// Writes, and finds out how long that takes.
    pub fn measure<R>(&mut self, write: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = write();
        let took: Duration = start.elapsed();
        self.next = Some(Instant::now() + PAUSE * took);
        result
    }
    /// Whether something was not written yet.
    pub fn behind(&self) -> bool {
        self.behind
    }
}
