//! `transpose` and what is one: `moveaxis`, `rollaxis`, `swapaxes`.

use crate::{
    Array, Context, Function, Grads, Outputs, Variable,
    error::check,
    functions::Axes,
    onnx::{Call, Nodes},
};
use smallvec::SmallVec;

/// An order of axes.
type Order = SmallVec<[usize; 7]>;

/// The axes in another order: axis i of the result is axis `axes[i]` of `x`; with `()`, in reverse order. A view.
///
/// # Panics
/// When `axes` does not name every axis once.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(F::transpose(&x, ()).array().to_vec::<f32>(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// assert_eq!(**F::transpose(&x, [1, 0]).shape(), [3, 2]);
/// ```
#[track_caller]
pub fn transpose(x: &Variable, axes: impl Into<Axes>) -> Variable {
    let axes = axes.into();
    let n = x.ndim();
    let order: Order = match axes.listed() {
        None => (0..n).rev().collect(),
        Some(list) => {
            let all = or_panic!(axes.resolve("transpose", n)).len() == n;
            assert!(all, "transpose: expected every axis of shape {} once, got axes {list:?}", x.shape());
            list.iter().map(|a| a.rem_euclid(n as isize) as usize).collect()
        }
    };
    in_order(x, order)
}

/// The axes `source` moved to the positions `destination` of the result, the others in their order.
///
/// # Panics
/// When there is no such axis, or the numbers of axes differ.
#[track_caller]
pub fn moveaxis(x: &Variable, source: impl Into<Axes>, destination: impl Into<Axes>) -> Variable {
    let (source, destination, n) = (source.into(), destination.into(), x.ndim());
    let named = |axes: &Axes| match axes.listed() {
        Some(list) => {
            axes.resolve("moveaxis", n)?;
            Ok(list.iter().map(|a| a.rem_euclid(n as isize) as usize).collect::<Order>())
        }
        None => axes.resolve("moveaxis", n),
    };
    let (from, to) = (or_panic!(named(&source)), or_panic!(named(&destination)));
    assert!(from.len() == to.len(), "moveaxis: expected as many destinations as axes, got {from:?} and {to:?}");
    let mut order: Order = (0..n).filter(|d| !from.contains(d)).collect();
    let mut pairs: Vec<(usize, usize)> = to.into_iter().zip(from).collect();
    pairs.sort_unstable();
    for (to, from) in pairs {
        order.insert(to, from);
    }
    in_order(x, order)
}

/// Axis `axis` moved before axis `start`, the others in their order.
///
/// # Panics
/// When there is no such axis.
#[track_caller]
pub fn rollaxis(x: &Variable, axis: isize, start: isize) -> Variable {
    let axis = or_panic!(check::axis("rollaxis", axis, x.ndim()));
    let start = if start == x.ndim() as isize { x.ndim() } else { or_panic!(check::axis("rollaxis", start, x.ndim())) };
    let mut order: Order = (0..x.ndim()).filter(|&d| d != axis).collect();
    order.insert(if start > axis { start - 1 } else { start }, axis);
    in_order(x, order)
}

/// The axes `a` and `b` exchanged.
///
/// # Panics
/// When there is no such axis.
#[track_caller]
pub fn swapaxes(x: &Variable, a: isize, b: isize) -> Variable {
    let mut order: Order = (0..x.ndim()).collect();
    let a = or_panic!(check::axis("swapaxes", a, x.ndim()));
    order.swap(a, or_panic!(check::axis("swapaxes", b, x.ndim())));
    in_order(x, order)
}

/// `transpose` in an order that is known to be one.
pub(crate) fn in_order(x: &Variable, order: Order) -> Variable {
    if order.is_sorted() {
        return x.clone();
    }
    Transpose { order }.apply1(&[x])
}

struct Transpose {
    order: Order,
}

impl Function for Transpose {
    fn name(&self) -> &str {
        "transpose"
    }
    fn is_view(&self) -> bool {
        true
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].transpose(&self.order).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        let mut back: Order = self.order.clone();
        self.order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
        in_order(&gy[0], back).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.transpose(call.x(0), &self.order)])
    }
}
