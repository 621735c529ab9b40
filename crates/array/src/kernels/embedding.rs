//! Rows of a table looked up by number, and the gradient of the table.

use crate::{
    Array, DType, Element,
    deferred::{NOWHERE, table_of_few_rows},
    dtype::match_dtype,
    kernels::layout,
    parallel,
};

impl Array {
    /// Rows of the table `self` (v, …) at `ids` (any shape, integers from 0 to v − 1): shape ids + (…). An id equal to
    /// `ignore` gives zeros.
    ///
    /// # Panics
    /// When an id is out of range (see [`Array::check_ids`]) or not an integer.
    #[track_caller]
    pub fn embed(&self, ids: &Array, ignore: Option<i64>) -> Array {
        self.check_ids("embed", ids, ignore).unwrap_or_else(|e| panic!("{e}"));
        let width: usize = self.shape()[1..].iter().product();
        let shape: Vec<usize> = ids.shape().iter().chain(&self.shape()[1..]).copied().collect();
        let (table, ids) = (self.contiguous(), numbers(ids));
        match_dtype!(self.dtype(), T => Array::build::<T>(&shape[..], |out| {
            let table = table.as_slice::<T>();
            let work = out.len() / 2;
            parallel::chunks_mut(out, ROWS * width, work, |chunk, out| {
                for (row, &id) in out.chunks_exact_mut(width.max(1)).zip(&ids[chunk * ROWS..]) {
                    match Some(id) == ignore {
                        true => row.fill(T::default()),
                        false => row.copy_from_slice(&table[id as usize * width..][..width]),
                    }
                }
            });
        }))
    }

    /// Zeros of the shape `table`, to whose rows at `ids` the rows of `self` are added in their order: the gradient of
    /// [`Array::embed`] with respect to the table. Of a large table of which less than half of the rows are named, it is
    /// deferred: a norm, a factor and some updates go over these rows only.
    ///
    /// # Panics
    /// When shapes do not fit, an id is out of range, or `self` is not floating-point.
    #[track_caller]
    pub fn embed_gradient(&self, ids: &Array, table: &[usize], ignore: Option<i64>) -> Array {
        let (lead, width) = (ids.len(), table[1..].iter().product::<usize>());
        let given = self.shape();
        assert!(
            self.len() == lead * width,
            "embed_gradient: expected gy of ids' shape and the table's row, got {given}"
        );
        assert!(self.dtype().is_float(), "embed_gradient: expected a floating-point array, got {}", self.dtype());
        if self.dtype().compute() != self.dtype() {
            return self.cast(DType::F32).embed_gradient(ids, table, ignore).cast(self.dtype());
        }
        let (gy, ids) = (self.contiguous(), numbers(ids));
        if self.dtype() == DType::F32
            && let Some(few) =
                table_of_few_rows(table, &ids, ignore, |ids, rows| gy.embed_gradient(ids, rows, Some(NOWHERE)))
        {
            return few;
        }
        crate::dtype::match_float!(self.dtype(), T => Array::build::<T>(table, |gw| {
            layout::fill(gw, 0.0);
            let gy = gy.as_slice::<T>();
            let gw = crate::kernels::parts::Parts::new(gw);
            // Columns are split, not rows: then each sum has one order, whatever the number of threads.
            parallel::ranges(width, COLUMNS, gy.len() / 2, |columns| {
                for (row, &id) in gy.chunks_exact(width).zip(&ids) {
                    if Some(id) != ignore {
                        let start = id as usize * width;
                        // SAFETY: these columns are this task's own.
                        let sum = unsafe { gw.part(start + columns.start..start + columns.end) };
                        sum.iter_mut().zip(&row[columns.clone()]).for_each(|(s, &g)| *s += g);
                    }
                }
            });
        }))
    }

    /// Whether all `ids` are numbers of rows of the table `self`, or `ignore`.
    ///
    /// # Errors
    /// A message in the name of `function` that names the first one that is not.
    pub fn check_ids(&self, function: &str, ids: &Array, ignore: Option<i64>) -> Result<(), String> {
        if !ids.dtype().is_integer() {
            return Err(format!("{function}: expected ids of an integer dtype, got {}", ids.dtype()));
        }
        let Some(&rows) = self.shape().first() else {
            return Err(format!("{function}: expected a table with at least one axis, got shape {}", self.shape()));
        };
        let wrong = numbers(ids).into_iter().find(|&id| Some(id) != ignore && !(0..rows as i64).contains(&id));
        match wrong {
            Some(id) => Err(format!("{function}: expected ids from 0 to {}, got {id}", rows as i64 - 1)),
            None => Ok(()),
        }
    }
}

/// Rows that one task copies.
const ROWS: usize = 64;
/// Columns whose sums one task adds.
const COLUMNS: usize = 64;

fn numbers(ids: &Array) -> Vec<i64> {
    let ids = ids.contiguous();
    match_dtype!(ids.dtype(), T => ids.as_slice::<T>().iter().map(|v| v.to_i64()).collect())
}
