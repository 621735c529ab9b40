//! `log`.

use crate::{Array, Function, Keep, Variable, functions::Elementwise};

/// Natural logarithm of every element, `y = log x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log(&Variable::new(array![0.5f64])).item() + 0.6931471805599453).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log(x: &Variable) -> Variable {
    Log.apply1(&[x])
}

struct Log;

impl Elementwise for Log {
    const NAME: &'static str = "log";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Log");
    fn forward(&self, x: &Array) -> Array {
        x.log()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy / x
    }
}
