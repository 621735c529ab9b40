//! Convolution with 3 × 3 windows by Winograd's minimal filtering: F(4 × 4, 3 × 3) for the output and the gradient of
//! the input, F(3 × 3, 4 × 4) for that of the weights: a quarter of the multiplications (Lavin and Gray, 2016).
//!
//! Images are cut into tiles of 4 × 4 output positions, which see 6 × 6 of the input. Both sides of a product are
//! transformed to 36 numbers a tile, which meet in 36 matrix products, and the result is transformed back. A block of
//! tiles goes all the way while it lies in the cache. Numbers of 16 channels lie side by side, so that transforms are
//! loops over them, whatever the image's size.
//!
//! Windows of 1 × 3, which those of one-dimensional convolutions are, go the same way by F(4, 3) along the rows: 6 numbers
//! for 4 positions, half of the multiplications. Their weights' gradient is found directly.

mod phases;
mod product;
mod rows;
mod tiles;
mod transform;
mod turn;

use super::{
    plan::{Kernels, Plan},
    scratch,
};
use crate::{
    DType,
    kernels::parts::{Parts, equal_parts},
    parallel,
};
pub(super) use phases::Phases;
use tiles::Geometry;

/// Channels whose numbers lie side by side.
const LANES: usize = 16;
/// Numbers that a tile is transformed to.
const POINTS: usize = 36;
/// The same of a tile of a single row.
const ROW_POINTS: usize = 6;
type Lane = [f32; 16];

/// Lanes between one of the 36 numbers and the next: odd, or all of them would meet in few sets of the cache.
const fn spread(lanes: usize) -> usize {
    lanes | 1
}

/// Whether the transforms apply and save more than they cost.
fn pays(plan: &Plan, dtype: DType) -> bool {
    let conv = &plan.conv;
    let plain = conv.stride == [1, 1] && conv.dilate == [1, 1];
    let (high, fewest_channels, fewest_positions) = match plan.window {
        [3, 3] => (4, FEWEST_CHANNELS, FEWEST_POSITIONS),
        [1, 3] => (1, FEWEST_ROW_CHANNELS, FEWEST_ROW_POSITIONS),
        _ => return false,
    };
    let tiles = plan.out[0].div_ceil(high) * plan.out[1].div_ceil(4);
    dtype == DType::F32
        && plain
        && (0..2).all(|d| conv.pad[d] < plan.window[d])
        && plan.channels.min(plan.outputs) >= fewest_channels
        && plan.images * tiles >= FEWEST_TILES
        && plan.positions() >= fewest_positions * tiles
}
/// Below these the direct product is faster.
const FEWEST_CHANNELS: usize = 16;
const FEWEST_ROW_CHANNELS: usize = 32;
const FEWEST_TILES: usize = 32;
/// Of the 16 output positions of a tile, so many must exist on average, and of the 4 of a row's.
const FEWEST_POSITIONS: usize = 6;
const FEWEST_ROW_POSITIONS: usize = 3;

/// How the tiles of this plan's windows lie.
fn geometry(plan: &Plan, size: [usize; 2], out: [usize; 2], pad: [usize; 2]) -> Geometry {
    let geometry = Geometry::new(plan.images, plan.conv.groups, size, out, pad);
    if plan.window[0] == 1 { geometry.rows() } else { geometry }
}

/// y = the convolution of x with W, plus b.
fn forward(plan: &Plan, x: &[f32], w: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
    for group in geometry(plan, plan.size, plan.out, plan.conv.pad).each_group() {
        convolve(&group, &Kernels::forward(plan), x, group.part(w), bias.map(|b| group.part(b)), y);
    }
}

