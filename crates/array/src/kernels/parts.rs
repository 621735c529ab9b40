//! Parts that work is cut into, and memory that several tasks write, each its own part.

use std::{marker::PhantomData, ops::Range};

/// The least equal length of parts of `n` that are not longer than `most`, at least 1.
pub(crate) fn equal_parts(n: usize, most: usize) -> usize {
    n.div_ceil(n.div_ceil(most).max(1)).max(1)
}

/// A slice to be written in disjoint parts that are not chunks of it.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a, T> {
    pointer: *mut T,
    len: usize,
    lifetime: PhantomData<&'a mut [T]>,
}
// SAFETY: tasks write disjoint parts, as `part` and `from` demand.
unsafe impl<T: Send> Sync for Parts<'_, T> {}

impl<'a, T> Parts<'a, T> {
    pub(crate) fn new(slice: &'a mut [T]) -> Parts<'a, T> {
        Parts { pointer: slice.as_mut_ptr(), len: slice.len(), lifetime: PhantomData }
    }
    /// # Safety
    /// No two tasks may hold parts that overlap.
    #[allow(clippy::mut_from_ref)]
    #[inline]
    pub(crate) unsafe fn part(&self, range: Range<usize>) -> &'a mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "a part reaches beyond its slice");
        // SAFETY: the part lies inside the slice, as just checked, and is this task's own, by the caller's word.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.add(range.start), range.len()) }
    }
    /// The address of element `start`, for parts that are no slices; the same rule holds for what is written there.
    #[inline]
    pub(crate) fn from(&self, start: usize) -> *mut T {
        assert!(start <= self.len, "a part reaches beyond its slice");
        self.pointer.wrapping_add(start)
    }
}
