//! Outputs of few input channels, where a column matrix costs more than the product: sums in registers over lanes that
//! lie side by side in a row.

use super::{plan::Plan, scratch};
use crate::{
    DType,
    kernels::{
        parts::Parts,
        simd::{Math, simd_fn},
    },
    parallel,
};
use std::ops::Range;

/// Output channels that are summed together with 16 lanes each; in narrow images, twice as many with 8.
const GROUP: usize = 6;
/// Elements of the copied rows of a band, unless it has few rows.
const BAND_ELEMENTS: usize = 6 << 10;
const FEWEST_ROWS: usize = 8;

/// Whether windows meet rows element by element and the sums are short.
pub(super) fn pays(plan: &Plan, dtype: DType) -> bool {
    let plain = plan.conv.stride == [1, 1] && plan.conv.groups == 1;
    let few = plan.depth() <= MOST_DEPTH && plan.taps() > 1 && plan.outputs >= FEWEST_OUTPUTS;
    dtype == DType::F32 && plain && few && plan.out[1] >= 8 && plan.flops() > 0
}
const MOST_DEPTH: usize = 80;
const FEWEST_OUTPUTS: usize = 4;

/// y = the convolution of x with W, plus b: band by band of an image, whose rows are first copied with their padding.
pub(super) fn forward(plan: &Plan, x: &[f32], w: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
    let (depth, width, plane) = (plan.depth(), plan.out[1], plan.positions());
    let wide = width >= 16 && 8 * width.next_multiple_of(16) <= 9 * width.next_multiple_of(8);
    let group = if wide { GROUP } else { 2 * GROUP };
    // A group that is not full sums a third or two thirds of a full one.
    let padded = |n: usize| n.next_multiple_of(group / 3);
    let weights: Vec<f32> = (0..plan.outputs)
        .step_by(group)
        .flat_map(|first| {
            let n = group.min(plan.outputs - first);
            let weight = move |o, i| if o < n { w[(first + o) * depth + i] } else { 0.0 };
            (0..depth).flat_map(move |i| (0..padded(n)).map(move |o| weight(o, i)))
        })
        .collect();
    let pitch = width + plan.conv.dilate[1] * (plan.window[1] - 1);
    let seen = |rows: usize| rows + plan.conv.dilate[0] * (plan.window[0] - 1);
    let band = (BAND_ELEMENTS / (plan.channels * pitch)).saturating_sub(seen(0)).max(FEWEST_ROWS).min(plan.out[0]);
    let bands = plan.out[0].div_ceil(band);
    let y = Parts::new(y);
    parallel::ranges(plan.images * bands, 1, plan.flops() / 60, |units| {
        let mut memory = scratch::<f32>(plan.channels * seen(band) * pitch);
        for unit in units {
            let (n, top) = (unit / bands, unit % bands * band);
            let rows = top..(top + band).min(plan.out[0]);
            let seen = seen(rows.len());
            let copy = &mut memory.make_mut::<f32>()[..plan.channels * seen * pitch];
            copy_rows(plan, &x[n * plan.channels * plan.plane()..], rows.clone(), pitch, copy);
            let offsets = offsets(plan, seen, pitch);
            for first in (0..plan.outputs).step_by(group) {
                let count = group.min(plan.outputs - first);
                let task = Task {
                    copy,
                    pitch,
                    offsets: &offsets,
                    weights: &weights[first * depth..][..padded(count) * depth],
                    bias: bias.map(|b| &b[first..first + count]),
                    count,
                    rows: rows.len(),
                    width,
                    plane,
                    start: (n * plan.outputs + first) * plane + top * width,
                };
                sums(&task, wide, y);
            }
        }
    });
}

/// Copies what `rows` of the output see of an image: (channels, rows, pitch), zeros around it.
fn copy_rows(plan: &Plan, image: &[f32], rows: Range<usize>, pitch: usize, copy: &mut [f32]) {
    let [height, width] = plan.size;
    let [above, left] = plan.conv.pad;
    let seen = copy.len() / plan.channels / pitch;
    let start = left.min(pitch);
    let n = width.min(pitch - start);
    for (i, line) in copy.chunks_exact_mut(pitch).enumerate() {
        let (channel, y) = (i / seen, rows.start + i % seen);
        line.fill(0.0);
        if y >= above && y - above < height {
            line[start..start + n].copy_from_slice(&image[(channel * height + y - above) * width..][..n]);
        }
    }
}

/// Where the taps lie in a copy, as distances from the first.
fn offsets(plan: &Plan, seen: usize, pitch: usize) -> Vec<usize> {
    let ([height, width], [down, across]) = (plan.window, plan.conv.dilate);
    let line = |c, y| (c * seen + y * down) * pitch;
    (0..plan.depth()).map(|i| line(i / (height * width), i / width % height) + i % width * across).collect()
}

/// Some rows of the output for a group of channels.
struct Task<'a> {
    copy: &'a [f32],
    pitch: usize,
    offsets: &'a [usize],
    /// (taps, channels and zeros).
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    count: usize,
    rows: usize,
    width: usize,
    plane: usize,
    /// Where the first channel's first row lies in the output.
    start: usize,
}

simd_fn! {
    fn sums(m, task: &Task, wide: bool, y: Parts<f32>) {
        match (wide, task.weights.len() / task.offsets.len()) {
            (true, 2) => group_sums::<16, 2>(m, task, y),
            (true, 4) => group_sums::<16, 4>(m, task, y),
            (true, _) => group_sums::<16, 6>(m, task, y),
            (false, 4) => group_sums::<8, 4>(m, task, y),
            (false, 8) => group_sums::<8, 8>(m, task, y),
            (false, _) => group_sums::<8, 12>(m, task, y),
        }
    }
}

/// Sums of `L` columns and `R` channels at a time.
#[inline(always)]
fn group_sums<const L: usize, const R: usize>(m: impl Math, task: &Task, y: Parts<f32>) {
    let weights = task.weights.as_chunks::<R>().0;
    let mut bias = [0.0; R];
    if let Some(given) = task.bias {
        bias[..task.count].copy_from_slice(given);
    }
    for row in 0..task.rows {
        for column in 0..task.width.div_ceil(L) {
            // The last ones reach back over those before them, rather than beyond the row.
            let left = (column * L).min(task.width - L);
            let from = &task.copy[row * task.pitch + left..];
            let mut sums = [[0.0; L]; R];
            for (&offset, w) in task.offsets.iter().zip(weights) {
                let x: &[f32; L] = from[offset..offset + L].try_into().expect("L elements");
                for r in 0..R {
                    for l in 0..L {
                        sums[r][l] = m.fma(w[r], x[l], sums[r][l]);
                    }
                }
            }
            for r in 0..R {
                if r < task.count {
                    let at = task.start + r * task.plane + row * task.width + left;
                    // SAFETY: these rows of this image and these channels are the caller's own.
                    let out = unsafe { y.part(at..at + L) };
                    for l in 0..L {
                        out[l] = sums[r][l] + bias[r];
                    }
                }
            }
        }
    }
}
