//! `erfc`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::exp};

/// Complementary error function of every element, `y = 1 − erf x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::erfc(&Variable::new(array![0.5f64])).item() - 0.4795001221869535).abs() < 1e-12);
/// ```
#[track_caller]
pub fn erfc(x: &Variable) -> Variable {
    Erfc.apply1(&[x])
}

struct Erfc;

impl Function for Erfc {
    fn name(&self) -> &str {
        "erfc"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].erfc().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * exp(&-(&x * &x)) * -std::f64::consts::FRAC_2_SQRT_PI).into()
    }
}
