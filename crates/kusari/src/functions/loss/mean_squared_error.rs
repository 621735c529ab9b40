//! `mean_squared_error` and `squared_error`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, error::check};

/// The mean of `(a − b)²` over all elements.
///
/// # Panics
/// When shapes or dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let loss = F::mean_squared_error(&Variable::new(array![1.0f32, 2.0]), array![1.0f32, 4.0]);
/// assert_eq!(loss.item(), 2.0);
/// ```
#[track_caller]
pub fn mean_squared_error(a: &Variable, b: impl Into<Variable>) -> Variable {
    let b = b.into();
    if a.dtype().compute() == a.dtype() {
        return MeanSquaredError.apply1(&[a, &b]);
    }
    super::same_shape("mean_squared_error", a, &b);
    let [a, b] = super::single([a, &b]);
    MeanSquaredError.apply1(&[&a, &b])
}

/// `(a − b)²`, element by element.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn squared_error(a: &Variable, b: impl Into<Variable>) -> Variable {
    let b = b.into();
    super::same_shape("squared_error", a, &b);
    let [a, b] = super::single([a, &b]);
    let difference = &a - &b;
    &difference * &difference
}

struct MeanSquaredError;

impl Function for MeanSquaredError {
    fn name(&self) -> &str {
        "mean_squared_error"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::same_float(self.name(), x)?;
        check::shape(self.name(), "b", x[1], x[0].shape())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let axes: Vec<usize> = (0..x[0].ndim()).collect();
        x[0].sub(x[1]).square_sum(&axes, false).div_scalar(x[0].len().max(1) as f64).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (a, b) = (ctx.input(0), ctx.input(1));
        let ga = (&a - &b) * (&gy[0] * (2.0 / a.len().max(1) as f64));
        ctx.each(|i| if i == 0 { ga.clone() } else { -&ga })
    }
}
