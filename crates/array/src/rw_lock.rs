//! `RwLock`: many readers or one writer, who hardly ever meet.

use crate::{alone::InOneGo, lock::pause};
use std::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
    panic::{RefUnwindSafe, UnwindSafe},
    sync::atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
};

/// A value that many threads may read at once or one may write, as `std::sync::RwLock`, without atomic instructions while
/// the process has one thread. Whoever finds it taken tries again, ever more seldom. A panic leaves it open.
///
/// ```
/// use kusari_array::RwLock;
/// let value = RwLock::new(1);
/// let (one, two) = (value.read(), value.read());
/// assert!(value.try_write().is_none() && *one + *two == 2);
/// drop((one, two));
/// *value.write() = 3;
/// assert_eq!(*value.read(), 3);
/// ```
pub struct RwLock<T> {
    /// How many read, or [`WRITING`].
    readers: AtomicUsize,
    value: UnsafeCell<T>,
}

const WRITING: usize = usize::MAX;

// SAFETY: as for the standard library's: guards are the only access, and `readers` lets one writer or many readers have one.
unsafe impl<T: Send + Sync> Sync for RwLock<T> {}
impl<T> UnwindSafe for RwLock<T> {}
impl<T> RefUnwindSafe for RwLock<T> {}

impl<T> RwLock<T> {
    /// A value that nobody uses.
    #[inline(always)]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock { readers: AtomicUsize::new(0), value: UnsafeCell::new(value) }
    }
    /// Waits until nobody writes.
    #[inline]
    pub fn read(&self) -> ReadGuard<'_, T> {
        let readers = self.readers.load(Relaxed);
        if readers == WRITING || !self.exchange(readers, readers + 1) {
            self.wait(|readers| (readers != WRITING).then(|| readers + 1));
        }
        ReadGuard { lock: self }
    }
    /// Waits until nobody reads or writes.
    #[inline]
    pub fn write(&self) -> WriteGuard<'_, T> {
        if !self.exchange(0, WRITING) {
            self.wait(|readers| (readers == 0).then_some(WRITING));
        }
        WriteGuard { lock: self }
    }
    /// Access for writing, if nobody reads or writes.
    #[inline]
    pub fn try_write(&self) -> Option<WriteGuard<'_, T>> {
        self.exchange(0, WRITING).then(|| WriteGuard { lock: self })
    }
    /// The value, of a lock that nobody else can know.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
    /// Makes `from` to `to`, if it is that still.
    #[inline]
    fn exchange(&self, from: usize, to: usize) -> bool {
        self.readers.change(from, to, Acquire).is_ok()
    }
    /// Tries again and again to make `readers` what `next` says, if it does.
    #[cold]
    #[inline(never)]
    fn wait(&self, next: impl Fn(usize) -> Option<usize>) {
        for tries in 0.. {
            let readers = self.readers.load(Relaxed);
            if next(readers).is_some_and(|next| self.exchange(readers, next)) {
                return;
            }
            pause(tries);
        }
    }
}

/// Access for reading, until it is dropped.
pub struct ReadGuard<'a, T> {
    lock: &'a RwLock<T>,
}
/// Access for writing, until it is dropped.
pub struct WriteGuard<'a, T> {
    lock: &'a RwLock<T>,
}

// SAFETY: sharing a guard gives `&T`.
unsafe impl<T: Sync> Sync for WriteGuard<'_, T> {}

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: nobody writes while there is a guard for reading.
        unsafe { &*self.lock.value.get() }
    }
}
impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: there is one guard while one writes.
        unsafe { &*self.lock.value.get() }
    }
}
impl<T> DerefMut for WriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one guard while one writes, which is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}
impl<T> Drop for ReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.readers.count_down(1, Release);
    }
}
impl<T> Drop for WriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.readers.store(0, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{thread, time::Duration};

    #[test]
    fn readers_never_see_half_of_what_is_written() {
        let value = RwLock::new((0u64, 0u64));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let mut pair = value.write();
                        pair.0 += 1;
                        if pair.0.is_multiple_of(500) {
                            thread::sleep(Duration::from_micros(200)); // the others wait, and fall asleep
                        }
                        pair.1 = pair.0;
                    }
                });
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let pair = value.read();
                        assert!(pair.0 == pair.1);
                    }
                });
            }
        });
        assert_eq!(*value.read(), (4000, 4000));
    }

    #[test]
    fn a_panic_leaves_it_open() {
        let value = RwLock::new(1);
        let held = std::panic::catch_unwind(|| {
            let _guard = value.write();
            panic!("while it is held");
        });
        assert!(held.is_err());
        assert_eq!(value.try_write().map(|v| *v), Some(1));
    }
}
