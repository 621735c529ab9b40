//! Kinds of networks for texts, and their sizes.

use crate::memory::A_PARAMETER;

/// What kind of network it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A Transformer that looks back (Radford et al., "Language models are unsupervised multitask learners", 2019).
    Gpt,
    /// Long short-term memories, one above the other.
    Lstm,
    /// Gated recurrent units, one above the other.
    Gru,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Gpt, Kind::Lstm, Kind::Gru];
    /// Its name, as in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Gpt => "gpt",
            Kind::Lstm => "lstm",
            Kind::Gru => "gru",
        }
    }
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Numbers that a step keeps for each token and unit of a layer, with what the pool keeps for the next.
const A_UNIT: u64 = 24;

/// The sizes of a network.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sizes {
    /// Its kind.
    pub kind: Kind,
    /// Different tokens.
    pub tokens: usize,
    /// Numbers that a token is described by.
    pub width: usize,
    /// Blocks or recurrent layers.
    pub layers: usize,
    /// Heads of attention, of a Transformer.
    pub heads: usize,
    /// Tokens that are seen at once.
    pub length: usize,
    /// The share of elements that are dropped while training.
    pub dropout: f64,
}

impl Sizes {
    /// The number of parameters, or none if it is too large to be counted.
    pub(super) fn parameters(&self) -> Option<usize> {
        let Sizes { kind, tokens: v, width: w, layers, length, .. } = *self;
        let square = w.checked_mul(w)?;
        let block = match kind {
            // Four maps of the attention, up and down, two normalisations.
            Kind::Gpt => square.checked_mul(12)?.checked_add(13 * w)?,
            Kind::Lstm => square.checked_mul(8)?.checked_add(4 * w)?,
            Kind::Gru => square.checked_mul(6)?.checked_add(6 * w)?,
        };
        let ends = v.checked_mul(w)?.checked_mul(2)?.checked_add(v)?;
        let around = if kind == Kind::Gpt { length.checked_mul(w)?.checked_add(2 * w)? } else { 0 };
        block.checked_mul(layers)?.checked_add(ends)?.checked_add(around)
    }
    /// The most bytes that learning takes, in steps of `batch` pieces, with `judged` pieces at once in between.
    pub(super) fn memory(&self, batch: usize, judged: usize) -> u64 {
        let [v, w, layers, length] = [self.tokens, self.width, self.layers, self.length].map(|n| n as u64);
        // The scores of all tokens are there with their gradients and exponentials.
        let bytes = |pieces: usize, layers: u64| {
            let numbers = layers.saturating_mul(w).saturating_mul(A_UNIT).saturating_add(4 * v);
            (pieces as u64).saturating_mul(length).saturating_mul(numbers).saturating_mul(4)
        };
        // What is only judged goes layer by layer: nothing is kept for gradients.
        let step = bytes(batch, layers).max(bytes(judged, 1));
        let parameters = self.parameters().map_or(u64::MAX, |n| n as u64);
        parameters.saturating_mul(A_PARAMETER).saturating_add(step)
    }
}
