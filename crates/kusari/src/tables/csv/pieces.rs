//! Reading the cells of all rows, in pieces that are read in parallel.

use super::{
    super::{Values, words::Collector},
    date,
    dialect::Dialect,
    guess::Want,
    number::{self, Style},
    scanner::{End, Scanner, Unclosed, is_missing},
};
use crate::{Error, Result};
use kusari_array::parallel;
use std::{path::Path, sync::Mutex};

/// Long enough that starting one costs nothing, short enough that no thread waits for another's last one.
const PIECES: [usize; 2] = [128 << 10, 4 << 20];

/// A column as it was read.
pub(super) struct Read {
    pub values: Values,
    /// How many cells were of the wanted kind, and how many were something else.
    pub fit: usize,
    pub unfit: usize,
    /// The first of those.
    pub example: Option<String>,
}

impl Read {
    /// Before anything was read; none of a column that is not wanted.
    pub fn nothing(want: Want) -> Option<Read> {
        let values = match want {
            Want::Skip => return None,
            _ => Values::Various,
        };
        Some(Read { values, fit: 0, unfit: 0, example: None })
    }
    /// Counts what `read`, which follows, has counted; gives back its cells.
    pub fn add(&mut self, read: Read) -> Values {
        self.fit += read.fit;
        self.unfit += read.unfit;
        if self.example.is_none() {
            self.example = read.example;
        }
        read.values
    }
}

/// A column's cells in one piece.
enum Part {
    Skipped,
    Numbers(Vec<f64>),
    Words(Collector),
    Various,
}

struct Column {
    want: Want,
    part: Part,
    fit: usize,
    unfit: usize,
    example: Option<String>,
}

/// What was read between two borders.
struct Piece {
    columns: Vec<Column>,
    rows: usize,
    /// Where the last row ends.
    end: usize,
}

/// What is wrong, and where.
enum Wrong {
    Unclosed(usize),
    Width { at: usize, cells: usize },
}

/// Reads the columns that are wanted from the byte `start` on, and counts the rows; so many lines come before `bytes`.
pub(super) fn read(
    bytes: &[u8],
    start: usize,
    dialect: &Dialect,
    wants: &[Want],
    source: &Path,
    lines: usize,
) -> Result<(Vec<Option<Read>>, usize)> {
    let borders = borders(&bytes[start..]).into_iter().map(|b| start + b).collect::<Vec<_>>();
    let count = borders.len() - 1;
    let mut pieces = parallel::map(count, |i| piece(bytes, borders[i], borders[i + 1], dialect, wants));
    // A piece that ends elsewhere than the next begins: its quotes were not what they seemed, so all is read in one go.
    if pieces.iter().enumerate().any(|(i, p)| !matches!(p, Ok(p) if p.end == borders[i + 1])) && count > 1 {
        pieces = vec![piece(bytes, start, bytes.len(), dialect, wants)];
    }
    let mut rows = 0;
    let mut parts: Vec<Vec<Column>> = wants.iter().map(|_| Vec::new()).collect();
    for piece in pieces {
        let piece = piece.map_err(|wrong| explain(wrong, bytes, dialect, source, lines))?;
        rows += piece.rows;
        piece.columns.into_iter().zip(&mut parts).for_each(|(column, parts)| parts.push(column));
    }
    let parts: Vec<Mutex<Vec<Column>>> = parts.into_iter().map(Mutex::new).collect();
    let take = |c: usize| std::mem::take(&mut *parts[c].lock().unwrap_or_else(|e| e.into_inner()));
    Ok((parallel::map(parts.len(), |c| join(take(c), wants[c])), rows))
}

/// Where the pieces begin, at rows as far as quotes tell, and the end.
fn borders(bytes: &[u8]) -> Vec<usize> {
    let piece = (bytes.len() / (2 * parallel::threads())).clamp(PIECES[0], PIECES[1]);
    let count = bytes.len().div_ceil(piece).max(1);
    let quotes = parallel::map(count, |i| {
        let part = &bytes[i * piece..((i + 1) * piece).min(bytes.len())];
        part.chunks(128).map(|chunk| chunk.iter().map(|&b| u8::from(b == b'"')).sum::<u8>() as usize).sum::<usize>()
    });
    let mut borders = vec![0];
    let mut inside = false;
    for i in 1..count {
        inside ^= quotes[i - 1] % 2 == 1;
        let mut within = inside;
        let next = bytes[i * piece..].iter().position(|&b| {
            within ^= b == b'"';
            b == b'\n' && !within
        });
        let Some(next) = next else { break };
        let border = i * piece + next + 1;
        if border < bytes.len() && border > borders[borders.len() - 1] {
            borders.push(border);
        }
    }
    borders.push(bytes.len());
    borders
}

/// Reads the rows that begin between two borders.
fn piece(bytes: &[u8], start: usize, end: usize, dialect: &Dialect, wants: &[Want]) -> Result<Piece, Wrong> {
    let mut columns: Vec<Column> = wants.iter().map(|&want| Column::new(want)).collect();
    let mut scanner = Scanner { bytes, at: start, delimiter: dialect.delimiter };
    let (width, mut rows) = (columns.len(), 0);
    while scanner.row() && scanner.at < end {
        rows += 1;
        let row_at = scanner.at;
        for (c, column) in columns.iter_mut().enumerate() {
            let last = match column.quick(&mut scanner) {
                Some(end) => end,
                None => {
                    let (cell, end) = scanner.cell().map_err(|Unclosed(at)| Wrong::Unclosed(at))?;
                    column.push(&cell);
                    end
                }
            };
            if (last == End::Row) != (c + 1 == width) && !(c + 1 == width && only_empty(&mut scanner, dialect, width)) {
                return Err(wrong_width(bytes, row_at, dialect.delimiter));
            }
        }
    }
    // Blank lines at the end of a piece belong to it.
    Ok(Piece { columns, rows, end: scanner.at.max(end) })
}

