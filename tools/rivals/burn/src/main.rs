//! The workloads of `kusari bench` in Burn, on its backend for the CPU.
//!
//! Burn clips each gradient by its own norm, not all by theirs together: in `lstm` that is as much work.

use burn::{
    backend::{Autodiff, Flex},
    grad_clipping::GradientClippingConfig,
    module::{AutodiffModule, Module, Param},
    nn::{
        BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig, Lstm,
        LstmConfig, PaddingConfig2d,
        attention::generate_autoregressive_mask,
        conv::{Conv2d, Conv2dConfig},
        loss::{CrossEntropyLoss, CrossEntropyLossConfig},
        pool::MaxPool2dConfig,
        transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput},
    },
    optim::{AdamConfig, AdamWConfig, GradientsParams, Optimizer, SgdConfig, momentum::MomentumConfig},
    tensor::{Distribution, Int, Tensor, activation, backend::Backend},
};
use clock::Options;

type B = Autodiff<Flex>;
type Device = burn::tensor::Device<B>;

fn main() {
    let options = Options::read();
    match &*options.workload {
        "mlp" => mlp(&options),
        "cnn" => cnn(&options),
        "lstm" => lstm(&options),
        "gpt" => gpt(&options),
        "scalar" => scalar(&options),
        "tinymlp" => tinymlp(&options),
        "adam" => adam(&options),
        "elementwise" => elementwise(&options),
        other => clock::stop(format!("there is no workload {other:?}")),
    }
}

/// Measures steps of training.
fn train<M: AutodiffModule<B>>(
    options: &Options,
    model: M,
    mut optimizer: impl Optimizer<M, B>,
    lr: f64,
    loss: impl Fn(&M) -> Tensor<B, 1>,
) {
    let mut model = Some(model);
    options.report("Burn", || {
        let before = model.take().expect("put back by the step before");
        let gradients = GradientsParams::from_grads(loss(&before).backward(), &before);
        model = Some(optimizer.step(lr, before, gradients));
    });
}

fn device() -> Device {
    Device::default()
}
fn normal<const D: usize>(shape: [usize; D]) -> Tensor<B, D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &device())
}
fn integers<const D: usize>(n: usize, shape: [usize; D]) -> Tensor<B, D, Int> {
    Tensor::<B, D>::random(shape, Distribution::Uniform(0.0, n as f64), &device()).int()
}
fn cross_entropy() -> CrossEntropyLoss<B> {
    CrossEntropyLossConfig::new().init(&device())
}

#[derive(Module, Debug)]
struct Mlp<B: Backend> {
    layers: [Linear<B>; 3],
}

impl<B: Backend> Mlp<B> {
    fn new(sizes: [usize; 4], device: &B::Device) -> Mlp<B> {
        Mlp { layers: std::array::from_fn(|i| LinearConfig::new(sizes[i], sizes[i + 1]).init(device)) }
    }
    fn forward(&self, x: Tensor<B, 2>, activation: impl Fn(Tensor<B, 2>) -> Tensor<B, 2>) -> Tensor<B, 2> {
        let [a, b, c] = &self.layers;
        c.forward(activation(b.forward(activation(a.forward(x)))))
    }
}

fn mlp(o: &Options) {
    let (batch, width) = (o.number("batch", 100), o.number("width", 1000));
    let (x, t, loss) = (normal([batch, 784]), integers(10, [batch]), cross_entropy());
    let model = Mlp::<B>::new([784, width, width, 10], &device());
    train(o, model, AdamConfig::new().init(), 1e-3, |model| {
        loss.forward(model.forward(x.clone(), activation::relu), t.clone())
    });
}

fn tinymlp(o: &Options) {
    let width = o.number("width", 16);
    let x = Tensor::<B, 2>::from_floats([[0.5, -0.25]], &device());
    let model = Mlp::<B>::new([2, width, width, 1], &device());
    train(o, model, SgdConfig::new().init(), 0.01, |model| model.forward(x.clone(), activation::tanh).sum());
}

#[derive(Module, Debug)]
struct Block<B: Backend> {
    conv: Conv2d<B>,
    bn: BatchNorm<B>,
}

