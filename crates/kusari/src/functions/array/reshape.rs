//! `reshape`: another shape for the same elements.

use crate::{Array, Context, Error, Function, Grads, Outputs, Result, Variable};
use kusari_array::Shape;

/// The elements of `x` in another shape of as many elements; one length may be −1 and is then found. A view where the
/// memory layout allows it.
///
/// # Panics
/// When the number of elements differs, or more than one length is −1.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(F::reshape(&x, &[3, -1]).shape()[..], [3, 2]);
/// ```
#[track_caller]
pub fn reshape(x: &Variable, shape: &[isize]) -> Variable {
    let known: isize = shape.iter().filter(|&&n| n != -1).product();
    let open = shape.iter().filter(|&&n| n == -1).count();
    let fits = match open {
        0 => known == x.len() as isize,
        1 => known > 0 && x.len().is_multiple_of(known as usize),
        _ => false,
    };
    if !fits || shape.iter().any(|&n| n < -1) {
        let expected = format!("a shape of {} elements (one length may be -1)", x.len());
        panic!("{}", Error::invalid("reshape", expected, format_args!("{shape:?} for shape {}", x.shape())));
    }
    let length = |n: isize| if n == -1 { x.len() / known as usize } else { n as usize };
    reshape_to(x, &shape.iter().map(|&n| length(n)).collect::<Vec<_>>()[..])
}

/// [`reshape`] to lengths that are all known.
#[track_caller]
pub(crate) fn reshape_to(x: &Variable, shape: impl Into<Shape>) -> Variable {
    let shape = shape.into();
    if *x.shape() == shape { x.clone() } else { Reshape { shape }.apply1(&[x]) }
}

struct Reshape {
    shape: Shape,
}

impl Function for Reshape {
    fn name(&self) -> &str {
        "reshape"
    }
    fn is_view(&self) -> bool {
        true
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        if x[0].len() == self.shape.count() {
            return Ok(());
        }
        let expected = format!("a shape of {} elements", x[0].len());
        Err(Error::invalid(self.name(), expected, format_args!("{} for shape {}", self.shape, x[0].shape())))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].reshape(&self.shape).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        reshape_to(&gy[0], ctx.input_shape(0)).into()
    }
}
