//! Counts and flags without atomic instructions, while the process has a single thread.
//!
//! An atomic instruction that writes takes some twenty cycles, the same in two plain ones takes one. The C library knows
//! whether a second thread has ever been made: it says so before that begins, so whoever finds itself alone stays so
//! until it makes a thread itself.

use std::sync::{
    Once,
    atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU64, AtomicUsize,
        Ordering::{self, Acquire, Relaxed, SeqCst},
    },
};

/// Where the C library says that there is one thread only, by anything but 0.
static SINGLE: AtomicPtr<AtomicU8> = AtomicPtr::new((&raw const UNKNOWN).cast_mut());
static UNKNOWN: AtomicU8 = AtomicU8::new(0);

/// Whether this is certainly the only thread of the process.
#[inline(always)]
fn is_alone() -> bool {
    // SAFETY: the address of a byte that is always there, of this file or of the C library.
    unsafe { (*SINGLE.load(Relaxed)).load(Relaxed) != 0 }
}

/// Asks the C library once where it says so; before that nobody is alone.
#[cold]
pub(crate) fn find_out() {
    static ASKED: Once = Once::new();
    ASKED.call_once(|| {
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        {
            // SAFETY: a name that ends with 0. The C library has had it since 2.32; the variable is a char.
            let flag = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) };
            if !flag.is_null() {
                SINGLE.store(flag.cast(), Relaxed);
            }
        }
    });
}

/// What is done to a number or a flag in one go, whoever else does so.
pub(crate) trait InOneGo<T> {
    /// Adds, and gives what there was.
    fn count_up(&self, by: T, order: Ordering) -> T;
    /// Subtracts, and gives what there was.
    fn count_down(&self, by: T, order: Ordering) -> T;
    /// Makes `from` to `to`; an error with what there is instead, and what was done before that was seen.
    fn change(&self, from: T, to: T, order: Ordering) -> Result<T, T>;
}

macro_rules! in_one_go {
    ($($Atomic:ident: $T:ty),*) => { $(
        impl InOneGo<$T> for $Atomic {
            #[inline(always)]
            fn count_up(&self, by: $T, order: Ordering) -> $T {
                if !is_alone() {
                    return self.fetch_add(by, order);
                }
                let before = self.load(Relaxed);
                self.store(before.wrapping_add(by), Relaxed);
                before
            }
            #[inline(always)]
            fn count_down(&self, by: $T, order: Ordering) -> $T {
                self.count_up(by.wrapping_neg(), order)
            }
            #[inline(always)]
            fn change(&self, from: $T, to: $T, order: Ordering) -> Result<$T, $T> {
                if !is_alone() {
                    return self.compare_exchange(from, to, order, Acquire);
                }
                let before = self.load(Relaxed);
                if before != from {
                    return Err(before);
                }
                self.store(to, Relaxed);
                Ok(before)
            }
        }
    )* };
}
in_one_go!(AtomicU64: u64, AtomicUsize: usize);

/// Sets a flag, and gives what it was.
#[inline(always)]
pub(crate) fn set(flag: &AtomicBool, order: Ordering) -> bool {
    if !is_alone() {
        return flag.swap(true, order);
    }
    let before = flag.load(Relaxed);
    flag.store(true, Relaxed);
    before
}

/// A flag that all threads see change in the same order. While there is one thread, setting it is a plain store; else it
/// is much dearer than a look at it, and left where the flag is so already.
///
/// ```
/// use kusari_array::Flag;
/// let flag = Flag::default();
/// flag.set(true);
/// assert!(flag.get());
/// ```
#[derive(Default)]
pub struct Flag(AtomicBool);

impl Flag {
    /// Whether it is set.
    #[inline]
    pub fn get(&self) -> bool {
        self.0.load(SeqCst)
    }
    /// Makes it so.
    #[inline]
    pub fn set(&self, to: bool) {
        if self.get() != to {
            self.0.store(to, if is_alone() { Relaxed } else { SeqCst });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_alone_beside_another_thread() {
        find_out();
        std::thread::scope(|scope| {
            let other = scope.spawn(is_alone);
            assert!(!is_alone() && !other.join().unwrap());
        });
    }
}
