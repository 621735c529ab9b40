//! The text of a file, from its beginning to its end, as UTF-8.

use super::text::{BEGINNING, MARKS, is_old_mac, refuse_others, refuse_zeros, windows_1252};
use crate::{Error, Result};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
    str,
};

/// Bytes that are looked at in one go.
const STEP: usize = 1 << 20;

/// How letters are written.
#[derive(Clone, Copy)]
enum Letters {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
    Windows1252,
}

/// Reads a file's text; what [`Text::decode`](super::text::Text::decode) gives of all its bytes.
pub(super) struct Decoder<'a> {
    file: &'a File,
    source: &'a Path,
    letters: Letters,
    /// Lines end as on the first Macs.
    old_mac: bool,
    /// Bytes of a mark at the beginning.
    mark: u64,
    /// The half of a letter of UTF-16 that was read last.
    half: Vec<u8>,
}

impl<'a> Decoder<'a> {
    /// Finds out how the text is written: reads all of it once.
    pub fn new(file: &'a File, source: &'a Path, notices: &mut Vec<String>) -> Result<Decoder<'a>> {
        let mut decoder = Decoder { file, source, letters: Letters::Utf8, old_mac: false, mark: 0, half: Vec::new() };
        decoder.rewind()?;
        let mut beginning = Vec::new();
        file.take(BEGINNING as u64).read_to_end(&mut beginning).map_err(|e| Error::io(source, e))?;
        refuse_others(&beginning, source)?;
        if let Some((_, from)) = MARKS.iter().find(|(mark, _)| beginning.starts_with(mark)) {
            (decoder.letters, decoder.mark) = (Letters::Utf16(*from), 2);
            notices.push("the file is UTF-16".to_string());
        } else if beginning.starts_with(b"\xef\xbb\xbf") {
            decoder.mark = 3;
        }
        if let Letters::Utf8 = decoder.letters
            && let Some(at) = decoder.first_foreign()?
        {
            notices.push(format!("the file is not UTF-8 (byte {at}); it was read as Windows-1252"));
            decoder.letters = Letters::Windows1252;
        }
        decoder.rewind()?;
        let mut text = Vec::new();
        decoder.read(&mut text, BEGINNING)?;
        refuse_zeros(&text, source)?;
        decoder.old_mac = is_old_mac(&text);
        decoder.rewind()?;
        Ok(decoder)
    }
    /// The first byte that is not UTF-8.
    fn first_foreign(&self) -> Result<Option<u64>> {
        let failed = |e| Error::io(self.source, e);
        let mut file = self.file;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let (mut buffer, mut at) = (Vec::new(), 0);
        loop {
            let before = buffer.len();
            file.take(STEP as u64).read_to_end(&mut buffer).map_err(failed)?;
            let end = buffer.len() == before;
            match str::from_utf8(&buffer) {
                Ok(_) if end => return Ok(None),
                Ok(text) => {
                    at += text.len() as u64;
                    buffer.clear();
                }
                // A letter may go on behind what was read.
                Err(e) if e.error_len().is_none() && !end => {
                    at += e.valid_up_to() as u64;
                    buffer.drain(..e.valid_up_to());
                }
                Err(e) => return Ok(Some(at + e.valid_up_to() as u64)),
            }
        }
    }
    /// Goes back to the beginning.
    pub fn rewind(&mut self) -> Result<()> {
        self.half.clear();
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.mark)).map(|_| ()).map_err(|e| Error::io(self.source, e))
    }
    /// Adds the text of about the next `bytes` bytes to `text`; says whether there was one.
    pub fn read(&mut self, text: &mut Vec<u8>, bytes: usize) -> Result<bool> {
        let start = text.len();
        let read = |to: &mut Vec<u8>| {
            to.reserve_exact(bytes + 1);
            self.file.take(bytes as u64).read_to_end(to).map_err(|e| Error::io(self.source, e))
        };
        let count = match self.letters {
            Letters::Utf8 => read(text)?,
            Letters::Windows1252 => {
                let mut raw = Vec::new();
                let count = read(&mut raw)?;
                let mut letter = [0; 4];
                raw.iter().for_each(|&b| text.extend(windows_1252(b).encode_utf8(&mut letter).bytes()));
                count
            }
            Letters::Utf16(from) => {
                let mut raw = std::mem::take(&mut self.half);
                let count = read(&mut raw)?;
                let mut units: Vec<u16> = raw.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
                // The second half of a letter may follow.
                let whole =
                    units.len() - usize::from(count > 0 && units.last().is_some_and(|u| (0xd800..0xdc00).contains(u)));
                units.truncate(whole);
                if count > 0 {
                    self.half = raw.split_off(2 * whole);
                }
                let chars = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
                text.extend_from_slice(chars.collect::<String>().as_bytes());
                count
            }
        };
        if self.old_mac {
            text[start..].iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        Ok(count > 0 || text.len() > start)
    }
}
