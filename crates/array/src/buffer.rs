//! Where an array's elements lie: inline when they are few, else in a pooled, aligned, shared block.

use crate::pool;
use std::{ptr::NonNull, sync::Arc};

/// Bytes that fit inside the array itself.
pub(crate) const TINY: usize = 64;

/// A block of memory of the pool. Always initialised (see `pool`), so it may be read as any plain number type.
pub(crate) struct Buffer {
    block: NonNull<u8>,
    class: usize,
}

// SAFETY: the block is plain memory; it is written only through `&mut Buffer`.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    pub(crate) fn new(bytes: usize) -> Buffer {
        let (block, class) = pool::take(bytes);
        Buffer { block, class }
    }
    pub(crate) fn pointer(&self) -> *mut u8 {
        self.block.as_ptr()
    }
}
impl Drop for Buffer {
    fn drop(&mut self) {
        pool::give(self.block, self.class)
    }
}

#[derive(Clone)]
#[repr(align(8))]
pub(crate) struct Tiny(pub(crate) [u64; TINY / 8]);

/// Inline or shared storage.
#[derive(Clone)]
pub(crate) enum Storage {
    Tiny(Tiny),
    Heap(Arc<Buffer>),
}

impl Storage {
    pub(crate) fn new(bytes: usize) -> Storage {
        if bytes <= TINY { Storage::Tiny(Tiny([0; TINY / 8])) } else { Storage::Heap(Arc::new(Buffer::new(bytes))) }
    }
    /// The same elements in a shared block.
    pub(crate) fn on_heap(&self) -> Storage {
        match self {
            Storage::Heap(block) => Storage::Heap(block.clone()),
            Storage::Tiny(t) => {
                let block = Buffer::new(TINY);
                // SAFETY: both hold TINY bytes.
                unsafe { block.pointer().copy_from_nonoverlapping(t.0.as_ptr().cast(), TINY) };
                Storage::Heap(Arc::new(block))
            }
        }
    }
    #[inline]
    pub(crate) fn pointer(&self) -> *const u8 {
        match self {
            Storage::Tiny(t) => t.0.as_ptr().cast(),
            Storage::Heap(b) => b.pointer(),
        }
    }
    /// The memory for writing, if nobody else shares it.
    #[inline]
    pub(crate) fn unique_pointer(&mut self) -> Option<*mut u8> {
        match self {
            Storage::Tiny(t) => Some(t.0.as_mut_ptr().cast()),
            Storage::Heap(b) => Arc::get_mut(b).map(|b| b.pointer()),
        }
    }
}
