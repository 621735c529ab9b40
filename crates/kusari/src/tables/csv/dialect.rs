//! What separates cells, and whether the first row holds names.

use super::{
    ReadOptions, date,
    date::DateOrder,
    number,
    scanner::{Scanner, is_missing},
};
use crate::{Error, Result};
use std::{borrow::Cow, collections::HashSet, path::Path};

/// How many rows are looked at.
pub(super) const ROWS: usize = 300;
/// Tried in this order; a comma may be a decimal one, and so comes after those that can be nothing else.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// How a table is written.
pub(super) struct Dialect {
    /// What separates cells.
    pub delimiter: u8,
    /// The columns' names.
    pub names: Vec<String>,
    /// Where the first row below the names begins.
    pub start: usize,
    /// The number of cells in a row: one more than names where rows have a delimiter at their end.
    pub cells: usize,
}

/// The cells of a row.
pub(super) type Row<'a> = Vec<Cow<'a, [u8]>>;

/// The first rows, each with the place where the next one begins.
fn rows(bytes: &[u8], start: usize, delimiter: u8) -> Vec<(Row<'_>, usize)> {
    let mut scanner = Scanner { bytes, at: start, delimiter };
    let mut rows = Vec::new();
    while rows.len() < ROWS && scanner.row() {
        // What is wrong with a quotation is said when it is read.
        let Ok(cells) = scanner.cells() else { break };
        rows.push((cells, scanner.at));
    }
    rows
}

impl Dialect {
    /// Finds out how the table in `bytes` is written.
    pub fn find(bytes: &[u8], options: &ReadOptions, source: &Path) -> Result<Dialect> {
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter(bytes));
        let rows = rows(bytes, 0, delimiter);
        let Some((first, second_at)) = rows.first() else {
            return Err(Error::format(source, "the quotation that begins the file is never closed"));
        };
        let rest = &rows[1..];
        let header = options.header.unwrap_or_else(|| is_header(first, rest));
        let width = first.len();
        if !header {
            let names = (1..=width).map(|i| format!("column{i}")).collect();
            return Ok(Dialect { delimiter, names, start: 0, cells: width });
        }
        let mut names: Vec<String> = first.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        let mut cells = width;
        if !rest.is_empty() && rest.iter().all(|(row, _)| row.len() == width + 1) {
            cells += 1;
            // A delimiter ends every row, or the rows are numbered and only the other columns have names.
            if !rest.iter().all(|(row, _)| row[width].is_empty()) {
                names.insert(0, String::new());
            }
        } else if width > 1
            && names[width - 1].is_empty()
            && rest.iter().all(|(r, _)| r.len() == width && r[width - 1].is_empty())
        {
            names.pop();
        }
        for (i, name) in names.iter_mut().enumerate().filter(|(_, name)| name.is_empty()) {
            *name = format!("unnamed{}", i + 1);
        }
        Ok(Dialect { delimiter, names, start: *second_at, cells })
    }
    /// The first rows below the names.
    pub fn sample<'a>(&self, bytes: &'a [u8]) -> Vec<Row<'a>> {
        let rows = rows(bytes, self.start, self.delimiter).into_iter().map(|(row, _)| row);
        rows.filter(|row| row.len() >= self.names.len()).collect()
    }
}

/// The first delimiter that gives all rows as many cells, or else the one with most rows of one size.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut best = (0, b',');
    for delimiter in DELIMITERS {
        let widths: Vec<usize> = rows(bytes, 0, delimiter).iter().map(|(row, _)| row.len()).collect();
        let usual = widths.get(widths.len() / 2).copied().unwrap_or(1);
        let agreeing = widths.iter().filter(|&&w| w == usual).count();
        // The row of names may lack one.
        if usual > 1 && agreeing + 1 >= widths.len() {
            return delimiter;
        }
        if usual > 1 && agreeing > best.0 {
            best = (agreeing, delimiter);
        }
    }
    best.1
}

/// Whether a cell is a number or a date.
fn measured(cell: &[u8]) -> bool {
    [number::Style::Point, number::Style::Comma].iter().any(|&s| number::parse(cell, s).is_some())
        || DateOrder::ALL.iter().any(|&order| date::parse(cell, order).is_some())
}

/// Texts over numbers are names; so are texts that differ and appear nowhere below.
fn is_header(first: &Row, rest: &[(Row, usize)]) -> bool {
    let (mut names, mut values, mut appears) = (0, 0, false);
    for (c, cell) in first.iter().enumerate().filter(|(_, cell)| !is_missing(cell)) {
        let mut below = rest.iter().filter_map(|(row, _)| row.get(c)).filter(|cell| !is_missing(cell)).peekable();
        let any = below.peek().is_some();
        match measured(cell) {
            true => values += 1,
            false if any && below.clone().filter(|cell| !measured(cell)).count() * 10 <= below.clone().count() => {
                names += 1
            }
            false => {}
        }
        appears |= below.any(|other| other == cell);
    }
    if names > 0 || values > 0 {
        return names >= values && names > 0;
    }
    let different = first.iter().collect::<HashSet<_>>().len() == first.len();
    different && !appears
}
