//! What a convolution needs to know: lengths, and which output positions meet which input positions.

use crate::kernels::parts::equal_parts;
use std::ops::Range;

/// Options of a two-dimensional convolution, as (vertical, horizontal) pairs.
///
/// ```
/// use kusari_array::Conv;
/// let conv = Conv { stride: [2, 2], pad: [1, 1], ..Conv::default() };
/// assert_eq!(conv.output_size([28, 28], [3, 3]), Some([14, 14]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conv {
    /// Steps between neighbouring windows (1).
    pub stride: [usize; 2],
    /// Zeros added on either side (0).
    pub pad: [usize; 2],
    /// Steps between neighbouring elements of a window (1).
    pub dilate: [usize; 2],
    /// Groups that channels fall into; a group of outputs sees its group of inputs only (1).
    pub groups: usize,
    /// Whether every input position is covered, by a last window that may reach beyond the padding (no).
    pub cover_all: bool,
}

impl Default for Conv {
    fn default() -> Conv {
        Conv { stride: [1, 1], pad: [0, 0], dilate: [1, 1], groups: 1, cover_all: false }
    }
}

impl Conv {
    /// The size of the output for an input and a window of the given sizes; `None` when the window does not fit.
    pub fn output_size(&self, size: [usize; 2], window: [usize; 2]) -> Option<[usize; 2]> {
        let along = |d: usize| {
            let reach = self.dilate[d] * window[d].checked_sub(1)? + 1;
            let room = (size[d] + 2 * self.pad[d]).checked_sub(reach)?;
            let more = if self.cover_all { self.stride[d] - 1 } else { 0 };
            Some((room + more) / self.stride[d] + 1)
        };
        Some([along(0)?, along(1)?])
    }
    /// The size of a deconvolution's output, the smallest whose convolution has the given size; `None` when padding
    /// takes all of it away.
    pub fn input_size(&self, size: [usize; 2], window: [usize; 2]) -> Option<[usize; 2]> {
        let along = |d: usize| {
            let reach = self.dilate[d] * window[d].checked_sub(1)? + 1;
            let less = if self.cover_all { self.stride[d] - 1 } else { 0 };
            (self.stride[d] * size[d].checked_sub(1)? + reach).checked_sub(less + 2 * self.pad[d])
        };
        Some([along(0)?, along(1)?])
    }
    /// Whether steps and groups are at least 1.
    pub(super) fn is_sound(&self) -> bool {
        self.groups > 0 && self.stride.iter().chain(&self.dilate).all(|&n| n > 0)
    }
}

/// Lengths of one convolution; channels are counted inside a group.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) conv: Conv,
    pub(super) images: usize,
    pub(super) channels: usize,
    pub(super) outputs: usize,
    pub(super) size: [usize; 2],
    pub(super) window: [usize; 2],
    pub(super) out: [usize; 2],
}

impl Plan {
    /// Elements of a channel of the input.
    pub(super) fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }
    /// Elements of a channel of the output.
    pub(super) fn positions(&self) -> usize {
        self.out[0] * self.out[1]
    }
    /// Elements of a window.
    pub(super) fn taps(&self) -> usize {
        self.window[0] * self.window[1]
    }
    /// Elements that an output element sums over.
    pub(super) fn depth(&self) -> usize {
        self.channels * self.taps()
    }
    /// Floating-point operations of the whole.
    pub(super) fn flops(&self) -> usize {
        2 * self.images * self.conv.groups * self.outputs * self.depth() * self.positions()
    }
    /// Whether windows are single elements that meet the input one by one, so that the input is its own column matrix.
    pub(super) fn is_pointwise(&self) -> bool {
        self.window == [1, 1] && self.conv.stride == [1, 1] && self.conv.pad == [0, 0] && self.out == self.size
    }
    /// Whether groups are so thin that direct loops beat products.
    pub(super) fn is_depthwise(&self) -> bool {
        self.channels == 1 && self.outputs <= 4 && self.conv.groups > 1
    }
    /// Along axis `d`, the output positions that tap `tap` of the window joins with an input position, and the
    /// distance: input = output · stride + distance.
    #[inline]
    pub(super) fn span(&self, d: usize, tap: usize) -> (Range<usize>, isize) {
        let distance = (tap * self.conv.dilate[d]) as isize - self.conv.pad[d] as isize;
        let stride = self.conv.stride[d];
        let start = if distance < 0 { distance.unsigned_abs().div_ceil(stride) } else { 0 };
        let end = (self.size[d] as isize - distance).max(0) as usize;
        let end = end.div_ceil(stride).min(self.out[d]);
        (start.min(end)..end, distance)
    }
    /// Rows of the output that are computed together: so many that the column matrix stays in the cache, yet the
    /// product does not become thin.
    pub(super) fn tile(&self) -> usize {
        let columns = (COLUMN_ELEMENTS / self.depth().max(1)).max(FEWEST_COLUMNS);
        let rows = columns.div_ceil(self.out[1].max(1)).min(self.out[0]).max(1);
        equal_parts(self.out[0], rows)
    }
}

/// Where the window that joins an input with an output channel lies among the weights, as one direction sees it.
pub(super) struct Kernels {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    /// From one output, and from one input, to the next.
    pub(super) steps: [usize; 2],
    /// Whether windows are read backwards.
    pub(super) turned: bool,
}

impl Kernels {
    /// Of a group of a convolution.
    pub(super) fn forward(plan: &Plan) -> Kernels {
        let steps = [plan.depth(), plan.taps()];
        Kernels { outputs: plan.outputs, inputs: plan.channels, steps, turned: false }
    }
    /// The same of the convolution that takes the gradient of its output to that of its input, where steps are 1.
    pub(super) fn backward(plan: &Plan) -> Kernels {
        let steps = [plan.taps(), plan.depth()];
        Kernels { outputs: plan.channels, inputs: plan.outputs, steps, turned: true }
    }
}

/// Elements of the column matrix of a tile, unless that gave fewer columns than below.
const COLUMN_ELEMENTS: usize = 1 << 16;
const FEWEST_COLUMNS: usize = 192;
