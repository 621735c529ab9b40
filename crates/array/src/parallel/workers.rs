//! The compute threads: they stay, wait for work by looking for a while, and only then sleep.
//!
//! One piece of work is done at a time: whoever comes meanwhile, from another thread or from within a task, computes
//! alone. The caller takes tasks itself and waits only for workers that have taken one.
//!
//! Every thread has a stretch of the tasks of its own, the same part of them in all work, and so of an array: what it
//! wrote last time still lies in its cache, while another processor would have to fetch it from there. Whoever is done
//! helps the others from the other end.

use std::{
    any::Any,
    cell::UnsafeCell,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant},
};

/// How long a worker looks for new work before it sleeps: longer than the pauses within a training step.
const LOOKING: Duration = Duration::from_micros(200);

/// Work as a number of tasks.
#[derive(Clone, Copy)]
struct Job {
    task: *const (dyn Fn(usize) + Sync),
    /// The stretches that its tasks are cut into.
    stretches: usize,
}

/// More tasks than this are so small that they are done alone: their numbers have 32 bits.
const MOST_TASKS: usize = 1 << 26;
/// With more threads, some share a stretch.
const STRETCHES: usize = 64;

/// The tasks that are left of a thread's own: the first (below bit 32) and the one after the last. In cache lines of its own.
#[repr(align(128))]
struct Stretch(AtomicU64);

impl Stretch {
    fn set(&self, tasks: Range<usize>) {
        self.0.store(tasks.start as u64 | (tasks.end as u64) << 32, Relaxed);
    }
    /// Takes the first task, or the last.
    fn take(&self, first: bool) -> Option<usize> {
        let mut left = self.0.load(Relaxed);
        loop {
            let (start, end) = (left & 0xffff_ffff, left >> 32);
            if start >= end {
                return None;
            }
            let (task, rest) = if first { (start, left + 1) } else { (end - 1, left - (1 << 32)) };
            match self.0.compare_exchange_weak(left, rest, Relaxed, Relaxed) {
                Ok(_) => return Some(task as usize),
                Err(now) => left = now,
            }
        }
    }
}

struct Pool {
    /// Held by the caller whose job this is.
    taken: AtomicBool,
    /// Number of the job (from bit 32), free seats (from bit 16), seated workers.
    state: AtomicU64,
    job: UnsafeCell<Option<Job>>,
    stretches: [Stretch; STRETCHES],
    started: AtomicUsize,
    sleeping: AtomicUsize,
    bed: Mutex<()>,
    wake: Condvar,
    panicked: Mutex<Option<Box<dyn Any + Send>>>,
}
// SAFETY: the job is written by the one caller that holds `taken`, while nobody is seated, and read by the seated.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool {
    taken: AtomicBool::new(false),
    state: AtomicU64::new(0),
    job: UnsafeCell::new(None),
    stretches: [const { Stretch(AtomicU64::new(0)) }; STRETCHES],
    started: AtomicUsize::new(0),
    sleeping: AtomicUsize::new(0),
    bed: Mutex::new(()),
    wake: Condvar::new(),
    panicked: Mutex::new(None),
};

const SEAT: u64 = 1 << 16;
const SEATS: u64 = 0xffff << 16;
const SEATED: u64 = 0xffff;
const NUMBER: u64 = 1 << 32;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Calls `task(0)` to `task(count - 1)` on up to `threads` threads, this one among them.
pub(super) fn run(threads: usize, count: usize, task: &(dyn Fn(usize) + Sync)) {
    if count > MOST_TASKS || POOL.taken.swap(true, Acquire) {
        return (0..count).for_each(task);
    }
    let helpers = threads.min(count).min(0xffff) - 1;
    while POOL.started.load(Relaxed) < helpers {
        let own = POOL.started.load(Relaxed) + 1;
        let started = thread::Builder::new().name(String::from("kusari-compute")).spawn(move || work(own));
        if started.is_err() {
            break;
        }
        POOL.started.fetch_add(1, Relaxed);
    }
    // SAFETY: the lifetime is forgotten only until `End` has seen the last worker off.
    let task: &'static (dyn Fn(usize) + Sync) = unsafe { std::mem::transmute(task) };
    let stretches = (helpers + 1).min(STRETCHES);
    for (i, stretch) in POOL.stretches[..stretches].iter().enumerate() {
        stretch.set(i * count / stretches..(i + 1) * count / stretches);
    }
    let job = Job { task, stretches };
    // SAFETY: nobody is seated.
    unsafe { *POOL.job.get() = Some(job) };
    let number = (POOL.state.load(Relaxed) & !(NUMBER - 1)).wrapping_add(NUMBER);
    POOL.state.store(number | (helpers as u64 * SEAT), SeqCst);
    if POOL.sleeping.load(SeqCst) > 0 {
        drop(lock(&POOL.bed));
        POOL.wake.notify_all();
    }
    let end = End;
    POOL.take_tasks(job, 0);
    drop(end);
}

