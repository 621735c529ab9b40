//! A small Transformer that predicts the next byte.

use super::{
    shape::Shape,
    workload::{Entry, Step, Work, Workload, memory, products},
};
use kusari::{
    DType, Link, Parameter, Variable, functions as F, link, links as L, optimizers::AdamW, prelude::Optimizer, random,
};

pub const ENTRY: Entry = Entry {
    name: "gpt",
    what: "decoder of 4 layers, width 256, 4 heads, length 128, batch 8, 256 bytes, GELU, AdamW",
    takes: &["batch", "length", "width"],
    make,
};

const BYTES: usize = 256;
const LAYERS: usize = 4;

struct Gpt {
    token: L::EmbedID,
    position: Parameter,
    blocks: Vec<L::TransformerBlock>,
    norm: L::LayerNormalization,
    head: L::Linear,
}
link!(Gpt { token, position, blocks, norm, head });

impl Gpt {
    fn new(width: usize, length: usize) -> Gpt {
        Gpt {
            token: L::EmbedID::new(BYTES, width),
            position: Parameter::new(random::normal(&[length, width], 0.0, 0.02, DType::F32)),
            blocks: (0..LAYERS).map(|_| L::TransformerBlock::new(width, 4).causal()).collect(),
            norm: L::LayerNormalization::new(width),
            head: L::Linear::new(width, BYTES).n_batch_axes(2),
        }
    }
    /// From bytes (batch, length) to predictions (batch · length, bytes).
    fn forward(&self, x: &Variable) -> Variable {
        let mut h = self.token.forward(x);
        h = &h + F::cast(&self.position.get(), h.dtype());
        for block in &self.blocks {
            h = block.forward(&h);
        }
        F::reshape(&self.head.forward(&self.norm.forward(&h)), [-1, BYTES as i64])
    }
}

fn make(shape: &Shape) -> Workload {
    let (batch, length, width) = (shape.batch.unwrap_or(8), shape.length.unwrap_or(128), shape.width.unwrap_or(256));
    let x = Variable::constant(random::integers(&[batch, length], 0, BYTES as i64).cast(DType::I32));
    let t = Variable::constant(random::integers(&[batch * length], 0, BYTES as i64).cast(DType::I32));

    let model = Gpt::new(width, length);
    let mut optimizer = AdamW::new();
    optimizer.setup(&model);

    let parameters = model.params();
    let tokens = batch * length;
    // Of every block: its input, both normalised, query, key, value, attended, in between, and twice the hidden layer.
    // Then the last block's output, normalised, and the predictions.
    let kept = tokens * (1 + LAYERS * (8 + 2 * 4) * width + 2 * width + BYTES);
    Workload {
        memory: memory(&parameters, 2, kept),
        work: work(batch, length, width),
        parameters,
        step: Step::Train {
            loss: Box::new(move || F::softmax_cross_entropy(&model.forward(&x), &t)),
            optimizer: Box::new(optimizer),
        },
    }
}

/// The affine maps, and attention to what stands before: half of all pairs.
fn work(batch: usize, length: usize, width: usize) -> Work {
    let (tokens, pairs) = (batch * length, batch * length * (length + 1) / 2);
    let layer = [[tokens, width, 12 * width], [pairs, width, 2]];
    let mut all = layer.repeat(LAYERS);
    all.push([tokens, width, BYTES]);
    products(&all, true)
}