/// Whether all that is left of a row is the empty cell behind a delimiter at its end.
fn only_empty(scanner: &mut Scanner, dialect: &Dialect, width: usize) -> bool {
    dialect.cells == width + 1 && matches!(scanner.cell(), Ok((cell, End::Row)) if cell.is_empty())
}

fn wrong_width(bytes: &[u8], at: usize, delimiter: u8) -> Wrong {
    match (Scanner { bytes, at, delimiter }).cells() {
        Ok(cells) => Wrong::Width { at, cells: cells.len() },
        Err(Unclosed(at)) => Wrong::Unclosed(at),
    }
}

fn explain(wrong: Wrong, bytes: &[u8], dialect: &Dialect, source: &Path, lines: usize) -> Error {
    let line = |at: usize| lines + bytes[..at].iter().filter(|&&b| b == b'\n').count() + 1;
    match wrong {
        Wrong::Unclosed(at) => {
            Error::format(source, format_args!("line {}: a quotation begins here and is never closed", line(at)))
        }
        Wrong::Width { at, cells } => {
            let (expected, has) = (dialect.cells, if cells == 1 { "1 cell".into() } else { format!("{cells} cells") });
            let delimiter = match dialect.delimiter {
                b'\t' => "tabs".to_string(),
                d => format!("'{}'", char::from(d)),
            };
            let message = format!("line {}: expected {expected} cells separated by {delimiter}, got {has}", line(at));
            Error::format(source, message)
        }
    }
}

impl Column {
    fn new(want: Want) -> Column {
        let part = match want {
            Want::Skip => Part::Skipped,
            Want::Number(_) | Want::Date(_) => Part::Numbers(Vec::new()),
            Want::Text => Part::Words(Collector::default()),
        };
        Column { want, part, fit: 0, unfit: 0, example: None }
    }
    /// Reads a number that is written in the plainest way, directly where it lies.
    #[inline]
    fn quick(&mut self, scanner: &mut Scanner) -> Option<End> {
        let (Want::Number(style), Part::Numbers(numbers)) = (self.want, &mut self.part) else { return None };
        let point = if style == Style::Point { b'.' } else { b',' };
        let rest = &scanner.bytes[scanner.at..];
        let (value, length) = number::plain(rest, if point == scanner.delimiter { 0 } else { point })?;
        let (end, skip) = match rest[length..] {
            [b, ..] if b == scanner.delimiter => (End::Cell, 1),
            [b'\n', ..] => (End::Row, 1),
            [b'\r', b'\n', ..] => (End::Row, 2),
            [] => (End::Row, 0),
            _ => return None,
        };
        scanner.at += length + skip;
        numbers.push(value);
        self.fit += 1;
        Some(end)
    }
    fn push(&mut self, cell: &[u8]) {
        match &mut self.part {
            Part::Skipped | Part::Various => {}
            Part::Words(words) => {
                if !words.push((!is_missing(cell)).then_some(cell)) {
                    self.part = Part::Various;
                }
            }
            Part::Numbers(numbers) => {
                let value = match self.want {
                    Want::Date(order) => date::parse(cell, order),
                    Want::Number(style) => number::parse(cell, style),
                    Want::Skip | Want::Text => None,
                };
                match value {
                    Some(_) => self.fit += 1,
                    None if is_missing(cell) => {}
                    None => {
                        self.unfit += 1;
                        let example = || String::from_utf8_lossy(cell).chars().take(40).collect();
                        self.example.get_or_insert_with(example);
                    }
                }
                numbers.push(value.unwrap_or(f64::NAN));
            }
        }
    }
}

/// One column from its parts.
fn join(parts: Vec<Column>, want: Want) -> Option<Read> {
    let (fit, unfit) = parts.iter().fold((0, 0), |(fit, unfit), p| (fit + p.fit, unfit + p.unfit));
    let example = parts.iter().find_map(|p| p.example.clone());
    let values = match want {
        Want::Skip => return None,
        Want::Text => texts(parts),
        Want::Number(_) | Want::Date(_) => {
            let length = |p: &Column| if let Part::Numbers(v) = &p.part { v.len() } else { 0 };
            let mut all = Vec::with_capacity(parts.iter().map(length).sum());
            for part in parts {
                if let Part::Numbers(numbers) = part.part {
                    all.extend_from_slice(&numbers);
                }
            }
            if let Want::Date(order) = want { Values::Dates(all, order) } else { Values::Numbers(all) }
        }
    };
    Some(Read { values, fit, unfit, example })
}

fn texts(parts: Vec<Column>) -> Values {
    let mut all = Collector::default();
    for part in parts {
        let Part::Words(words) = part.part else { return Values::Various };
        if !all.append(words) {
            return Values::Various;
        }
    }
    Values::Words(all.finish())
}
