//! The network of a table: embeddings of categories beside the numbers, then hidden layers.

use crate::{Array, DType, Variable, functions as F, link, links as L, memory::A_PARAMETER};
use kusari_array::{SliceRange, s};

/// Embeddings, and several small networks of hidden layers with ReLU that learn side by side: their mean errs less than
/// any one of them.
#[derive(Clone)]
pub struct Network {
    embeddings: Vec<L::EmbedID>,
    members: Vec<L::Sequential>,
    numbers: usize,
}
link!(Network { embeddings, members; numbers });

/// Numbers a unit and row of a minibatch that a step keeps, and a pool for the next.
const A_UNIT: u64 = 8;
/// Minibatches at once: the one learnt from, two that are read ahead, one being made, and what each is made from.
const BATCHES: u64 = 8;

/// The sizes of a network, apart from inputs and outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sizes {
    /// Units in a hidden layer.
    pub units: usize,
    /// Hidden layers.
    pub layers: usize,
    /// Networks side by side.
    pub members: usize,
}

impl Sizes {
    /// The most bytes that learning takes: a network of these sizes with so many inputs, embeddings (rows, width) and
    /// outputs, in steps of `batch` rows, and `judged` rows at once in the end.
    pub fn memory(&self, [numbers, outputs, batch, judged]: [usize; 4], embedded: &[[usize; 2]]) -> u64 {
        let [units, layers, members] = [self.units, self.layers, self.members].map(to_u64);
        let [outputs, batch, judged] = [outputs, batch, judged].map(to_u64);
        let width = to_u64(numbers) + embedded.iter().map(|[_, width]| to_u64(*width)).sum::<u64>();
        let tables: u64 = embedded.iter().map(|&[rows, width]| to_u64(rows).saturating_mul(to_u64(width))).sum();
        let inner = units.saturating_mul(units).saturating_mul(layers.saturating_sub(1));
        let member = width.saturating_mul(units).saturating_add(inner).saturating_add(units.saturating_mul(outputs));
        let parameters = members.saturating_mul(member).saturating_add(tables);
        let kept = members.saturating_mul(layers).saturating_mul(units).saturating_mul(A_UNIT);
        let step = batch.saturating_mul(kept.saturating_add(width.saturating_mul(BATCHES)));
        // Layer by layer: nothing is kept for gradients.
        let judging = judged.saturating_mul(4 * (width + units));
        parameters.saturating_mul(A_PARAMETER).saturating_add(4u64.saturating_mul(step.max(judging)))
    }
}

fn to_u64(n: usize) -> u64 {
    n as u64
}

impl Network {
    /// A network that takes `numbers` numbers and the numbers of categories, whose tables have the sizes `embedded`.
    pub(super) fn new(numbers: usize, embedded: &[[usize; 2]], sizes: Sizes, outputs: usize) -> Network {
        let embeddings: Vec<L::EmbedID> = embedded.iter().map(|&[rows, width]| L::EmbedID::new(rows, width)).collect();
        let width = numbers + embedded.iter().map(|[_, width]| width).sum::<usize>();
        let member = |_| L::Sequential::mlp(width, sizes.units, sizes.layers, outputs);
        Network { embeddings, members: (0..sizes.members).map(member).collect(), numbers }
    }
    /// The outputs of every member for a batch: scores of classes, or standardised numbers.
    pub fn forward(&self, x: &Variable) -> Vec<Variable> {
        let x = self.embed(x);
        // Losses and scores are of float32, whatever the layers compute in.
        self.members.iter().map(|member| F::cast(&member.forward(&x), DType::F32)).collect()
    }
    fn embed(&self, x: &Variable) -> Variable {
        if self.embeddings.is_empty() {
            return x.clone();
        }
        let batch = x.shape()[0];
        let embedded = self.embeddings.iter().enumerate().map(|(i, embedding)| {
            let at = self.numbers + i;
            let ids = F::cast(&F::get_item(x, &s![.., at..at + 1]), DType::I32);
            embedding.forward(&F::reshape(&ids, [batch]))
        });
        let mut parts: Vec<Variable> = embedded.collect();
        if self.numbers > 0 {
            let numbers = F::cast(&F::get_item(x, &s![.., 0..self.numbers]), parts[0].dtype());
            parts.insert(0, numbers);
        }
        F::concat(&parts.iter().collect::<Vec<_>>(), 1)
    }
    /// Makes a row of an embedding, whose word never came in training, zero: the middle of all.
    pub(super) fn clear(&self, embedding: usize, row: usize) {
        let w = self.embeddings[embedding].w();
        let mut values = w.array();
        let (width, dtype) = (values.shape()[1], values.dtype());
        values.assign(&[SliceRange::new(row, row + 1), SliceRange::full(width)], &Array::zeros(&[1, width], dtype));
        w.set(values);
    }
}
