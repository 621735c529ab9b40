//! Convolution with 3 × 3 windows by Winograd's minimal filtering: F(4 × 4, 3 × 3) for the output and the gradient of
//! the input, F(3 × 3, 4 × 4) for that of the weights: a quarter of the multiplications (Lavin and Gray, 2016).
//!
//! Images are cut into tiles of 4 × 4 output positions, which see 6 × 6 of the input. Both sides of a product are
//! transformed to 36 numbers a tile, which meet in 36 matrix products, and the result is transformed back. A block of
//! tiles goes all the way while it lies in the cache. Numbers of 16 channels lie side by side, so that transforms are
//! loops over them, whatever the image's size.
//!
//! Other windows go the same way by filters of their own: those of 1 × 3, which one-dimensional convolutions have, along
//! the rows (`rows`), with half of the multiplications (their weights' gradient is found directly), and those that lie two
//! elements apart (`strided`), with 81 of 144, or of windows of 4 × 4 100 of 256.

mod geometry;
mod phases;
mod pixels;
mod product;
mod rows;
mod squares;
mod strided;
mod tiles;
mod turn;
mod weights;

use super::{
    plan::{Kernels, Plan},
    scratch,
};
use crate::{
    DType,
    kernels::parts::{Parts, equal_parts},
    parallel,
};
use geometry::Geometry;
pub(super) use phases::Phases;
use pixels::{Canvas, Pixels};
use std::ops::Range;
use tiles::Written;

/// Channels whose numbers lie side by side.
const LANES: usize = 16;
type Lane = [f32; 16];

/// Lanes between one of a tile's numbers and the next: odd, or all of them would meet in few sets of the cache.
const fn spread(lanes: usize) -> usize {
    lanes | 1
}

/// How the tiles of a kind of windows lie, and their transforms.
#[derive(Clone, Copy)]
struct Filter {
    /// Numbers that a tile is transformed to, and along an axis.
    points: usize,
    side: usize,
    /// From the input of a tile to that of the next, and from its positions of the output, along both axes.
    step: [usize; 2],
    gives: [usize; 2],
    /// The fewest and the most tiles that go all the way together.
    blocks: [usize; 2],
    /// The windows of a panel of output channels: (points, inputs, 16).
    weights: fn(&[f32], &Kernels, usize, &mut [Lane]),
    /// Some tiles of so many channels, by way of a strip: (points, panels · tiles, 16).
    inputs: Transform,
    /// Writes some tiles from their products, by way of a strip.
    outputs: fn(&Geometry, Written, Range<usize>, &mut [Lane]),
    gradient: Option<Gradient>,
}
type Transform = fn(&Geometry, Pixels, usize, Range<usize>, &mut [Lane], &mut [Lane]);

/// The transforms of the weights' gradient.
#[derive(Clone, Copy)]
struct Gradient {
    /// As `inputs`, of the gradient of the output.
    gradients: Transform,
    /// The windows of a panel of output channels from the sums (points, output panels, input panels, 16, 16) of so many
    /// inputs, and output panels.
    weight_gradient: fn(&[Lane], usize, usize, usize, &mut [f32]),
}

/// The filters of windows of one kind, from input to output and back, and when they pay.
struct Family {
    forward: &'static Filter,
    backward: &'static Filter,
    /// With fewer channels, or fewer positions of a tile on average, the direct product is faster.
    channels: usize,
    positions: usize,
    /// With fewer channels on the side that has more, the weights' gradient is found directly.
    weights: usize,
}

