//! Minibatches of pieces of a text.

use super::Tokens;
use crate::{Array, Batch, Result, Variable, iterators::BatchIterator, random::Generator, serializers::Serializer};

/// Pieces of a text at random places: tokens as `x` (batch, length), and the token after each as `t` (batch · length). Where
/// they begin depends on the seed and the number of the minibatch only. An epoch is over when as many tokens have been
/// given as the text has.
pub struct Windows {
    tokens: Tokens,
    batch: usize,
    length: usize,
    random: Generator,
    /// Minibatches given.
    given: usize,
}

impl Windows {
    /// `batch` pieces of `length` tokens at a time; the text must be longer than one.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn new(tokens: impl Into<Tokens>, batch: usize, length: usize, seed: u64) -> Windows {
        let tokens = tokens.into();
        assert!(tokens.len() > length, "Windows: expected more than {length} tokens, got {}", tokens.len());
        Windows { tokens, batch, length, random: Generator::new(seed), given: 0 }
    }
    fn detail(&self, given: usize) -> f64 {
        (given * self.batch * self.length) as f64 / self.tokens.len() as f64
    }
}

/// Tokens and the tokens after them, as a minibatch.
pub(super) fn batch<P: AsRef<[i32]>>(pieces: &[P]) -> Batch {
    let pieces: Vec<&[i32]> = pieces.iter().map(AsRef::as_ref).collect();
    let length = pieces[0].len() - 1;
    let x: Vec<i32> = pieces.iter().flat_map(|piece| &piece[..length]).copied().collect();
    let t: Vec<i32> = pieces.iter().flat_map(|piece| &piece[1..]).copied().collect();
    let (x, t) = (Array::from_vec(&[pieces.len(), length], x), Array::from_vec(&[pieces.len() * length], t));
    Batch { x: Variable::constant(x), t: Variable::constant(t) }
}

impl BatchIterator for Windows {
    type Batch = Batch;
    fn next_batch(&mut self) -> Result<Option<Batch>> {
        let mut random = self.random.keyed(self.given as u64);
        let starts: Vec<usize> = (0..self.batch).map(|_| random.below(self.tokens.len() - self.length)).collect();
        let piece = |&start: &usize| self.tokens.read(start..start + self.length + 1);
        let pieces: Vec<_> = starts.iter().map(piece).collect::<Result<_>>()?;
        self.given += 1;
        Ok(Some(batch(&pieces)))
    }
    fn last_len(&self) -> usize {
        self.batch
    }
    fn epoch(&self) -> usize {
        self.detail(self.given) as usize
    }
    fn epoch_detail(&self) -> f64 {
        self.detail(self.given)
    }
    fn previous_epoch_detail(&self) -> Option<f64> {
        self.given.checked_sub(1).map(|before| self.detail(before))
    }
    fn is_new_epoch(&self) -> bool {
        self.previous_epoch_detail().is_some_and(|before| before as usize != self.epoch())
    }
    fn reset(&mut self) {
        self.given = 0;
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("given", &mut self.given)
    }
}

/// All of a text once, in pieces that follow each other; of different lengths at the end.
pub(super) struct Pieces {
    tokens: Tokens,
    batch: usize,
    length: usize,
    /// Predictions given, and those of the last minibatch.
    given: usize,
    last: usize,
}

impl Pieces {
    pub(super) fn new(tokens: impl Into<Tokens>, batch: usize, length: usize) -> Pieces {
        Pieces { tokens: tokens.into(), batch, length, given: 0, last: 0 }
    }
    fn detail(&self, given: usize) -> f64 {
        given as f64 / (self.tokens.len() - 1).max(1) as f64
    }
}

impl BatchIterator for Pieces {
    type Batch = Batch;
    fn next_batch(&mut self) -> Result<Option<Batch>> {
        let left = self.tokens.len().saturating_sub(self.given + 1);
        if left == 0 {
            return Ok(None);
        }
        let length = self.length.min(left);
        let count = self.batch.min(left / length);
        let piece = |i: usize| self.tokens.read(self.given + i * length..self.given + (i + 1) * length + 1);
        let made = batch(&(0..count).map(piece).collect::<Result<Vec<_>>>()?);
        self.last = count * length;
        self.given += self.last;
        Ok(Some(made))
    }
    fn last_len(&self) -> usize {
        self.last
    }
    fn epoch(&self) -> usize {
        self.detail(self.given) as usize
    }
    fn epoch_detail(&self) -> f64 {
        self.detail(self.given)
    }
    fn previous_epoch_detail(&self) -> Option<f64> {
        self.given.checked_sub(self.last).map(|before| self.detail(before))
    }
    fn is_new_epoch(&self) -> bool {
        self.epoch() > 0
    }
    fn reset(&mut self) {
        (self.given, self.last) = (0, 0);
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("given", &mut self.given)
    }
}
