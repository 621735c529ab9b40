//! Tiles of images: where they lie, and the way from an image to their numbers and back.

use super::{
    LANES, Lane, POINTS, ROW_POINTS, spread,
    transform::{gradient, input, lanes, output},
    turn::{SIDE, from_lanes, to_lanes},
};
use crate::kernels::{
    parts::Parts,
    simd::{Math, simd_fn},
};
use std::ops::Range;

/// Images and how tiles lie on them.
#[derive(Clone, Copy)]
pub(super) struct Geometry {
    images: usize,
    /// Groups of channels, and the one that is meant.
    groups: usize,
    group: usize,
    pub(super) size: [usize; 2],
    pub(super) out: [usize; 2],
    pub(super) pad: [usize; 2],
    /// Tiles along an image's height and width.
    tiles: [usize; 2],
    /// Numbers that a tile is transformed to.
    pub(super) points: usize,
}

/// Neighbouring tiles of one image in one line, the first of which is number `at` of its block.
pub(super) struct Segment {
    pub(super) image: usize,
    pub(super) line: usize,
    pub(super) columns: Range<usize>,
    pub(super) at: usize,
}

impl Geometry {
    pub(super) fn new(images: usize, groups: usize, size: [usize; 2], out: [usize; 2], pad: [usize; 2]) -> Geometry {
        let tiles = out.map(|n| n.div_ceil(4));
        Geometry { images, groups, group: 0, size, out, pad, tiles, points: POINTS }
    }
    /// The same for windows of a single row, whose tiles are 4 positions of one.
    pub(super) fn rows(self) -> Geometry {
        Geometry { tiles: [self.out[0], self.out[1].div_ceil(4)], points: ROW_POINTS, ..self }
    }
    /// The same in each of the groups.
    pub(super) fn each_group(self) -> impl Iterator<Item = Geometry> {
        (0..self.groups).map(move |group| Geometry { group, ..self })
    }
    /// The part of what all groups have that is this one's: of weights, of biases.
    pub(super) fn part<'a>(&self, all: &'a [f32]) -> &'a [f32] {
        let n = all.len() / self.groups;
        &all[self.group * n..(self.group + 1) * n]
    }
    /// The number of the first channel of `panel` in an image, over all images, where a group has so many channels.
    fn first_channel(&self, image: usize, channels: usize, panel: usize) -> usize {
        (image * self.groups + self.group) * channels + panel * LANES
    }
    /// The planes, of so many elements, of the channels of `panel` in an image.
    #[inline(always)]
    pub(super) fn planes<'a>(
        &self,
        x: &'a [f32],
        plane: usize,
        channels: usize,
        image: usize,
        panel: usize,
    ) -> &'a [f32] {
        &x[self.first_channel(image, channels, panel) * plane..][..LANES.min(channels - panel * LANES) * plane]
    }
    /// Writes what the channels of `panel` have at neighbouring positions of the output, of which the first is given.
    #[inline(always)]
    pub(super) fn write(
        &self,
        lanes: &[Lane],
        channels: usize,
        panel: usize,
        image: usize,
        [row, column]: [usize; 2],
        y: Parts<f32>,
    ) {
        let first = self.first_channel(image, channels, panel);
        let out = |l: usize| {
            let start = ((first + l) * self.out[0] + row) * self.out[1] + column;
            // SAFETY: the positions of a tile are written by the task that was given the tile.
            unsafe { y.part(start..start + lanes.len()) }
        };
        let count = LANES.min(channels - panel * LANES);
        let fours = count / SIDE * SIDE;
        for l in (0..fours).step_by(SIDE) {
            from_lanes(lanes, l, std::array::from_fn(|i| out(l + i)));
        }
        for l in fours..count {
            out(l).iter_mut().zip(lanes).for_each(|(out, lane)| *out = lane[l]);
        }
    }
    pub(super) fn is_rows(&self) -> bool {
        self.points == ROW_POINTS
    }
    pub(super) fn tiles(&self) -> usize {
        self.images * self.tiles[0] * self.tiles[1]
    }
    /// Lanes of working memory for blocks of `n` tiles.
    pub(super) fn strip(&self, n: usize) -> usize {
        6 * (4 * n.min(self.tiles[1]) + 2)
    }
    pub(super) fn segments(&self, range: Range<usize>) -> impl Iterator<Item = Segment> {
        let [down, across] = self.tiles;
        let mut next = range.start;
        std::iter::from_fn(move || {
            let (line, column) = (next / across, next % across);
            let (at, end) = (next - range.start, across.min(column + range.end - next));
            next += end - column;
            (end > column).then(|| Segment { image: line / down, line: line % down, columns: column..end, at })
        })
    }
}

