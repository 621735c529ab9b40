//! `pad`, `tile` and `repeat`.

use super::reshape::reshape_to;
use crate::{
    Array, Context, Function, Grads, Outputs, Variable,
    error::check,
    functions::{broadcast_to, get_item},
    onnx::{Call, Nodes},
};
use kusari_array::{Index, Shape};

/// What [`pad`] puts before and after the elements of an axis, in NumPy's names; a number is `Constant`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Padding {
    /// This number.
    Constant(f64),
    /// The first and the last element: `a a a b c c c`.
    Edge,
    /// The elements in mirrors that stand on the outermost ones: `c b a b c b a`.
    Reflect,
    /// The elements in mirrors beside the outermost ones: `b a a b c c b`.
    Symmetric,
    /// The elements again from the other end: `b c a b c a b`.
    Wrap,
}

impl From<f64> for Padding {
    fn from(value: f64) -> Padding {
        Padding::Constant(value)
    }
}

impl Padding {
    /// Which of `n` elements stands at place `i`, which may lie outside.
    fn source(self, i: isize, n: usize) -> usize {
        let n = n as isize;
        let folded = |period: isize, last: isize| {
            let k = i.rem_euclid(period);
            k.min(last - k)
        };
        let at = match self {
            Padding::Edge | Padding::Constant(_) => i.clamp(0, n - 1),
            Padding::Wrap => i.rem_euclid(n),
            Padding::Symmetric => folded(2 * n, 2 * n - 1),
            Padding::Reflect if n == 1 => 0,
            Padding::Reflect => folded(2 * n - 2, 2 * n - 2),
        };
        at as usize
    }
}

/// `x` with `widths[d]` elements of `padding` before and after those of axis d.
///
/// # Panics
/// When there is not one pair an axis, or elements to repeat are asked of an axis without any.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0]);
/// assert_eq!(F::pad(&x, &[(1, 2)], 0.0).array().to_vec::<f32>(), [0.0, 1.0, 2.0, 0.0, 0.0]);
/// assert_eq!(F::pad(&x, &[(1, 2)], F::Padding::Edge).array().to_vec::<f32>(), [1.0, 1.0, 2.0, 2.0, 2.0]);
/// ```
#[track_caller]
pub fn pad(x: &Variable, widths: &[(usize, usize)], padding: impl Into<Padding>) -> Variable {
    let (n, padding) = (x.ndim(), padding.into());
    assert!(n == widths.len(), "pad: expected {n} pairs of widths for shape {}, got {}", x.shape(), widths.len());
    if let Padding::Constant(value) = padding {
        return Pad { widths: widths.to_vec(), value }.apply1(&[x]);
    }
    let mut y = x.clone();
    for (d, &(before, after)) in widths.iter().enumerate().filter(|(_, w)| **w != (0, 0)) {
        let n = x.shape()[d];
        assert!(n > 0, "pad: expected elements to repeat on axis {d}, got shape {}", x.shape());
        let places = -(before as isize)..(n + after) as isize;
        y = picked(&y, d, places.map(|i| padding.source(i, n) as i64).collect());
    }
    y
}

/// These elements of axis `d`.
#[track_caller]
fn picked(x: &Variable, d: usize, list: Vec<i64>) -> Variable {
    let mut parts = vec![Index::from(..); d];
    parts.push(Index::Array(Array::from_slice(&[list.len()], &list)));
    get_item(x, &parts)
}

struct Pad {
    widths: Vec<(usize, usize)>,
    value: f64,
}

impl Function for Pad {
    fn name(&self) -> &str {
        "pad"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].pad(&self.widths, self.value).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let shape = ctx.input_shape(0);
        let inside = |(&(before, _), &n): (&(usize, usize), &usize)| Index::from(before..before + n);
        let parts: Vec<Index> = self.widths.iter().zip(shape.iter()).map(inside).collect();
        get_item(&gy[0], &parts).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let ends = self.widths.iter().map(|w| w.0).chain(self.widths.iter().map(|w| w.1));
        Some(vec![call.node("Pad", &[call.x(0), call.ints(ends.map(|n| n as i64)), call.number(self.value)])])
    }
}

/// The whole array `repeats[d]` times along axis d; where there are more or fewer numbers than axes, the missing
/// leading ones are 1.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0]);
/// assert_eq!(F::tile(&x, &[2]).array().to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0]);
/// ```
#[track_caller]
pub fn tile(x: &Variable, repeats: &[usize]) -> Variable {
    let rank = x.ndim().max(repeats.len());
    let ones = |n: usize| vec![1; rank - n];
    let (shape, repeats) = ([&ones(x.ndim()), &x.shape()[..]].concat(), [&ones(repeats.len()), repeats].concat());
    let mut y = reshape_to(x, Shape::new(&shape));
    for (d, &times) in repeats.iter().enumerate().filter(|(_, t)| **t != 1) {
        let (outer, inner) = (y.shape()[..d].iter().product(), y.shape()[d..].iter().product());
        y = spread(&y, [outer, times, inner], y.shape().replaced(d, times * y.shape()[d]));
    }
    y
}

/// Every element of `axis` `times` times in place; without an axis, of the flattened array.
///
/// # Panics
/// When there is no such axis.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0]);
/// assert_eq!(F::repeat(&x, 2, None).array().to_vec::<f32>(), [1.0, 1.0, 2.0, 2.0]);
/// ```
#[track_caller]
pub fn repeat(x: &Variable, times: usize, axis: impl Into<Option<isize>>) -> Variable {
    let Some(axis) = axis.into() else {
        return repeat(&super::reshape::flatten(x), times, 0);
    };
    let axis = or_panic!(check::axis("repeat", axis, x.ndim()));
    let (outer, inner) = (x.shape()[..=axis].iter().product(), x.shape()[axis + 1..].iter().product());
    spread(x, [outer, times, inner], x.shape().replaced(axis, times * x.shape()[axis]))
}

/// Element i of `axis` `times[i]` times in place.
///
/// # Panics
/// When there is no such axis, or not one number for each of its elements.
#[track_caller]
pub fn repeat_each(x: &Variable, times: &[usize], axis: isize) -> Variable {
    let axis = or_panic!(check::axis("repeat_each", axis, x.ndim()));
    let n = x.shape()[axis];
    assert!(times.len() == n, "repeat_each: expected {n} numbers for axis {axis}, got {}", times.len());
    picked(x, axis, times.iter().enumerate().flat_map(|(i, &k)| std::iter::repeat_n(i as i64, k)).collect())
}

/// `x` seen as (outer, inner) and repeated between them, in the shape `shape`.
fn spread(x: &Variable, [outer, times, inner]: [usize; 3], shape: Shape) -> Variable {
    let folded = reshape_to(x, Shape::new(&[outer, 1, inner]));
    reshape_to(&broadcast_to(&folded, &[outer, times, inner]), shape)
}
