//! Networks that predict the next token from those before it.

use super::{Kind, Sizes};
use crate::{
    DType, Link, Parameter, Variable, functions as F,
    initializers::Normal,
    link,
    links::{EmbedID, KeysAndValues, LayerNormalization, Linear, StatelessGRU, StatelessLSTM, TransformerBlock},
    random,
};

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
        self.scores(&self.hidden(x, Within::Kept))
    }
    /// [`forward`](Network::forward) that keeps of each block or recurrent layer only what goes in and comes out; for the
    /// gradients what lies between is computed again, with the same results.
    ///
    /// # Panics
    /// As `forward`.
    #[track_caller]
    pub fn forward_recomputing(&self, x: &Variable) -> Variable {
        self.scores(&self.hidden(x, Within::Recomputed))
    }
    fn scores(&self, h: &Variable) -> Variable {
        F::reshape(&self.head.forward(h), [-1, self.sizes.tokens as i64])
    }
    /// The scores of the token after the last, (batch, tokens).
    ///
    /// # Panics
    /// As `forward`.
    #[track_caller]
    pub fn next(&self, x: &Variable) -> Variable {
        self.next_after(x, &mut Seen::default())
    }
    /// [`next`](Network::next) for a text of which a part has been seen: `x` is what follows it. That is added to it.
    ///
    /// # Panics
    /// When the part and `x` together are longer than the length of a Transformer.
    #[track_caller]
    pub fn next_after(&self, x: &Variable, seen: &mut Seen) -> Variable {
        let h = self.following(x, seen);
        let last = F::get_item(&h, &[(..).into(), (x.shape()[1] - 1..).into()]);
        self.scores(&last)
    }
    fn drop(&self, h: Variable) -> Variable {
        if self.sizes.dropout > 0.0 { F::dropout(&h, self.sizes.dropout) } else { h }
    }
    /// What is known of each token, when so many have been seen before.
    fn embed(&self, x: &Variable, seen: usize) -> Variable {
        let mut h = self.token.forward(x);
        if let Some(position) = &self.position {
            let (end, length) = (seen + x.shape()[1], self.sizes.length);
            assert!(end <= length, "Network: expected at most {length} tokens, got {end}");
            h = &h + F::cast(&F::get_item(&position.get(), &[(seen..end).into()]), h.dtype());
        }
        self.drop(h)
    }
    fn normalized(&self, h: Variable) -> Variable {
        match &self.norm {
            Some(norm) => norm.forward(&h),
            None => h,
        }
    }
    fn hidden(&self, x: &Variable, within: Within) -> Variable {
        let mut h = self.embed(x, 0);
        for block in &self.blocks {
            h = match within {
                Within::Kept => block.forward(&h),
                Within::Recomputed => recomputed(block, &h, TransformerBlock::forward),
            };
        }
        self.normalized(self.recurrent(h, &mut Seen::default(), within))
    }
    /// `hidden` of tokens that follow others.
    fn following(&self, x: &Variable, seen: &mut Seen) -> Variable {
        let mut h = self.embed(x, seen.tokens);
        seen.blocks.resize_with(self.blocks.len(), KeysAndValues::default);
        for (block, seen) in self.blocks.iter().zip(&mut seen.blocks) {
            h = block.next(&h, seen);
        }
        h = self.recurrent(h, seen, Within::Kept);
        seen.tokens += x.shape()[1];
        self.normalized(h)
    }
    /// The recurrent layers, if there are any.
    fn recurrent(&self, h: Variable, seen: &mut Seen, within: Within) -> Variable {
        if self.lstm.is_empty() && self.gru.is_empty() {
            return h;
        }
        seen.lstm.resize(self.lstm.len(), None);
        seen.gru.resize(self.gru.len(), None);
        let last = |steps: &Variable| F::get_item(steps, &[(steps.shape()[0] - 1).into()]);
        // Steps first.
        let mut steps = F::transpose(&h, [1, 0, 2]);
        for (lstm, state) in self.lstm.iter().zip(&mut seen.lstm) {
            let y = match within {
                Within::Kept => {
                    let (c, y) = lstm.sequence(state.as_ref().map(|s| &s.0), state.as_ref().map(|s| &s.1), &steps);
                    *state = Some((c, last(&y)));
                    y
                }
                Within::Recomputed => recomputed(lstm, &steps, |lstm, x| lstm.sequence(None, None, x).1),
            };
            steps = self.drop(y);
        }
        for (gru, state) in self.gru.iter().zip(&mut seen.gru) {
            let y = match within {
                Within::Kept => {
                    let y = sequence(gru, state.as_ref(), &steps);
                    *state = Some(last(&y));
                    y
                }
                Within::Recomputed => recomputed(gru, &steps, |gru, x| sequence(gru, None, x)),
            };
            steps = self.drop(y);
        }
        F::transpose(&steps, [1, 0, 2])
    }
}

/// What becomes of what lies within a block until the gradients are computed; recomputed layers begin without a state and
/// leave none.
#[derive(Clone, Copy)]
enum Within {
    Kept,
    Recomputed,
}

/// `f(link, x)`, of which only what goes in and comes out is kept.
#[track_caller]
fn recomputed<L: Link + Clone + Sync + 'static>(link: &L, x: &Variable, f: fn(&L, &Variable) -> Variable) -> Variable {
    F::forget(link, &[x], move |link, x| vec![f(link, &x[0])]).remove(0)
}

/// What a network keeps of the tokens it has seen, so that those which follow can be taken alone: keys and values of a
/// Transformer's blocks, cells and outputs of recurrent layers.
#[derive(Clone, Default)]
pub struct Seen {
    tokens: usize,
    blocks: Vec<KeysAndValues>,
    lstm: Vec<Option<(Variable, Variable)>>,
    gru: Vec<Option<Variable>>,
}

impl Seen {
    /// The number of tokens.
    pub fn tokens(&self) -> usize {
        self.tokens
    }
}

/// All outputs (length, batch, width) of a gated unit.
fn sequence(gru: &StatelessGRU, state: Option<&Variable>, x: &Variable) -> Variable {
    let mut state = state.cloned();
    let outputs: Vec<Variable> = (0..x.shape()[0])
        .map(|step| {
            let h = gru.forward(state.as_ref(), &F::get_item(x, &[step.into()]));
            state = Some(h.clone());
            h
        })
        .collect();
    F::stack(&outputs.iter().collect::<Vec<_>>(), 0)
}
