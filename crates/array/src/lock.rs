//! `Lock`: mutual exclusion for a few instructions.

use crate::alone;
use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    sync::atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    },
    thread,
    time::Duration,
};

/// A value that one thread at a time may use, as `std::sync::Mutex`; for what takes a few instructions and is hardly ever
/// wanted by two threads at once.
///
/// Letting go is a plain store, where a mutex needs an atomic exchange to learn whether somebody sleeps. Whoever finds it
/// taken tries again, ever more seldom. A panic leaves it open.
///
/// ```
/// use kusari_array::Lock;
/// let sum = Lock::new(0);
/// std::thread::scope(|s| (0..4).for_each(|i| { s.spawn({ let sum = &sum; move || *sum.lock() += i }); }));
/// assert_eq!(*sum.lock(), 6);
/// ```
#[derive(Default)]
pub struct Lock<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: as for `Mutex`: a guard is the only access, and `taken` lets one thread have one.
unsafe impl<T: Send> Sync for Lock<T> {}
impl<T> UnwindSafe for Lock<T> {}
impl<T> RefUnwindSafe for Lock<T> {}

impl<T> Lock<T> {
    /// A value that nobody uses.
    pub const fn new(value: T) -> Lock<T> {
        Lock { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }
    /// Waits until nobody uses the value.
    #[inline]
    pub fn lock(&self) -> LockGuard<'_, T> {
        if alone::set(&self.taken, Acquire) {
            self.wait();
        }
        LockGuard { lock: self }
    }
    #[cold]
    #[inline(never)]
    fn wait(&self) {
        for tries in 0.. {
            if !self.taken.load(Relaxed) && !alone::set(&self.taken, Acquire) {
                return;
            }
            pause(tries);
        }
    }
    /// The value, of a lock that nobody else can know.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// Waits a little, longer after many tries.
pub(crate) fn pause(tries: usize) {
    match tries {
        0..100 => std::hint::spin_loop(),
        100..200 => thread::yield_now(),
        _ => thread::sleep(Duration::from_micros(50)),
    }
}

/// Access to a locked value, until it is dropped.
pub struct LockGuard<'a, T> {
    lock: &'a Lock<T>, // named: `guard.0` is the value's
}

// SAFETY: sharing a guard gives `&T`.
unsafe impl<T: Sync> Sync for LockGuard<'_, T> {}

impl<T> Deref for LockGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: there is one guard at a time.
        unsafe { &*self.lock.value.get() }
    }
}
impl<T> DerefMut for LockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one guard at a time, which is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}
impl<T> Drop for LockGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.taken.store(false, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_at_a_time() {
        let value = Lock::new((0u64, 0u64));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let mut pair = value.lock();
                        pair.0 += 1;
                        if pair.0.is_multiple_of(500) {
                            thread::sleep(Duration::from_micros(200)); // the others wait, and fall asleep
                        }
                        pair.1 = pair.0;
                    }
                });
            }
        });
        assert_eq!(*value.lock(), (8000, 8000));
    }

    #[test]
    fn a_panic_leaves_it_open() {
        let value = Lock::new(1);
        let held = std::panic::catch_unwind(|| {
            let _guard = value.lock();
            panic!("while it is held");
        });
        assert!(held.is_err());
        assert_eq!(*value.lock(), 1);
    }
}
