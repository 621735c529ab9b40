//! A language model with an LSTM.

use super::{
    shape::Shape,
    workload::{Entry, Step, Workload, memory, products},
};
use kusari::{
    DType, Link, Variable, functions as F, link, links as L, optimizer_hooks::GradientClipping, optimizers::SGD,
    prelude::Optimizer, random,
};

pub const ENTRY: Entry = Entry {
    name: "lstm",
    what: "10,000 words, width 256, length 35, batch 20, SGD, gradients clipped to norm 5",
    takes: &["batch", "length", "width"],
    make,
};

const WORDS: usize = 10_000;

struct Lstm {
    embed: L::EmbedID,
    lstm: L::LSTM,
    out: L::Linear,
}
link!(Lstm { embed, lstm, out });

impl Lstm {
    fn new(width: usize) -> Lstm {
        let embed = L::EmbedID::new(WORDS, width);
        Lstm { embed, lstm: L::LSTM::new(width, width), out: L::Linear::new(width, WORDS) }
    }
    /// From words (length, batch) to predictions (length · batch, words).
    fn forward(&self, words: &Variable) -> Variable {
        self.lstm.reset_state();
        let hidden = self.lstm.sequence(&self.embed.forward(words));
        let width = hidden.shape()[2];
        self.out.forward(&F::reshape(&hidden, [words.len(), width]))
    }
}

fn make(shape: &Shape) -> Workload {
    let (batch, length, width) = (shape.batch.unwrap_or(20), shape.length.unwrap_or(35), shape.width.unwrap_or(256));
    let x = Variable::constant(random::integers(&[length, batch], 0, WORDS as i64).cast(DType::I32));
    let t = Variable::constant(random::integers(&[length * batch], 0, WORDS as i64).cast(DType::I32));

    let model = Lstm::new(width);
    let mut optimizer = SGD::new(0.1);
    optimizer.setup(&model);
    optimizer.add_hook(GradientClipping::new(5.0));

    let parameters = model.params();
    let steps = length * batch;
    // Words, embeddings, gates, cells, outputs, predictions.
    let kept = steps * (1 + width + 4 * width + width + width + WORDS);
    let work = products(&[[steps, width, 4 * width], [steps - batch, width, 4 * width], [steps, width, WORDS]], true);
    Workload {
        memory: memory(&parameters, 0, kept),
        work,
        parameters,
        step: Step::Train {
            loss: Box::new(move || F::softmax_cross_entropy(&model.forward(&x), &t)),
            optimizer: Box::new(optimizer),
        },
    }
}