/// gx = the convolution of gy with W turned by 180°, inputs and outputs exchanged, plus b.
fn backward_input(plan: &Plan, gy: &[f32], w: &[f32], bias: Option<&[f32]>, gx: &mut [f32]) {
    let pad = [0, 1].map(|d| plan.window[d] - 1 - plan.conv.pad[d]);
    for group in geometry(plan, plan.out, plan.size, pad).each_group() {
        convolve(&group, &Kernels::backward(plan), gy, group.part(w), bias.map(|b| group.part(b)), gx);
    }
}

/// The outputs of a group.
fn convolve(geometry: &Geometry, kernels: &Kernels, x: &[f32], w: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
    let (inputs, outputs) = (kernels.inputs, kernels.outputs);
    let (panels_in, panels_out) = (inputs.div_ceil(LANES), outputs.div_ceil(LANES));
    let (tiles, points) = (geometry.tiles(), geometry.points);
    let flops = 2 * points * tiles * inputs * outputs;
    let mut weights = scratch::<f32>(panels_out * points * spread(inputs) * LANES);
    parallel::chunks_mut(
        weights.make_mut::<f32>(),
        points * spread(inputs) * LANES,
        10 * inputs * outputs,
        |panel, out| {
            let out = out.as_chunks_mut().0;
            match geometry.is_rows() {
                true => rows::weights(w, kernels, panel, out),
                false => transform::weights(w, kernels, panel, out),
            }
        },
    );
    let weights = weights.as_slice::<f32>().as_chunks::<LANES>().0;
    let block = (BLOCK_LANES / (points * panels_in))
        .clamp(FEWEST_BLOCK, if geometry.is_rows() { MOST_ROW_BLOCK } else { MOST_BLOCK });
    // One output panel at a time while the input stays in the near cache, else all of them for each of the 36.
    let group = if points * panels_in * block <= 2 * BLOCK_LANES { 1 } else { panels_out };
    let y = Parts::new(y);
    parallel::ranges(tiles, block, flops / 30, |range| {
        let n = range.len();
        let (of_strip, of_input) = (geometry.strip(n), points * spread(panels_in * n));
        let mut memory = scratch::<f32>((of_strip + of_input + group * points * spread(n)) * LANES);
        let (strip, rest) = memory.make_mut::<f32>().as_chunks_mut::<LANES>().0.split_at_mut(of_strip);
        let (v, products) = rest.split_at_mut(of_input);
        match geometry.is_rows() {
            true => rows::inputs(geometry, x, inputs, range.clone(), strip, v),
            false => tiles::inputs(geometry, x, inputs, range.clone(), strip, v),
        }
        for first in (0..panels_out).step_by(group) {
            let count = group.min(panels_out - first);
            let weights = &weights[first * points * spread(inputs)..][..count * points * spread(inputs)];
            let products = &mut products[..count * points * spread(n)];
            product::forward(points, v, weights, inputs, n, products);
            for (panel, products) in products.chunks_exact(points * spread(n)).enumerate() {
                let (panel, range) = (first + panel, range.clone());
                match geometry.is_rows() {
                    true => rows::outputs(geometry, products, outputs, panel, bias, range, strip, y),
                    false => tiles::outputs(geometry, products, outputs, panel, bias, range, strip, y),
                }
            }
        }
    });
}
/// Lanes of a block's transformed input: so many stay in the cache.
const BLOCK_LANES: usize = 3456;
const FEWEST_BLOCK: usize = 24;
const MOST_BLOCK: usize = 48;
const MOST_ROW_BLOCK: usize = 96;

/// gW = the sum over tiles of gy's numbers times x's. Blocks of tiles one after another; within a block, first tiles
/// and then the 36 products side by side, so that no task needs sums of its own.
fn backward_weight(plan: &Plan, x: &[f32], gy: &[f32], gw: &mut [f32]) {
    let each = gw.len() / plan.conv.groups;
    let groups = geometry(plan, plan.size, plan.out, plan.conv.pad).each_group();
    for (group, gw) in groups.zip(gw.chunks_exact_mut(each)) {
        group_gradient(plan, &group, x, gy, gw);
    }
}

