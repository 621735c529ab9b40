//! The way from tiles of images to their numbers and back, whatever the filter's transforms.

use super::{
    Geometry, LANES, Lane,
    pixels::{Canvas, Pixels},
    spread,
};
use crate::kernels::simd::Math;
use std::ops::Range;

/// Applies a one-dimensional transform of `$n` to `$k` numbers to each lane: `$from(i)` and `$to(i)` are places.
macro_rules! lanes {
    ($f:ident($m:ident), [$i:ident; $n:tt] $from:expr, [$j:ident; $k:tt] $to:expr) => {{
        let mut from = [[0.0; LANES]; $n];
        for $i in 0..$n {
            from[$i] = $from;
        }
        let mut to = [[0.0; LANES]; $k];
        for l in 0..LANES {
            let mut one = [0.0; $n];
            for i in 0..$n {
                one[i] = from[i][l];
            }
            let one = $f($m, one);
            for k in 0..$k {
                to[k][l] = one[k];
            }
        }
        for $j in 0..$k {
            $to = to[$j];
        }
    }};
}
pub(super) use lanes;

/// Defines the ways of a filter from input to numbers and from products to output, given its transforms along an axis.
macro_rules! ways {
    ($inputs:ident = $input:ident, $outputs:ident = $output:ident) => {
        $crate::kernels::simd::simd_fn! {
            fn $inputs(
                m, g: &$crate::kernels::convolution::winograd::Geometry, x: $crate::kernels::convolution::winograd::Pixels, channels: usize, tiles: std::ops::Range<usize>,
                strip: &mut [$crate::kernels::convolution::winograd::Lane], to: &mut [$crate::kernels::convolution::winograd::Lane],
            ) {
                let images = $crate::kernels::convolution::winograd::tiles::Images::inputs(g, x, channels);
                $crate::kernels::convolution::winograd::tiles::transformed(m, $input, g, images, tiles, strip, to);
            }
        }
        $crate::kernels::simd::simd_fn! {
            fn $outputs(
                m, g: &$crate::kernels::convolution::winograd::Geometry, what: $crate::kernels::convolution::winograd::tiles::Written, tiles: std::ops::Range<usize>,
                strip: &mut [$crate::kernels::convolution::winograd::Lane],
            ) {
                $crate::kernels::convolution::winograd::tiles::write(m, $output, g, what, tiles, strip);
            }
        }
    };
}
pub(super) use ways;

/// Copies part of 16 channels' planes to `strip` (rows, width), channels last: from row and column `origin` on, zeros
/// outside the planes and for channels that do not exist.
#[inline(always)]
pub(super) fn load(
    planes: Pixels,
    size: [usize; 2],
    origin: [isize; 2],
    [rows, width]: [usize; 2],
    strip: &mut [Lane],
) {
    let end = (size[1] as isize - origin[1]).clamp(0, width as isize) as usize;
    let start = (-origin[1]).clamp(0, end as isize) as usize;
    let left = (origin[1] + start as isize) as usize;
    for (row, line) in strip.chunks_exact_mut(width).take(rows).enumerate() {
        let y = origin[0] + row as isize;
        if y < 0 || y >= size[0] as isize {
            line.fill([0.0; LANES]);
            continue;
        }
        line[..start].fill([0.0; LANES]);
        line[end..].fill([0.0; LANES]);
        planes.turn(y as usize * size[1] + left, size[0] * size[1], &mut line[start..end]);
    }
}

/// Images to be transformed in tiles that lie `step` apart, of which the first lies `pad` before the image's corner.
#[derive(Clone, Copy)]
pub(super) struct Images<'a> {
    x: Pixels<'a>,
    channels: usize,
    size: [usize; 2],
    pad: [usize; 2],
    step: [usize; 2],
}

