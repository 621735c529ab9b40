//! `clip`.

use super::derivative;
use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// `y = min(max(x, low), high)`, element by element; `None` leaves a side open. The gradient is 1 at the limits
/// themselves, too.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![-2.0f32, 0.5, 2.0]);
/// assert_eq!(F::clip(&x, -1.0, None).array().to_vec::<f32>(), [-1.0, 0.5, 2.0]);
/// ```
#[track_caller]
pub fn clip(x: &Variable, low: impl Into<Option<f64>>, high: impl Into<Option<f64>>) -> Variable {
    let (low, high) = (low.into().unwrap_or(f64::NEG_INFINITY), high.into().unwrap_or(f64::INFINITY));
    Clip { low, high }.apply1(&[x])
}

#[derive(Clone, Copy)]
struct Clip {
    low: f64,
    high: f64,
}

impl Elementwise for Clip {
    const NAME: &'static str = "clip";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.clip(self.low, self.high)
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let Clip { low, high } = *self;
        derivative("clip_grad", x, gy, move |x, gy| x.clip_grad(gy, low, high), |_| None)
    }
    fn export(&self, call: &Call) -> Nodes {
        let low = call.node("Max", &[call.x(0), call.number(self.low)]);
        Some(vec![call.node("Min", &[low, call.number(self.high)])])
    }
}
