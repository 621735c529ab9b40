//! Whole models under `config.dtype = bfloat16`.

use crate::gradients::row::values;
use kusari::{
    Array, DType, Link, Variable, functions as F, link, links as L, optimizers::Adam, prelude::Optimizer, random,
    using_config,
};
use kusari_array::parallel::with_threads;

/// A bit of everything: a table, recurrence, attention, convolution, normalisations, hidden layers.
struct Everything {
    embed: L::EmbedID,
    lstm: L::LSTM,
    gru: L::StatelessGRU,
    block: L::TransformerBlock,
    conv: L::Convolution2D,
    bn: L::BatchNormalization,
    prelu: L::PReLU,
    scale: L::Scale,
    out: L::Linear,
}
link!(Everything { embed, lstm, gru, block, conv, bn, prelu, scale, out });

impl Everything {
    fn new() -> Everything {
        Everything {
            embed: L::EmbedID::new(7, 8),
            lstm: L::LSTM::new(None, 8),
            gru: L::StatelessGRU::new(8, 8),
            block: L::TransformerBlock::new(8, 2).causal().dropout(0.1),
            conv: L::Convolution2D::new(1, 4, 3).pad(1),
            bn: L::BatchNormalization::new(4),
            prelu: L::PReLU::new(&[]),
            scale: L::Scale::new(1, &[4]).with_bias(),
            out: L::Linear::new(None, 5),
        }
    }
    /// From (batch, length) numbers to five scores each.
    fn forward(&self, x: &Variable) -> Variable {
        let (batch, length) = (x.shape()[0], x.shape()[1]);
        let h = self.block.forward(&self.embed.forward(x));
        self.lstm.reset_state();
        let steps = self.lstm.sequence(&F::transpose(&h, [1, 0, 2]));
        let last = F::get_item(&steps, &[(length - 1).into()]);
        let (next, again) = (self.lstm.forward(&last), self.gru.forward(Some(&last), &last));
        let picture = F::reshape(&h, [batch, 1, length, 8]);
        let picture = self.scale.forward(&self.prelu.forward(&self.bn.forward(&self.conv.forward(&picture))));
        let pooled = F::reshape(&F::max_pooling_2d(&picture, 2, F::MaxPooling::default()), [batch as i64, -1]);
        self.out.forward(&F::concat(&[&next, &again, &pooled], 1))
    }
}

/// Losses of some steps, and the parameters after them.
fn losses(dtype: DType) -> (Vec<f64>, Vec<(String, Array)>) {
    let _dtype = using_config(|c| c.dtype = dtype);
    random::seed(3);
    let model = Everything::new();
    let mut optimizer = Adam::new().alpha(0.01);
    optimizer.setup(&model);
    let ids: Vec<i32> = (0..12 * 6).map(|i| (i * 5 + i / 7) % 7).collect();
    let labels: Vec<i32> = ids.chunks(6).map(|row| (row[0] + row[5]) % 5).collect();
    let (x, t) = (Variable::constant(Array::from_vec(&[12, 6], ids)), Variable::constant(Array::from(labels)));
    let mut losses = Vec::new();
    for _ in 0..30 {
        let y = model.forward(&x);
        let loss = F::softmax_cross_entropy(&y, &t);
        let accuracy = F::accuracy(&y, &t, None);
        assert_eq!([y.dtype(), loss.dtype(), accuracy.dtype()], [dtype, DType::F32, DType::F32]);
        loss.backward();
        for (name, p) in model.namedparams() {
            let g = p.grad().unwrap_or_else(|| panic!("{name} got no gradient"));
            assert_eq!([p.dtype(), g.dtype()], [DType::F32; 2], "{name}");
        }
        optimizer.update();
        losses.push(loss.item());
    }
    (losses, model.namedparams().into_iter().map(|(name, p)| (name, p.array())).collect())
}

#[test]
fn a_model_learns_as_in_float32() {
    let ((single, _), (half, parameters)) = (losses(DType::F32), losses(DType::BF16));
    assert!((single[0] - half[0]).abs() < 0.02, "{} and {}", single[0], half[0]);
    assert!(single[29] < 0.5 * single[0] && (single[29] - half[29]).abs() < 0.1 * single[0], "{single:?} {half:?}");
    assert_ne!(single, half);
    // Weights are not of bfloat16, nor rounded to it.
    assert!(parameters.iter().all(|(_, p)| p.dtype() == DType::F32));
    assert!(parameters.iter().any(|(_, p)| !p.same(&p.rounded_to(DType::BF16))));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let [one, three] = [1, 3].map(|n| with_threads(n, || losses(DType::BF16)));
    assert_eq!(one.0, three.0);
    assert!(one.1.iter().zip(&three.1).all(|(a, b)| a.1.same(&b.1)));
}

#[test]
fn layers_of_float32_take_bfloat16_without_the_setting() {
    let layer = L::Linear::new(3, 2);
    let x = Variable::constant(values(&[4, 3], 1).cast(DType::BF16));
    assert_eq!(layer.forward(&x).dtype(), DType::BF16);
    // And a layer of bfloat16 can be had.
    let layer = L::Linear::new(3, 2).dtype(DType::BF16);
    assert_eq!([layer.w().dtype(), layer.forward(&x).dtype()], [DType::BF16; 2]);
}
