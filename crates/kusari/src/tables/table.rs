//! `Table`: named columns of one length.

use super::{DateOrder, Stored, Words};
use crate::{
    Error, Result,
    memory::{self, Share},
};
use std::{fmt, path::Path, sync::Arc};

/// Named columns of one length, as they were read.
///
/// ```
/// use kusari::tables::{Table, Values};
/// let table = Table::from_csv("name;size\nash;1,5\noak;NA\n")?;
/// assert_eq!((table.rows(), table.names()), (2, vec!["name", "size"]));
/// assert!(matches!(&table.column("size")?.values, Values::Numbers(v) if v[0] == 1.5 && v[1].is_nan()));
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone)]
pub struct Table {
    /// Shared by all copies.
    pub(super) columns: Arc<Vec<Column>>,
    pub(super) rows: usize,
    pub(super) notices: Vec<String>,
    pub(super) source: String,
    /// The memory that it takes, if that is counted.
    pub(super) share: Option<Arc<Share>>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Table").field("source", &self.source).field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub values: Values,
}

/// The cells of a column.
#[derive(Clone, Debug)]
pub enum Values {
    /// Numbers; missing ones are NaN.
    Numbers(Vec<f64>),
    /// Days since 1970-01-01, with the time of the day as a fraction; missing ones are NaN.
    Dates(Vec<f64>, DateOrder),
    /// Texts.
    Words(Words),
    /// More different texts than are kept: free text.
    Various,
    /// In a file, because the table takes more memory than it may: [`Table::values`] brings them.
    Stored(Stored),
}

/// What the cells of a column are read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Dates, with the day, month and year in this order.
    Date(DateOrder),
    /// Texts.
    Text,
}

/// What a table holds of a number: infinities, which nothing can be computed with, count as missing.
pub(super) fn finite(v: f64) -> f64 {
    if v.is_finite() { v } else { f64::NAN }
}

impl Table {
    /// A table of these columns. Numbers that are infinite are missing, too.
    ///
    /// # Errors
    /// When their lengths differ, or two have one name.
    pub fn new(mut columns: Vec<Column>) -> Result<Table> {
        for column in &mut columns {
            if let Values::Numbers(v) | Values::Dates(v, _) = &mut column.values {
                v.iter_mut().for_each(|v| *v = finite(*v));
            }
        }
        let lengths = columns.iter().filter_map(|c| c.values.len());
        let rows = lengths.clone().next().unwrap_or(0);
        if let Some(other) = lengths.clone().find(|&n| n != rows) {
            return Err(Error::invalid("Table", "columns of one length", format_args!("{rows} and {other} rows")));
        }
        let mut names: Vec<&str> = columns.iter().map(|c| &*c.name).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::invalid("Table", "different names", format_args!("'{}' twice", pair[0])));
        }
        let source = "the table".to_string();
        Ok(Table { columns: columns.into(), rows, notices: Vec::new(), source, share: None })
    }
    /// Counts the memory that the cells take as taken.
    pub(super) fn counted(mut self) -> Table {
        let cells = |column: &Column| match &column.values {
            Values::Numbers(v) | Values::Dates(v, _) => 8 * v.len(),
            Values::Words(words) => 4 * words.codes.len(),
            Values::Various | Values::Stored(_) => 0,
        };
        let bytes: usize = self.columns.iter().map(cells).sum();
        self.share = memory::take(Path::new(&self.source), "a table", bytes as u64).ok().map(Arc::new);
        self
    }
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
    /// The columns' names.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|c| &*c.name).collect()
    }
    /// The column `name`.
    ///
    /// # Errors
    /// When there is none of this name: the message lists those that there are.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.find(name).ok_or_else(|| {
            let message = format!("{}: there is no column '{name}'; its columns are {}", self.source, self.listed());
            Error::Data(message)
        })
    }
    /// The column `name`, if there is one.
    pub fn find(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }
    /// The names for a message: not all 10,000 of them.
    pub(super) fn listed(&self) -> String {
        listed(&self.names())
    }
    /// What was noticed while reading: for people.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }
    /// What messages call the table: the file's name.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// The first names of a list, and how many more there are.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|n| format!("'{}'", n.as_ref())).collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Values {
    /// The number of cells; unknown for free text, which is not kept.
    #[allow(clippy::len_without_is_empty)] // whether there are rows is the table's to say
    pub fn len(&self) -> Option<usize> {
        match self {
            Values::Numbers(v) | Values::Dates(v, _) => Some(v.len()),
            Values::Words(words) => Some(words.codes.len()),
            Values::Various => None,
            Values::Stored(stored) => Some(stored.rows()),
        }
    }
    /// What the cells were read as.
    pub fn kind(&self) -> Kind {
        match self {
            Values::Numbers(_) => Kind::Number,
            Values::Dates(_, order) => Kind::Date(*order),
            Values::Words(_) | Values::Various => Kind::Text,
            Values::Stored(stored) => stored.kind(),
        }
    }
}
