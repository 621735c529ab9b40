//! `tensordot`: the sum over products along pairs of axes.

use crate::{
    Variable,
    error::check,
    functions::{in_order, matmul, reshape_to},
};

/// Which axes [`tensordot`] sums over.
#[derive(Clone, Debug)]
pub enum Contraction {
    /// The last `n` of the left with the first `n` of the right.
    Inner(usize),
    /// These axes of the left with these of the right, pair by pair.
    Pairs(Vec<isize>, Vec<isize>),
}
impl From<usize> for Contraction {
    fn from(n: usize) -> Contraction {
        Contraction::Inner(n)
    }
}
impl<const N: usize> From<([isize; N], [isize; N])> for Contraction {
    fn from((left, right): ([isize; N], [isize; N])) -> Contraction {
        Contraction::Pairs(left.into(), right.into())
    }
}

/// The products of `a` and `b` summed over pairs of axes: a number of inner ones, or `([axes of a], [axes of b])`. The
/// result has the other axes of `a`, then those of `b`.
///
/// # Panics
/// When an axis does not exist or is named twice, or the lengths of a pair differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let a = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::tensordot(&a, &a, 2).item(), 30.0);
/// assert_eq!(F::tensordot(&a, &a, ([0], [0])).array().to_vec::<f32>(), [10.0, 14.0, 14.0, 20.0]);
/// ```
#[track_caller]
pub fn tensordot(a: &Variable, b: &Variable, axes: impl Into<Contraction>) -> Variable {
    let (left, right) = match axes.into() {
        Contraction::Inner(n) => {
            let fits = n <= a.ndim() && n <= b.ndim();
            assert!(fits, "tensordot: expected at most {} inner axes, got {n}", a.ndim().min(b.ndim()));
            ((a.ndim() - n..a.ndim()).collect(), (0..n).collect())
        }
        Contraction::Pairs(left, right) => {
            assert!(left.len() == right.len(), "tensordot: expected pairs of axes, got {left:?} and {right:?}");
            (or_panic!(places(&left, a.ndim())), or_panic!(places(&right, b.ndim())))
        }
    };
    for (&l, &r) in left.iter().zip(&right) {
        assert!(
            a.shape()[l] == b.shape()[r],
            "tensordot: expected pairs of axes of equal length, got {l} of {} and {r} of {}",
            a.shape(),
            b.shape()
        );
    }
    let others = |x: &Variable, taken: &[usize]| (0..x.ndim()).filter(|d| !taken.contains(d)).collect::<Vec<_>>();
    let (rows, columns) = (others(a, &left), others(b, &right));
    let lengths = |x: &Variable, axes: &[usize]| axes.iter().map(|&d| x.shape()[d]).collect::<Vec<usize>>();
    let shape = [lengths(a, &rows), lengths(b, &columns)].concat();
    let (m, n) = (lengths(a, &rows).iter().product::<usize>(), lengths(b, &columns).iter().product::<usize>());
    let k = lengths(a, &left).iter().product::<usize>();
    let a = reshape_to(&in_order(a, rows.iter().chain(&left).copied().collect()), [m, k]);
    let b = reshape_to(&in_order(b, right.iter().chain(&columns).copied().collect()), [k, n]);
    reshape_to(&matmul(&a, &b), &shape[..])
}

fn places(axes: &[isize], ndim: usize) -> crate::Result<Vec<usize>> {
    let places: Vec<usize> =
        axes.iter().map(|&axis| check::axis("tensordot", axis, ndim)).collect::<crate::Result<_>>()?;
    let twice = (1..places.len()).find(|&i| places[..i].contains(&places[i]));
    match twice {
        Some(i) => Err(crate::Error::invalid("tensordot", "each axis once", format_args!("axis {} twice", places[i]))),
        None => Ok(places),
    }
}
