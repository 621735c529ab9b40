//! Convolution without a column matrix: rows of the source are copied with their padding, so that what each tap of the
//! window sees at neighbouring positions lies side by side, and products read it there.
//!
//! Positions are counted along the rows of the copy, over their ends: what lies between two rows is computed and left
//! out. Where windows are further apart, elements of one remainder lie together in a plane of their own; where output
//! elements are (the gradient of such a convolution), those of one remainder are a part that sees its own taps.

mod weights;

use super::{every, plan::Plan, scratch};
use crate::{
    kernels::{
        matmul::{Offsets, Product, Spread},
        parts::Parts,
        simd::simd_fn,
    },
    parallel,
};
use std::ops::Range;
pub(super) use weights::{backward_weight, pays as weights_pay};

/// Elements of a band's copy, unless it has few rows.
const BAND_ELEMENTS: usize = 3 << 14;
const FEWEST_ROWS: usize = 4;
/// With fewer outputs, the sums of a tile wait for each other.
const FEWEST_OUTPUTS: usize = 4;
/// Parts that the work is cut into, if there are so few images.
const FEWEST_UNITS: usize = 16;

/// Positions of the output that see the same taps, `apart` from each other.
struct Part {
    start: [usize; 2],
    count: [usize; 2],
    /// Which element of the window is seen how far from a position's place in the source.
    taps: Vec<(usize, [isize; 2])>,
}

/// How the planes of a source meet those of an output.
pub(super) struct Stencil {
    /// Images, times groups.
    images: usize,
    groups: usize,
    inputs: usize,
    outputs: usize,
    source: [usize; 2],
    out: [usize; 2],
    /// From the place of a position in the source to the next.
    step: [usize; 2],
    /// From a position of a part in the output to the next.
    apart: [usize; 2],
    /// From the window of an output to that of the next, and of an input, among the weights.
    windows: [usize; 2],
    parts: Vec<Part>,
    /// The least and the largest distance of all taps.
    reach: [[isize; 2]; 2],
}

impl Stencil {
    /// y from x.
    pub(super) fn forward(plan: &Plan) -> Stencil {
        let distance = |d: usize, k: usize| (k * plan.conv.dilate[d]) as isize - plan.conv.pad[d] as isize;
        let taps =
            (0..plan.taps()).map(|i| (i, [distance(0, i / plan.window[1]), distance(1, i % plan.window[1])])).collect();
        let part = Part { start: [0, 0], count: plan.out, taps };
        let [inputs, outputs] = [plan.channels, plan.outputs];
        let windows = [plan.depth(), plan.taps()];
        Stencil::new(plan, [inputs, outputs], [plan.size, plan.out], plan.conv.stride, [1, 1], windows, vec![part])
    }
    /// gx from gy: a part for every remainder of the stride.
    pub(super) fn backward_input(plan: &Plan) -> Stencil {
        let stride = plan.conv.stride;
        // Which elements of the window meet output positions at `start`, and how far away.
        let along = |d: usize, start: usize| {
            (0..plan.window[d]).filter_map(move |k| {
                let distance = (start + plan.conv.pad[d]) as isize - (k * plan.conv.dilate[d]) as isize;
                let step = stride[d] as isize;
                (distance.rem_euclid(step) == 0).then(|| (k, distance.div_euclid(step)))
            })
        };
        let starts =
            (0..stride[0].min(plan.size[0])).flat_map(|y| (0..stride[1].min(plan.size[1])).map(move |x| [y, x]));
        let parts = starts.map(|start| {
            let count = [0, 1].map(|d| (plan.size[d] - start[d]).div_ceil(stride[d]));
            let down = along(0, start[0]);
            let taps =
                down.flat_map(|(ky, dy)| along(1, start[1]).map(move |(kx, dx)| (ky * plan.window[1] + kx, [dy, dx])));
            Part { start, count, taps: taps.collect() }
        });
        let [inputs, outputs] = [plan.outputs, plan.channels];
        let windows = [plan.taps(), plan.depth()];
        Stencil::new(plan, [inputs, outputs], [plan.out, plan.size], [1, 1], stride, windows, parts.collect())
    }
    fn new(
        plan: &Plan,
        [inputs, outputs]: [usize; 2],
        [source, out]: [[usize; 2]; 2],
        step: [usize; 2],
        apart: [usize; 2],
        windows: [usize; 2],
        parts: Vec<Part>,
    ) -> Stencil {
        let mut reach = [[isize::MAX; 2], [isize::MIN; 2]];
        for (_, distance) in parts.iter().flat_map(|part| &part.taps) {
            for d in 0..2 {
                reach[0][d] = reach[0][d].min(distance[d]);
                reach[1][d] = reach[1][d].max(distance[d]);
            }
        }
        let groups = plan.conv.groups;
        Stencil {
            images: plan.images * groups,
            groups,
            inputs,
            outputs,
            source,
            out,
            step,
            apart,
            windows,
            parts,
            reach,
        }
    }