/// gW of a group.
fn group_gradient(plan: &Plan, geometry: &Geometry, x: &[f32], gy: &[f32], gw: &mut [f32]) {
    let (inputs, outputs) = (plan.channels, plan.outputs);
    let (panels_in, panels_out) = (inputs.div_ceil(LANES), outputs.div_ceil(LANES));
    let tiles = geometry.tiles();
    let room = (GRADIENT_LANES / (POINTS * (panels_in + panels_out))).clamp(FEWEST_BLOCK, MOST_GRADIENT_BLOCK);
    let block = equal_parts(tiles, room);
    let (of_input, of_gradient) = (spread(panels_in * block), spread(panels_out * block));
    let mut memory = scratch::<f32>(POINTS * (of_input + of_gradient) * LANES);
    let mut sums = scratch::<f32>(POINTS * panels_in * panels_out * LANES * LANES);
    for first in (0..tiles).step_by(block) {
        let n = block.min(tiles - first);
        let lanes = memory.make_mut::<f32>().as_chunks_mut::<LANES>().0;
        let (v, u) = lanes.split_at_mut(POINTS * of_input);
        let [all_inputs, all_gradients] = [&mut *v, &mut *u].map(Parts::new);
        parallel::ranges(n, SUB_BLOCK, POINTS * n * (inputs + outputs), |range| {
            let (few, of_strip) = (range.len(), geometry.strip(range.len()));
            let of_tiles = POINTS * spread(panels_in.max(panels_out) * few);
            let mut memory = scratch::<f32>((of_strip + of_tiles) * LANES);
            let (strip, lanes) = memory.make_mut::<f32>().as_chunks_mut::<LANES>().0.split_at_mut(of_strip);
            let tiles = first + range.start..first + range.end;
            tiles::inputs(geometry, x, inputs, tiles.clone(), strip, lanes);
            deliver(lanes, panels_in, few, all_inputs, n, range.start);
            tiles::gradients(geometry, gy, outputs, tiles, strip, lanes);
            deliver(lanes, panels_out, few, all_gradients, n, range.start);
        });
        let each = panels_in * panels_out * LANES * LANES;
        let flops = 2 * POINTS * n * inputs * outputs;
        parallel::chunks_mut(sums.make_mut::<f32>(), each, flops / 30, |point, sums| {
            let v = &v[point * spread(panels_in * n)..][..panels_in * n];
            let u = &u[point * spread(panels_out * n)..][..panels_out * n];
            product::backward(v, u, n, first == 0, sums.as_chunks_mut().0);
        });
    }
    let sums = sums.as_slice::<f32>().as_chunks::<LANES>().0;
    parallel::chunks_mut(gw, LANES * inputs * 9, 10 * inputs * outputs, |panel, gw| {
        transform::weight_gradient(sums, inputs, panel, panels_out, gw);
    });
}

/// Copies the numbers of `few` tiles to those of a block of `n`, from tile `first` on: in runs, because written one by
/// one they would go to 36 places at a time, more than the processor fetches ahead.
fn deliver(lanes: &[Lane], panels: usize, few: usize, to: Parts<Lane>, n: usize, first: usize) {
    for point in 0..POINTS {
        for panel in 0..panels {
            let at = point * spread(panels * n) + panel * n + first;
            // SAFETY: the numbers of a tile are written by the task that was given the tile.
            let to = unsafe { to.part(at..at + few) };
            to.copy_from_slice(&lanes[point * spread(panels * few) + panel * few..][..few]);
        }
    }
}
/// Lanes of a block's transformed input and gradient: so many may leave the near cache, since each is read seldom.
const GRADIENT_LANES: usize = 128 << 10;
/// Tiles whose numbers of 16 channels stay in the nearest cache, twice.
const MOST_GRADIENT_BLOCK: usize = 128;
/// Tiles that a task transforms.
const SUB_BLOCK: usize = 16;
