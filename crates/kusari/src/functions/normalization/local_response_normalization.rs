//! `local_response_normalization`.

use crate::{
    Array, Context, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{exp, log, matmul, recompute, reshape, reshape_to},
    onnx::{Attribute, Call, Nodes},
};
use kusari_array::LocalResponse;

/// Options of [`local_response_normalization`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LocalResponseNorm {
    /// Channels in the window. Default: 5.
    pub n: usize,
    /// What is added to the energy. Default: 2.
    pub k: f64,
    /// Factor of the energy. Default: 1e-4.
    pub alpha: f64,
    /// Exponent. Default: 0.75.
    pub beta: f64,
}

impl Default for LocalResponseNorm {
    fn default() -> LocalResponseNorm {
        LocalResponseNorm { n: 5, k: 2.0, alpha: 1e-4, beta: 0.75 }
    }
}

/// Local response normalisation across channels, `y_c = x_c / (k + α Σ x_j²)^β`, the sum over the `n` channels around
/// `c`; `x` is (N, C, …) (Krizhevsky, Sutskever and Hinton, 2012).
///
/// # Panics
/// When `x` has fewer than 2 axes or is not of a floating-point dtype.
#[track_caller]
pub fn local_response_normalization(x: &Variable, options: LocalResponseNorm) -> Variable {
    let LocalResponseNorm { n, k, alpha, beta } = options;
    Local(LocalResponse { n, k, alpha, beta }).apply1(&[x])
}

struct Local(LocalResponse);

impl Function for Local {
    fn name(&self) -> &str {
        "local_response_normalization"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        if x[0].ndim() < 2 {
            return Err(Error::invalid(self.name(), "x with at least 2 axes", format_args!("shape {}", x[0].shape())));
        }
        check::float(self.name(), "x", x[0])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].local_response_norm(self.0).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        LocalGrad(self.0).apply1(&[&ctx.input(0), &gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (shape, size) = (call.shape(0), 2 * (self.0.n / 2) + 1);
        let numbers = [("alpha", self.0.alpha * size as f64), ("beta", self.0.beta), ("bias", self.0.k)];
        let mut attributes = numbers.map(|(name, v)| (name, Attribute::Float(v))).to_vec();
        attributes.push(("size", Attribute::Int(size as i64)));
        let rest: usize = shape[2..].iter().product();
        let x = call.reshape(call.x(0), &[shape[0], shape[1], rest, 1]);
        Some(vec![call.reshape(call.node_with("LRN", &[x], &attributes), shape)])
    }
}

struct LocalGrad(LocalResponse);

impl Function for LocalGrad {
    fn name(&self) -> &str {
        "local_response_normalization_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].local_response_norm_grad(x[1], self.0).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 1, |x| vec![composed(&x[0], self.0)])
    }
}

/// The formula in plain functions: the windows are a product with a band matrix.
fn composed(x: &Variable, p: LocalResponse) -> Variable {
    let shape = *x.shape();
    let channels = shape[1];
    let near = |i: usize| (i / channels).abs_diff(i % channels) <= p.n / 2;
    let band: Vec<f64> = (0..channels * channels).map(|i| near(i) as u8 as f64).collect();
    let band = Variable::constant(Array::from_slice(&[channels, channels], &band).cast(x.dtype()));
    let v = reshape(x, [shape[0], channels, shape[2..].iter().product()]);
    let energy = matmul(&band, &(&v * &v)) * p.alpha + p.k;
    reshape_to(&(v * exp(&(log(&energy) * -p.beta))), shape)
}
