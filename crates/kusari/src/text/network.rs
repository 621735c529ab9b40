//! Networks that predict the next token from those before it.

use crate::{
    DType, Parameter, Variable, functions as F,
    initializers::Normal,
    link,
    links::{EmbedID, LayerNormalization, Linear, StatelessGRU, StatelessLSTM, TransformerBlock},
    random,
};

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
}

/// A network that predicts the next token. A file holds it under these names.
#[derive(Clone)]
pub struct Network {
    token: EmbedID,
    position: Option<Parameter>,
    blocks: Vec<TransformerBlock>,
    lstm: Vec<StatelessLSTM>,
    gru: Vec<StatelessGRU>,
    norm: Option<LayerNormalization>,
    head: Linear,
    sizes: Sizes,
}
link!(Network { token, position, blocks, lstm, gru, norm, head; sizes });

impl Network {
    /// With new parameters.
    ///
    /// # Panics
    /// When the heads do not divide the width.
    #[track_caller]
    pub fn new(sizes: Sizes) -> Network {
        let Sizes { kind, tokens, width, layers, heads, length, dropout } = sizes;
        let count = |wanted: Kind| if kind == wanted { layers } else { 0 };
        let gpt = kind == Kind::Gpt;
        let scale = if gpt { 0.02 } else { 0.1 };
        Network {
            token: EmbedID::new(tokens, width).initial_w(Normal::new(scale)),
            position: gpt.then(|| Parameter::new(random::normal(&[length, width], 0.0, 0.02, DType::F32))),
            blocks: (0..count(Kind::Gpt))
                .map(|_| TransformerBlock::new(width, heads).causal().dropout(dropout))
                .collect(),
            lstm: (0..count(Kind::Lstm)).map(|_| StatelessLSTM::new(width, width)).collect(),
            gru: (0..count(Kind::Gru)).map(|_| StatelessGRU::new(width, width)).collect(),
            norm: gpt.then(|| LayerNormalization::new(width).eps(1e-5)),
            head: Linear::new(width, tokens).n_batch_axes(2),
            sizes,
        }
    }
    /// The sizes.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }
    /// From tokens (batch, length) to the scores of the token after each (batch · length, tokens).
    ///
    /// # Panics
    /// When the length is more than that of a Transformer.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        F::reshape(&self.head.forward(&self.hidden(x)), [-1, self.sizes.tokens as i64])
    }
    /// The scores of the token after the last, (batch, tokens).
    ///
    /// # Panics
    /// As `forward`.
    #[track_caller]
    pub fn next(&self, x: &Variable) -> Variable {
        let h = self.hidden(x);
        let last = F::get_item(&h, &[(..).into(), (x.shape()[1] - 1..).into()]);
        F::reshape(&self.head.forward(&last), [-1, self.sizes.tokens as i64])
    }
    fn hidden(&self, x: &Variable) -> Variable {
        let drop = |h: Variable| if self.sizes.dropout > 0.0 { F::dropout(&h, self.sizes.dropout) } else { h };
        let mut h = self.token.forward(x);
        if let Some(position) = &self.position {
            let length = x.shape()[1];
            assert!(
                length <= self.sizes.length,
                "Network: expected at most {} tokens, got {length}",
                self.sizes.length
            );
            h = h + F::get_item(&position.get(), &[(..length).into()]);
        }
        h = drop(h);
        for block in &self.blocks {
            h = block.forward(&h);
        }
        if !self.lstm.is_empty() || !self.gru.is_empty() {
            // Steps first.
            let mut steps = F::transpose(&h, [1, 0, 2]);
            for lstm in &self.lstm {
                steps = drop(lstm.sequence(None, None, &steps).1);
            }
            for gru in &self.gru {
                steps = drop(sequence(gru, &steps));
            }
            h = F::transpose(&steps, [1, 0, 2]);
        }
        match &self.norm {
            Some(norm) => norm.forward(&h),
            None => h,
        }
    }
}

/// All outputs (length, batch, width) of a gated unit.
fn sequence(gru: &StatelessGRU, x: &Variable) -> Variable {
    let mut state = None;
    let outputs: Vec<Variable> = (0..x.shape()[0])
        .map(|step| {
            let h = gru.forward(state.as_ref(), &F::get_item(x, &[step.into()]));
            state = Some(h.clone());
            h
        })
        .collect();
    F::stack(&outputs.iter().collect::<Vec<_>>(), 0)
}
