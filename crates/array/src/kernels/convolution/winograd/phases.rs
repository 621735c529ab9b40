//! Windows with gaps: where their elements are d apart, output positions of one remainder by d see input positions of one
//! remainder only, and see them as a window without gaps would. So every image becomes d · d smaller ones.

use super::{Canvas, Family, Pixels, Plan, backward_input, backward_weight, forward, scratch};
use crate::{
    Array, DType, Shape,
    kernels::{
        convolution::{Conv, every},
        parts::Parts,
        simd::simd_fn,
    },
    parallel,
};

/// The sides of a convolution, by which sizes are looked up.
const INPUT: usize = 0;
const OUTPUT: usize = 1;

/// A convolution that the transforms are used for.
pub(in super::super) struct Phases {
    /// Of the smaller images.
    plan: Plan,
    family: Family,
    /// From an element of a smaller image to the next in the larger one.
    apart: [usize; 2],
    /// Sizes of the larger images on both sides.
    sizes: [[usize; 2]; 2],
}

impl Phases {
    /// None where the transforms do not apply or do not pay.
    pub(in super::super) fn of(plan: &Plan, dtype: DType) -> Option<Phases> {
        let (conv, apart) = (plan.conv, plan.conv.dilate);
        let fits = (0..2).all(|d| apart[d] == 1 || conv.stride[d] == 1 && conv.pad[d].is_multiple_of(apart[d]));
        if !fits {
            return None;
        }
        let few = |n: [usize; 2]| [0, 1].map(|d| n[d].div_ceil(apart[d]));
        let sizes = [plan.size, plan.out];
        let plan = Plan {
            conv: Conv { dilate: [1, 1], pad: [0, 1].map(|d| conv.pad[d] / apart[d]), ..conv },
            images: plan.images * apart[0] * apart[1],
            size: few(plan.size),
            out: few(plan.out),
            ..*plan
        };
        let family = Family::of(&plan).filter(|family| family.pays(&plan, dtype))?;
        Some(Phases { plan, family, apart, sizes })
    }
    /// Whether they give the gradient of the weights, too.
    pub(in super::super) fn give_weights(&self) -> bool {
        self.plan.channels.max(self.plan.outputs) >= self.family.weights
    }
    fn is_whole(&self) -> bool {
        self.apart == [1, 1]
    }
    /// An operand as it is read: bf16, unless images are split, or f32.
    fn operand(&self, x: &Array) -> Array {
        if self.is_whole() { x.stored() } else { x.contiguous().cast(DType::F32) }
    }
    /// y = the convolution of x with W, plus b.
    pub(in super::super) fn forward(&self, x: &Array, w: &[f32], bias: Option<&[f32]>, shape: &Shape) -> Array {
        self.part_by_part([INPUT, OUTPUT], x, shape, |x, y| forward(&self.family, &self.plan, x, w, bias, y))
    }
    /// gx = the gradient of the input, plus b.
    pub(in super::super) fn backward_input(&self, gy: &Array, w: &[f32], bias: Option<&[f32]>, shape: &Shape) -> Array {
        self.part_by_part([OUTPUT, INPUT], gy, shape, |gy, gx| {
            backward_input(&self.family, &self.plan, gy, w, bias, gx)
        })
    }
    /// gW = the gradient of the weights.
    pub(in super::super) fn backward_weight(&self, x: &Array, gy: &Array, gw: &mut [f32]) {
        let [x, gy] = [x, gy].map(|operand| self.operand(operand));
        if self.is_whole() {
            return backward_weight(&self.family, &self.plan, Pixels::of(&x), Pixels::of(&gy), gw);
        }
        let (x, gy) = (self.split(x.as_slice(), INPUT), self.split(gy.as_slice(), OUTPUT));
        backward_weight(&self.family, &self.plan, Pixels::of(&x), Pixels::of(&gy), gw);
    }

    /// From images on one side to images of this shape on the other one, if need be by way of the smaller ones.
    fn part_by_part(
        &self,
        [from, to]: [usize; 2],
        x: &Array,
        shape: &Shape,
        convolve: impl FnOnce(Pixels, Canvas),
    ) -> Array {
        let x = self.operand(x);
        if !self.is_whole() {
            let (x, mut parts) = (self.split(x.as_slice(), from), self.parts(to));
            convolve(Pixels::of(&x), Canvas::Single(Parts::new(parts.make_mut())));
            return Array::build(shape, |y| self.join(parts.as_slice(), to, y));
        }
        match x.dtype() {
            DType::BF16 => Array::build(shape, |y| convolve(Pixels::of(&x), Canvas::Half(Parts::new(y)))),
            _ => Array::build(shape, |y| convolve(Pixels::of(&x), Canvas::Single(Parts::new(y)))),
        }
    }
    /// Channels (of all groups), rows and columns of a smaller image on this side.
    fn part(&self, side: usize) -> [usize; 3] {
        let [rows, columns] = [self.plan.size, self.plan.out][side];
        [[self.plan.channels, self.plan.outputs][side] * self.plan.conv.groups, rows, columns]
    }
    /// Room for all smaller images on this side.
    fn parts(&self, side: usize) -> Array {
        scratch::<f32>(self.plan.images * self.part(side).iter().product::<usize>())
    }
    /// The smaller images, with zeros where the larger ones end.
    fn split(&self, x: &[f32], side: usize) -> Array {
        let ([down, across], [height, width]) = (self.apart, self.sizes[side]);
        let [channels, rows, columns] = self.part(side);
        let (mut parts, part) = (self.parts(side), channels * rows * columns);
        parallel::chunks_mut(parts.make_mut::<f32>(), across * part, x.len(), |i, parts| {
            let image = &x[i / down * channels * height * width..][..channels * height * width];
            for (first, part) in parts.chunks_exact_mut(part).enumerate() {
                for (plane, part) in image.chunks_exact(height * width).zip(part.chunks_exact_mut(rows * columns)) {
                    for (y, to) in part.chunks_exact_mut(columns).enumerate() {
                        match plane.chunks_exact(width).nth(y * down + i % down) {
                            Some(from) => row(&from[first.min(width)..], across, to),
                            None => to.fill(0.0),
                        }
                    }
                }
            }
        });
        parts
    }
    /// The larger images from the smaller ones.
    fn join(&self, parts: &[f32], side: usize, y: &mut [f32]) {
        let ([down, across], [height, width]) = (self.apart, self.sizes[side]);
        let [channels, rows, columns] = self.part(side);
        let work = y.len();
        parallel::chunks_mut(y, channels * height * width, work, |image, y| {
            for (channel, plane) in y.chunks_exact_mut(height * width).enumerate() {
                for (row, to) in plane.chunks_exact_mut(width).enumerate() {
                    for first in 0..across {
                        let part = (image * down + row % down) * across + first;
                        let from = ((part * channels + channel) * rows + row / down) * columns;
                        spread(&parts[from..from + columns], across, &mut to[first.min(width)..]);
                    }
                }
            }
        });
    }
}

simd_fn! {
    /// Copies elements 0, `apart`, 2 · `apart`, …, and zeros after the last.
    fn row(m, from: &[f32], apart: usize, to: &mut [f32]) {
        let n = from.len().div_ceil(apart).min(to.len());
        let (copied, rest) = to.split_at_mut(n);
        every(from, apart, copied);
        rest.fill(0.0);
    }
}

/// Copies to elements 0, `apart`, 2 · `apart`, … as far as there are any.
fn spread(from: &[f32], apart: usize, to: &mut [f32]) {
    to.iter_mut().step_by(apart).zip(from).for_each(|(to, &v)| *to = v);
}
