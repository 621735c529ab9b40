//! The output of a stencil: what the taps see at a tile's positions is copied into a panel, which all outputs read.

use super::{
    Part, Stencil,
    copy::{copy_rows, gather, interleave},
    cut::Cut,
    scratch,
    tiles::{Run, Tiles},
};
use crate::{
    kernels::{
        matmul::{Product, Rows},
        parts::Parts,
    },
    parallel,
};
use std::ops::Range;

/// What a task computes at a time: a band of rows of some images of a group.
struct Unit {
    group: usize,
    images: Range<usize>,
    /// The band's first row.
    top: usize,
}

/// The sums of a part that could not be written where they belong.
struct Sums {
    start: usize,
    /// From an output's to the next one's.
    stride: usize,
    /// The tiles of a whole unit, and of the last one.
    tiles: [Tiles; 2],
}

impl Stencil {
    /// Computes the output.
    pub(in super::super) fn apply<T: Product>(&self, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
        let ([columns, half], outputs, groups) =
            ([Rows::<T>::columns(), Rows::<T>::half_columns()], self.outputs, self.groups);
        let cut = Cut::of::<T>(self);
        let (seen, plane) = (self.seen(cut.band), self.source[0] * self.source[1]);
        let blocks: Vec<_> =
            (0..self.inputs).step_by(cut.inputs).map(|first| first..(first + cut.inputs).min(self.inputs)).collect();
        let weights = self.weights(w, &blocks);
        let offsets: Vec<_> = self.parts.iter().map(|part| self.offsets(part, cut.inputs, seen)).collect();
        let most = offsets.iter().map(Vec::len).max().unwrap_or(0);
        let (bands, sets) = (self.count(0).div_ceil(cut.band), self.images.div_ceil(cut.images));
        let of_image = cut.inputs * self.planes() * seen * self.pitch();
        let mut room = 0;
        let sums: Vec<_> = self
            .parts
            .iter()
            .map(|part| {
                let rows = |top: usize| cut.band.min(part.count[0].saturating_sub(top));
                let last = [self.images - (sets - 1) * cut.images, rows((bands - 1) * cut.band)];
                let tiles = [[cut.images, rows(0)], last];
                let tiles = tiles.map(|size| Tiles::new(self, part, size, columns, of_image));
                // An odd number of tiles: strides of many pages would meet in few sets of the caches.
                let stride = (tiles[0].positions.max(tiles[1].positions).div_ceil(columns) | 1) * columns;
                let start = room;
                room += outputs * stride;
                Sums { start, stride, tiles }
            })
            .collect();
        let none = vec![T::ZERO; groups * outputs];
        let bias = bias.unwrap_or(&none);
        let y = Parts::new(y);
        let units = groups * sets * bands;
        // Tasks of a few units: what is zero around an image is written once a task.
        parallel::ranges(units, (units / 32).max(1), self.flops() / 60, |units| {
            let (of_copy, of_panel) = (cut.images * of_image + columns, (most + 1) * columns);
            let mut memory = scratch::<T>(of_copy + of_panel + room);
            let (copy, more) = memory.make_mut::<T>().split_at_mut(of_copy);
            let (panel, memory) = more.split_at_mut(of_panel);
            copy.fill(T::ZERO);
            for unit in units {
                let first = unit / bands / groups * cut.images;
                let images = first..(first + cut.images).min(self.images);
                let last = (images.len() < cut.images || unit % bands == bands - 1 && bands > 1) as usize;
                let unit = Unit { group: unit / bands % groups, images, top: unit % bands * cut.band };
                let bias = &bias[unit.group * outputs..][..outputs];
                for (block, inputs) in blocks.iter().enumerate() {
                    for (image, copy) in unit.images.clone().zip(copy.chunks_exact_mut(of_image)) {
                        let first = (image * groups + unit.group) * self.inputs + inputs.start;
                        let image = &x[first * plane..][..inputs.len() * plane];
                        copy_rows(self, image, unit.top, seen, copy);
                    }
                    for (i, part) in self.parts.iter().enumerate() {
                        let left = &weights[(unit.group * blocks.len() + block) * self.parts.len() + i];
                        let steps = &offsets[i][..inputs.len() * part.taps.len()];
                        for tile in &sums[i].tiles[last].each {
                            gather(copy, steps, &tile.places, panel);
                            let (out, stride) = match tile.whole {
                                true => (y.from(self.place(&unit, part, &tile.runs[0], 0)), self.out[0] * self.out[1]),
                                false => (memory[sums[i].start + tile.first..].as_mut_ptr(), sums[i].stride),
                            };
                            let left_over = sums[i].tiles[last].positions - tile.first;
                            let cols = if left_over <= half { half } else { columns };
                            for (n, outputs) in left.tiles().iter().enumerate() {
                                let begin = (block == 0).then(|| &bias[outputs.clone()]);
                                let out = out.wrapping_add(outputs.start * stride);
                                // SAFETY: these rows of the output, or the sums, are this unit's own.
                                unsafe { left.tile(n, panel, cols, begin, out, stride) }
                            }
                        }
                    }
                }
                self.finish(&unit, memory, &sums, last, y);
            }
        });
    }
    /// Floating-point operations of the whole.
    fn flops(&self) -> usize {
        let each: usize = self.parts.iter().map(|part| part.taps.len() * part.count[0] * part.count[1]).sum();
        2 * self.images * self.groups * self.outputs * self.inputs * each
    }
    /// The weights that blocks of inputs meet, packed: group by group, block by block, part by part.
    fn weights<T: Product>(&self, w: &[T], blocks: &[Range<usize>]) -> Vec<Rows<T>> {
        let [from_output, from_input] = self.windows;
        let mut all: Vec<Option<Rows<T>>> = Vec::new();
        all.resize_with(self.groups * blocks.len() * self.parts.len(), || None);
        parallel::chunks_mut(&mut all, 1, w.len() * 2, |i, packed| {
            let (part, i) = (&self.parts[i % self.parts.len()], i / self.parts.len());
            let (inputs, group) = (blocks[i % blocks.len()].clone(), i / blocks.len());
            let steps = inputs.flat_map(|i| part.taps.iter().map(move |(tap, _)| i * from_input + tap));
            let w = &w[w.len() / self.groups * group..];
            packed[0] = Some(Rows::new(w, self.outputs, from_output, &steps.collect::<Vec<_>>()));
        });
        all.into_iter().flatten().collect()
    }
    /// Where the first position of a run lies in a channel of the output.
    fn place(&self, unit: &Unit, part: &Part, run: &Run, channel: usize) -> usize {
        let image = (unit.images.start + run.image) * self.groups + unit.group;
        let row = part.start[0] + (unit.top + run.row) * self.apart[0];
        let plane = (image * self.outputs + channel) * self.out[0] + row;
        plane * self.out[1] + part.start[1] + run.column * self.apart[1]
    }
    /// Writes what is left among the sums where it belongs.
    fn finish<T: Product>(&self, unit: &Unit, memory: &[T], sums: &[Sums], last: usize, y: Parts<T>) {
        if self.apart == [1, 1] {
            for tile in sums[0].tiles[last].each.iter().filter(|tile| !tile.whole) {
                for channel in 0..self.outputs {
                    let from = &memory[sums[0].start + channel * sums[0].stride + tile.first..];
                    for run in &tile.runs {
                        let place = self.place(unit, &self.parts[0], run, channel);
                        // SAFETY: these positions of this channel of this image are this unit's own.
                        unsafe { y.part(place..place + run.len) }.copy_from_slice(&from[run.at..][..run.len]);
                    }
                }
            }
            return;
        }
        let across = self.apart[1].min(self.out[1]);
        for (i, parts) in self.parts.chunks_exact(across).enumerate() {
            let sums = &sums[i * across..][..across];
            let rows = sums[0].tiles[last].rows;
            for image in 0..unit.images.len() {
                for channel in 0..self.outputs {
                    for row in 0..rows {
                        let run = Run { at: 0, len: 0, image, row, column: 0 };
                        let place = self.place(unit, &parts[0], &run, channel);
                        // SAFETY: this row of this channel of this image is this unit's own.
                        let to = unsafe { y.part(place..place + self.out[1]) };
                        let from = |i: usize| {
                            let width = parts[i].count[1];
                            let first = sums[i].start + channel * sums[i].stride + (image * rows + row) * width;
                            &memory[first..][..width]
                        };
                        if across == 2 {
                            interleave(from(0), from(1), to);
                            continue;
                        }
                        for x in 0..across {
                            to[x..].iter_mut().step_by(across).zip(from(x)).for_each(|(to, &sum)| *to = sum);
                        }
                    }
                }
            }
        }
    }
}
