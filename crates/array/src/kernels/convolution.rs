//! Two-dimensional convolution in its three directions: output, input (deconvolution) and weight gradient.

mod columns;
mod depthwise;
mod direct;
mod plan;
mod product;
mod winograd;

pub use plan::Conv;

use crate::{Array, DType, Float, Shape, dtype::match_float};
use direct::Stencil;
use plan::Plan;
use winograd::Phases;

impl Conv {
    /// The shape of [`Array::convolution_2d`]'s result, or a message that says what does not fit.
    ///
    /// # Errors
    /// When shapes or options do not fit.
    pub fn convolution_shape(&self, x: &[usize], w: &[usize], bias: Option<&[usize]>) -> Result<Shape, String> {
        let name = "convolution_2d";
        let (x4, w4) = self.operands(name, x, w, w.first().copied().unwrap_or(0), bias)?;
        let fits = x4[1] == w4[1] * self.groups && w4[0] % self.groups == 0;
        if !fits {
            let expected = format!("x (n, c, h, w) and w (o, c / groups, kh, kw) with groups = {}", self.groups);
            return Err(format!("{name}: expected {expected}, got x {} and w {}", Shape::new(x), Shape::new(w)));
        }
        let Some([h, w]) = self.output_size([x4[2], x4[3]], [w4[2], w4[3]]) else {
            return Err(format!(
                "{name}: expected a window that fits into the padded image, got x {} and w {} with pad {:?} and dilate {:?}",
                Shape::new(x),
                Shape::new(w),
                self.pad,
                self.dilate
            ));
        };
        Ok(Shape::new(&[x4[0], w4[0], h, w]))
    }

    /// The shape of [`Array::deconvolution_2d`]'s result, or a message that says what does not fit; without a `size`,
    /// the smallest.
    ///
    /// # Errors
    /// When shapes or options do not fit.
    pub fn deconvolution_shape(
        &self,
        x: &[usize],
        w: &[usize],
        bias: Option<&[usize]>,
        size: Option<[usize; 2]>,
    ) -> Result<Shape, String> {
        let name = "deconvolution_2d";
        let outputs = w.get(1).copied().unwrap_or(0) * self.groups;
        let (x4, w4) = self.operands(name, x, w, outputs, bias)?;
        if x4[1] != w4[0] || !w4[0].is_multiple_of(self.groups) {
            let expected = format!("x (n, c, h, w) and w (c, o / groups, kh, kw) with groups = {}", self.groups);
            return Err(format!("{name}: expected {expected}, got x {} and w {}", Shape::new(x), Shape::new(w)));
        }
        let window = [w4[2], w4[3]];
        let Some(size) = size.or_else(|| self.input_size([x4[2], x4[3]], window)) else {
            let given = format!("x {} and w {} with pad {:?}", Shape::new(x), Shape::new(w), self.pad);
            return Err(format!("{name}: expected an output larger than its padding, got {given}"));
        };
        if self.output_size(size, window) != Some([x4[2], x4[3]]) {
            let given = format!("{size:?} for x {} and w {}", Shape::new(x), Shape::new(w));
            return Err(format!("{name}: expected an output size whose convolution has x's size, got {given}"));
        }
        Ok(Shape::new(&[x4[0], outputs, size[0], size[1]]))
    }

    /// What both directions demand: four axes each, options that make sense, a bias that fits.
    fn operands(
        &self,
        name: &str,
        x: &[usize],
        w: &[usize],
        outputs: usize,
        bias: Option<&[usize]>,
    ) -> Result<([usize; 4], [usize; 4]), String> {
        if !self.is_sound() {
            return Err(format!("{name}: expected stride, dilate and groups of at least 1, got {self:?}"));
        }
        let (Ok(x4), Ok(w4)) = (<[usize; 4]>::try_from(x), <[usize; 4]>::try_from(w)) else {
            let given = format!("x {} and w {}", Shape::new(x), Shape::new(w));
            return Err(format!("{name}: expected x and w of four axes, got {given}"));
        };
        if bias.is_some_and(|b| *b != [outputs]) {
            let given = Shape::new(bias.unwrap_or(&[]));
            return Err(format!("{name}: expected b of shape ({outputs},), got {given}"));
        }
        Ok((x4, w4))
    }
}

#[track_caller]
fn expect_one_dtype(name: &str, arrays: &[&Array]) {
    let dtype = arrays[0].dtype();
    if dtype == DType::BF16 && arrays[1..].iter().all(|a| a.dtype() == DType::F32) {
        return; // weights and bias
    }
    if !dtype.is_float() || arrays.iter().any(|a| a.dtype() != dtype) {
        let given: Vec<_> = arrays.iter().map(|a| a.dtype().name()).collect();
        panic!("{name}: expected arrays of one floating-point dtype, got {}", given.join(", "));
    }
}

