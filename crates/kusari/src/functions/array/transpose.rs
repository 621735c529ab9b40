//! `transpose`: the axes in another order.

use crate::{Array, Context, Error, Function, Grads, Outputs, Result, Variable, error::check};
use smallvec::SmallVec;

/// `x` with its axes in the order `axes`: axis i of the result is axis `axes[i]` of `x` (negative ones count from the
/// end); without axes, in reverse. A view: nothing is copied.
///
/// # Panics
/// When `axes` does not name every axis once.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(F::transpose(&x, &[]).array().to_vec::<f32>(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// ```
#[track_caller]
pub fn transpose(x: &Variable, axes: &[isize]) -> Variable {
    let n = x.ndim();
    let order: Result<SmallVec<[usize; 7]>> = match axes {
        [] => Ok((0..n).rev().collect()),
        _ => axes.iter().map(|&axis| check::axis("transpose", axis, n)).collect(),
    };
    match order {
        Ok(axes) => Transpose { axes }.apply1(&[x]),
        Err(e) => panic!("{e}"),
    }
}

struct Transpose {
    axes: SmallVec<[usize; 7]>,
}

impl Function for Transpose {
    fn name(&self) -> &str {
        "transpose"
    }
    fn is_view(&self) -> bool {
        true
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        let n = x[0].ndim();
        if self.axes.len() == n && (0..n).all(|axis| self.axes.contains(&axis)) {
            return Ok(());
        }
        let got = format!("{:?} for shape {}", &self.axes[..], x[0].shape());
        Err(Error::invalid(self.name(), format_args!("each of {n} axes once"), got))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].transpose(&self.axes).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        let mut axes = self.axes.clone();
        self.axes.iter().enumerate().for_each(|(i, &axis)| axes[axis] = i);
        Transpose { axes }.apply1(&[&gy[0]]).into()
    }
}