/// Copies part of 16 channels' planes to `strip` (rows, width), channels last: from row and column `origin` on, zeros
/// outside the planes and for channels that do not exist.
#[inline(always)]
pub(super) fn load(
    planes: &[f32],
    size: [usize; 2],
    origin: [isize; 2],
    [rows, width]: [usize; 2],
    strip: &mut [Lane],
) {
    let end = (size[1] as isize - origin[1]).clamp(0, width as isize) as usize;
    let start = (-origin[1]).clamp(0, end as isize) as usize;
    let left = (origin[1] + start as isize) as usize;
    let plane = size[0] * size[1];
    for (row, line) in strip.chunks_exact_mut(width).take(rows).enumerate() {
        let y = origin[0] + row as isize;
        if y < 0 || y >= size[0] as isize {
            line.fill([0.0; LANES]);
            continue;
        }
        line[..start].fill([0.0; LANES]);
        line[end..].fill([0.0; LANES]);
        let line = &mut line[start..end];
        let row = |l: usize| &planes[l * plane + y as usize * size[1] + left..][..end - start];
        let channels = planes.len() / plane;
        if channels < LANES {
            line.fill([0.0; LANES]);
            for l in 0..channels {
                line.iter_mut().zip(row(l)).for_each(|(lane, &v)| lane[l] = v);
            }
            continue;
        }
        for l in (0..LANES).step_by(SIDE) {
            to_lanes(std::array::from_fn(|i| row(l + i)), l, line);
        }
    }
}

/// What the bias adds to each of `count` channels from `first` on.
#[inline(always)]
pub(super) fn shift(bias: Option<&[f32]>, first: usize, count: usize) -> Lane {
    let mut shift = [0.0; LANES];
    if let Some(bias) = bias {
        shift[..count].copy_from_slice(&bias[first..first + count]);
    }
    shift
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

/// Images to be transformed in tiles of N × N, of which the first lies `pad` before the image's corner.
#[derive(Clone, Copy)]
struct Images<'a> {
    x: &'a [f32],
    channels: usize,
    size: [usize; 2],
    pad: [usize; 2],
}

/// Some tiles transformed by `f` on both sides: (36, panels · tiles, 16).
#[inline(always)]
fn transformed<M: Math, const N: usize>(
    m: M,
    f: impl Fn(M, [f32; N]) -> [f32; 6],
    g: &Geometry,
    images: Images,
    tiles: Range<usize>,
    strip: &mut [Lane],
    to: &mut [Lane],
) {
    let Images { x, channels, size, pad } = images;
    let (panels, n) = (channels.div_ceil(LANES), tiles.len());
    for s in g.segments(tiles) {
        let width = 4 * s.columns.len() + N - 4;
        let origin = [0, 1].map(|d| 4 * [s.line, s.columns.start][d] as isize - pad[d] as isize);
        for panel in 0..panels {
            load(g.planes(x, size[0] * size[1], channels, s.image, panel), size, origin, [N, width], strip);
            for x in 0..width {
                lanes!(f(m), [i; N] strip[i * width + x], [k; 6] strip[k * width + x]);
            }
            for y in 0..6 {
                for t in 0..s.columns.len() {
                    let at = panel * n + s.at + t;
                    lanes!(f(m), [i; N] strip[y * width + 4 * t + i], [k; 6] to[(6 * y + k) * spread(panels * n) + at]);
                }
            }
        }
    }
}

simd_fn! {
    /// The transformed input of some tiles.
    pub(super) fn inputs(m, g: &Geometry, x: &[f32], channels: usize, tiles: Range<usize>, strip: &mut [Lane], to: &mut [Lane]) {
        transformed(m, input, g, Images { x, channels, size: g.size, pad: g.pad }, tiles, strip, to);
    }
}

simd_fn! {
    /// The transformed gradient of some tiles of the output.
    pub(super) fn gradients(m, g: &Geometry, gy: &[f32], channels: usize, tiles: Range<usize>, strip: &mut [Lane], to: &mut [Lane]) {
        transformed(m, gradient, g, Images { x: gy, channels, size: g.out, pad: [0, 0] }, tiles, strip, to);
    }
}

simd_fn! {
    /// Writes some tiles of the output channels of `panel` from their products (36, n, 16), with a bias.
    pub(super) fn outputs(
        m, g: &Geometry, products: &[Lane], channels: usize, panel: usize, bias: Option<&[f32]>, tiles: Range<usize>,
        strip: &mut [Lane], y: Parts<f32>,
    ) {
        let (n, first) = (tiles.len(), panel * LANES);
        let count = LANES.min(channels - first);
        let shift = shift(bias, first, count);
        for s in g.segments(tiles) {
            let width = 4 * s.columns.len();
            for t in 0..s.columns.len() {
                let mut middle = [[0.0; LANES]; 24];
                for x in 0..6 {
                    lanes!(output(m), [i; 6] products[(6 * i + x) * spread(n) + s.at + t], [k; 4] middle[6 * k + x]);
                }
                for k in 0..4 {
                    let row = &mut strip[k * width + 4 * t..][..4];
                    lanes!(output(m), [i; 6] middle[6 * k + i], [j; 4] row[j]);
                    add(row, &shift);
                }
            }
            let (top, left) = (4 * s.line, 4 * s.columns.start);
            let columns = width.min(g.out[1] - left);
            for row in 0..4.min(g.out[0] - top) {
                g.write(&strip[row * width..][..columns], channels, panel, s.image, [top + row, left], y);
            }
        }
    }
}
