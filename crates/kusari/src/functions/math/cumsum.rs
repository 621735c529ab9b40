//! `cumsum`, `cumprod` and `linear_recurrence`.

use super::products;
use crate::{
    Array, Context, DType, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{flatten, flip, get_item, pad},
    onnx::{Call, Nodes},
};
use kusari_array::{Index, s};

/// Running sums along `axis`, `y[i] = x[0] + … + x[i]`; without an axis, of the flattened array.
///
/// # Panics
/// When there is no such axis.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0]);
/// assert_eq!(F::cumsum(&x, 0).array().to_vec::<f32>(), [1.0, 3.0, 6.0]);
/// ```
#[track_caller]
pub fn cumsum(x: &Variable, axis: impl Into<Option<isize>>) -> Variable {
    let Some(axis) = axis.into() else { return cumsum(&flatten(x), 0) };
    let axis = or_panic!(check::axis("cumsum", axis, x.ndim()));
    CumSum { axis }.apply1(&[x])
}

/// Running products along `axis`, `y[i] = x[0] · … · x[i]`; without an axis, of the flattened array. The gradient is
/// right at zeros too.
///
/// # Panics
/// When there is no such axis, or the elements are not floats.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0]);
/// assert_eq!(F::cumprod(&x, 0).array().to_vec::<f32>(), [1.0, 2.0, 6.0]);
/// ```
#[track_caller]
pub fn cumprod(x: &Variable, axis: impl Into<Option<isize>>) -> Variable {
    let Some(axis) = axis.into() else { return cumprod(&flatten(x), 0) };
    let axis = or_panic!(check::axis("cumprod", axis, x.ndim()));
    or_panic!(check::float("cumprod", "x", x.array()));
    products::CumProd { axis }.apply1(&[x])
}

/// `y[i] = g[i] + a[i] · y[i − 1]` along `axis`, with `y[0] = g[0]`: running sums with a factor, such as discounted
/// ones.
///
/// # Panics
/// When there is no such axis, or shapes or dtypes differ.
#[track_caller]
pub fn linear_recurrence(g: &Variable, a: &Variable, axis: isize) -> Variable {
    let axis = or_panic!(check::axis("linear_recurrence", axis, g.ndim()));
    Recurrence { axis }.apply1(&[g, a])
}

struct CumSum {
    axis: usize,
}

impl Function for CumSum {
    fn name(&self) -> &str {
        "cumsum"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].cumsum(self.axis).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        let backwards = |x: &Variable| flip(x, self.axis);
        backwards(&CumSum { axis: self.axis }.apply1(&[&backwards(&gy[0])])).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("CumSum", &[call.x(0), call.constant(Array::scalar(self.axis as f64, DType::I64))])])
    }
}

struct Recurrence {
    axis: usize,
}

impl Function for Recurrence {
    fn name(&self) -> &str {
        "linear_recurrence"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::input(1) | Keep::output(0).when(needs.get(1))
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::same_float(self.name(), x)?;
        check::shape(self.name(), "factors", x[1], x[0].shape())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].linear_recurrence(x[1], self.axis).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        // λ[i] = gy[i] + a[i + 1] · λ[i + 1] is the gradient of g, and λ[i] · y[i − 1] that of a.
        let (axis, a) = (self.axis as isize, ctx.input(1));
        let backwards = |x: &Variable| flip(x, axis);
        let lambda = backwards(&linear_recurrence(&backwards(&gy[0]), &backwards(&shifted(&a, axis, -1, 0.0)), axis));
        ctx.each(|i| if i == 0 { lambda.clone() } else { &lambda * shifted(&ctx.output(0), axis, 1, 0.0) })
    }
    fn export(&self, call: &Call) -> Nodes {
        let (axis, n) = (self.axis, call.shape(0)[self.axis]);
        let [mut y, a] = [0, 1].map(|i| call.split(call.x(i), axis, &vec![1; n]));
        for i in 1..n {
            y[i] = call.node("Add", &[y[i], call.node("Mul", &[a[i], y[i - 1]])]);
        }
        Some(vec![call.concat(&y, axis)])
    }
}

/// `x` moved by one place along `axis` (`by` is 1 or −1), with `value` where nothing came.
fn shifted(x: &Variable, axis: isize, by: isize, value: f64) -> Variable {
    let axis = axis as usize;
    let mut widths = vec![(0, 0); x.ndim()];
    widths[axis] = if by > 0 { (1, 0) } else { (0, 1) };
    let mut parts = vec![Index::from(..); axis];
    parts.extend(if by > 0 { s![0..-1] } else { s![1..] });
    get_item(&pad(x, &widths, value), &parts)
}
