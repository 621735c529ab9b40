//! Zeroed memory from the operating system, and back.

use super::ALIGN;
use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    ptr::NonNull,
};
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Blocks from this size on are mapped: their pages come zeroed when they are first touched, not all at once.
const MAPPED: usize = 1 << 20;
/// Blocks from this size on ask for huge pages: a fraction of the page faults.
const HUGE: usize = 4 << 20;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, ALIGN).expect("a valid size class")
}

/// A zeroed block of `size` bytes, which is not 0.
pub(super) fn obtain(size: usize) -> NonNull<u8> {
    let block = if cfg!(target_os = "linux") && size >= MAPPED {
        map(size)
    } else {
        // SAFETY: the layout's size is not zero.
        unsafe { alloc_zeroed(layout(size)) }
    };
    NonNull::new(block).unwrap_or_else(|| handle_alloc_error(layout(size)))
}

/// Gives a block of `obtain(size)` back.
///
/// # Safety
/// Nobody uses the block any more.
pub(super) unsafe fn release(block: NonNull<u8>, size: usize) {
    if cfg!(target_os = "linux") && size >= MAPPED {
        unmap(block, size);
    } else {
        // SAFETY: it came from `alloc_zeroed` with this layout.
        unsafe { dealloc(block.as_ptr(), layout(size)) }
    }
}

/// Mapped blocks start one of so many steps into their mapping: arrays that are read side by side would else lie at the
/// same place of each row of memory, and wait for each other at its banks.
#[cfg(target_os = "linux")]
const SHIFTS: usize = 16;
/// A step: some rows of memory, and a cache line that tells from its address how many steps a block was shifted.
#[cfg(target_os = "linux")]
const SHIFT: usize = 8 * PAGE + ALIGN;
/// Mappings start at a multiple of it.
#[cfg(target_os = "linux")]
const PAGE: usize = 4096;

#[cfg(target_os = "linux")]
fn map(size: usize) -> *mut u8 {
    static MAPPINGS: AtomicUsize = AtomicUsize::new(0);
    let shift = MAPPINGS.fetch_add(1, Relaxed) % SHIFTS * SHIFT;
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, at an address that the system chooses.
    let mapping = unsafe { libc::mmap(std::ptr::null_mut(), shift + size, access, kind, -1, 0) };
    if mapping == libc::MAP_FAILED {
        return std::ptr::null_mut();
    }
    if size >= HUGE {
        // SAFETY: the mapping just made. Advice: where it is not taken, pages are small.
        unsafe { libc::madvise(mapping, shift + size, libc::MADV_HUGEPAGE) };
    }
    mapping.cast::<u8>().wrapping_add(shift)
}

#[cfg(target_os = "linux")]
fn unmap(block: NonNull<u8>, size: usize) {
    let shift = block.addr().get() % PAGE / ALIGN * SHIFT;
    // SAFETY: a whole mapping of `map`, by the word of `release`'s caller no longer used.
    unsafe { libc::munmap(block.as_ptr().wrapping_sub(shift).cast(), shift + size) };
}

#[cfg(not(target_os = "linux"))]
fn map(_: usize) -> *mut u8 {
    unreachable!("blocks are mapped on Linux only")
}
#[cfg(not(target_os = "linux"))]
fn unmap(_: NonNull<u8>, _: usize) {
    unreachable!("blocks are mapped on Linux only")
}
