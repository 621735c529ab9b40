//! `linear`: affine map.

use crate::{
    Array, Context, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{cast, product, reshape_to, sum_to},
    onnx::{Attribute, Call, Nodes},
};
use kusari_array::Shape;
use smallvec::SmallVec;

/// Affine map `y = x · Wᵀ + b`, with `x` (n, …) whose further axes together are the inputs, `W` (out, in), `b` (out,)
/// and `y` (n, out). Beside `x` of bfloat16, `W` and `b` may be float32 (see [`Config::dtype`](crate::Config::dtype)).
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::constant(array![[1.0f32, 2.0]]);
/// let (w, b) = (Variable::new(array![[3.0f32, 4.0], [5.0, 6.0]]), Variable::new(array![0.5f32, -0.5]));
/// assert_eq!(F::linear(&x, &w, Some(&b)).array().to_vec::<f32>(), [11.5, 16.5]);
/// ```
#[track_caller]
#[inline]
pub fn linear(x: &Variable, w: &Variable, b: Option<&Variable>) -> Variable {
    if x.ndim() == 2 { apply(x, w, b) } else { linear_over(x, w, b, 1) }
}

/// [`linear`] of which the first `n_batch_axes` axes of `x` are a batch: `y` is (batch axes…, out).
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
#[track_caller]
pub fn linear_over(x: &Variable, w: &Variable, b: Option<&Variable>, n_batch_axes: usize) -> Variable {
    if x.ndim() == 2 && n_batch_axes == 1 {
        return apply(x, w, b);
    }
    let shape = *x.shape();
    if n_batch_axes == 0 || n_batch_axes > shape.len() {
        let expected = format!("from 1 to {} batch axes", shape.len());
        panic!("{}", Error::invalid("linear", expected, format_args!("{n_batch_axes} for x {shape}")));
    }
    let (batch, inputs) = shape.split_at(n_batch_axes);
    let y = apply(&reshape_to(x, [batch.iter().product(), inputs.iter().product::<usize>()]), w, b);
    match batch {
        [_] => y,
        _ => reshape_to(&y, Shape::new(&[batch, &[w.shape()[0]]].concat())),
    }
}

#[track_caller]
#[inline]
fn apply(x: &Variable, w: &Variable, b: Option<&Variable>) -> Variable {
    match b {
        Some(b) => Linear.apply1(&[x, w, b]),
        None => Linear.apply1(&[x, w]),
    }
}

struct Linear;

impl Function for Linear {
    fn name(&self) -> &str {
        "linear"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::cross(needs)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::weighted(self.name(), x)?;
        let fits = match (&x[0].shape()[..], &x[1].shape()[..]) {
            ([_, k], [n, l]) => k == l && x.get(2).is_none_or(|b| b.shape()[..] == [*n]),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let b = x.get(2).map_or(String::new(), |b| format!(" and b {}", b.shape()));
        let got = format!("x {}, W {}{b}", x[0].shape(), x[1].shape());
        Err(Error::invalid(self.name(), "x (n, in), W (out, in) and b (out,)", got))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].linear(x[1], x.get(2).copied()).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let gy = &gy[0];
        ctx.each(|i| match i {
            0 => product(gy, &ctx.input(1), false, false, ctx.input_dtype(0)),
            1 => product(gy, &ctx.input(0), true, false, ctx.input_dtype(1)),
            _ => sum_to(&cast(gy, ctx.input_dtype(2)), &ctx.input_shape(2)),
        })
    }
    fn consume(&self, ctx: &Context, mut gy: SmallVec<[Variable; 1]>) -> Grads {
        if gy[0].array().is_deferred() {
            let input = |needed: usize, i: usize| ctx.needs(needed).then(|| ctx.input(i));
            let (x, w, bias) = (input(1, 0), input(0, 1), ctx.input_count() > 2 && ctx.needs(2));
            let [x, w] = [&x, &w].map(|v| v.as_ref().map(Variable::array));
            match gy.remove(0).into_array().linear_grads(x, w, bias) {
                Ok(grads) => {
                    let grads = grads.into_iter().take(ctx.input_count()).map(|g| g.map(Variable::constant));
                    return Grads(grads.collect());
                }
                Err(array) => gy.push(Variable::constant(array)),
            }
        }
        self.backward(ctx, &gy)
    }
    fn export(&self, call: &Call) -> Nodes {
        match call.has_one_dtype() {
            true => call.op_with("Gemm", &[("transB", Attribute::Int(1))]),
            false => None,
        }
    }
}
