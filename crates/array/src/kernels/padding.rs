//! Elements around an array, written in one pass.

use crate::{Element, parallel};

/// Elements of one piece of split work.
const PIECE: usize = 1 << 14;

/// One axis: elements before, inside and after.
type Axis = [usize; 3];

/// `out` has `widths[d]` elements of `value` before and after those of axis d of `x`, whose shape is `shape`.
pub(crate) fn pad<T: Element>(x: &[T], shape: &[usize], widths: &[(usize, usize)], value: T, out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let mut axes: Vec<Axis> = Vec::new();
    for (&n, &(before, after)) in shape.iter().zip(widths) {
        match axes.last_mut() {
            // An axis that is not padded makes longer elements of the one before it.
            Some(last) if (before, after) == (0, 0) => last.iter_mut().for_each(|v| *v *= n),
            _ => axes.push([before, n, after]),
        }
    }
    let [before, n, after] = axes.pop().unwrap_or([0, 1, 0]);
    let [above, height, below] = axes.pop().unwrap_or([0, 1, 0]);
    let (width, lines) = (before + n + after, above + height + below);
    // The first row of `x` in a plane, unless the plane is padding.
    let first_row = |mut plane: usize| {
        let (mut source, mut step) = (0, 1);
        for &[before, n, after] in axes.iter().rev() {
            let k = (plane % (before + n + after)).checked_sub(before).filter(|k| *k < n)?;
            plane /= before + n + after;
            source += k * step;
            step *= n;
        }
        Some(source * height)
    };
    let rows = (PIECE / width).max(1);
    let work = out.len() / 2;
    parallel::chunks_mut(out, rows * width, work, |c, part| {
        let (mut plane, mut line) = (c * rows / lines, c * rows % lines);
        let mut first = first_row(plane);
        for row in part.chunks_exact_mut(width) {
            match first.filter(|_| (above..above + height).contains(&line)) {
                Some(first) => {
                    row[..before].fill(value);
                    row[before..before + n].copy_from_slice(&x[(first + line - above) * n..][..n]);
                    row[before + n..].fill(value);
                }
                None => row.fill(value),
            }
            line += 1;
            if line == lines {
                (plane, line) = (plane + 1, 0);
                first = first_row(plane);
            }
        }
    });
}
