//! Arrays as a table: an npz file with `x` and `t`.

use super::{Column, ReadOptions, Table, Values, stored::Writer};
use crate::{
    Array, DType, Error, Result, memory,
    serializers::{ArrayHead, NpzPieces, Value, npz_from_bytes},
};
use kusari_array::Shape;
use std::{fs::File, io, path::Path};

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

/// Numbers that are read at once, at most.
const AT_ONCE: u64 = 1 << 20;
/// Bytes of a number while it is read: as in the file, as an array of its own and of the widest type, as a list, and as it is
/// written.
const A_NUMBER: u64 = 48;

/// The arrays `x` and `t` of a file as columns, with what is needed to read them in memory.
struct Columns {
    arrays: Vec<(&'static str, ArrayHead)>,
    rows: usize,
    in_memory: u64,
}

impl Columns {
    fn find(npz: &mut NpzPieces, source: &Path, length: u64) -> Result<Columns> {
        let x = npz.head("x")?.ok_or_else(|| Error::Missing { path: source.to_path_buf(), key: "x".to_string() })?;
        let mut arrays = vec![("x", x)];
        for key in ["t", "y"] {
            if arrays.len() == 1 {
                arrays.extend(npz.head(key)?.map(|head| (key, head)));
            }
        }
        let count = |head: &ArrayHead| head.shape.iter().fold(1u64, |n, &length| n.saturating_mul(length as u64));
        // The file; the elements as bytes and as arrays; and as lists, twice.
        let bytes = |(_, head): &(_, ArrayHead)| count(head).saturating_mul(2 * head.size() as u64 + 16);
        let in_memory = arrays.iter().map(bytes).fold(length, u64::saturating_add);
        Ok(Columns { rows: arrays[0].1.shape.first().copied().unwrap_or(0), arrays, in_memory })
    }
}

/// Reads a file into memory, or moves its columns to files in `folder` if they take more of it than they may.
pub(super) fn open(file: File, source: &Path, options: &ReadOptions, folder: &Path) -> Result<Table> {
    let failed = |e| Error::io(source, e);
    let length = file.metadata().map_err(failed)?.len();
    let mut npz = NpzPieces::open(file.try_clone().map_err(failed)?, source)?;
    let columns = Columns::find(&mut npz, source, length)?;
    let Some(why) = options.why_stored(columns.in_memory) else {
        let mut file = file;
        io::Seek::rewind(&mut file).map_err(failed)?;
        return Ok(Table::from_npz(&memory::read_open(file, source, 1)?, source)?.counted());
    };
    Ok(store(&mut npz, &columns, source, folder)?.announced(&why))
}

/// Moves the columns of a file to files in `folder`.
fn store(npz: &mut NpzPieces, columns: &Columns, source: &Path, folder: &Path) -> Result<Table> {
    let Columns { arrays, rows, .. } = columns;
    let mut names = Vec::new();
    for (key, head) in arrays {
        if head.shape.first() != Some(rows) {
            let [x, t] = [&arrays[0], &arrays[arrays.len() - 1]].map(|(_, head)| Shape::new(&head.shape));
            let message = format!("expected as many targets as samples, got x {x} and t {t}");
            return Err(Error::format(source, message));
        }
        // Targets are called t, whatever their name in the file.
        names.push(column_names(if *key == "x" { "x" } else { "t" }, &head.shape, source)?);
    }
    let widest = names.iter().map(Vec::len).max().unwrap_or(1).max(1);
    let numbers = (memory::left() / 4 / A_NUMBER).clamp(1 << 12, AT_ONCE) as usize;
    let at_once = (numbers / widest).max(1);
    let share = memory::take(source, "pieces of the arrays", A_NUMBER * (at_once * widest) as u64)?;
    let mut writer = Writer::new(source, folder, names.iter().map(Vec::len).sum())?;
    let blocks: Vec<usize> = (0..*rows).step_by(at_once).map(|first| at_once.min(rows - first)).collect();
    let mut before = 0;
    for ((key, head), names) in arrays.iter().zip(&names) {
        let (width, mut number) = (names.len(), 0);
        // Row by row, or column by column.
        let columns = if head.fortran_order { width } else { 1 };
        let shapes = (0..columns).flat_map(|_| blocks.iter().map(|&rows| vec![rows * width / columns]));
        npz.each(key, shapes, |array| {
            let values = array.cast(DType::F64).to_vec::<f64>();
            let (column, block) = (number / blocks.len(), number % blocks.len());
            let rows = blocks[block];
            let cells = |c: usize| Values::Numbers((0..rows).map(|row| values[row * width + c]).collect());
            let cells: Vec<(usize, Values)> = match head.fortran_order {
                true => vec![(before + column, Values::Numbers(values))],
                false => (0..width).map(|c| (before + c, cells(c))).collect(),
            };
            number += 1;
            writer.block(block, rows, cells)
        })?;
        before += width;
    }
    writer.finish(names.concat(), Vec::new(), share)
}

/// The names of an array's columns: its own, or with numbers.
fn column_names(name: &str, shape: &[usize], source: &Path) -> Result<Vec<String>> {
    match *shape {
        [_] => Ok(vec![name.to_string()]),
        [_, width] if width <= MOST_COLUMNS => Ok((0..width).map(|c| format!("{name}{c}")).collect()),
        _ => {
            let shape = Shape::new(shape);
            Err(Error::format(source, format!("expected '{name}' of shape (rows, columns) or (rows,), got {shape}")))
        }
    }
}

impl Table {
    /// The columns `x0`, `x1`, … and, if there are targets, `t` or `t0`, `t1`, …
    pub(super) fn from_npz(bytes: &[u8], source: &Path) -> Result<Table> {
        let (x, t) = arrays(bytes, source)?;
        let mut columns = Vec::new();
        for (name, array) in [("x", Some(x)), ("t", t)] {
            let Some(array) = array else { continue };
            let names = column_names(name, array.shape(), source)?;
            let (rows, width) = (array.shape()[0], names.len());
            let values = array.cast(DType::F64).to_vec::<f64>();
            columns.extend(names.into_iter().enumerate().map(|(c, name)| Column {
                name,
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