    /// Whether products fill their tiles.
    pub(super) fn pays<T: Product>(&self) -> bool {
        if self.reach[0][0] > self.reach[1][0] || self.outputs < FEWEST_OUTPUTS || self.images * self.inputs == 0 {
            return false;
        }
        let (rows, pitch) = (self.count(0), self.pitch());
        let computed = ((rows - 1) * pitch + self.count(1)).next_multiple_of(Spread::<T>::columns());
        2 * computed <= 3 * rows * self.count(1)
    }
    /// Positions of the largest part along an axis.
    fn count(&self, d: usize) -> usize {
        self.parts.iter().map(|part| part.count[d]).max().unwrap_or(0)
    }
    /// Elements that taps see along an axis beyond a position's own.
    fn beyond(&self, d: usize) -> usize {
        (self.reach[1][d] - self.reach[0][d]) as usize
    }
    /// Elements of a row of the copy.
    fn pitch(&self) -> usize {
        self.count(1) + self.beyond(1) / self.step[1]
    }
    /// Rows of the copy that so many rows of positions see.
    fn seen(&self, rows: usize) -> usize {
        rows + self.beyond(0) / self.step[0]
    }
    /// Remainders along an axis that taps see.
    fn remainders(&self, d: usize) -> usize {
        self.step[d].min(self.beyond(d) + 1)
    }
    /// Planes of the copy for one of the source: one a remainder.
    fn planes(&self) -> usize {
        self.remainders(0) * self.remainders(1)
    }
    /// Rows of positions that are computed from one copy.
    fn band(&self) -> usize {
        let rows = self.count(0);
        let room = BAND_ELEMENTS / (self.inputs * self.planes() * self.pitch());
        let most = room.saturating_sub(self.seen(0)).max(FEWEST_ROWS).min(rows);
        let cuts = rows.div_ceil(most).max(FEWEST_UNITS.div_ceil(self.images));
        rows.div_ceil(cuts).max(FEWEST_ROWS).min(rows)
    }
    /// Where taps see a copy, as distances from a position's place.
    fn offsets(&self, part: &Part, seen: usize) -> Offsets {
        let place = |input: usize, distance: &[isize; 2]| {
            let [y, x] = [0, 1].map(|d| (distance[d] - self.reach[0][d]) as usize);
            let plane = input * self.planes() + y % self.step[0] * self.remainders(1) + x % self.step[1];
            (plane * seen + y / self.step[0]) * self.pitch() + x / self.step[1]
        };
        let all = (0..self.inputs).flat_map(|input| part.taps.iter().map(move |(_, distance)| place(input, distance)));
        Offsets::new(all.collect())
    }
    /// Copies what the rows of positions from `top` on see of an image, zeros around it.
    fn copy<T: Product>(&self, image: &[T], top: usize, seen: usize, copy: &mut [T]) {
        copy_rows(self, image, top, seen, copy)
    }

