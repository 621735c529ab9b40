//! Convolution without a column matrix: rows of the source are copied with their padding, so that what each tap of the
//! window sees at neighbouring positions lies side by side. A tile of positions copies it from there, for as many steps as
//! stay in the nearest cache, into a panel that all outputs are multiplied with.
//!
//! Positions are counted over the ends of rows and images. Where windows are further apart, elements of one remainder lie
//! together in a plane of their own; where output elements are (the gradient of such a convolution), those of one
//! remainder are a part that sees its own taps.

mod apply;
mod copy;
mod cut;
mod tiles;
mod weights;

use super::{plan::Plan, scratch};
use crate::kernels::matmul::Product;
use cut::Cut;
pub(super) use weights::{backward_weight, pays as weights_pay};

/// With fewer outputs, the sums of a tile wait for each other.
const FEWEST_OUTPUTS: usize = 4;

/// Positions of the output that see the same taps, `apart` from each other.
struct Part {
    start: [usize; 2],
    count: [usize; 2],
    /// Which element of the window is seen how far from a position's place in the source.
    taps: Vec<(usize, [isize; 2])>,
}

/// How the planes of a source meet those of an output.
pub(super) struct Stencil {
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
        Stencil { images: plan.images, groups, inputs, outputs, source, out, step, apart, windows, parts, reach }
    }

    /// Whether products fill their tiles.
    pub(super) fn pays<T: Product>(&self) -> bool {
        self.is_usual() && Cut::of::<T>(self).pays::<T>(self)
    }
    /// Whether there is something to compute, for more than a few outputs.
    fn is_usual(&self) -> bool {
        self.reach[0][0] <= self.reach[1][0] && self.outputs >= FEWEST_OUTPUTS && self.images * self.inputs > 0
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
    /// Where taps see a copy, as distances from a position's place.
    fn offsets(&self, part: &Part, inputs: usize, seen: usize) -> Vec<usize> {
        let place = |input: usize, distance: &[isize; 2]| {
            let [y, x] = [0, 1].map(|d| (distance[d] - self.reach[0][d]) as usize);
            let plane = input * self.planes() + y % self.step[0] * self.remainders(1) + x % self.step[1];
            (plane * seen + y / self.step[0]) * self.pitch() + x / self.step[1]
        };
        let all = (0..inputs).flat_map(|input| part.taps.iter().map(move |(_, distance)| place(input, distance)));
        all.collect()
    }
}
