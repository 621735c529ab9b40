//! The tokens of a text, in memory or in a file.

use crate::{Result, scratch::Scratch};
use std::{borrow::Cow, ops::Range, sync::Arc};

/// Bytes of a token in a file.
const WIDTH: usize = 4;
/// Tokens that are looked at in one go.
const STEP: usize = 1 << 16;

/// The tokens of a text, or of a part of it: in memory, or in a file if they do not fit there. Copies share them.
///
/// ```
/// use kusari::text::Tokens;
/// let tokens = Tokens::from(vec![3, 1, 4, 1, 5]);
/// assert_eq!(tokens.part(1..4).read(0..2)?[..], [1, 4]);
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone)]
pub struct Tokens {
    kept: Kept,
    part: Range<usize>,
}

#[derive(Clone)]
enum Kept {
    Memory(Arc<[i32]>),
    File(Arc<Scratch>),
}

impl From<Arc<[i32]>> for Tokens {
    fn from(tokens: Arc<[i32]>) -> Tokens {
        Tokens { part: 0..tokens.len(), kept: Kept::Memory(tokens) }
    }
}
impl From<Vec<i32>> for Tokens {
    fn from(tokens: Vec<i32>) -> Tokens {
        Tokens::from(Arc::<[i32]>::from(tokens))
    }
}
impl From<&[i32]> for Tokens {
    fn from(tokens: &[i32]) -> Tokens {
        Tokens::from(Arc::<[i32]>::from(tokens))
    }
}

impl Tokens {
    /// Those in a file, as [`append`](Tokens::append) writes them.
    pub(super) fn of_file(file: Scratch) -> Tokens {
        Tokens { part: 0..file.len() as usize / WIDTH, kept: Kept::File(file.into()) }
    }
    /// Adds tokens to a file.
    pub(super) fn append(file: &mut Scratch, tokens: &[i32]) -> Result<()> {
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        file.append(&bytes).map(|_| ())
    }
    /// How many they are.
    pub fn len(&self) -> usize {
        self.part.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.part.is_empty()
    }
    /// Some of them.
    ///
    /// # Panics
    /// When the range reaches beyond their end.
    #[track_caller]
    pub fn part(&self, range: Range<usize>) -> Tokens {
        Tokens { kept: self.kept.clone(), part: self.within(range) }
    }
    #[track_caller]
    fn within(&self, Range { start, end }: Range<usize>) -> Range<usize> {
        assert!(start <= end && end <= self.len(), "Tokens: {start}..{end} of {}", self.len());
        self.part.start + start..self.part.start + end
    }
    /// Some of them, in memory.
    ///
    /// # Errors
    /// When they cannot be read.
    ///
    /// # Panics
    /// When the range reaches beyond their end.
    #[track_caller]
    pub fn read(&self, range: Range<usize>) -> Result<Cow<'_, [i32]>> {
        let range = self.within(range);
        match &self.kept {
            Kept::Memory(tokens) => Ok(Cow::Borrowed(&tokens[range])),
            Kept::File(file) => {
                let bytes = file.read((range.start * WIDTH) as u64, range.len() * WIDTH)?;
                Ok(bytes.as_chunks::<WIDTH>().0.iter().map(|&bytes| i32::from_le_bytes(bytes)).collect())
            }
        }
    }
    /// Calls `each` with all of them, piece by piece.
    pub(super) fn each(&self, mut each: impl FnMut(&[i32])) -> Result<()> {
        for start in (0..self.len()).step_by(STEP) {
            each(&self.read(start..self.len().min(start + STEP))?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_in_a_file_are_the_same() {
        let all: Vec<i32> = (0..200_000).map(|i| i * 7 % 1000).collect();
        let mut file = Scratch::new(&std::env::temp_dir()).unwrap();
        all.chunks(999).for_each(|tokens| Tokens::append(&mut file, tokens).unwrap());
        let (file, memory) = (Tokens::of_file(file), Tokens::from(all));
        for (tokens, other) in [(&file, &memory), (&file.part(5..100), &memory.part(5..100))] {
            assert_eq!(tokens.len(), other.len());
            assert_eq!(tokens.read(3..90).unwrap(), other.read(3..90).unwrap());
            let mut seen = Vec::new();
            tokens.each(|piece| seen.extend_from_slice(piece)).unwrap();
            assert_eq!(seen, *other.read(0..other.len()).unwrap());
        }
    }
}