impl Family {
    /// That of a plan's windows, if there is one.
    fn of(plan: &Plan) -> Option<Family> {
        let (conv, window) = (&plan.conv, plan.window);
        if conv.dilate != [1, 1] || (0..2).any(|d| conv.pad[d] >= window[d]) {
            return None;
        }
        let (forward, backward, channels, positions, weights) = match (window, conv.stride, conv.pad) {
            ([3, 3], [1, 1], _) => (&squares::FILTER, &squares::FILTER, 16, 6, LANES + 1),
            ([1, 3], [1, 1], _) => (&rows::FILTER, &rows::FILTER, 32, 3, usize::MAX),
            ([3, 3], [2, 2], [1, 1]) => (&strided::three::FORWARD, &strided::three::BACKWARD, 16, 11, 128),
            ([4, 4], [2, 2], [1, 1]) => (&strided::four::FORWARD, &strided::four::BACKWARD, 16, 8, 64),
            _ => return None,
        };
        Some(Family { forward, backward, channels, positions, weights })
    }
    /// Whether the transforms save more than they cost.
    fn pays(&self, plan: &Plan, dtype: DType) -> bool {
        let tiles: usize = (0..2).map(|d| plan.out[d].div_ceil(self.forward.gives[d])).product();
        dtype == DType::F32
            && plan.plane() > 0
            && plan.channels.min(plan.outputs) >= self.channels
            && plan.images * tiles >= FEWEST_TILES
            && plan.positions() >= self.positions * tiles
            && self.forward.points * plan.channels * plan.outputs <= MOST_NUMBERS
    }
}
/// With fewer, the windows' transforms take the most time.
const FEWEST_TILES: usize = 32;
/// Of all windows of a group: more are not worth their memory, 160 MiB.
const MOST_NUMBERS: usize = 40 << 20;

/// y = the convolution of x with W, plus b.
fn forward(family: &Family, plan: &Plan, x: Pixels, w: &[f32], bias: Option<&[f32]>, y: Canvas) {
    let geometry = Geometry::new(plan, family.forward, [plan.size, plan.out], plan.conv.pad);
    for group in geometry.each_group() {
        convolve(&group, &Kernels::forward(plan), x, group.part(w), bias.map(|b| group.part(b)), y);
    }
}

/// gx = the convolution of gy with W turned by 180°, inputs and outputs exchanged, plus b.
fn backward_input(family: &Family, plan: &Plan, gy: Pixels, w: &[f32], bias: Option<&[f32]>, gx: Canvas) {
    let pad = [0, 1].map(|d| (plan.window[d] - 1 - plan.conv.pad[d]) / plan.conv.stride[d]);
    let geometry = Geometry::new(plan, family.backward, [plan.out, plan.size], pad);
    for group in geometry.each_group() {
        convolve(&group, &Kernels::backward(plan), gy, group.part(w), bias.map(|b| group.part(b)), gx);
    }
}

/// The outputs of a group.
fn convolve(geometry: &Geometry, kernels: &Kernels, x: Pixels, w: &[f32], bias: Option<&[f32]>, y: Canvas) {
    let (inputs, channels) = (kernels.inputs, kernels.outputs);
    let (panels_in, panels_out) = (inputs.div_ceil(LANES), channels.div_ceil(LANES));
    let (tiles, filter) = (geometry.tiles(), geometry.filter);
    let Filter { points, blocks: [fewest, most], .. } = *filter;
    let flops = 2 * points * tiles * inputs * channels;
    let mut weights = scratch::<f32>(panels_out * points * spread(inputs) * LANES);
    parallel::chunks_mut(
        weights.make_mut::<f32>(),
        points * spread(inputs) * LANES,
        10 * inputs * channels,
        |panel, out| (filter.weights)(w, kernels, panel, out.as_chunks_mut().0),
    );
    let weights = weights.as_slice::<f32>().as_chunks::<LANES>().0;
    let block = (BLOCK_LANES / (points * panels_in)).clamp(fewest, most);
    // One output panel at a time while the input stays in the near cache, else all of them for each of the numbers.
    let group = if points * panels_in * block <= 2 * BLOCK_LANES { 1 } else { panels_out };
    parallel::ranges(tiles, block, flops / 30, |range| {
        let n = range.len();
        let (of_strip, of_input) = (geometry.strip(n), points * spread(panels_in * n));
        let mut memory = scratch::<f32>((of_strip + of_input + group * points * spread(n)) * LANES);
        let (strip, rest) = memory.make_mut::<f32>().as_chunks_mut::<LANES>().0.split_at_mut(of_strip);
        let (v, products) = rest.split_at_mut(of_input);
        (filter.inputs)(geometry, x, inputs, range.clone(), strip, v);
        for first in (0..panels_out).step_by(group) {
            let count = group.min(panels_out - first);
            let weights = &weights[first * points * spread(inputs)..][..count * points * spread(inputs)];
            let products = &mut products[..count * points * spread(n)];
            product::forward(points, v, weights, inputs, n, products);
            for (i, products) in products.chunks_exact(points * spread(n)).enumerate() {
                let what = Written { products, channels, panel: first + i, bias, y };
                (filter.outputs)(geometry, what, range.clone(), strip);
            }
        }
    });
}
/// Lanes of a block's transformed input: so many stay in the cache.
const BLOCK_LANES: usize = 3456;

