//! The only file that starts compute threads.
//!
//! Work is split by shape, never by the number of threads, so that results have the same bits on any machine; and only
//! where it is long enough to pay for waking a worker.

mod workers;

use crate::kernels::parts::Parts;
use std::{cell::Cell, ops::Range, sync::OnceLock};

/// Serial work shorter than this many (estimated) nanoseconds is not split.
const WORTH_SPLITTING: usize = 20_000;

static THREADS: OnceLock<usize> = OnceLock::new();

thread_local! {
    static SERIAL: Cell<bool> = const { Cell::new(false) };
    /// How many threads this one's work is split over; 0: as many as there are.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
}

/// Sets how many threads compute, once, before the first computation (default: one a processor).
///
/// # Errors
/// When threads have already been started with another number.
pub fn set_threads(n: usize) -> Result<(), String> {
    match *THREADS.get_or_init(|| n.max(1)) {
        started if started == n.max(1) => Ok(()),
        started => Err(format!("set_threads({n}): {started} threads have been started already")),
    }
}

/// The number of threads that compute.
pub fn threads() -> usize {
    match LIMIT.get() {
        0 => *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, |n| n.get())),
        n => n,
    }
}

/// Sets a thread's cell and sets it back.
pub(crate) struct Restore<T: Copy + 'static>(&'static std::thread::LocalKey<Cell<T>>, T);
impl<T: Copy> Restore<T> {
    pub(crate) fn set(key: &'static std::thread::LocalKey<Cell<T>>, value: T) -> Restore<T> {
        Restore(key, key.replace(value))
    }
}
impl<T: Copy> Drop for Restore<T> {
    fn drop(&mut self) {
        self.0.set(self.1)
    }
}

/// Runs `f` so that what it computes is split over `n` threads: for measurements and tests.
pub fn with_threads<R>(n: usize, f: impl FnOnce() -> R) -> R {
    let _restore = Restore::set(&LIMIT, n.max(1));
    f()
}

/// Runs `f` so that it and all it calls on this thread compute serially: for loader threads.
pub fn serially<R>(f: impl FnOnce() -> R) -> R {
    let _restore = Restore::set(&SERIAL, true);
    f()
}

/// Whether this thread computes serially: a loader thread, or one that is doing a task.
pub(crate) fn is_serial() -> bool {
    SERIAL.get()
}

/// Whether work of `nanoseconds` (a rough estimate of its serial time) should be split.
pub(crate) fn pays(nanoseconds: usize) -> bool {
    nanoseconds >= WORTH_SPLITTING && !SERIAL.get() && threads() > 1
}

/// Calls `f(0)` to `f(count - 1)`.
fn each(count: usize, nanoseconds: usize, f: &(dyn Fn(usize) + Sync)) {
    if count > 1 && pays(nanoseconds) {
        // What a task computes is not split again.
        serially(|| workers::run(threads(), count, f));
    } else {
        (0..count).for_each(f);
    }
}

/// Calls `f(0)` to `f(count - 1)`, in parallel: for work that [`pays`].
pub(crate) fn tasks(count: usize, f: impl Fn(usize) + Sync) {
    each(count, usize::MAX, &f)
}

/// The values of `f(0)` to `f(count - 1)`, computed in parallel: for long pieces of work, such as parts of a file.
pub fn map<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let mut values: Vec<Option<T>> = (0..count).map(|_| None).collect();
    chunks_mut(&mut values, 1, usize::MAX, |i, value| value[0] = Some(f(i)));
    values.into_iter().flatten().collect()
}

/// Calls `f` with consecutive ranges of `chunk` (the last may be shorter) that cover `0..n`; in parallel when the whole
/// is estimated to take long enough. The ranges are the same either way.
pub(crate) fn ranges(n: usize, chunk: usize, nanoseconds: usize, f: impl Fn(Range<usize>) + Sync) {
    let chunk = chunk.max(1);
    each(n.div_ceil(chunk), nanoseconds, &|i| f(i * chunk..((i + 1) * chunk).min(n)));
}

/// Calls `f(index, part)` with consecutive parts of `chunk` elements of `data`; in parallel when it pays.
pub(crate) fn chunks_mut<T: Send>(
    data: &mut [T],
    chunk: usize,
    nanoseconds: usize,
    f: impl Fn(usize, &mut [T]) + Sync,
) {
    let (n, chunk) = (data.len(), chunk.max(1));
    let parts = Parts::new(data);
    each(n.div_ceil(chunk), nanoseconds, &|i| {
        // SAFETY: each i is given out once.
        f(i, unsafe { parts.part(i * chunk..((i + 1) * chunk).min(n)) })
    });
}

/// How many threads a matrix product of `flops` floating-point operations should use.
pub(crate) fn product_threads(flops: usize) -> usize {
    // 30 flops a nanosecond and thread is a low estimate: splitting too late costs less than too early.
    if pays(flops / 30) { threads() } else { 1 }
}
