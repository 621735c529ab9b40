//! The gradient of the weights: for every element of the window a product of what it sees, read in the copy of the
//! image's rows, with the gradient of the output.

use super::{Plan, Stencil, copy::copy_rows, scratch};
use crate::{
    kernels::{
        convolution::product::{add_chunks, batch_chunks},
        matmul::{Matrix, MatrixMut, Packed, Product, Rows, multiply_packed},
        parts::Parts,
    },
    parallel,
};

/// With fewer channels, a tile of the products stays half empty.
const FEWEST_CHANNELS: usize = 8;

/// Whether products are large enough, and of few positions between rows.
pub(in super::super) fn pays<T: Product>(plan: &Plan) -> bool {
    let stencil = Stencil::forward(plan);
    let fits = plan.channels >= FEWEST_CHANNELS && plan.outputs >= Rows::<T>::half_columns();
    if !fits || plan.is_pointwise() || !stencil.is_usual() {
        return false;
    }
    // Positions are counted over the ends of rows, with what lies between them.
    let [rows, width] = plan.out;
    2 * ((rows - 1) * stencil.pitch() + width).next_multiple_of(Rows::<T>::columns()) <= 3 * rows * width
}

/// gW = Σ gy · what the window sees of x, over images and positions; chunks of the batch in parallel, added in order.
pub(in super::super) fn backward_weight<T: Product>(plan: &Plan, x: &[T], gy: &[T], gw: &mut [T]) {
    let stencil = Stencil::forward(plan);
    let (groups, [rows, width]) = (plan.conv.groups, plan.out);
    let (channels, outputs, taps, pitch) = (plan.channels, plan.outputs, plan.taps(), stencil.pitch());
    let band = stencil.band(channels);
    let seen = stencil.seen(band);
    let (plane, length) = (stencil.planes() * seen * pitch, (band - 1) * pitch + width);
    let places = stencil.offsets(&stencil.parts[0], channels, seen);
    let each = plan.images.div_ceil(batch_chunks(plan));
    let chunks = plan.images.div_ceil(each);
    let kernel = taps * channels * outputs;
    let mut partial = scratch::<T>(chunks * groups * kernel);
    let sums = Parts::new(partial.make_mut::<T>());
    parallel::ranges(chunks * groups, 1, plan.flops() / 60, |units| {
        let mut memory = scratch::<T>(channels * plane + outputs * length);
        let (copy, given) = memory.make_mut::<T>().split_at_mut(channels * plane);
        copy.fill(T::ZERO); // around the image it stays so
        given.fill(T::ZERO); // between the rows it stays so
        for unit in units {
            let (chunk, group) = (unit / groups, unit % groups);
            // SAFETY: this chunk's sums of this group are this unit's own.
            let sums = unsafe { sums.part(unit * kernel..(unit + 1) * kernel) };
            sums.fill(T::ZERO);
            for image in chunk * each..((chunk + 1) * each).min(plan.images) {
                let at = image * groups + group;
                let x = &x[at * channels * plan.plane()..][..channels * plan.plane()];
                let gy = &gy[at * outputs * plan.positions()..][..outputs * plan.positions()];
                for top in (0..rows).step_by(band) {
                    let here = band.min(rows - top);
                    copy_rows(&stencil, x, top, seen, copy);
                    for (to, from) in given.chunks_exact_mut(length).zip(gy.chunks_exact(plan.positions())) {
                        let from = from[top * width..].chunks_exact(width).take(here);
                        for (to, from) in to.chunks_mut(pitch).zip(from) {
                            to[..width].copy_from_slice(from);
                        }
                    }
                    let positions = (here - 1) * pitch + width;
                    let right = Matrix::new(given, [positions, outputs], [1, length]);
                    let right = Packed::new(right, channels);
                    for (tap, sums) in sums.chunks_exact_mut(channels * outputs).enumerate() {
                        let left = Matrix::new(&copy[places[tap]..], [channels, positions], [plane, 1]);
                        multiply_packed(
                            MatrixMut::new(sums, [channels, outputs], outputs),
                            left,
                            &right,
                            T::ONE,
                            T::ONE,
                            1,
                        );
                    }
                }
            }
        }
    });
    let partial = add_chunks::<T>(partial, groups * kernel);
    parallel::chunks_mut(gw, channels * taps, groups * kernel, |o, gw| {
        let from = &partial.as_slice::<T>()[o / outputs * kernel + o % outputs..];
        for (c, gw) in gw.chunks_exact_mut(taps).enumerate() {
            gw.iter_mut().enumerate().for_each(|(tap, g)| *g = from[(tap * channels + c) * outputs]);
        }
    });
}