/// Waits for the seated workers and leaves the pool, also when a task panics.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        POOL.state.fetch_and(!SEATS, Relaxed);
        let mut looks = 0u32;
        while POOL.state.load(Acquire) & SEATED != 0 {
            look(&mut looks);
        }
        let panicked = lock(&POOL.panicked).take();
        POOL.taken.store(false, Release);
        if let Some(payload) = panicked
            && !thread::panicking()
        {
            resume_unwind(payload);
        }
    }
}

/// One look's pause; now and then the processor is offered to others.
fn look(looks: &mut u32) {
    *looks = looks.wrapping_add(1);
    match *looks % 256 {
        0 => thread::yield_now(),
        _ => std::hint::spin_loop(),
    }
}

impl Pool {
    /// Does the tasks of the thread's `own` stretch, and then what is left of the others'.
    fn take_tasks(&self, job: Job, own: usize) {
        for i in 0..job.stretches {
            let stretch = &self.stretches[(own + i) % job.stretches];
            while let Some(task) = stretch.take(i == 0) {
                // SAFETY: the caller waits for all who are seated, and is itself still there.
                unsafe { (*job.task)(task) };
            }
        }
    }

    /// Takes a seat at a job other than `served`; gives its number.
    fn sit_down(&self, served: u64) -> Option<u64> {
        let mut state = self.state.load(SeqCst);
        while state & SEATS != 0 && state / NUMBER != served {
            match self.state.compare_exchange_weak(state, state - SEAT + 1, Acquire, Relaxed) {
                Ok(_) => return Some(state / NUMBER),
                Err(now) => state = now,
            }
        }
        None
    }

    /// Waits for a seat.
    fn wait(&self, served: u64) -> u64 {
        let (start, mut looks) = (Instant::now(), 0);
        loop {
            for _ in 0..64 {
                if let Some(number) = self.sit_down(served) {
                    return number;
                }
                look(&mut looks);
            }
            if start.elapsed() > LOOKING {
                break;
            }
        }
        let mut bed = lock(&self.bed);
        self.sleeping.fetch_add(1, SeqCst);
        let number = loop {
            if let Some(number) = self.sit_down(served) {
                break number;
            }
            bed = self.wake.wait(bed).unwrap_or_else(|e| e.into_inner());
        };
        self.sleeping.fetch_sub(1, Relaxed);
        number
    }
}

/// What a worker does all its life; `own` is the number of its stretch.
fn work(own: usize) {
    let mut served = 0;
    loop {
        served = POOL.wait(served);
        // SAFETY: a seated worker: the job stays until it leaves.
        let job = unsafe { *POOL.job.get() }.expect("a seat is free only while there is a job");
        super::SERIAL.set(true);
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| POOL.take_tasks(job, own))) {
            lock(&POOL.panicked).get_or_insert(payload);
        }
        POOL.state.fetch_sub(1, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_gives_each_task_once_from_either_end() {
        let stretch = Stretch(AtomicU64::new(0));
        stretch.set(3..7);
        let taken = [true, false, true, true, false, true].map(|first| stretch.take(first));
        assert_eq!(taken, [Some(3), Some(6), Some(4), Some(5), None, None]);
    }
}
