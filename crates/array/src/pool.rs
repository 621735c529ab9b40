//! The pool that buffers come from and go back to.
//!
//! A training step that repeats finds every buffer of the step before and asks the operating system for nothing.
//! Memory is zeroed when it first comes from the system and holds old values afterwards: it is always initialised.

mod arena;
mod system;

use crate::{Lock, LockGuard, alone::InOneGo};
use arena::Arena;
use std::{
    ptr::NonNull,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Buffers start at a cache line, which is also the widest vector.
pub(crate) const ALIGN: usize = 64;
/// Larger blocks than this come from the arena, others in size classes.
const LARGE: usize = 1 << 18;
/// Size classes: four a doubling, from 64 bytes up.
const CLASSES: usize = 4 * 12 + 1;
/// So much more than was ever in use at once is kept.
const SLACK: usize = 64 << 20;

struct Free(Vec<NonNull<u8>>);
// SAFETY: a free block is owned by the pool alone.
unsafe impl Send for Free {}

static FREE: [Lock<Free>; CLASSES] = [const { Lock::new(Free(Vec::new())) }; CLASSES];
static ARENA: Mutex<Arena> = Mutex::new(Arena::new());
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static POOLED: AtomicUsize = AtomicUsize::new(0);

/// The class of a block of at least `bytes`: sizes are (4 + c mod 4) · 16 · 2^(c / 4).
fn class_of(bytes: usize) -> usize {
    let units = bytes.div_ceil(16).max(4);
    let exponent = (usize::BITS - 1 - units.leading_zeros()) as usize - 2;
    let mantissa = units.div_ceil(1 << exponent); // 4..=8; 8 spills into the next exponent
    exponent * 4 + mantissa - 4
}
fn size_of_class(class: usize) -> usize {
    ((4 + class % 4) * 16) << (class / 4)
}

/// Takes a block of at least `bytes`, and gives its size, by which it is given back.
pub(crate) fn take(bytes: usize) -> (NonNull<u8>, usize) {
    if bytes > LARGE {
        assert!(bytes < isize::MAX as usize / 2, "an array of {bytes} bytes is larger than any memory");
        let (block, size) = arena().take(bytes);
        count(size);
        return (block, size);
    }
    let class = class_of(bytes);
    let size = size_of_class(class);
    count(size);
    if let Some(block) = lock(class).0.pop() {
        POOLED.count_down(size, Relaxed);
        return (block, size);
    }
    (system::obtain(size), size)
}

fn count(size: usize) {
    let in_use = IN_USE.count_up(size, Relaxed) + size;
    if in_use > PEAK.load(Relaxed) {
        PEAK.fetch_max(in_use, Relaxed); // dearer than the load
    }
}

/// Gives a block back. More than was ever in use at once is not kept.
pub(crate) fn give(block: NonNull<u8>, size: usize) {
    let in_use = IN_USE.count_down(size, Relaxed) - size;
    let spare = |pooled: usize| in_use + pooled > PEAK.load(Relaxed) + SLACK;
    if size > LARGE {
        return arena().give(block, size, |pooled| spare(pooled + POOLED.load(Relaxed)));
    }
    if spare(POOLED.load(Relaxed) + size) {
        // SAFETY: the block was obtained with this size and has just been given away.
        return unsafe { system::release(block, size) };
    }
    POOLED.count_up(size, Relaxed);
    lock(class_of(size)).0.push(block);
}

fn arena() -> MutexGuard<'static, Arena> {
    ARENA.lock().unwrap_or_else(|e| e.into_inner())
}
fn lock(class: usize) -> LockGuard<'static, Free> {
    FREE[class].lock()
}

/// Returns all unused memory, of the pool and of the C library's allocator, to the operating system.
pub fn trim() {
    for class in 0..CLASSES {
        for block in std::mem::take(&mut lock(class).0) {
            POOLED.fetch_sub(size_of_class(class), Relaxed);
            // SAFETY: the block was obtained with this class's size, and a free block is the pool's alone.
            unsafe { system::release(block, size_of_class(class)) };
        }
    }
    arena().trim();
    system::trim();
    PEAK.store(IN_USE.load(Relaxed), Relaxed);
}

/// Bytes of all array buffers that are alive (tiny arrays have none).
pub fn memory_in_use() -> usize {
    IN_USE.load(Relaxed)
}

/// Bytes kept for reuse.
pub fn memory_pooled() -> usize {
    POOLED.load(Relaxed) + arena().pooled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_what_they_promise() {
        for bytes in (1..5000).chain([LARGE - 1, LARGE]) {
            let class = class_of(bytes);
            assert!(class < CLASSES && class_of(size_of_class(class)) == class);
            assert!(size_of_class(class) >= bytes);
            assert!(class == 0 || size_of_class(class - 1) < bytes, "{bytes}");
        }
    }
}
