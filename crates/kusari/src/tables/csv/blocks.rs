//! A file that does not fit in memory, in blocks of whole rows.

use super::{
    decoder::Decoder,
    dialect::{Dialect, ROWS},
    guess::Want,
    pieces::{self, Read},
    scanner::Scanner,
};
use crate::{
    Error, Result,
    memory::{self, Share},
};
use std::path::Path;

/// A block and what is made of it take at most so many times its length: short texts that all differ, of 3 bytes each,
/// take most.
const TIMES: u64 = 64;
/// The smallest block, and the largest that brings anything.
const SIZES: [u64; 2] = [64 << 10, 8 << 20];

/// As many bytes as the memory that is left allows a block to have.
pub(super) fn size() -> usize {
    // Half of it, because rows may be longer than a block.
    (memory::left() / 2 / TIMES).clamp(SIZES[0], SIZES[1]) as usize
}

/// The memory for blocks of so many bytes.
fn share(source: &Path, size: usize) -> Result<Share> {
    memory::take(source, "parts of the file", TIMES * size as u64)
}

/// Reads the blocks of a file, again and again.
pub(super) struct Blocks<'a> {
    decoder: Decoder<'a>,
    source: &'a Path,
    /// Text that was read, from the beginning of a row on.
    text: Vec<u8>,
    /// How long a block may become.
    size: usize,
    /// Whether nothing follows the text.
    ended: bool,
    /// Lines before the text.
    lines: usize,
    /// The memory that is taken for blocks of this size.
    share: Share,
}

impl<'a> Blocks<'a> {
    /// The blocks of a file, of about `size` bytes, or as many more as a row and the first rows need.
    ///
    /// # Errors
    /// When blocks of this size take more memory than there may be.
    pub fn new(decoder: Decoder<'a>, source: &'a Path, size: usize) -> Result<Blocks<'a>> {
        let share = share(source, size)?;
        Ok(Blocks { decoder, source, text: Vec::new(), size, ended: false, lines: 0, share })
    }
    /// At the end: the memory that blocks took.
    pub fn into_share(self) -> Share {
        self.share
    }
    /// Goes back to the beginning.
    pub fn rewind(&mut self) -> Result<()> {
        (self.text, self.ended, self.lines) = (Vec::new(), false, 0);
        self.decoder.rewind()
    }
    fn fill(&mut self) -> Result<()> {
        while !self.ended && self.text.len() < self.size {
            let missing = self.size - self.text.len();
            self.ended = !self.decoder.read(&mut self.text, missing)?;
        }
        Ok(())
    }
    /// Makes blocks longer, if they may be.
    fn grow(&mut self) -> bool {
        let longer = 2 * self.size;
        // As much again as is taken already.
        let more = if self.ended { None } else { share(self.source, longer - self.size).ok() };
        let Some(more) = more else { return false };
        self.share.add(more);
        self.size = longer;
        true
    }
    /// The first block, with as many rows as are looked at to find out how the file is written.
    pub fn first(&mut self) -> Result<&[u8]> {
        loop {
            self.fill()?;
            let (end, rows) = if self.ended { (self.text.len(), usize::MAX) } else { self.border() };
            // Some may be empty lines.
            if rows > 2 * ROWS || !self.grow() {
                return Ok(&self.text[..if end == 0 { self.text.len() } else { end }]);
            }
        }
    }
    /// The end of the last line that no quotation goes on behind, as far as quotes tell, and how many such lines there
    /// are.
    fn border(&self) -> (usize, usize) {
        let (mut inside, mut border, mut lines) = (false, 0, 0);
        for (i, &b) in self.text.iter().enumerate() {
            match b {
                b'"' => inside = !inside,
                b'\n' if !inside => (border, lines) = (i + 1, lines + 1),
                _ => {}
            }
        }
        (border, lines)
    }
    /// The end of the last row that is surely whole.
    fn whole_rows(&self, start: usize, delimiter: u8) -> usize {
        let mut scanner = Scanner { bytes: &self.text, at: start, delimiter };
        let mut whole = start;
        while scanner.row() && scanner.cells().is_ok() && scanner.at < self.text.len() {
            whole = scanner.at;
        }
        whole
    }
    /// Reads the wanted columns of the next block and counts its rows; none at the end.
    pub fn next(&mut self, dialect: &Dialect, wants: &[Want]) -> Result<Option<(Vec<Option<Read>>, usize)>> {
        // The names are in the first block only.
        let start = if self.lines == 0 { dialect.start } else { 0 };
        loop {
            self.fill()?;
            if self.text.is_empty() {
                return Ok(None);
            }
            let read = |end: usize| pieces::read(&self.text[..end], start, dialect, wants, self.source, self.lines);
            let end = if self.ended { self.text.len() } else { self.border().0 };
            let first = (end > start).then(|| read(end));
            let (end, read) = match first {
                Some(Ok(found)) => (end, found),
                Some(Err(e)) if self.ended => return Err(e),
                // The quotes were not what they seemed.
                wrong => match self.whole_rows(start, dialect.delimiter) {
                    end if end > start => (end, read(end)?),
                    _ if self.grow() => continue,
                    _ => {
                        let line = self.lines + 1;
                        let message = format!("line {line}: expected a row of less than {} bytes", self.text.len());
                        return Err(wrong.and_then(Result::err).unwrap_or_else(|| Error::format(self.source, message)));
                    }
                },
            };
            self.lines += self.text[..end].iter().filter(|&&b| b == b'\n').count();
            self.text.drain(..end);
            return Ok(Some(read));
        }
    }
}
