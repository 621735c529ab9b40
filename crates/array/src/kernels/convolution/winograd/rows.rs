//! Tiles of windows of a single row: the way from an image to their numbers and back, along rows only.

use super::{
    LANES, Lane, spread,
    tiles::{Geometry, add, load, shift},
    transform::{input, lanes, output, taps, window},
};
use crate::kernels::{convolution::plan::Kernels, parts::Parts, simd::simd_fn};
use std::ops::Range;

simd_fn! {
    /// The windows of the output channels of `panel`: (6, inputs, 16).
    pub(super) fn weights(m, w: &[f32], kernels: &Kernels, panel: usize, out: &mut [Lane]) {
        let first = panel * LANES;
        let count = LANES.min(kernels.outputs - first);
        for c in 0..kernels.inputs {
            let taps = taps::<3>(w, kernels, first..first + count, c);
            lanes!(window(m), [i; 3] taps[i], [k; 6] out[k * spread(kernels.inputs) + c]);
        }
    }
}

simd_fn! {
    /// The transformed input of some tiles: (6, panels · tiles, 16).
    pub(super) fn inputs(m, g: &Geometry, x: &[f32], channels: usize, tiles: Range<usize>, strip: &mut [Lane], to: &mut [Lane]) {
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
    /// Writes some tiles of the output channels of `panel` from their products (6, n, 16), with a bias.
    pub(super) fn outputs(
        m, g: &Geometry, products: &[Lane], channels: usize, panel: usize, bias: Option<&[f32]>, tiles: Range<usize>,
        strip: &mut [Lane], y: Parts<f32>,
    ) {
        let (n, first) = (tiles.len(), panel * LANES);
        let count = LANES.min(channels - first);
        let shift = shift(bias, first, count);
        for s in g.segments(tiles) {
            for t in 0..s.columns.len() {
                let row = &mut strip[4 * t..][..4];
                lanes!(output(m), [i; 6] products[i * spread(n) + s.at + t], [j; 4] row[j]);
                add(row, &shift);
            }
            let left = 4 * s.columns.start;
            let columns = (4 * s.columns.len()).min(g.out[1] - left);
            g.write(&strip[..columns], channels, panel, s.image, [s.line, left], y);
        }
    }
}
