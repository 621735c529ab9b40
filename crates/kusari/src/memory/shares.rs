//! Who takes how much of the memory that may be taken: the sum is compared with the limit, not each for itself.

use super::{max_memory, size};
use crate::{Error, Result};
use std::{
    collections::BTreeMap,
    fmt::Display,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What the program takes beside all data: its code, its threads, and what allocators keep for the next time.
const PROGRAM: u64 = 40 << 20;
/// Bytes that learning takes for a parameter: itself, its gradient, the optimiser's two, the best and the average, and a
/// snapshot, which is there as arrays, as bytes, and once more as it was read back.
pub(crate) const A_PARAMETER: u64 = 4 * 12;

static TAKEN: Mutex<Taken> = Mutex::new(Taken { next: 0, shares: BTreeMap::new() });

struct Taken {
    next: u64,
    shares: BTreeMap<u64, (String, u64)>,
}

impl Taken {
    fn bytes(&self) -> u64 {
        self.shares.values().fold(PROGRAM, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }
    /// All shares, for people.
    fn listed(&self) -> String {
        let shares = self.shares.values().map(|(what, bytes)| format!(", {} for {what}", size(*bytes)));
        format!("{} for the program{}", size(PROGRAM), shares.collect::<String>())
    }
}

/// Memory that something takes as long as this lives.
pub(crate) struct Share(u64);

impl Share {
    /// Adds the bytes of another share to this one.
    pub fn add(&mut self, other: Share) {
        let mut all = all();
        let more = all.shares.get(&other.0).map_or(0, |(_, bytes)| *bytes);
        if let Some((_, bytes)) = all.shares.get_mut(&self.0) {
            *bytes += more;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        all().shares.remove(&self.0);
    }
}

fn all() -> MutexGuard<'static, Taken> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many bytes of memory are taken.
pub(crate) fn taken() -> u64 {
    all().bytes()
}
/// How many bytes of memory may be taken beside all that is taken already.
pub(crate) fn left() -> u64 {
    max_memory().saturating_sub(taken())
}

/// Takes so many bytes for `what`, if the sum of all stays below the limit; `path` names the data in messages.
///
/// # Errors
/// When it does not: the message says who takes how much, and what is needed.
pub(crate) fn take(path: &Path, what: impl Display, bytes: u64) -> Result<Share> {
    let mut taken = all();
    let (sum, limit) = (taken.bytes().saturating_add(bytes), max_memory());
    if sum > limit {
        let ([sum, limit, bytes], before) = ([sum, limit, bytes].map(size), taken.listed());
        let message = format!(
            "{sum} of memory are needed, {before} and {bytes} for {what}, and {limit} may be taken: raise the limit with \
             --max-memory, or kusari::set_max_memory in a program"
        );
        return Err(Error::format(path, message));
    }
    let number = taken.next;
    taken.next += 1;
    taken.shares.insert(number, (what.to_string(), bytes));
    Ok(Share(number))
}

/// Whether so many bytes may be taken now.
pub(crate) fn is_free(bytes: u64) -> bool {
    bytes <= left()
}
/// All that is taken, for people.
pub(crate) fn told() -> String {
    let taken = all();
    format!("{}: {}", size(taken.bytes()), taken.listed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_counts() {
        let share = take(Path::new("a.csv"), "its rows", 1000).unwrap();
        // Tests beside this one may take something too, or let it go.
        assert!(left() <= max_memory() - PROGRAM - 1000);
        let error = take(Path::new("a.csv"), "the other rows", u64::MAX / 2).err().unwrap().to_string();
        for part in ["a.csv: ", " for the program", "1000 bytes for its rows", "for the other rows", "--max-memory"] {
            assert!(error.contains(part), "{error}");
        }
        assert!(told().contains("1000 bytes for its rows"));
        drop(share);
        assert!(!told().contains("1000 bytes for its rows"));
    }
}
