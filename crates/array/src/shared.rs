//! `Shared` and `Handle`: counted references for small values that are made and dropped all the time.
//!
//! An atomic instruction that writes costs as much as the arithmetic of a small operation. So there are no weak
//! references: whoever holds the only reference finds that out by reading the count, and then writes or frees without
//! counting down. Freed memory is kept for the next value of about the same size (`blocks`).

mod blocks;

use crate::alone::InOneGo;
use std::{
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ops::Deref,
    ptr::{NonNull, drop_in_place},
    sync::atomic::{
        AtomicU64,
        Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    },
};

/// One reference, in the lower half of a count.
const ONE: u64 = 1;
/// One handle, in the upper half. Every handle is a reference as well.
const HANDLE: u64 = 1 << 32;

struct Counted<T> {
    count: AtomicU64,
    value: T,
}

/// A shared value, as `std::sync::Arc` without weak references.
///
/// ```
/// use kusari_array::Shared;
/// let mut a = Shared::new(1);
/// let b = a.clone();
/// assert!(Shared::ptr_eq(&a, &b) && Shared::get_mut(&mut a).is_none());
/// drop(b);
/// *Shared::get_mut(&mut a).unwrap() += 1;
/// assert_eq!(Shared::into_inner(a), Some(2));
/// ```
pub struct Shared<T> {
    counted: NonNull<Counted<T>>,
    owns: PhantomData<Counted<T>>,
}

// SAFETY: as for `Arc`: references in several threads give `&T`, and the last one to go drops `T` in its thread.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// A value that nobody shares yet.
    #[inline]
    pub fn new(value: T) -> Shared<T> {
        Shared::build(|| value, |_| ())
    }
    /// What `make` returns, which `finish` may complete while nobody shares it: both happen at its final address, because
    /// moving a large value costs as much as a small operation.
    #[inline(always)]
    pub fn build(make: impl FnOnce() -> T, finish: impl FnOnce(&mut T)) -> Shared<T> {
        Shared::counted_from(ONE, make, finish)
    }
    #[inline(always)]
    fn counted_from(count: u64, make: impl FnOnce() -> T, finish: impl FnOnce(&mut T)) -> Shared<T> {
        let place = blocks::take::<MaybeUninit<Counted<T>>>();
        let counted: NonNull<Counted<T>> = place.cast();
        // SAFETY: the address of a fresh block for such a value, which nobody else knows. If `make` panics, the block is
        // lost; if `finish` does, the value as well.
        unsafe {
            (&raw mut (*counted.as_ptr()).count).write(AtomicU64::new(count));
            let value = &raw mut (*counted.as_ptr()).value;
            value.write(make());
            finish(&mut *value);
        }
        Shared { counted, owns: PhantomData }
    }
    #[inline]
    fn count(&self) -> &AtomicU64 {
        // SAFETY: the value lives as long as a reference to it.
        unsafe { &self.counted.as_ref().count }
    }
    /// Whether there is no other reference. Only whoever could write knows that it stays so: see [`Shared::get_mut`].
    #[inline]
    pub fn is_unique(this: &Shared<T>) -> bool {
        Shared::references(this) == 1
    }
    /// How many references there are, handles included; others may come and go meanwhile.
    #[inline]
    pub fn references(this: &Shared<T>) -> usize {
        this.count().load(Acquire) as u32 as usize
    }
    /// The value for writing, if there is no other reference.
    #[inline]
    pub fn get_mut(this: &mut Shared<T>) -> Option<&mut T> {
        if !Shared::is_unique(this) {
            return None;
        }
        // SAFETY: the only reference is borrowed mutably, so nobody can make another; what those that have gone did with
        // the value happened before (`Acquire` in `is_unique`, `AcqRel` where they went).
        Some(unsafe { &mut this.counted.as_mut().value })
    }
    /// The value itself, if there is no other reference.
    pub fn into_inner(this: Shared<T>) -> Option<T> {
        if !Shared::is_unique(&this) {
            return None;
        }
        let this = ManuallyDrop::new(this);
        // SAFETY: the only reference, which is not used any more; the value is moved out before its memory is given back,
        // which came from `blocks::take` for it.
        unsafe {
            let value = (&raw const this.counted.as_ref().value).read();
            blocks::give(this.counted.cast::<MaybeUninit<Counted<T>>>());
            Some(value)
        }
    }
    /// Whether both refer to the same value.
    #[inline]
    pub fn ptr_eq(a: &Shared<T>, b: &Shared<T>) -> bool {
        a.counted == b.counted
    }
    /// The value's address.
    #[inline]
    pub fn as_ptr(this: &Shared<T>) -> *const T {
        &**this
    }
    /// Whether there is a [`Handle`].
    #[inline]
    pub fn is_held(this: &Shared<T>) -> bool {
        this.count().load(SeqCst) >= HANDLE
    }
    /// # Safety
    /// The last reference, which is not used any more.
    #[inline(never)]
    unsafe fn free(&mut self) {
        // SAFETY: nobody else knows the value. Its memory came from `blocks::take` for such a value.
        unsafe {
            drop_in_place(&raw mut (*self.counted.as_ptr()).value);
            blocks::give(self.counted.cast::<MaybeUninit<Counted<T>>>());
        }
    }
}