    /// Computes the output.
    pub(super) fn apply<T: Product>(&self, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
        let (inputs, outputs, groups) = (self.inputs, self.outputs, self.groups);
        let ([from_output, from_input], kernel) = (self.windows, w.len() / self.groups);
        let (band, pitch) = (self.band(), self.pitch());
        let (bands, columns) = (self.count(0).div_ceil(band), Spread::<T>::columns());
        let seen = self.seen(band);
        let mut flops = 0;
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(|part| {
                let left = |group: usize| {
                    let each = |o: usize| (0..inputs).flat_map(move |i| part.taps.iter().map(move |(k, _)| (o, i, *k)));
                    let row = (0..outputs)
                        .flat_map(each)
                        .map(|(o, i, k)| w[group * kernel + o * from_output + i * from_input + k]);
                    Spread::new(&row.collect::<Vec<T>>(), outputs, inputs * part.taps.len())
                };
                flops += 2 * outputs * inputs * part.taps.len() * part.count[0] * part.count[1];
                (part, self.offsets(part, seen), (0..groups).map(left).collect::<Vec<_>>())
            })
            .collect();
        let none = vec![T::ZERO; groups * outputs];
        let bias = bias.unwrap_or(&none);
        let source = inputs * self.source[0] * self.source[1];
        let (plane, y) = (self.out[0] * self.out[1], Parts::new(y));
        parallel::ranges(self.images * bands, 1, self.images * flops / 60, |units| {
            let elements = inputs * self.planes() * seen * pitch;
            let mut memory = scratch::<T>(elements + columns);
            let copy = memory.make_mut::<T>();
            copy[elements..].fill(T::ZERO);
            let mut sums = vec![T::ZERO; Spread::<T>::height() * columns];
            for unit in units {
                let (at, top) = (unit / bands, unit % bands * band);
                self.copy(&x[at * source..(at + 1) * source], top, seen, copy);
                for (part, offsets, left) in &parts {
                    let rows = band.min(part.count[0].saturating_sub(top));
                    for positions in self.tiles(part, rows, columns) {
                        let (row, column) = (positions.start / pitch, positions.start % pitch);
                        let whole = self.apart[1] == 1 && positions.len() == columns;
                        let whole = whole && column + columns <= part.count[1];
                        for outputs in left[at % groups].tiles() {
                            let begin = &bias[at % groups * self.outputs..][outputs.clone()];
                            let channel = at * self.outputs + outputs.start;
                            let line = Line { part, top, plane, start: channel * plane };
                            let tile = |out, row_stride| {
                                let (left, right) = (&left[at % groups], &copy[positions.start..]);
                                // SAFETY: rows of this band of these channels of this image are this unit's own.
                                unsafe { left.tile(outputs.clone(), right, offsets, begin, out, row_stride) }
                            };
                            if whole {
                                tile(y.from(self.place(&line, row, column)), plane);
                                continue;
                            }
                            tile(sums.as_mut_ptr(), columns);
                            self.put(&line, positions.clone(), outputs.len(), &sums, columns, y);
                        }
                    }
                }
            }
        });
    }
    /// The positions of each tile of some rows: row by row where that computes no more than going on over their ends.
    fn tiles(&self, part: &Part, rows: usize, columns: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let (pitch, width) = (self.pitch(), part.count[1]);
        let (lines, length) = match width.next_multiple_of(columns) <= pitch {
            true => (rows, width),
            false => (rows.min(1), (rows.max(1) - 1) * pitch + width),
        };
        (0..lines).flat_map(move |line| {
            let (start, end) = (line * pitch, line * pitch + length);
            (start..end).step_by(columns).map(move |first| first..(first + columns).min(end))
        })
    }
    /// The first element that belongs to a position of a line.
    fn place(&self, line: &Line, row: usize, column: usize) -> usize {
        let y = line.part.start[0] + (line.top + row) * self.apart[0];
        line.start + y * self.out[1] + line.part.start[1] + column * self.apart[1]
    }
    /// Writes `height` rows of sums of some positions where they belong, without those between two rows.
    fn put<T: Product>(
        &self,
        line: &Line,
        positions: Range<usize>,
        height: usize,
        sums: &[T],
        columns: usize,
        y: Parts<T>,
    ) {
        let (mut at, pitch, across) = (positions.start, self.pitch(), self.apart[1]);
        while at < positions.end {
            let (row, column) = (at / pitch, at % pitch);
            let end = (row * pitch + line.part.count[1]).min(positions.end);
            if at < end {
                let (place, n) = (self.place(line, row, column), end - at);
                let sums = &sums[at - positions.start..];
                for r in 0..height {
                    let to = place + r * line.plane;
                    // SAFETY: these positions of this channel of this image are the caller's own.
                    let to = unsafe { y.part(to..to + (n - 1) * across + 1) };
                    match across {
                        1 => to.copy_from_slice(&sums[r * columns..][..n]),
                        _ => to.iter_mut().step_by(across).zip(&sums[r * columns..]).for_each(|(to, &sum)| *to = sum),
                    }
                }
            }
            at = (row + 1) * pitch;
        }
    }
}

/// Where the sums of some channels go.
struct Line<'a> {
    part: &'a Part,
    /// The band's first row of positions.
    top: usize,
    /// Elements from one channel to the next.
    plane: usize,
    /// The first channel's first element.
    start: usize,
}

simd_fn! {
    fn copy_rows<T: Product>(m, stencil: &Stencil, image: &[T], top: usize, seen: usize, copy: &mut [T]) {
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
                        line[..start].fill(T::ZERO);
                        line[end..].fill(T::ZERO);
                        every(from, across, &mut line[start..end]);
                    }
                }
            }
        }
    }
}