/// gW = the sum over tiles of gy's numbers times x's. Blocks of tiles one after another; within a block, first tiles
/// and then the products of all numbers side by side, so that no task needs sums of its own.
fn backward_weight(family: &Family, plan: &Plan, x: Pixels, gy: Pixels, gw: &mut [f32]) {
    let each = gw.len() / plan.conv.groups;
    let geometry = Geometry::new(plan, family.forward, [plan.size, plan.out], plan.conv.pad);
    for (group, gw) in geometry.each_group().zip(gw.chunks_exact_mut(each)) {
        group_gradient(plan, &group, x, gy, gw);
    }
}

/// gW of a group.
fn group_gradient(plan: &Plan, geometry: &Geometry, x: Pixels, gy: Pixels, gw: &mut [f32]) {
    let Filter { points, inputs: transform, gradient, .. } = *geometry.filter;
    let gradient = gradient.expect("a filter that gives the weights' gradient");
    let (inputs, outputs) = (plan.channels, plan.outputs);
    let (panels_in, panels_out) = (inputs.div_ceil(LANES), outputs.div_ceil(LANES));
    let tiles = geometry.tiles();
    let room = (GRADIENT_LANES / (points * (panels_in + panels_out))).clamp(FEWEST_GRADIENT_BLOCK, MOST_GRADIENT_BLOCK);
    let block = equal_parts(tiles, room);
    let (of_input, of_gradient) = (spread(panels_in * block), spread(panels_out * block));
    let mut memory = scratch::<f32>(points * (of_input + of_gradient) * LANES);
    let mut sums = scratch::<f32>(points * panels_in * panels_out * LANES * LANES);
    for first in (0..tiles).step_by(block) {
        let n = block.min(tiles - first);
        let lanes = memory.make_mut::<f32>().as_chunks_mut::<LANES>().0;
        let (v, u) = lanes.split_at_mut(points * of_input);
        let [all_inputs, all_gradients] = [&mut *v, &mut *u].map(Parts::new);
        parallel::ranges(n, SUB_BLOCK, points * n * (inputs + outputs), |range| {
            let (few, of_strip) = (range.len(), geometry.strip(range.len()));
            let of_tiles = points * spread(panels_in.max(panels_out) * few);
            let mut memory = scratch::<f32>((of_strip + of_tiles) * LANES);
            let (strip, lanes) = memory.make_mut::<f32>().as_chunks_mut::<LANES>().0.split_at_mut(of_strip);
            let tiles = first + range.start..first + range.end;
            transform(geometry, x, inputs, tiles.clone(), strip, lanes);
            deliver(points, lanes, panels_in, few, all_inputs, n, range.start);
            (gradient.gradients)(geometry, gy, outputs, tiles, strip, lanes);
            deliver(points, lanes, panels_out, few, all_gradients, n, range.start);
        });
        let each = panels_in * panels_out * LANES * LANES;
        let flops = 2 * points * n * inputs * outputs;
        parallel::chunks_mut(sums.make_mut::<f32>(), each, flops / 30, |point, sums| {
            let v = &v[point * spread(panels_in * n)..][..panels_in * n];
            let u = &u[point * spread(panels_out * n)..][..panels_out * n];
            product::backward(v, u, n, first == 0, sums.as_chunks_mut().0);
        });
    }
    let sums = sums.as_slice::<f32>().as_chunks::<LANES>().0;
    parallel::chunks_mut(gw, LANES * inputs * plan.taps(), 10 * inputs * outputs, |panel, gw| {
        (gradient.weight_gradient)(sums, inputs, panel, panels_out, gw);
    });
}

/// Copies the numbers of `few` tiles to those of a block of `n`, from tile `first` on: in runs, because written one by
/// one they would go to 36 places at a time, more than the processor fetches ahead.
fn deliver(points: usize, lanes: &[Lane], panels: usize, few: usize, to: Parts<Lane>, n: usize, first: usize) {
    for point in 0..points {
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
const FEWEST_GRADIENT_BLOCK: usize = 24;
/// Tiles whose numbers of 16 channels stay in the nearest cache, twice.
const MOST_GRADIENT_BLOCK: usize = 128;
/// Tiles that a task transforms.
const SUB_BLOCK: usize = 16;
