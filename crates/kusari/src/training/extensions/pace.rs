//! Files that are written again and again, but not all the time.

use std::time::{Duration, Instant};

/// Writing more often would take longer than short epochs do.
const PAUSE: Duration = Duration::from_secs(1);

/// When a file is to be written again.
#[derive(Default)]
pub(super) struct Pace {
    last: Option<Instant>,
    behind: bool,
}

impl Pace {
    /// Whether there is something new and it is time to write it.
    pub fn due(&mut self) -> bool {
        let due = self.last.is_none_or(|last| last.elapsed() >= PAUSE);
        if due {
            self.last = Some(Instant::now());
        }
        self.behind = !due;
        due
    }
    /// Whether something was not written yet.
    pub fn behind(&self) -> bool {
        self.behind
    }
}