impl<'a> Images<'a> {
    /// What a convolution reads.
    pub(super) fn inputs(g: &Geometry, x: Pixels<'a>, channels: usize) -> Images<'a> {
        Images { x, channels, size: g.size, pad: g.pad, step: g.filter.step }
    }
    /// The gradient of what it gives.
    pub(super) fn gradients(g: &Geometry, x: Pixels<'a>, channels: usize) -> Images<'a> {
        Images { x, channels, size: g.out, pad: [0, 0], step: g.filter.gives }
    }
}

/// Some tiles of N × N transformed by `f` on both sides to P × P: (P · P, panels · tiles, 16).
#[inline(always)]
pub(super) fn transformed<M: Math, const N: usize, const P: usize>(
    m: M,
    f: impl Fn(M, [f32; N]) -> [f32; P],
    g: &Geometry,
    images: Images,
    tiles: Range<usize>,
    strip: &mut [Lane],
    to: &mut [Lane],
) {
    let Images { x, channels, size, pad, step } = images;
    let (panels, n) = (channels.div_ceil(LANES), tiles.len());
    for s in g.segments(tiles) {
        let width = step[1] * (s.columns.len() - 1) + N;
        let origin = [0, 1].map(|d| (step[d] * [s.line, s.columns.start][d]) as isize - pad[d] as isize);
        for panel in 0..panels {
            load(g.planes(x, size[0] * size[1], channels, s.image, panel), size, origin, [N, width], strip);
            for x in 0..width {
                lanes!(f(m), [i; N] strip[i * width + x], [k; P] strip[k * width + x]);
            }
            for y in 0..P {
                for t in 0..s.columns.len() {
                    let (at, first) = (panel * n + s.at + t, y * width + step[1] * t);
                    lanes!(f(m), [i; N] strip[first + i], [k; P] to[(P * y + k) * spread(panels * n) + at]);
                }
            }
        }
    }
}

/// What becomes of products: some tiles of the output channels of `panel`, with a bias.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) products: &'a [Lane],
    pub(super) channels: usize,
    pub(super) panel: usize,
    pub(super) bias: Option<&'a [f32]>,
    pub(super) y: Canvas<'a>,
}

/// Writes some tiles of R × R positions from their products (P · P, n, 16), transformed by `f` on both sides.
#[inline(always)]
pub(super) fn write<M: Math, const P: usize, const R: usize>(
    m: M,
    f: impl Fn(M, [f32; P]) -> [f32; R],
    g: &Geometry,
    what: Written,
    tiles: Range<usize>,
    strip: &mut [Lane],
) {
    let (products, n, shift) = (what.products, tiles.len(), what.shift());
    for s in g.segments(tiles) {
        let width = R * s.columns.len();
        for t in 0..s.columns.len() {
            let mut middle = [[[0.0; LANES]; P]; R];
            for x in 0..P {
                lanes!(f(m), [i; P] products[(P * i + x) * spread(n) + s.at + t], [k; R] middle[k][x]);
            }
            for k in 0..R {
                let row = &mut strip[k * width + R * t..][..R];
                lanes!(f(m), [i; P] middle[k][i], [j; R] row[j]);
                add(row, &shift);
            }
        }
        let (top, left) = (R * s.line, R * s.columns.start);
        let columns = width.min(g.out[1] - left);
        for row in 0..R.min(g.out[0] - top) {
            g.write(&strip[row * width..][..columns], what.channels, what.panel, s.image, [top + row, left], what.y);
        }
    }
}

impl Written<'_> {
    /// What the bias adds to each channel.
    #[inline(always)]
    pub(super) fn shift(&self) -> Lane {
        let mut shift = [0.0; LANES];
        if let Some(bias) = self.bias {
            let first = self.panel * LANES;
            let count = LANES.min(self.channels - first);
            shift[..count].copy_from_slice(&bias[first..first + count]);
        }
        shift
    }
}

/// Adds it to each of the lanes.
#[inline(always)]
pub(super) fn add(row: &mut [Lane], shift: &Lane) {
    for lane in row {
        for l in 0..LANES {
            lane[l] += shift[l];
        }
    }
}
