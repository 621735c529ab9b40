//! Zeroed memory from the operating system, and back.

use super::ALIGN;
use std::{
    alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error},
    ptr::NonNull,
};

/// Memory from this length on is mapped: its pages come zeroed when they are first touched, not all at once, and as huge
/// pages, a fraction of the page faults.
const MAPPED: usize = 1 << 20;
/// What the length of a mapping should be a multiple of, so that all its pages may be huge.
pub(super) const HUGE_PAGE: usize = 2 << 20;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, ALIGN).expect("a length that memory can have")
}

/// Zeroed memory of `size` bytes, which is not 0.
pub(super) fn obtain(size: usize) -> NonNull<u8> {
    let block = if cfg!(target_os = "linux") && size >= MAPPED {
        map(size)
    } else {
        // SAFETY: the layout's size is not zero.
        unsafe { alloc_zeroed(layout(size)) }
    };
    NonNull::new(block).unwrap_or_else(|| handle_alloc_error(layout(size)))
}

/// Gives the memory of `obtain(size)` back.
///
/// # Safety
/// Nobody uses it any more.
pub(super) unsafe fn release(block: NonNull<u8>, size: usize) {
    if cfg!(target_os = "linux") && size >= MAPPED {
        unmap(block, size);
    } else {
        // SAFETY: it came from `alloc_zeroed` with this layout.
        unsafe { dealloc(block.as_ptr(), layout(size)) }
    }
}

/// Lets the system have the pages that lie in these bytes of a mapping; they come back zeroed.
///
/// # Safety
/// Nobody uses the bytes.
#[cfg(target_os = "linux")]
pub(super) unsafe fn forget(block: NonNull<u8>, size: usize) {
    const PAGE: usize = 4096;
    let before = block.addr().get().next_multiple_of(PAGE) - block.addr().get();
    let length = size.saturating_sub(before) / PAGE * PAGE;
    if length > 0 {
        // SAFETY: whole pages of a mapping, by the caller's word not used. Advice: it may be refused.
        unsafe { libc::madvise(block.as_ptr().add(before).cast(), length, libc::MADV_DONTNEED) };
    }
}

/// Lets the system have what the C library's allocator keeps for the next time.
pub(super) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it concerns free memory only, and takes the allocator's locks.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(target_os = "linux")]
fn map(size: usize) -> *mut u8 {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, at an address that the system chooses.
    let block = unsafe { libc::mmap(std::ptr::null_mut(), size, access, kind, -1, 0) };
    if block == libc::MAP_FAILED {
        return std::ptr::null_mut();
    }
    // SAFETY: the mapping just made. Advice: where it is not taken, pages are small.
    unsafe { libc::madvise(block, size, libc::MADV_HUGEPAGE) };
    block.cast()
}

#[cfg(target_os = "linux")]
fn unmap(block: NonNull<u8>, size: usize) {
    // SAFETY: a whole mapping of `map`, by the word of `release`'s caller no longer used.
    unsafe { libc::munmap(block.as_ptr().cast(), size) };
}

#[cfg(not(target_os = "linux"))]
fn map(_: usize) -> *mut u8 {
    unreachable!("memory is mapped on Linux only")
}
#[cfg(not(target_os = "linux"))]
fn unmap(_: NonNull<u8>, _: usize) {
    unreachable!("memory is mapped on Linux only")
}
#[cfg(not(target_os = "linux"))]
pub(super) unsafe fn forget(_: NonNull<u8>, _: usize) {}
