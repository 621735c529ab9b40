//! Memory of small values that are made and dropped all the time: each thread keeps what it frees for the next of that size.

use crate::alone;
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    cell::Cell,
    ptr::{NonNull, null_mut},
};

/// Sizes are multiples of so many bytes.
const STEP: usize = 64;
/// Larger values are not kept.
const LARGEST: usize = 8 * STEP;
/// How many blocks of one size a thread keeps.
const MOST: usize = 128;

const fn class<T>() -> usize {
    const { assert!(align_of::<T>() <= 16) };
    size_of::<T>().div_ceil(STEP)
}

fn layout(class: usize) -> Layout {
    Layout::from_size_align(class * STEP, 16).expect("a small size")
}

/// Blocks of one size: the first of a chain, each of which begins with the address of the next.
struct Chain {
    first: Cell<*mut u8>,
    /// How many more blocks it may keep: none before [`Keeper`] sees to it that they are freed.
    room: Cell<usize>,
}

thread_local! {
    // Without a destructor: what is done all the time does not ask whether there still is one.
    static KEPT: [Chain; LARGEST / STEP + 1] =
        const { [const { Chain { first: Cell::new(null_mut()), room: Cell::new(0) } }; LARGEST / STEP + 1] };
    static KEEPER: Keeper = const { Keeper };
}

impl Chain {
    #[inline]
    fn pop(&self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.first.get())?;
        // SAFETY: a block of a chain begins with the address of the next.
        self.first.set(unsafe { block.cast::<*mut u8>().read() });
        self.room.set(self.room.get() + 1);
        Some(block)
    }
    /// Whether there was room for it.
    #[inline]
    fn push(&self, block: NonNull<u8>) -> bool {
        let room = self.room.get();
        if room > 0 {
            // SAFETY: nobody uses the block, which is larger than an address and aligned for one.
            unsafe { block.cast::<*mut u8>().write(self.first.get()) };
            self.first.set(block.as_ptr());
            self.room.set(room - 1);
        }
        room > 0
    }
}

/// Frees what its thread keeps when that ends.
struct Keeper;

impl Keeper {
    /// Makes room in the chains of this thread, unless it is ending.
    #[cold]
    fn begin() {
        alone::find_out();
        let _ = KEEPER.try_with(|_| KEPT.with(|kept| kept.iter().for_each(|chain| chain.room.set(MOST))));
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        KEPT.with(|kept| {
            for (class, chain) in kept.iter().enumerate() {
                while let Some(block) = chain.pop() {
                    // SAFETY: it was allocated with this layout.
                    unsafe { dealloc(block.as_ptr(), layout(class)) };
                }
                chain.room.set(0);
            }
        });
    }
}

/// Memory for a `T`, not initialised.
#[inline]
pub(super) fn take<T>() -> NonNull<T> {
    let class = class::<T>();
    if class <= LARGEST / STEP
        && let Some(block) = KEPT.with(|kept| kept[class].pop())
    {
        return block.cast();
    }
    fresh(class).cast()
}

/// A new block. `extern "C"`, because it cannot unwind then: values that wait for their place stay in registers.
#[cold]
#[inline(never)]
extern "C" fn fresh(class: usize) -> NonNull<u8> {
    if KEPT.with(|kept| kept[0].room.get() == 0) {
        Keeper::begin(); // nothing is of size 0, so this chain stays as it was
    }
    let layout = layout(class);
    // SAFETY: the size is not zero: values are counted.
    NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
}

/// Gives the memory of a `T` back, which may come from another thread.
///
/// # Safety
/// It came from [`take`] for the same type, and nobody uses it.
#[inline]
pub(super) unsafe fn give<T>(block: NonNull<T>) {
    let (class, block) = (class::<T>(), block.cast::<u8>());
    if class > LARGEST / STEP || !KEPT.with(|kept| kept[class].push(block)) {
        // SAFETY: by the caller's word it was allocated with this layout.
        unsafe { dealloc(block.as_ptr(), layout(class)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_block_is_the_next_of_its_size() {
        let a = take::<[u64; 20]>();
        // SAFETY: nobody uses it.
        unsafe { give(a) };
        let (b, c) = (take::<[u64; 21]>(), take::<[u64; 20]>());
        assert_eq!(a.cast::<u8>(), b.cast());
        assert_ne!(a, c);
        // SAFETY: nobody uses them. The last is too large to be kept.
        unsafe {
            give(b);
            give(c);
            give(take::<[u64; 100]>());
        }
    }

    #[test]
    fn a_thread_keeps_no_more_than_it_may() {
        let blocks: Vec<_> = (0..MOST + 50).map(|_| take::<[u64; 4]>()).collect();
        // SAFETY: nobody uses them.
        blocks.into_iter().for_each(|block| unsafe { give(block) });
        assert_eq!(KEPT.with(|kept| kept[1].room.get()), 0);
    }
}
