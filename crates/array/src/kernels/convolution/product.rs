//! The three directions of a convolution as matrix products over tiles of output rows: never a column matrix of the
//! whole batch, seldom of a whole image.

use super::{
    columns::{pack, unpack},
    plan::Plan,
    scratch,
};
use crate::{
    Array, Float,
    kernels::{
        matmul::{Matrix, MatrixMut, Product, multiply},
        parts::Parts,
    },
    parallel,
};
use std::ops::Range;

/// The output rows of each tile.
fn tiles(plan: &Plan) -> impl Fn(usize) -> Range<usize> + use<> {
    let (tile, rows) = (plan.tile(), plan.out[0]);
    move |t| t * tile..((t + 1) * tile).min(rows)
}

/// The columns of a tile for the channels in `image`: packed, or the image itself where it is its own.
fn columns<'a, T: Float>(plan: &Plan, image: &'a [T], rows: Range<usize>, packed: &'a mut [T]) -> Matrix<'a, T> {
    let shape = [image.len() / plan.plane() * plan.taps(), rows.len() * plan.out[1]];
    if plan.is_pointwise() {
        return Matrix::new(&image[rows.start * plan.out[1]..], shape, [plan.plane(), 1]);
    }
    let packed = &mut packed[..shape[0] * shape[1]];
    pack(plan, image, rows, packed);
    Matrix::rows(packed, shape[0], shape[1])
}

/// Elements that [`columns`] packs into.
fn packed_elements(plan: &Plan) -> usize {
    if plan.is_pointwise() { 0 } else { plan.depth() * plan.tile() * plan.out[1] }
}

/// y = W · columns(x) + b for every image, group and tile, in parallel.
pub(super) fn forward<T: Product>(plan: &Plan, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
    let (depth, positions, groups) = (plan.depth(), plan.positions(), plan.conv.groups);
    let (image, kernel) = (plan.channels * plan.plane(), plan.outputs * depth);
    let tile = tiles(plan);
    let count = plan.out[0].div_ceil(plan.tile());
    let out = Parts::new(y);
    parallel::ranges(plan.images * groups * count, 1, plan.flops() / 30, |units| {
        let mut packed = scratch::<T>(packed_elements(plan));
        for unit in units {
            let (at, rows) = (unit / count, tile(unit % count));
            let group = at % groups;
            let columns = columns(plan, &x[at * image..(at + 1) * image], rows.clone(), packed.make_mut());
            let width = rows.len() * plan.out[1];
            let start = at * plan.outputs * positions + rows.start * plan.out[1];
            if let Some(bias) = bias {
                for (o, &b) in bias[group * plan.outputs..(group + 1) * plan.outputs].iter().enumerate() {
                    let start = start + o * positions;
                    // SAFETY: these output rows of this image and channel are this unit's own.
                    unsafe { out.part(start..start + width) }.fill(b);
                }
            }
            // SAFETY: as above, for all channels of the group.
            let y = unsafe { MatrixMut::from_raw(out.from(start), [plan.outputs, width], positions) };
            let w = Matrix::rows(&w[group * kernel..(group + 1) * kernel], plan.outputs, depth);
            let beta = if bias.is_some() { T::ONE } else { T::ZERO };
            multiply(y, w, columns, T::ONE, beta, 1);
        }
    });
}

/// Channels of an image that a task of [`backward_input`] computes: all, unless there are few images.
fn channel_block(plan: &Plan) -> usize {
    let blocks = 8usize.div_ceil((plan.images * plan.conv.groups).max(1));
    plan.channels.div_ceil(blocks).max(32usize.div_ceil(plan.taps().max(1))).min(plan.channels).max(1)
}

