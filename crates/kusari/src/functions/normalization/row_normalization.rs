//! What layer and group normalisation share: rows that are normalised by themselves.

use super::batch_normalization::beside;
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, cast, recompute, reshape, reshape_to, sqrt, sum},
    onnx::{Attribute, Call, Nodes},
};
use kusari_array::Rows;

/// Normalises rows; the fields that differ between its users are data.
pub(super) struct RowNormalization {
    pub(super) name: &'static str,
    pub(super) rows: Rows,
    pub(super) eps: f64,
    /// The shape of gamma and beta.
    pub(super) weights: kusari_array::Shape,
}

impl Function for RowNormalization {
    fn name(&self) -> &str {
        self.name
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::float(self.name, "x", x[0])?;
        for (what, a) in ["gamma", "beta"].iter().zip(&x[1..]) {
            check::shape(self.name, what, a, &self.weights)?;
            if a.dtype() != x[0].dtype().compute() {
                check::dtype(self.name, what, a, x[0].dtype())?;
            }
        }
        check::same_dtype(self.name, &x[1..])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let [y, mean, inv_std] = x[0].row_norm(x[1], x[2], self.rows, self.eps);
        Outputs::from(y).save(mean).save(inv_std)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (mean, inv_std) = (ctx.saved(0).clone(), ctx.saved(1).clone());
        let gradient = RowNormalizationGrad { name: self.name, rows: self.rows, eps: self.eps, mean, inv_std };
        let g = gradient.apply(&[&ctx.input(0), &ctx.input(1), &ctx.input(2), &gy[0]]);
        ctx.each(|i| g[i].clone())
    }
    fn export(&self, call: &Call) -> Nodes {
        let (shape, rows) = (call.shape(0), self.rows);
        let eps = ("epsilon", Attribute::Float(self.eps));
        if self.name == "layer_normalization" {
            let axis = ("axis", Attribute::Int(-(self.weights.len() as i64)));
            return call.op_with("LayerNormalization", &[axis, eps]);
        }
        // Groups are the channels of an instance normalisation without weights.
        let x = call.reshape(call.x(0), &[shape[0], rows.groups, rows.width]);
        let [one, zero] = [1.0, 0.0].map(|v| call.constant(Array::full(&[rows.groups], v, call.input(0).dtype())));
        let normal = call.node_with("InstanceNormalization", &[x, one, zero], &[eps]);
        let [gamma, beta] = [1, 2].map(|i| beside(call, &(1..2), call.x(i)));
        let scaled = call.node("Mul", &[call.reshape(normal, shape), gamma]);
        Some(vec![call.node("Add", &[scaled, beta])])
    }
}

/// From x, γ, β and gy to the gradients of x, γ and β.
struct RowNormalizationGrad {
    name: &'static str,
    rows: Rows,
    eps: f64,
    mean: Array,
    inv_std: Array,
}

impl Function for RowNormalizationGrad {
    fn name(&self) -> &str {
        self.name
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].row_norm_grad(x[1], x[3], &self.mean, &self.inv_std, self.rows).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 3, |x| vec![composed(x, self.rows, self.eps)])
    }
}

/// The formula in plain functions.
fn composed(x: &[Variable], rows: Rows, eps: f64) -> Variable {
    let (shape, dtype) = (*x[0].shape(), x[0].dtype());
    let (n, channels) = (x[0].len() / rows.width, rows.groups * rows.width / rows.repeat);
    let v = cast(&reshape(&x[0], [n, rows.width]), x[1].dtype());
    let mean_of = |v: &Variable| sum(v, Axes::from(1).keepdims()) / rows.width as f64;
    let centered = &v - mean_of(&v);
    let normal = &centered / sqrt(&(mean_of(&(&centered * &centered)) + eps));
    let normal = reshape(&normal, [n / rows.groups, channels, rows.repeat]);
    let [gamma, beta] = [1, 2].map(|i| reshape(&x[i], [1, channels, 1]));
    cast(&reshape_to(&(normal * gamma + beta), shape), dtype)
}
