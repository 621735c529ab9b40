//! Moving elements between layouts: gathering a strided view into contiguous memory.

use crate::{Array, Element};

/// Copies the elements of `x` (any strides) into `out` in row-major order.
pub(crate) fn gather<T: Element>(x: &Array, out: &mut [T]) {
    let (pointer, strides) = x.strided::<T>();
    let shape = x.shape();
    let Some((&inner, outer)) = shape.split_last() else {
        // SAFETY: a zero-dimensional array has one element.
        out[0] = unsafe { *pointer };
        return;
    };
    let step = strides[outer.len()];
    let mut index = [0usize; crate::MAX_RANK];
    let mut offset = 0isize;
    for row in out.chunks_mut(inner.max(1)) {
        for (i, o) in row.iter_mut().enumerate() {
            // SAFETY: every index of the shape lies inside the buffer by the view's construction.
            *o = unsafe { *pointer.offset(offset + i as isize * step) };
        }
        for d in (0..outer.len()).rev() {
            index[d] += 1;
            offset += strides[d];
            if index[d] < outer[d] {
                break;
            }
            offset -= strides[d] * outer[d] as isize;
            index[d] = 0;
        }
    }
}