/// gx = the sum of Wᵀ · gy, each element at the position it was taken from, plus b.
pub(super) fn backward_input<T: Product>(plan: &Plan, gy: &[T], w: &[T], bias: Option<&[T]>, gx: &mut [T]) {
    let (depth, positions, groups, plane) = (plan.depth(), plan.positions(), plan.conv.groups, plan.plane());
    let kernel = plan.outputs * depth;
    let block = channel_block(plan);
    let blocks = plan.channels.div_ceil(block);
    let (tile, count) = (tiles(plan), plan.out[0].div_ceil(plan.tile()));
    let out = Parts::new(gx);
    parallel::ranges(plan.images * groups * blocks, 1, plan.flops() / 30, |units| {
        let mut packed = scratch::<T>(packed_elements(plan) / plan.channels * block);
        for unit in units {
            let (at, first) = (unit / blocks, unit % blocks * block);
            let (group, channels) = (at % groups, block.min(plan.channels - first));
            let start = at * plan.channels + first;
            // SAFETY: these channels of this image are this unit's own.
            let gx = unsafe { out.part(start * plane..(start + channels) * plane) };
            for (c, channel) in gx.chunks_exact_mut(plane).enumerate() {
                channel.fill(bias.map_or(T::ZERO, |b| b[group * plan.channels + first + c]));
            }
            let lines = channels * plan.taps();
            let w = &w[group * kernel + first * plan.taps()..(group + 1) * kernel];
            let w = Matrix::new(w, [lines, plan.outputs], [1, depth]);
            for rows in (0..count).map(&tile) {
                let width = rows.len() * plan.out[1];
                let gy = &gy[at * plan.outputs * positions + rows.start * plan.out[1]..];
                let gy = Matrix::new(gy, [plan.outputs, width], [positions, 1]);
                if plan.is_pointwise() {
                    let gx = &mut gx[rows.start * plan.out[1]..];
                    multiply(MatrixMut::new(gx, [lines, width], plane), w, gy, T::ONE, T::ONE, 1);
                    continue;
                }
                let columns = &mut packed.make_mut::<T>()[..lines * width];
                multiply(MatrixMut::new(columns, [lines, width], width), w, gy, T::ONE, T::ZERO, 1);
                unpack(plan, columns, rows, gx);
            }
        }
    });
}

/// Chunks of the batch whose weight gradients are summed apart: a fixed number, within a limit of memory.
pub(super) fn batch_chunks(plan: &Plan) -> usize {
    let weights = plan.conv.groups * plan.outputs * plan.depth();
    plan.images.min(8).min((PARTIAL_ELEMENTS / weights.max(1)).max(2)).max(1)
}
/// Elements that partial weight gradients may take, unless two of them take more.
const PARTIAL_ELEMENTS: usize = 1 << 22;

/// gW = Σ gy · columns(x)ᵀ over images and tiles; chunks of the batch in parallel, added in order.
pub(super) fn backward_weight<T: Product>(plan: &Plan, x: &[T], gy: &[T], gw: &mut [T]) {
    let (depth, positions, groups) = (plan.depth(), plan.positions(), plan.conv.groups);
    let (image, kernel) = (plan.channels * plan.plane(), plan.outputs * depth);
    let each = plan.images.div_ceil(batch_chunks(plan));
    let chunks = plan.images.div_ceil(each);
    let (tile, count) = (tiles(plan), plan.out[0].div_ceil(plan.tile()));
    let mut partial = scratch::<T>(if chunks > 1 { chunks * groups * kernel } else { 0 });
    let sums = Parts::new(if chunks > 1 { partial.make_mut::<T>() } else { &mut *gw });
    // With few chunks the products themselves are split.
    let inner = plan.flops() / (chunks * groups * each * count).max(1);
    let threads = if chunks * groups < 8 { parallel::product_threads(inner) } else { 1 };
    parallel::ranges(chunks * groups, 1, plan.flops() / 30, |units| {
        let mut packed = scratch::<T>(packed_elements(plan));
        for unit in units {
            let (chunk, group) = (unit / groups, unit % groups);
            // SAFETY: this chunk's sums of this group are this unit's own.
            let sum = unsafe { sums.part(unit * kernel..(unit + 1) * kernel) };
            let mut beta = T::ZERO;
            for n in chunk * each..((chunk + 1) * each).min(plan.images) {
                let at = n * groups + group;
                for rows in (0..count).map(&tile) {
                    let width = rows.len() * plan.out[1];
                    let gy = &gy[at * plan.outputs * positions + rows.start * plan.out[1]..];
                    let gy = Matrix::new(gy, [plan.outputs, width], [positions, 1]);
                    let columns = columns(plan, &x[at * image..(at + 1) * image], rows, packed.make_mut());
                    let sum = MatrixMut::new(sum, [plan.outputs, depth], depth);
                    multiply(sum, gy, columns.t(), T::ONE, beta, threads);
                    beta = T::ONE;
                }
            }
        }
    });
    if chunks > 1 {
        gw.copy_from_slice(&add_chunks::<T>(partial, groups * kernel).as_slice::<T>()[..groups * kernel]);
    }
}

/// Adds chunks of `n` sums in their order; the first holds the result.
pub(super) fn add_chunks<T: Product>(mut partial: Array, n: usize) -> Array {
    let work = partial.len() / 4;
    let (first, more) = partial.make_mut::<T>().split_at_mut(n);
    parallel::chunks_mut(first, 1 << 13, work, |i, first| {
        for more in more.chunks_exact(n) {
            first.iter_mut().zip(&more[i << 13..]).for_each(|(g, &p)| *g += p);
        }
    });
    partial
}
