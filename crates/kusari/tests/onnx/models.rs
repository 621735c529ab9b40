//! Models with a batch.

use crate::gradients::row::values;
use kusari::{Array, DType, Link, Variable, functions as F, link, links as L, s};
use std::sync::Arc;

/// A model, inputs of it for a batch of any length, and what it does.
pub struct Model {
    pub name: &'static str,
    pub link: Arc<dyn Link>,
    pub input: Box<dyn Fn(usize) -> Array>,
    pub forward: Box<dyn Fn(&Variable) -> Variable>,
}

fn model<M: Link + 'static>(
    name: &'static str,
    link: M,
    shape: &'static [usize],
    forward: impl Fn(&M, &Variable) -> Variable + 'static,
) -> Model {
    let link = Arc::new(link);
    let input = move |n: usize| values(&[&[n], shape].concat(), 5).cast(DType::F32);
    let shared = link.clone();
    Model { name, link, input: Box::new(input), forward: Box::new(move |x| forward(&shared, x)) }
}

/// Token numbers below `n`.
fn tokens(mut model: Model, n: i64, length: usize) -> Model {
    let input = move |batch: usize| {
        let ids: Vec<i64> = (0..batch * length).map(|i| (i as i64 * 7 + 3) % n).collect();
        Array::from_slice(&[batch, length], &ids).cast(DType::I32)
    };
    model.input = Box::new(input);
    model
}

#[derive(Clone)]
struct Gpt {
    embed: L::EmbedID,
    place: L::EmbedID,
    block: L::TransformerBlock,
    norm: L::LayerNormalization,
    out: L::Linear,
}
link!(Gpt { embed, place, block, norm, out });

impl Gpt {
    fn forward(&self, ids: &Variable) -> Variable {
        let places: Vec<i32> = (0..ids.shape()[1] as i32).collect();
        let x = self.embed.forward(ids) + self.place.forward(&Variable::constant(Array::from(places)));
        self.out.forward(&self.norm.forward(&self.block.forward(&x)))
    }
}

pub fn all() -> Vec<Model> {
    let mut models = vec![
        model("mlp", L::Sequential::mlp(6, 16, 2, 3), &[6], |m, x| F::softmax(&m.forward(x), 1)),
        model("cnn", cnn(), &[2, 9, 8], |m, x| m.forward(x)),
        model("linear_of_maps", L::Linear::new(12, 3), &[3, 4], |m, x| m.forward(x)),
        model("group", L::GroupNormalization::new(2, 4), &[4, 5], |m, x| m.forward(x)),
        model("lstm_steps", L::LSTM::new(3, 5), &[4, 3], |m, x| {
            m.reset_state();
            steps(x, |x| m.forward(x))
        }),
        model("lstm_sequence", L::LSTM::new(3, 5), &[4, 3], |m, x| {
            m.reset_state();
            F::transpose(&m.sequence(&F::transpose(x, [1, 0, 2])), [1, 0, 2])
        }),
        model("gru", L::GRU::new(3, 5), &[4, 3], |m, x| {
            m.reset_state();
            steps(x, |x| m.forward(x))
        }),
        model("attention", L::MultiHeadAttention::new(8, 2), &[5, 8], |m, x| m.forward(x)),
        // Functions without a gradient.
        model("stepwise", L::Linear::new(3, 4), &[3], |m, x| {
            let y = m.forward(x) * 3.0;
            let largest = F::cast(&F::argmax(&y, 1), DType::F32);
            let whole = F::cast(&F::cast(&y, DType::I32), DType::F32);
            F::floor(&y) * F::ceil(&y) + F::sign(&y) + whole + F::expand_dims(&largest, 1)
        }),
        // Values beside the batch: their number depends on it.
        model("rows", L::Linear::new(3, 2), &[4, 3], |m, x| {
            let n = x.shape()[0];
            let y = F::reshape(&m.forward(&F::reshape(x, [n * 4, 3])), [n, 4, 2]);
            let last = F::get_item(&y, &s![n - 1]);
            F::concat(&[&y, &F::broadcast_to(&last, &[n, 4, 2])], 1)
                + Variable::constant(Array::ones(&[n, 1, 1], DType::F32))
        }),
    ];
    let gpt = Gpt {
        embed: L::EmbedID::new(11, 8),
        place: L::EmbedID::new(6, 8),
        block: L::TransformerBlock::new(8, 2).causal(),
        norm: L::LayerNormalization::new(8),
        out: L::Linear::new(8, 11).n_batch_axes(2),
    };
    models.push(tokens(model("gpt", gpt, &[], |m, x| m.forward(x)), 11, 6));
    models
}

fn cnn() -> L::Sequential {
    L::Sequential::new()
        .add(L::Convolution2D::new(2, 4, 3).pad(1).nobias())
        .add(L::BatchNormalization::new(4))
        .then(F::relu)
        .then(|x| F::max_pooling_2d(x, 2, F::MaxPooling::default()))
        .then(|x| F::dropout(x, 0.5))
        .add(L::Convolution2D::new(4, 5, 3).stride(2))
        .then(|x| F::average_pooling_2d(x, [1, 2], F::AveragePooling { stride: Some([1, 1]), pad: [0, 1] }))
        .then(|x| F::gelu(x))
        .add(L::Linear::new(None, 3))
}

/// The outputs after every step of (batch, step, in), one after another.
fn steps(x: &Variable, step: impl Fn(&Variable) -> Variable) -> Variable {
    let y: Vec<Variable> = (0..x.shape()[1]).map(|t| step(&F::get_item(x, &s![.., t]))).collect();
    F::stack(&y.iter().collect::<Vec<_>>(), 1)
}