impl<B: Backend> Block<B> {
    fn new(from: usize, to: usize, device: &B::Device) -> Block<B> {
        let conv = Conv2dConfig::new([from, to], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        Block { conv: conv.with_bias(false).init(device), bn: BatchNormConfig::new(to).init(device) }
    }
    fn forward(&self, x: Tensor<B, 4>) -> Tensor<B, 4> {
        activation::relu(self.bn.forward(self.conv.forward(x)))
    }
}

#[derive(Module, Debug)]
struct Cnn<B: Backend> {
    blocks: [Block<B>; 3],
    out: Linear<B>,
}

fn cnn(o: &Options) {
    let (batch, c, [h, w]) = (o.number("batch", 64), o.number("channels", 32), o.size());
    let (x, t, loss) = (normal([batch, 3, h, w]), integers(10, [batch]), cross_entropy());
    let sizes = [3, c, 2 * c, 4 * c];
    let model = Cnn::<B> {
        blocks: std::array::from_fn(|i| Block::new(sizes[i], sizes[i + 1], &device())),
        out: LinearConfig::new(4 * c, 10).init(&device()),
    };
    let halve = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    let optimizer = SgdConfig::new().with_momentum(Some(momentum)).init();
    train(o, model, optimizer, 0.01, |model| {
        let [a, b, c] = &model.blocks;
        let h = halve.forward(b.forward(a.forward(x.clone())));
        let h = halve.forward(c.forward(h));
        let pooled = h.mean_dim(2).mean_dim(3).flatten::<2>(1, 3);
        loss.forward(model.out.forward(pooled), t.clone())
    });
}

#[derive(Module, Debug)]
struct Language<B: Backend> {
    embed: Embedding<B>,
    lstm: Lstm<B>,
    out: Linear<B>,
}

fn lstm(o: &Options) {
    let (words, batch, length, width) = (10_000, o.number("batch", 20), o.number("length", 35), o.number("width", 256));
    let (x, t, loss) = (integers(words, [batch, length]), integers(words, [batch * length]), cross_entropy());
    let model = Language::<B> {
        embed: EmbeddingConfig::new(words, width).init(&device()),
        lstm: LstmConfig::new(width, width, true).init(&device()),
        out: LinearConfig::new(width, words).init(&device()),
    };
    let clipped = SgdConfig::new().with_gradient_clipping(Some(GradientClippingConfig::Norm(5.0)));
    train(o, model, clipped.init(), 0.1, |model| {
        let (h, _) = model.lstm.forward(model.embed.forward(x.clone()), None);
        loss.forward(model.out.forward(h).flatten::<2>(0, 1), t.clone())
    });
}

#[derive(Module, Debug)]
struct Gpt<B: Backend> {
    token: Embedding<B>,
    position: Param<Tensor<B, 2>>,
    blocks: TransformerEncoder<B>,
    norm: LayerNorm<B>,
    head: Linear<B>,
}

fn gpt(o: &Options) {
    let (symbols, batch, length, width) = (256, o.number("batch", 8), o.number("length", 128), o.number("width", 256));
    let (x, t, loss) = (integers(symbols, [batch, length]), integers(symbols, [batch * length]), cross_entropy());
    let mask = generate_autoregressive_mask::<B>(batch, length, &device());
    let blocks = TransformerEncoderConfig::new(width, 4 * width, 4, 4).with_norm_first(true).with_dropout(0.0);
    let model = Gpt::<B> {
        token: EmbeddingConfig::new(symbols, width).init(&device()),
        position: Param::from_tensor(normal([length, width]) * 0.02),
        blocks: blocks.init(&device()),
        norm: LayerNormConfig::new(width).init(&device()),
        head: LinearConfig::new(width, symbols).init(&device()),
    };
    train(o, model, AdamWConfig::new().init(), 1e-3, |model| {
        let h = model.token.forward(x.clone()) + model.position.val().unsqueeze();
        let h = model.blocks.forward(TransformerEncoderInput::new(h).mask_attn(mask.clone()));
        loss.forward(model.head.forward(model.norm.forward(h)).flatten::<2>(0, 1), t.clone())
    });
}

#[derive(Module, Debug)]
struct Single<B: Backend> {
    x: Param<Tensor<B, 1>>,
}

fn scalar(o: &Options) {
    let model = Single::<B> { x: Param::from_tensor(Tensor::from_floats([3.0], &device())) };
    train(o, model, SgdConfig::new().init(), 0.01, |model| {
        let x = model.x.val();
        x.clone() * x.clone() + x * 4.0 - 7.0
    });
}

fn elementwise(o: &Options) {
    let x = normal([o.number("elements", 8_000_000)]).require_grad();
    o.report("Burn", || {
        let y = activation::gelu(x.clone()) * activation::sigmoid(x.clone()) + x.clone().tanh();
        let gradients = y.sum().backward();
        assert!(x.grad(&gradients).is_some());
    });
}

/// The update alone, with the gradient of a sum.
fn adam(o: &Options) {
    let model = Single::<B> { x: Param::from_tensor(normal([o.number("elements", 100_000_000)])) };
    let gradient = model.x.val().sum().backward();
    let gradient = model.x.val().grad(&gradient).expect("the sum depends on it");
    let (id, mut model) = (model.x.id, Some(model));
    let mut optimizer = AdamConfig::new().init::<B, Single<B>>();
    o.report("Burn", || {
        let mut gradients = GradientsParams::new();
        gradients.register::<Flex, 1>(id, gradient.clone());
        let before = model.take().expect("put back by the step before");
        model = Some(optimizer.step(1e-3, before, gradients));
    });
}
