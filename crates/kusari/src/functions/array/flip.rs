//! `flip`, `fliplr`, `flipud`.

use crate::{
    Array, Context, Function, Grads, Outputs, Variable,
    functions::Axes,
    onnx::{Call, Nodes},
};
use smallvec::SmallVec;

/// The elements along each of `axes` in reverse order. A view.
///
/// # Panics
/// When there is no such axis.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0]);
/// assert_eq!(F::flip(&x, 0).array().to_vec::<f32>(), [3.0, 2.0, 1.0]);
/// ```
#[track_caller]
pub fn flip(x: &Variable, axes: impl Into<Axes>) -> Variable {
    Flip { axes: or_panic!(axes.into().resolve("flip", x.ndim())) }.apply1(&[x])
}

/// The columns in reverse order: axis 1 flipped.
///
/// # Panics
/// When there are fewer than two axes.
#[track_caller]
pub fn fliplr(x: &Variable) -> Variable {
    flip(x, 1)
}

/// The rows in reverse order: axis 0 flipped.
///
/// # Panics
/// When there is no axis.
#[track_caller]
pub fn flipud(x: &Variable) -> Variable {
    flip(x, 0)
}

struct Flip {
    axes: SmallVec<[usize; 7]>,
}

impl Function for Flip {
    fn name(&self) -> &str {
        "flip"
    }
    fn is_view(&self) -> bool {
        true
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].flip(&self.axes).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Flip { axes: self.axes.clone() }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let each = |number: i64| call.ints(self.axes.iter().map(|_| number));
        let (axes, back) = (call.ints(self.axes.iter().map(|&d| d as i64)), each(-1));
        Some(vec![call.node("Slice", &[call.x(0), each(-1), each(i64::MIN), axes, back])])
    }
}
