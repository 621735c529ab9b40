//! `get_item`: slices, integers, new axes, index arrays and masks; and `scatter_add`, its inverse.

use crate::{Array, Context, Error, Function, Grads, Outputs, Result, Variable};
use kusari_array::{Index, Shape};

/// The elements of `x` at `parts`, which the macro [`s!`](crate::s!) writes, as NumPy's `x[…]` gives them.
///
/// A view where the parts are slices (`1..3`, `..`, with a step `..;-1`), integers, [`NewAxis`](crate::NewAxis) and
/// [`Ellipsis`](crate::Ellipsis) only. Index arrays (integers) and masks (bool) copy; where an index repeats, its
/// gradients add up.
///
/// # Panics
/// When there are too many parts, an index is outside, or arrays do not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F, s};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(F::get_item(&x, &s![.., 1]).array().to_vec::<f32>(), [2.0, 5.0]);
/// assert_eq!(F::get_item(&x, &s![-1, ..;-1]).array().to_vec::<f32>(), [6.0, 5.0, 4.0]);
/// let y = F::get_item(&x, &s![&array![0, 0, 1]]);
/// F::sum(&y, ()).backward();
/// assert_eq!(x.grad().unwrap().array().to_vec::<f32>(), [2.0, 2.0, 2.0, 1.0, 1.0, 1.0]);
/// ```
#[track_caller]
pub fn get_item(x: &Variable, parts: &[Index]) -> Variable {
    GetItem { parts: parts.to_vec() }.apply1(&[x])
}

/// `a` with `b` added at `parts`; where an index repeats, all of its values are added, in order.
///
/// # Panics
/// As [`get_item`], and when `b` has not the shape that it gives.
#[track_caller]
pub fn scatter_add(a: &Variable, parts: &[Index], b: &Variable) -> Variable {
    AddAt { parts: parts.to_vec() }.apply1(&[a, b])
}

struct GetItem {
    parts: Vec<Index>,
}

fn misfit(function: &str) -> impl Fn((String, String)) -> Error {
    move |(expected, got)| Error::invalid(function, expected, got)
}

impl Function for GetItem {
    fn name(&self) -> &str {
        "get_item"
    }
    fn is_view(&self) -> bool {
        !self.parts.iter().any(|p| matches!(p, Index::Array(_)))
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        x[0].index_shape(&self.parts).map_err(misfit(self.name())).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].index_get(&self.parts).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        ScatterAdd { parts: self.parts.clone(), shape: ctx.input_shape(0) }.apply1(&[&gy[0]]).into()
    }
}

/// Zeros of `shape`, with the input added at `parts`.
struct ScatterAdd {
    parts: Vec<Index>,
    shape: Shape,
}

impl Function for ScatterAdd {
    fn name(&self) -> &str {
        "scatter_add"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        let whole = Array::scalar(0.0, x[0].dtype()).broadcast_to(&self.shape);
        let shape = whole.index_shape(&self.parts).map_err(misfit(self.name()))?;
        crate::error::check::shape(self.name(), "values", x[0], &shape)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].index_put_add(&self.shape, &self.parts).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        get_item(&gy[0], &self.parts).into()
    }
}

/// The first input with the second added at `parts`.
struct AddAt {
    parts: Vec<Index>,
}

impl Function for AddAt {
    fn name(&self) -> &str {
        "scatter_add"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        crate::error::check::same_dtype(self.name(), x)?;
        let shape = x[0].index_shape(&self.parts).map_err(misfit(self.name()))?;
        crate::error::check::shape(self.name(), "values", x[1], &shape)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].index_add(&self.parts, x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        ctx.each(|i| if i == 0 { gy[0].clone() } else { get_item(&gy[0], &self.parts) })
    }
}
