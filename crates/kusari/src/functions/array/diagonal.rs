//! `diagonal`.

use super::{reshape::reshape_to, transpose::in_order};
use crate::{Variable, error::check, functions::get_item};
use kusari_array::{Ellipsis, s};

/// The elements whose indices on axes `a` and `b` differ by `offset` (index on b minus index on a), as a new last axis
/// in place of the two.
///
/// # Panics
/// When the axes do not exist or are the same.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::diagonal(&x, 0, 0, 1).array().to_vec::<f32>(), [1.0, 4.0]);
/// ```
#[track_caller]
pub fn diagonal(x: &Variable, offset: isize, a: isize, b: isize) -> Variable {
    let (a, b) = (or_panic!(check::axis("diagonal", a, x.ndim())), or_panic!(check::axis("diagonal", b, x.ndim())));
    assert!(a != b, "diagonal: expected two different axes, got {a} twice");
    let (rows, columns) = (x.shape()[a], x.shape()[b]);
    let (row, column) = ((-offset).max(0) as usize, offset.max(0) as usize);
    let n = rows.saturating_sub(row).min(columns.saturating_sub(column));
    let x = in_order(x, (0..x.ndim()).filter(|&d| d != a && d != b).chain([a, b]).collect());
    let rank = x.ndim();
    // In the two axes as one, the diagonal's elements lie a row and a column apart.
    let flat = reshape_to(&x, x.shape().without(rank - 1).replaced(rank - 2, rows * columns));
    let start = (row * columns + column).min(rows * columns);
    let stop = if n == 0 { start } else { start + (n - 1) * (columns + 1) + 1 };
    get_item(&flat, &s![Ellipsis, start..stop;columns as isize + 1])
}
