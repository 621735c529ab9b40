//! A convolutional network on small colour images.

use super::{
    shape::Shape,
    workload::{Entry, Step, Workload, memory, products},
};
use kusari::{
    DType, Link, Variable,
    functions::{self as F, MaxPooling},
    link, links as L,
    optimizers::MomentumSGD,
    prelude::Optimizer,
    random,
};

pub const ENTRY: Entry = Entry {
    name: "cnn",
    what: "64 images 3×32×32, convolutions to 32, 64, 128 channels with BN and ReLU, momentum SGD",
    takes: &["batch", "channels", "size"],
    make,
};

/// A convolution with batch normalisation and ReLU.
struct Block {
    conv: L::Convolution2D,
    bn: L::BatchNormalization,
}
link!(Block { conv, bn });

impl Block {
    fn new(from: usize, to: usize) -> Block {
        Block { conv: L::Convolution2D::new(from, to, 3).pad(1).nobias(), bn: L::BatchNormalization::new(to) }
    }
    fn forward(&self, x: &Variable) -> Variable {
        F::relu(&self.bn.forward(&self.conv.forward(x)))
    }
}

struct Cnn {
    block1: Block,
    block2: Block,
    block3: Block,
    out: L::Linear,
}
link!(Cnn { block1, block2, block3, out });

impl Cnn {
    fn new(channels: usize) -> Cnn {
        Cnn {
            block1: Block::new(3, channels),
            block2: Block::new(channels, 2 * channels),
            block3: Block::new(2 * channels, 4 * channels),
            out: L::Linear::new(4 * channels, 10),
        }
    }
    fn forward(&self, x: &Variable) -> Variable {
        let halve = |x: &Variable| F::max_pooling_2d(x, 2, MaxPooling { cover_all: false, ..MaxPooling::default() });
        let h = halve(&self.block2.forward(&self.block1.forward(x)));
        let h = halve(&self.block3.forward(&h));
        self.out.forward(&F::mean(&h, [2, 3]))
    }
}

fn make(shape: &Shape) -> Workload {
    let (batch, channels, [h, w]) =
        (shape.batch.unwrap_or(64), shape.channels.unwrap_or(32), shape.size.unwrap_or([32, 32]));
    let x = Variable::constant(random::normal(&[batch, 3, h, w], 0.0, 1.0, DType::F32));
    let t = Variable::constant(random::integers(&[batch], 0, 10).cast(DType::I32));

    let model = Cnn::new(channels);
    let mut optimizer = MomentumSGD::new(0.01);
    optimizer.setup(&model);

    let parameters = model.params();
    let (full, half, quarter) = (batch * h * w, batch * (h / 2) * (w / 2), batch * (h / 4) * (w / 4));
    // The input; of every block what was convolved and what came out; of the first pooling the result, which the third
    // block reads again, and the places; of the second, behind which there is only a mean, the places.
    let kept = full * (3 + 2 * channels + 4 * channels) + half * (4 * channels + 8 * channels) + quarter * 4 * channels;
    let convolutions = [
        [full, 9 * 3, channels],
        [full, 9 * channels, 2 * channels],
        [half, 9 * 2 * channels, 4 * channels],
        [batch, 4 * channels, 10],
    ];
    Workload {
        memory: memory(&parameters, 1, kept),
        work: products(&convolutions, false),
        parameters,
        step: Step::Train {
            loss: Box::new(move || F::softmax_cross_entropy(&model.forward(&x), &t)),
            optimizer: Box::new(optimizer),
        },
    }
}
