//! `dropout`.

use crate::{
    Array, Context, Error, Function, Grads, Outputs, Result, Variable, config,
    error::check,
    onnx::{Call, Nodes},
};
use kusari_array::random;

/// While training, sets each element to 0 with probability `ratio` and multiplies the others by `1/(1 − ratio)`;
/// otherwise (`config().train` false) gives `x` back. Srivastava et al. 2014, JMLR 15.
///
/// # Panics
/// Unless `0 ≤ ratio < 1`.
///
/// ```
/// use kusari::{Variable, array, functions as F, train_mode};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0]);
/// let _guard = train_mode(false);
/// assert_eq!(F::dropout(&x, 0.5).array().to_vec::<f32>(), [1.0, 2.0, 3.0]);
/// ```
#[track_caller]
pub fn dropout(x: &Variable, ratio: f64) -> Variable {
    if !(0.0..1.0).contains(&ratio) {
        panic!("{}", Error::invalid("dropout", "a ratio of at least 0 and less than 1", ratio));
    }
    if !config().train || ratio == 0.0 {
        return x.clone();
    }
    let mask = random::bernoulli(x.shape(), 1.0 - ratio).cast(x.dtype()).mul_scalar(1.0 / (1.0 - ratio));
    dropout_with_mask(x, &mask)
}

/// Dropout with a given mask of the shape of `x`, `y = mask·x`: its elements are 0 or `1/(1 − ratio)`.
///
/// # Panics
/// When shape or dtype of the mask differ from those of `x`.
#[track_caller]
pub fn dropout_with_mask(x: &Variable, mask: &Array) -> Variable {
    Dropout { mask: mask.clone() }.apply1(&[x])
}

struct Dropout {
    mask: Array,
}

impl Function for Dropout {
    fn name(&self) -> &str {
        "dropout"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::shape(self.name(), "a mask", &self.mask, x[0].shape())?;
        check::same_dtype(self.name(), &[x[0], &self.mask])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].mul(&self.mask).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        dropout_with_mask(&gy[0], &self.mask).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Mul", &[call.x(0), call.value(&self.mask)])])
    }
}
