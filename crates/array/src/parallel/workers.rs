//! The compute threads: they stay, wait for work by looking for a while, and only then sleep.
//!
//! One piece of work is done at a time: whoever comes meanwhile, from another thread or from within a task, computes
//! alone. The caller takes tasks itself and waits only for workers that have taken one.

use std::{
    any::Any,
    cell::UnsafeCell,
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
    count: usize,
}

struct Pool {
    /// Held by the caller whose job this is.
    taken: AtomicBool,
    /// Number of the job (from bit 32), free seats (from bit 16), seated workers.
    state: AtomicU64,
    job: UnsafeCell<Option<Job>>,
    next: AtomicUsize,
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
    next: AtomicUsize::new(0),
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
    if POOL.taken.swap(true, Acquire) {
        return (0..count).for_each(task);
    }
    let helpers = threads.min(count).min(0xffff) - 1;
    while POOL.started.load(Relaxed) < helpers {
        let started = thread::Builder::new().name(String::from("kusari-compute")).spawn(work);
        if started.is_err() {
            break;
        }
        POOL.started.fetch_add(1, Relaxed);
    }
    // SAFETY: the lifetime is forgotten only until `End` has seen the last worker off.
    let task: &'static (dyn Fn(usize) + Sync) = unsafe { std::mem::transmute(task) };
    // SAFETY: nobody is seated.
    unsafe { *POOL.job.get() = Some(Job { task, count }) };
    POOL.next.store(0, Relaxed);
    let number = (POOL.state.load(Relaxed) & !(NUMBER - 1)).wrapping_add(NUMBER);
    POOL.state.store(number | (helpers as u64 * SEAT), SeqCst);
    if POOL.sleeping.load(SeqCst) > 0 {
        drop(lock(&POOL.bed));
        POOL.wake.notify_all();
    }
    let end = End;
    POOL.take_tasks(Job { task, count });
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
    fn take_tasks(&self, job: Job) {
        loop {
            let i = self.next.fetch_add(1, Relaxed);
            if i >= job.count {
                return;
            }
            // SAFETY: the caller waits for all who are seated, and is itself still there.
            unsafe { (*job.task)(i) };
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

/// What a worker does all its life.
fn work() {
    let mut served = 0;
    loop {
        served = POOL.wait(served);
        // SAFETY: a seated worker: the job stays until it leaves.
        let job = unsafe { *POOL.job.get() }.expect("a seat is free only while there is a job");
        super::SERIAL.set(true);
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| POOL.take_tasks(job))) {
            lock(&POOL.panicked).get_or_insert(payload);
        }
        POOL.state.fetch_sub(1, Release);
    }
}
