//! Where an array's elements lie: inline when they are few, else in a pooled, aligned, shared block.

use crate::{DType, Element, deferred::Deferred, pool, shared::Shared};
use std::{ptr::NonNull, sync::Arc};

/// Bytes that fit inside the array itself.
pub(crate) const TINY: usize = 64;

/// A block of memory of the pool. Always initialised (see `pool`), so it may be read as any plain number type.
pub(crate) struct Buffer {
    block: NonNull<u8>,
    size: usize,
}

// SAFETY: the block is plain memory; it is written only through `&mut Buffer`.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    pub(crate) fn new(bytes: usize) -> Buffer {
        let (block, size) = pool::take(bytes);
        Buffer { block, size }
    }
    pub(crate) fn pointer(&self) -> *mut u8 {
        self.block.as_ptr()
    }
    /// How many bytes there are.
    pub(crate) fn bytes(&self) -> usize {
        self.size
    }
    /// The first `n` elements.
    pub(crate) fn floats(&mut self, n: usize) -> &mut [f32] {
        self.elements(n)
    }
    /// The first `n` elements, of this type.
    pub(crate) fn elements<T: Element>(&mut self, n: usize) -> &mut [T] {
        assert!(T::DTYPE != DType::Bool, "old bytes need not be valid as bool");
        assert!(n * size_of::<T>() <= self.bytes(), "a buffer of {} bytes has no {n} elements", self.bytes());
        // SAFETY: the block holds that many initialised numbers, is aligned, and is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.pointer().cast(), n) }
    }
}
impl Drop for Buffer {
    fn drop(&mut self) {
        pool::give(self.block, self.size)
    }
}

#[derive(Clone)]
#[repr(align(8))]
pub(crate) struct Tiny(pub(crate) [u64; TINY / 8]);

/// Inline or shared storage, or elements that are computed when they are asked for.
#[derive(Clone)]
pub(crate) enum Storage {
    Tiny(Tiny),
    Heap(Shared<Buffer>),
    Deferred(Arc<Deferred>),
}

impl Storage {
    pub(crate) fn new(bytes: usize) -> Storage {
        if bytes <= TINY { Storage::Tiny(Tiny([0; TINY / 8])) } else { Storage::Heap(Shared::new(Buffer::new(bytes))) }
    }
    /// The same elements in a shared block.
    pub(crate) fn on_heap(&self) -> Storage {
        match self {
            Storage::Heap(_) | Storage::Deferred(_) => self.clone(),
            Storage::Tiny(t) => {
                let block = Buffer::new(TINY);
                // SAFETY: both hold TINY bytes.
                unsafe { block.pointer().copy_from_nonoverlapping(t.0.as_ptr().cast(), TINY) };
                Storage::Heap(Shared::new(block))
            }
        }
    }
    #[inline]
    pub(crate) fn pointer(&self) -> *const u8 {
        match self {
            Storage::Tiny(t) => t.0.as_ptr().cast(),
            Storage::Heap(b) => b.pointer(),
            Storage::Deferred(d) => d.pointer(),
        }
    }
    /// How many bytes it keeps, or will.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Storage::Tiny(_) => TINY,
            Storage::Heap(b) => b.bytes(),
            Storage::Deferred(d) => d.bytes(),
        }
    }
    /// Whether there is a block, with elements, that nobody else shares.
    pub(crate) fn is_own(&self) -> bool {
        match self {
            Storage::Tiny(_) => false,
            Storage::Heap(b) => Shared::is_unique(b),
            Storage::Deferred(d) => Arc::strong_count(d) == 1 && !d.is_pending(),
        }
    }
    /// The block itself, if there is one that nobody else shares; what is left holds nothing.
    pub(crate) fn take_buffer(&mut self) -> Option<Buffer> {
        if !self.is_own() {
            return None;
        }
        match std::mem::replace(self, Storage::Tiny(Tiny([0; TINY / 8]))) {
            Storage::Heap(b) => Shared::into_inner(b),
            Storage::Deferred(d) => Arc::into_inner(d)?.into_value(),
            Storage::Tiny(_) => None,
        }
    }
    /// The memory for writing, if nobody else shares it.
    #[inline]
    pub(crate) fn unique_pointer(&mut self) -> Option<*mut u8> {
        match self {
            Storage::Tiny(t) => Some(t.0.as_mut_ptr().cast()),
            Storage::Heap(b) => Shared::get_mut(b).map(|b| b.pointer()),
            Storage::Deferred(d) => {
                let pointer = d.pointer();
                Arc::get_mut(d).map(|_| pointer)
            }
        }
    }
}
