//! Where tiles lie on images.

use super::{
    Filter, LANES, Lane,
    pixels::{Canvas, Pixels},
};
use crate::kernels::convolution::plan::Plan;
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
    pub(super) filter: &'static Filter,
}

/// Neighbouring tiles of one image in one line, the first of which is number `at` of its block.
pub(super) struct Segment {
    pub(super) image: usize,
    pub(super) line: usize,
    pub(super) columns: Range<usize>,
    pub(super) at: usize,
}

impl Geometry {
    pub(super) fn new(plan: &Plan, filter: &'static Filter, [size, out]: [[usize; 2]; 2], pad: [usize; 2]) -> Geometry {
        let tiles = [0, 1].map(|d| out[d].div_ceil(filter.gives[d]));
        Geometry { images: plan.images, groups: plan.conv.groups, group: 0, size, out, pad, tiles, filter }
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
        x: Pixels<'a>,
        plane: usize,
        channels: usize,
        image: usize,
        panel: usize,
    ) -> Pixels<'a> {
        let first = self.first_channel(image, channels, panel);
        x.part(first * plane..(first + LANES.min(channels - panel * LANES)) * plane)
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
        y: Canvas,
    ) {
        let plane = self.out[0] * self.out[1];
        let first = self.first_channel(image, channels, panel) * plane + row * self.out[1] + column;
        // SAFETY: the positions of a tile are written by the task that was given the tile.
        unsafe { y.write(lanes, LANES.min(channels - panel * LANES), first, plane) }
    }
    pub(super) fn tiles(&self) -> usize {
        self.images * self.tiles[0] * self.tiles[1]
    }
    /// Lanes of working memory for blocks of `n` tiles.
    pub(super) fn strip(&self, n: usize) -> usize {
        let Filter { side, step, gives, .. } = *self.filter;
        side * (step[1].max(gives[1]) * n.min(self.tiles[1]) + 2)
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
