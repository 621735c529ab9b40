//! Texts in memory or in files, in blocks of whole words.

use super::{Tokenizer, Tokens, pairs};
use crate::{
    Error, Result,
    memory::{self, Share},
    scratch::Scratch,
};
use std::{
    borrow::Cow,
    fs::File,
    io::{Read, Seek},
    path::{Path, PathBuf},
    str,
};

/// A block and what is made of it take at most so many times its length: short words that all differ take most.
const TIMES: u64 = 64;
/// The smallest block, and the largest that brings anything.
const SIZES: [u64; 2] = [16 << 10, 1 << 20];
/// How many times its length a text takes in memory: itself, its tokens, and a copy of those that are learnt from.
pub(super) const IN_MEMORY: u64 = 10;

/// A text and what messages call it.
pub(super) struct Input<'a> {
    pub name: Cow<'a, str>,
    kept: Kept<'a>,
}

enum Kept<'a> {
    Memory(&'a str),
    File {
        file: File,
        path: PathBuf,
        folder: PathBuf,
        length: usize,
        size: usize,
        #[allow(dead_code)]
        share: Share,
    },
}

impl<'a> Input<'a> {
    /// A text in memory.
    pub fn memory(name: &'a str, text: &'a str) -> Input<'a> {
        Input { name: name.into(), kept: Kept::Memory(text) }
    }
    /// One in a file; its tokens go to one without a name in `folder`.
    pub fn file(path: &Path, folder: &Path) -> Result<Input<'a>> {
        let failed = |e| Error::io(path, e);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let length = usize::try_from(length).map_err(|_| Error::format(path, "it is too long"))?;
        let size = (memory::left() / 4 / TIMES).clamp(SIZES[0], SIZES[1]) as usize;
        let share = memory::take(path, "parts of the text", TIMES * size as u64)?;
        let (path, folder) = (path.to_path_buf(), folder.to_path_buf());
        Ok(Input {
            name: path.display().to_string().into(),
            kept: Kept::File { file, path, folder, length, size, share },
        })
    }
    /// Whether it lies in a file.
    pub fn is_file(&self) -> bool {
        matches!(self.kept, Kept::File { .. })
    }
    /// Its length in bytes.
    pub fn len(&self) -> usize {
        match &self.kept {
            Kept::Memory(text) => text.len(),
            Kept::File { length, .. } => *length,
        }
    }
    /// Calls `each` with one block of the text up to byte `end` after another; words are not divided, nor are letters.
    pub fn blocks(&self, end: usize, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let (mut file, path, size) = match &self.kept {
            Kept::Memory(text) => {
                let end = (0..=end).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
                return each(&text[..end]);
            }
            Kept::File { file, path, size, .. } => (file, path, *size),
        };
        let failed = |e| Error::io(path, e);
        file.rewind().map_err(failed)?;
        let mut rest = file.take(end as u64);
        let (mut bytes, mut before) = (Vec::new(), 0);
        loop {
            let missing = size - bytes.len();
            let ended = rest.by_ref().take(missing as u64).read_to_end(&mut bytes).map_err(failed)? < missing;
            let text = match str::from_utf8(&bytes) {
                Ok(text) => text,
                // A letter goes on behind the block, or behind the end.
                Err(e) if e.error_len().is_none() && (!ended || end < self.len()) => {
                    str::from_utf8(&bytes[..e.valid_up_to()]).unwrap_or_default()
                }
                Err(e) => {
                    let at = before + e.valid_up_to();
                    return Err(Error::format(path, format_args!("expected a text in UTF-8; byte {at} is none")));
                }
            };
            let whole = if ended { text.len() } else { pairs::last_word(text) };
            each(&text[..whole])?;
            if ended {
                return Ok(());
            }
            before += whole;
            bytes.drain(..whole);
        }
    }
    /// Its tokens.
    pub fn encode(&self, tokenizer: &Tokenizer) -> Result<Tokens> {
        let encode = |text: &str| tokenizer.encode(text).map_err(|e| Error::Data(format!("{}: {e}", self.name)));
        match &self.kept {
            Kept::Memory(text) => encode(text).map(Tokens::from),
            Kept::File { folder, .. } => {
                let mut file = Scratch::new(folder)?;
                self.blocks(self.len(), |text| Tokens::append(&mut file, &encode(text)?))?;
                Ok(Tokens::of_file(file))
            }
        }
    }
}
