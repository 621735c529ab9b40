//! Tiles of windows of a single row: the way from an image to their numbers and back, along rows only.

use super::{
    Filter, Geometry, LANES, Lane, Pixels, spread,
    squares::{input, output, window},
    tiles::{Written, add, lanes, load},
    weights::taps,
};
use crate::kernels::{convolution::plan::Kernels, simd::simd_fn};
use std::ops::Range;

/// F(4, 3) along rows.
pub(super) static FILTER: Filter = Filter {
    points: 6,
    side: 6,
    step: [1, 4],
    gives: [1, 4],
    blocks: [24, 96],
    weights,
    inputs,
    outputs,
    gradient: None,
};

simd_fn! {
    /// The windows of the output channels of `panel`: (6, inputs, 16).
    fn weights(m, w: &[f32], kernels: &Kernels, panel: usize, out: &mut [Lane]) {
        let first = panel * LANES;
        let count = LANES.min(kernels.outputs - first);
        for c in 0..kernels.inputs {
            let [taps] = taps::<1, 3>(w, kernels, first..first + count, c);
            lanes!(window(m), [i; 3] taps[i], [k; 6] out[k * spread(kernels.inputs) + c]);
        }
    }
}

simd_fn! {
    /// The transformed input of some tiles: (6, panels · tiles, 16).
    fn inputs(m, g: &Geometry, x: Pixels, channels: usize, tiles: Range<usize>, strip: &mut [Lane], to: &mut [Lane]) {
        let (panels, n) = (channels.div_ceil(LANES), tiles.len());
        for s in g.segments(tiles) {
            let width = 4 * s.columns.len() + 2;
            let origin = [s.line as isize - g.pad[0] as isize, 4 * s.columns.start as isize - g.pad[1] as isize];
            for panel in 0..panels {
                load(g.planes(x, g.size[0] * g.size[1], channels, s.image, panel), g.size, origin, [1, width], strip);
                for t in 0..s.columns.len() {
                    let at = panel * n + s.at + t;
                    lanes!(input(m), [i; 6] strip[4 * t + i], [k; 6] to[k * spread(panels * n) + at]);
                }
            }
        }
    }
}

simd_fn! {
    /// Writes some tiles of the output channels of a panel from their products (6, n, 16).
    fn outputs(m, g: &Geometry, what: Written, tiles: Range<usize>, strip: &mut [Lane]) {
        let (products, n, shift) = (what.products, tiles.len(), what.shift());
        for s in g.segments(tiles) {
            for t in 0..s.columns.len() {
                let row = &mut strip[4 * t..][..4];
                lanes!(output(m), [i; 6] products[i * spread(n) + s.at + t], [j; 4] row[j]);
                add(row, &shift);
            }
            let left = 4 * s.columns.start;
            let columns = (4 * s.columns.len()).min(g.out[1] - left);
            g.write(&strip[..columns], what.channels, what.panel, s.image, [s.line, left], what.y);
        }
    }
}
