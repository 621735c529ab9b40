//! CSV and TSV files: their dialect is found out, and what their columns hold.

mod date;
mod dialect;
mod guess;
mod number;
mod pieces;
mod scanner;
mod text;

use super::{Column, Kind, Table, Values, parquet};
use crate::{Error, Result, memory};
pub use date::DateOrder;
pub(super) use date::{date_as_text, month_of};
use dialect::Dialect;
use guess::Want;
use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};
use text::Text;

/// What is known about a CSV file beforehand; all else is found out.
#[derive(Clone, Default, Debug)]
pub struct ReadOptions {
    /// What separates cells.
    pub delimiter: Option<u8>,
    /// Whether the first row holds the names.
    pub header: Option<bool>,
    /// What columns of these names are read as, whatever lies in them; cells that are something else count as missing.
    pub kinds: BTreeMap<String, Kind>,
}

/// How many times a file's size a table may take: numbers of one digit take most.
const TIMES: u64 = 4;
/// A share of a column's cells that may be no numbers: they count as missing then.
const JUNK: f64 = 0.02;

impl Table {
    /// Reads a CSV, TSV or Parquet file. Delimiter, header, quotes, decimal commas, missing values (`NA`, `?`, …), encoding and the
    /// columns' kinds are found out; what was noticed on the way is in [`notices`](Table::notices).
    ///
    /// It needs the size of the file, 8 bytes for every number and 4 for every text in memory.
    ///
    /// # Errors
    /// When it cannot be read, may take more memory than [`max_memory`](crate::max_memory), or is not a table: the message
    /// says where and why.
    pub fn read(path: impl AsRef<Path>) -> Result<Table> {
        Table::read_with(path, &ReadOptions::default())
    }
    /// [`Table::read`] with what is known beforehand.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read_with(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Table> {
        let path = path.as_ref();
        let bytes = memory::read(path, TIMES)?;
        Table::from_bytes(bytes, path, options)
    }
    /// Reads a table from a text.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn from_csv(text: &str) -> Result<Table> {
        Table::from_bytes(text.into(), "the table", &ReadOptions::default())
    }
    /// Reads a table from the bytes of a file, of an npz file the columns of its arrays `x` and `t`; `source` names it in
    /// messages.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn from_bytes(bytes: Vec<u8>, source: impl AsRef<Path>, options: &ReadOptions) -> Result<Table> {
        let source = source.as_ref();
        if bytes.starts_with(parquet::MAGIC) {
            return Table::from_parquet(bytes, source, options);
        }
        if source.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz")) {
            return Table::from_npz(&bytes, source);
        }
        let mut notices = Vec::new();
        let text = Text::decode(bytes, source, &mut notices)?;
        let dialect = Dialect::find(text.bytes(), options, source)?;
        let names = unique(&dialect.names, &mut notices);
        let (columns, rows) = columns(&text, &dialect, &names, options, source, &mut notices)?;
        let table = Table { columns, rows, notices, source: source.display().to_string() };
        if table.rows == 0 {
            return Err(Error::format(source, "there is no row below the header"));
        }
        Ok(table)
    }
}

/// Names without repetitions: the second `a` becomes `a_2`.
fn unique(names: &[String], notices: &mut Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    let mut next: BTreeMap<&str, usize> = BTreeMap::new();
    let mut renamed = Vec::new();
    let unique = names.iter().map(|name| {
        if seen.insert(name) {
            return name.clone();
        }
        let count = next.entry(name).or_insert(2);
        let free = loop {
            let candidate = format!("{name}_{count}");
            *count += 1;
            if taken.insert(candidate.clone()) {
                break candidate;
            }
        };
        renamed.push(format!("'{free}'"));
        free
    });
    let unique = unique.collect();
    if !renamed.is_empty() {
        notices.push(format!("columns of one name were renamed: {}", shortened(&renamed)));
    }
    unique
}

/// A list for a message: its first entries.
fn shortened(list: &[String]) -> String {
    let more = list.len().saturating_sub(8);
    let shown = list[..list.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Reads all columns and counts the rows; those that turn out to hold something else are read again.
fn columns(
    text: &Text,
    dialect: &Dialect,
    names: &[String],
    options: &ReadOptions,
    source: &Path,
    notices: &mut Vec<String>,
) -> Result<(Vec<Column>, usize)> {
    let sample = dialect.sample(text.bytes());
    let forced: Vec<Option<Kind>> = names.iter().map(|name| options.kinds.get(name).copied()).collect();
    let comma = guess::decimal_comma(&sample);
    let mut candidates: Vec<Vec<Want>> =
        (0..names.len()).map(|c| guess::candidates(sample.iter().map(|row| &*row[c]), forced[c], comma)).collect();
    let mut done: Vec<Option<Values>> = vec![None; names.len()];
    let mut junk = Vec::new();
    let mut rows = 0;
    while done.iter().any(Option::is_none) {
        let wanted = |c: usize| if done[c].is_some() { Want::Skip } else { candidates[c][0] };
        let wants: Vec<Want> = (0..names.len()).map(wanted).collect();
        let (read, counted) = pieces::read(text.bytes(), dialect, &wants, source)?;
        rows = counted;
        for (c, column) in read.into_iter().enumerate() {
            let Some(column) = column else { continue };
            let few = column.unfit as f64 <= JUNK * (column.fit + column.unfit) as f64;
            if column.unfit > 0 && forced[c].is_none() && !few {
                candidates[c].remove(0);
                let refuting = column.example.as_deref().unwrap_or_default().as_bytes();
                candidates[c].retain(|want| want.accepts(refuting));
                continue;
            }
            if column.unfit > 0 {
                junk.push((names[c].as_str(), column.unfit, column.example.unwrap_or_default(), candidates[c][0]));
            }
            done[c] = Some(column.values);
        }
    }
    for (name, count, example, want) in junk {
        let cells = if count == 1 { "one cell that is".to_string() } else { format!("{count} cells that are") };
        let what = if matches!(want, Want::Date(_)) { "date" } else { "number" };
        notices.push(format!("column '{name}': {cells} no {what} ('{example}') counted as missing"));
    }
    let columns = names.iter().zip(done).filter_map(|(name, values)| Some((name.clone(), values?)));
    Ok((columns.map(|(name, values)| Column { name, values }).collect(), rows))
}
