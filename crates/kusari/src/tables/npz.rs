//! Arrays as a table: an npz file with `x` and `t`.

use super::{Column, Table, Values};
use crate::{
    Array, DType, Error, Result,
    serializers::{Value, npz_from_bytes},
};
use std::path::Path;

/// More columns than this are taken for a mistake.
const MOST_COLUMNS: usize = 1 << 20;

/// The arrays `x` and `t` (or `y`), if there is one, of an npz file.
pub(crate) fn arrays(bytes: &[u8], source: &Path) -> Result<(Array, Option<Array>)> {
    let mut entries = npz_from_bytes(bytes, source)?;
    let mut take = |name: &str| match entries.remove(name) {
        Some(Value::Array(array)) => Some(array),
        _ => None,
    };
    let x = take("x").ok_or_else(|| Error::Missing { path: source.to_path_buf(), key: "x".to_string() })?;
    let t = take("t").or_else(|| take("y"));
    if let Some(t) = &t
        && x.shape().first() != t.shape().first()
    {
        let message = format!("expected as many targets as samples, got x {} and t {}", x.shape(), t.shape());
        return Err(Error::format(source, message));
    }
    Ok((x, t))
}

impl Table {
    /// The columns `x0`, `x1`, … and, if there are targets, `t` or `t0`, `t1`, …
    pub(super) fn from_npz(bytes: &[u8], source: &Path) -> Result<Table> {
        let (x, t) = arrays(bytes, source)?;
        let mut columns = Vec::new();
        for (name, array) in [("x", Some(x)), ("t", t)] {
            let Some(array) = array else { continue };
            let (rows, width) = match array.shape()[..] {
                [rows] => (rows, 1),
                [rows, width] if width <= MOST_COLUMNS => (rows, width),
                _ => {
                    let message =
                        format!("expected '{name}' of shape (rows, columns) or (rows,), got {}", array.shape());
                    return Err(Error::format(source, message));
                }
            };
            let values = array.cast(DType::F64).to_vec::<f64>();
            let single = array.ndim() == 1;
            columns.extend((0..width).map(|c| Column {
                name: if single { name.to_string() } else { format!("{name}{c}") },
                values: Values::Numbers((0..rows).map(|row| values[row * width + c]).collect()),
            }));
        }
        let mut table = Table::new(columns)?;
        table.source = source.display().to_string();
        if table.rows == 0 {
            return Err(Error::format(source, "there are no rows in it"));
        }
        Ok(table)
    }
}
