//! Copies of an image's rows, with zeros around them.

use super::Stencil;
use crate::kernels::{convolution::every, matmul::Product, simd::simd_fn};

simd_fn! {
    pub(super) fn copy_rows<T: Product>(m, stencil: &Stencil, image: &[T], top: usize, seen: usize, copy: &mut [T]) {
        let ([height, width], [down, across], pitch) = (stencil.source, stencil.step, stencil.pitch());
        let [up, left] = stencil.reach[0];
        let mut planes = copy.chunks_exact_mut(seen * pitch);
        for channel in image.chunks_exact(height * width) {
            for y in (0..stencil.remainders(0)).map(|r| (top * down + r) as isize + up) {
                for first in (0..stencil.remainders(1)).map(|r| r as isize + left) {
                    // Column j of a line is element j · across + first of a row, if there is one.
                    let column = |x: isize| (x.max(0) as usize).div_ceil(across).min(pitch);
                    let (start, end) = (column(-first), column(width as isize - first));
                    let plane = planes.next().expect("a plane for every remainder");
                    for (row, line) in plane.chunks_exact_mut(pitch).enumerate() {
                        let y = y + (row * down) as isize;
                        if y < 0 || y as usize >= height || start >= end {
                            line.fill(T::ZERO);
                            continue;
                        }
                        let from = &channel[y as usize * width..][..width];
                        let from = &from[((start * across) as isize + first) as usize..];
                        every(from, across, &mut line[start..end]);
                    }
                }
            }
        }
    }
}