impl<T> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Shared<T> {
        count_up(self.count(), ONE);
        Shared { counted: self.counted, owns: PhantomData }
    }
}

/// Adds references before their number could overflow; nobody has memory for so many that are not leaked.
#[inline]
fn count_up(count: &AtomicU64, by: u64) {
    if count.count_up(by, Relaxed) as u32 > u32::MAX / 2 {
        std::process::abort();
    }
}

impl<T> Drop for Shared<T> {
    #[inline]
    fn drop(&mut self) {
        if self.count().load(Acquire) == ONE || self.count().count_down(ONE, AcqRel) == ONE {
            // SAFETY: that was the last.
            unsafe { self.free() }
        }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the value lives as long as a reference to it, and is written only through the only one.
        unsafe { &self.counted.as_ref().value }
    }
}

/// What wants to know when its last [`Handle`] has gone.
pub trait Watched {
    /// Called when the last handle has gone while there are other references.
    fn unheld(&self);
}

/// A reference that is counted apart from others as well, in the same word.
pub struct Handle<T: Watched>(ManuallyDrop<Shared<T>>);

impl<T: Watched> Handle<T> {
    /// A handle of what is referred to.
    #[inline]
    pub fn new(shared: Shared<T>) -> Handle<T> {
        shared.count().count_up(HANDLE, Relaxed);
        Handle(ManuallyDrop::new(shared))
    }
    /// The first handle of a value, which is built as by [`Shared::build`].
    #[inline(always)]
    pub fn build(make: impl FnOnce() -> T, finish: impl FnOnce(&mut T)) -> Handle<T> {
        Handle(ManuallyDrop::new(Shared::counted_from(HANDLE + ONE, make, finish)))
    }
    /// The reference itself.
    #[inline]
    pub fn shared(&self) -> &Shared<T> {
        &self.0
    }
}

impl<T: Watched> Clone for Handle<T> {
    #[inline]
    fn clone(&self) -> Handle<T> {
        count_up(self.0.count(), HANDLE + ONE);
        Handle(ManuallyDrop::new(Shared { counted: self.0.counted, owns: PhantomData }))
    }
}

impl<T: Watched> Drop for Handle<T> {
    #[inline]
    fn drop(&mut self) {
        let mut count = self.0.count().load(Acquire);
        loop {
            if count == HANDLE + ONE {
                // SAFETY: nobody else has a reference.
                return unsafe { self.0.free() };
            }
            if count < 2 * HANDLE {
                if self.0.count().count_down(HANDLE, SeqCst) < 2 * HANDLE {
                    self.0.unheld();
                }
                // SAFETY: `self` is not used any more.
                return unsafe { ManuallyDrop::drop(&mut self.0) };
            }
            // Another handle stays, so this is neither the last one nor the last reference.
            match self.0.count().change(count, count - HANDLE - ONE, AcqRel) {
                Ok(_) => return,
                Err(changed) => count = changed,
            }
        }
    }
}

impl<T: Watched> Deref for Handle<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    /// Counts how often it was dropped, and how often its last handle went.
    struct Seen<'a>(&'a AtomicUsize, &'a AtomicUsize);
    impl Drop for Seen<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    impl Watched for Seen<'_> {
        fn unheld(&self) {
            self.1.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn the_last_reference_drops() {
        let [dropped, unheld] = [const { AtomicUsize::new(0) }; 2];
        let count = || (dropped.load(SeqCst), unheld.load(SeqCst));
        let handle = Handle::build(|| Seen(&dropped, &unheld), |_| ());
        let shared = handle.shared().clone();
        let again = handle.clone();
        assert!(Shared::is_held(&shared) && !Shared::is_unique(&shared));
        drop(handle);
        assert_eq!((count(), Shared::is_held(&shared)), ((0, 0), true));
        drop(again);
        assert_eq!((count(), Shared::is_held(&shared)), ((0, 1), false));
        drop(Handle::new(shared.clone()));
        assert_eq!(count(), (0, 2));
        assert!(Shared::is_unique(&shared));
        drop(shared);
        assert_eq!(count(), (1, 2));
        drop(Handle::build(|| Seen(&dropped, &unheld), |_| ()));
        assert_eq!(count(), (2, 2), "where nothing but a handle is left, it is dropped at once");
    }

    #[test]
    fn threads_share() {
        let [dropped, unheld] = [const { AtomicUsize::new(0) }; 2];
        for round in 1..=200 {
            let handle = Handle::build(|| Seen(&dropped, &unheld), |_| ());
            let shared = handle.shared().clone();
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    let (handle, shared) = (handle.clone(), shared.clone());
                    scope.spawn(move || {
                        for _ in 0..50 {
                            drop((handle.clone(), shared.clone(), Shared::new([0u8; 100])));
                        }
                        drop((handle, shared));
                    });
                }
                drop(handle);
            });
            assert_eq!((dropped.load(SeqCst), unheld.load(SeqCst)), (round - 1, round));
            drop(shared);
            assert_eq!(dropped.load(SeqCst), round);
        }
    }
}