impl Array {
    /// Convolution (cross-correlation) of images: with `x` (n, c, h, w), `W` (o, c / groups, kh, kw) and `b` (o,),
    /// y\[n, o, i, j\] = b\[o\] + Σ x\[n, c, i · stride − pad + k · dilate, …\] · W\[o, c, k, …\]. Where `x` is bf16, `W`
    /// (which is rounded) and `b` may be f32.
    ///
    /// # Panics
    /// When shapes, options or dtypes do not fit.
    #[track_caller]
    pub fn convolution_2d(&self, w: &Array, bias: Option<&Array>, conv: &Conv) -> Array {
        let shape = conv
            .convolution_shape(self.shape(), w.shape(), bias.map(|b| &b.shape()[..]))
            .unwrap_or_else(|e| panic!("{e}"));
        expect_one_dtype("convolution_2d", &[&[self, w], bias.as_slice()].concat());
        let dtype = self.dtype();
        let (w, bias) = widened_weights(dtype, w, bias);
        let plan = plan(conv, self.shape(), w.shape(), [shape[2], shape[3]], shape[1]);
        if let Some(transforms) = Phases::of(&plan, dtype.compute()) {
            let bias = bias.as_ref().map(|b| b.as_slice::<f32>());
            return transforms.forward(self, w.as_slice(), bias, &shape).cast(dtype);
        }
        let x = self.computed();
        match_float!(x.dtype(), T => Array::build::<T>(&shape, |y| {
            let (x, w, bias) = (x.as_slice::<T>(), w.as_slice::<T>(), bias.as_ref().map(|b| b.as_slice::<T>()));
            match () {
                _ if y.is_empty() => (),
                _ if x.is_empty() || w.is_empty() => fill(bias, plan.positions(), y),
                _ if plan.is_depthwise() => depthwise::forward(&plan, x, w, bias, y),
                _ if plan.is_pointwise() => product::forward(&plan, x, w, bias, y),
                _ => match Stencil::forward(&plan) {
                    stencil if stencil.pays::<T>() => stencil.apply(x, w, bias, y),
                    _ => product::forward(&plan, x, w, bias, y),
                },
            }
        }))
        .cast(dtype)
    }

    /// The transpose of a convolution, with output `size` (height, width): every input element adds its multiple of
    /// the window to the output. `x` (n, c, h, w), `W` (c, o / groups, kh, kw), `b` (o,). Also the gradient of
    /// [`Array::convolution_2d`] with respect to its input, with `W` as it is there.
    ///
    /// # Panics
    /// When shapes, options or dtypes do not fit.
    #[track_caller]
    pub fn deconvolution_2d(&self, w: &Array, bias: Option<&Array>, size: Option<[usize; 2]>, conv: &Conv) -> Array {
        let shape = conv
            .deconvolution_shape(self.shape(), w.shape(), bias.map(|b| &b.shape()[..]), size)
            .unwrap_or_else(|e| panic!("{e}"));
        expect_one_dtype("deconvolution_2d", &[&[self, w], bias.as_slice()].concat());
        let dtype = self.dtype();
        let (w, bias) = widened_weights(dtype, w, bias);
        let plan = plan(conv, &shape, w.shape(), [self.shape()[2], self.shape()[3]], self.shape()[1]);
        if let Some(transforms) = Phases::of(&plan, dtype.compute()) {
            let bias = bias.as_ref().map(|b| b.as_slice::<f32>());
            return transforms.backward_input(self, w.as_slice(), bias, &shape).cast(dtype);
        }
        let gy = self.computed();
        match_float!(gy.dtype(), T => Array::build::<T>(&shape, |gx| {
            let (gy, w, bias) = (gy.as_slice::<T>(), w.as_slice::<T>(), bias.as_ref().map(|b| b.as_slice::<T>()));
            match () {
                _ if gx.is_empty() => (),
                _ if gy.is_empty() || w.is_empty() => fill(bias, plan.plane(), gx),
                _ if plan.is_depthwise() => depthwise::backward_input(&plan, gy, w, bias, gx),
                _ if plan.is_pointwise() => product::backward_input(&plan, gy, w, bias, gx),
                _ => match Stencil::backward_input(&plan) {
                    stencil if stencil.pays::<T>() => stencil.apply(gy, w, bias, gx),
                    _ => product::backward_input(&plan, gy, w, bias, gx),
                },
            }
        }))
        .cast(dtype)
    }

