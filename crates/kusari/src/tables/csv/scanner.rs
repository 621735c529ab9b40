//! Cell by cell through the bytes of a table.

use std::borrow::Cow;

/// Where a cell ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// Another cell of the row follows.
    Cell,
    /// It was the row's last.
    Row,
}

/// A quotation that begins here is never closed.
#[derive(Debug)]
pub(super) struct Unclosed(pub usize);

/// Reads cells.
#[derive(Clone)]
pub(super) struct Scanner<'a> {
    /// The text.
    pub bytes: &'a [u8],
    /// Where the next cell begins.
    pub at: usize,
    /// What separates cells.
    pub delimiter: u8,
}

impl<'a> Scanner<'a> {
    /// Goes over empty lines; says whether a row follows.
    pub fn row(&mut self) -> bool {
        loop {
            match &self.bytes[self.at..] {
                [] => return false,
                [b'\n', ..] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                [b'\r'] => self.at += 1,
                _ => return true,
            }
        }
    }
    /// The next cell, without quotes and blanks around it.
    pub fn cell(&mut self) -> Result<(Cow<'a, [u8]>, End), Unclosed> {
        let bytes = self.bytes;
        let blanks = bytes[self.at..].iter().take_while(|&&b| b == b' ').count();
        if bytes.get(self.at + blanks) == Some(&b'"') {
            return self.quoted(self.at + blanks);
        }
        let (cell, end) = self.rest();
        Ok((Cow::Borrowed(cell), end))
    }
    /// What is left of a cell, and goes behind its end.
    fn rest(&mut self) -> (&'a [u8], End) {
        let (bytes, start) = (self.bytes, self.at);
        let length =
            bytes[start..].iter().position(|&b| b == self.delimiter || b == b'\n').unwrap_or(bytes.len() - start);
        let stop = start + length;
        let end = if bytes.get(stop) == Some(&self.delimiter) { End::Cell } else { End::Row };
        self.at = (stop + 1).min(bytes.len());
        // A delimiter that is the last byte of the file is followed by an empty cell, which `row` would not see.
        (bytes[start..stop].trim_ascii(), end)
    }
    fn quoted(&mut self, quote: usize) -> Result<(Cow<'a, [u8]>, End), Unclosed> {
        let bytes = self.bytes;
        let mut start = quote + 1;
        let mut text: Cow<[u8]> = Cow::Borrowed(&[]);
        let mut add = |part: &'a [u8]| {
            if text.is_empty() {
                text = Cow::Borrowed(part);
            } else if !part.is_empty() {
                text.to_mut().extend_from_slice(part);
            }
        };
        loop {
            let length = bytes[start..].iter().position(|&b| b == b'"').ok_or(Unclosed(quote))?;
            let doubled = bytes.get(start + length + 1) == Some(&b'"');
            add(&bytes[start..start + length + usize::from(doubled)]);
            start += length + 1 + usize::from(doubled);
            if !doubled {
                break;
            }
        }
        self.at = start;
        // Letters behind the closing quote belong to the cell, too.
        let (rest, end) = self.rest();
        add(rest);
        Ok((text, end))
    }
    /// The cells of the next row.
    pub fn cells(&mut self) -> Result<Vec<Cow<'a, [u8]>>, Unclosed> {
        let mut cells = Vec::new();
        loop {
            let (cell, end) = self.cell()?;
            cells.push(cell);
            if end == End::Row {
                return Ok(cells);
            }
        }
    }
}

/// Whether a cell is empty, or says that its value is not known.
#[inline]
pub(super) fn is_missing(cell: &[u8]) -> bool {
    match cell {
        [] => true,
        [b'0'..=b'9', ..] => false,
        _ if cell.len() > 9 => false,
        b"NA" | b"na" | b"N/A" | b"n/a" | b"NaN" | b"nan" | b"-NaN" | b"-nan" | b"NULL" | b"Null" | b"null"
        | b"None" | b"?" | b"-" | b"--" | b"." | b"#N/A" | b"#NA" | b"<NA>" | b"#DIV/0!" | b"#VALUE!" | b"#NUM!"
        | b"#REF!" | b"inf" | b"-inf" | b"Inf" | b"-Inf" | b"Infinity" | b"-Infinity" => true,
        _ => false,
    }
}
