//! `prod`, and what `cumprod` does. The first derivatives are kernels; the higher ones follow from
//! `y[0] = x[0]`, `y[i] = 0 + x[i] · y[i − 1]`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, get_item, in_order, linear_recurrence, recompute, reshape_to, transpose},
    onnx::{Call, Nodes},
};
use kusari_array::Index;

/// The product over `axes`. The gradient is right at zeros too.
///
/// # Panics
/// When an axis does not exist or is named twice, or the elements are not floats.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::prod(&x, 1).array().to_vec::<f32>(), [2.0, 12.0]);
/// ```
#[track_caller]
pub fn prod(x: &Variable, axes: impl Into<Axes>) -> Variable {
    Product { axes: axes.into() }.apply1(&[x])
}

/// Running products in plain functions.
fn composed(x: &Variable, axis: usize) -> Variable {
    let mut lengths = vec![1; x.ndim()];
    lengths[axis] = x.shape()[axis];
    let first: Vec<bool> = (0..lengths[axis]).map(|i| i == 0).collect();
    let start = x * Variable::constant(Array::from_vec(&lengths, first).cast(x.dtype()));
    linear_recurrence(&start, x, axis as isize)
}

pub(super) struct CumProd {
    pub(super) axis: usize,
}

impl Function for CumProd {
    fn name(&self) -> &str {
        "cumprod"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS | Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].cumprod(self.axis).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0).array().clone();
        CumProdGrad { axis: self.axis, y }.apply1(&[&ctx.input(0), &gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (axis, x) = (self.axis, call.shape(0));
        let mut parts = call.split(call.x(0), axis, &vec![1; x[axis]]);
        for i in 1..parts.len() {
            parts[i] = call.node("Mul", &[parts[i - 1], parts[i]]);
        }
        Some(vec![call.concat(&parts, axis)])
    }
}

/// From x and gy to the gradient of x.
struct CumProdGrad {
    axis: usize,
    y: Array,
}

impl Function for CumProdGrad {
    fn name(&self) -> &str {
        "cumprod_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].cumprod_grad(&self.y, x[1], self.axis).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 1, |x| vec![composed(&x[0], self.axis)])
    }
}

struct Product {
    axes: Axes,
}

impl Function for Product {
    fn name(&self) -> &str {
        "prod"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::float(self.name(), "x", x[0])?;
        self.axes.resolve(self.name(), x[0].ndim()).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].prod(&self.axes.named(x[0].ndim()), self.axes.keeps_dims()).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        let axes = self.axes.named(x.ndim());
        // The axes multiplied over become one, behind the others.
        let order: Vec<usize> = (0..x.ndim()).filter(|d| !axes.contains(d)).chain(axes.iter().copied()).collect();
        let turned = in_order(&x, order.iter().copied().collect());
        let kept = x.ndim() - axes.len();
        let (rows, n) = (turned.shape()[..kept].iter().product::<usize>(), turned.shape()[kept..].iter().product());
        if rows * n == 0 {
            return Variable::constant(x.array().full_like(0.0)).into();
        }
        let gx = RowsGrad.apply1(&[&reshape_to(&turned, [rows, n]), &reshape_to(&gy[0], [rows])]);
        let mut back = vec![0isize; order.len()];
        order.iter().enumerate().for_each(|(i, &d)| back[d] = i as isize);
        transpose(&reshape_to(&gx, *turned.shape()), &back[..]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let axes = self.axes.named(call.shape(0).len());
        Some(vec![call.reduce("ReduceProd", call.x(0), &axes, self.axes.keeps_dims())])
    }
}

/// From x (rows, n) and the gradients of the products of its rows to the gradient of x.
struct RowsGrad;

impl Function for RowsGrad {
    fn name(&self) -> &str {
        "prod_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].prod_grad(x[1]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let last = [Index::from(..), Index::Int(-1)];
        recompute::second_order(ctx, ggx, 1, |x| vec![get_item(&composed(&x[0], 1), &last)])
    }
}
