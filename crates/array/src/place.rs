//! Shared values constructed where they stay: moving a large one costs as much as a small operation.

use std::{mem::MaybeUninit, sync::Arc};

/// An `Arc` of what `make` returns, which `finish` may complete while nobody shares it: both happen at its final address.
#[inline(always)]
pub fn arc_in_place<T>(make: impl FnOnce() -> T, finish: impl FnOnce(&mut T)) -> Arc<T> {
    let place = Arc::new(MaybeUninit::<T>::uninit());
    // SAFETY: the address of a new allocation, which nobody else knows, for as long as `place` lives.
    let value = unsafe { &mut *Arc::as_ptr(&place).cast_mut() };
    finish(value.write(make()));
    // SAFETY: `write` has initialised it.
    unsafe { place.assume_init() }
}