    /// The gradient of [`Array::convolution_2d`] with respect to its weights, for input `self`, gradient `gy` of the
    /// output and a window of the given size: shape (o, c / groups, kh, kw).
    ///
    /// # Panics
    /// When shapes, options or dtypes do not fit.
    #[track_caller]
    pub fn convolution_2d_weight_gradient(&self, gy: &Array, window: [usize; 2], conv: &Conv) -> Array {
        let fits = conv.is_sound()
            && match (&self.shape()[..], &gy.shape()[..]) {
                ([n, c, h, w], [m, o, oh, ow]) => {
                    n == m
                        && c.is_multiple_of(conv.groups)
                        && o.is_multiple_of(conv.groups)
                        && conv.output_size([*h, *w], window) == Some([*oh, *ow])
                }
                _ => false,
            };
        let (xs, gs) = (self.shape(), gy.shape());
        let name = "convolution_2d_weight_gradient";
        assert!(
            fits,
            "{name}: expected gy of the shape that {conv:?} gives x with window {window:?}, got x {xs} and gy {gs}"
        );
        expect_one_dtype(name, &[self, gy]);
        let dtype = self.dtype();
        let shape = [gs[1], xs[1] / conv.groups, window[0], window[1]];
        let plan = plan(conv, xs, &shape, [gs[2], gs[3]], gs[1]);
        if let Some(transforms) = Phases::of(&plan, dtype.compute()).filter(Phases::give_weights) {
            return Array::build(shape, |gw| transforms.backward_weight(self, gy, gw)).cast(dtype);
        }
        let [x, gy] = [self, gy].map(Array::computed);
        match_float!(x.dtype(), T => Array::build::<T>(&shape, |gw| {
            let (x, gy) = (x.as_slice::<T>(), gy.as_slice::<T>());
            match () {
                _ if x.is_empty() || gy.is_empty() => gw.fill(0.0),
                _ if plan.is_depthwise() => depthwise::backward_weight(&plan, x, gy, gw),
                _ if direct::weights_pay::<T>(&plan) => direct::backward_weight(&plan, x, gy, gw),
                _ => product::backward_weight(&plan, x, gy, gw),
            }
        }))
        .cast(dtype)
    }
}

/// Memory of the pool with whatever it held.
fn scratch<T: Float>(n: usize) -> Array {
    Array::build::<T>(&[n], |_| ())
}

/// Copies elements 0, `step`, 2 · `step`, … of `from`, as far as there are any, and room for them.
#[inline(always)]
fn every<T: Copy>(from: &[T], step: usize, to: &mut [T]) {
    let n = from.len().div_ceil(step).min(to.len());
    let to = &mut to[..n];
    match step {
        1 => eights::<T, 8>(from, to, |from| *from),
        2 => eights::<T, 15>(from, to, |from| std::array::from_fn(|i| from[2 * i])),
        _ => to.iter_mut().zip(from.iter().step_by(step)).for_each(|(to, &v)| *to = v),
    }
}
/// Writes eight elements at a time, from `M` that begin where the first one does; the last eight overlap with those before.
#[inline(always)]
fn eights<T: Copy, const M: usize>(from: &[T], to: &mut [T], take: impl Fn(&[T; M]) -> [T; 8]) {
    let (n, step) = (to.len(), M.div_ceil(8));
    if n < 8 {
        for (i, to) in to.iter_mut().enumerate() {
            *to = from[i * step];
        }
        return;
    }
    let mut i = 0;
    loop {
        let from = from[i * step..].first_chunk::<M>().expect("as many as are taken");
        *to[i..].first_chunk_mut::<8>().expect("eight are left") = take(from);
        if i + 8 >= n {
            return;
        }
        i = (i + 8).min(n - 8);
    }
}

/// What an empty sum leaves: the bias of every channel, or zeros.
fn fill<T: Float>(bias: Option<&[T]>, plane: usize, out: &mut [T]) {
    for (c, out) in out.chunks_exact_mut(plane).enumerate() {
        out.fill(bias.map_or(T::ZERO, |b| b[c % b.len()]));
    }
}

/// Weights and bias contiguous and in the dtype that is computed in; weights beside a bfloat16 input are rounded to it.
fn widened_weights(dtype: DType, w: &Array, bias: Option<&Array>) -> (Array, Option<Array>) {
    let w = if dtype == DType::BF16 { w.cast(DType::BF16) } else { w.clone() };
    (w.computed(), bias.map(|bias| bias.contiguous().cast(dtype.compute())))
}

/// `x` and `w` are the shapes of a convolution's input and weights, `outputs` its number of output channels.
fn plan(conv: &Conv, x: &[usize], w: &[usize], out: [usize; 2], outputs: usize) -> Plan {
    Plan {
        conv: *conv,
        images: x[0],
        channels: x[1] / conv.groups,
        outputs: outputs / conv.groups,
        size: [x[2], x[3]],
        window: [w[2], w[3]],
        out,
    }
}
