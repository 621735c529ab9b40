//! The workloads of `kusari bench` in Candle, as far as it has what they need.
//!
//! Candle has no momentum SGD: `cnn` is measured with plain SGD, which does less.

use candle_core::{D, DType, Device, Result, Tensor, Var};
use candle_nn::{
    AdamW, BatchNorm, Conv2d, Conv2dConfig, Embedding, LSTM, Linear, Module, ModuleT, Optimizer, ParamsAdamW, RNN, SGD,
    VarBuilder, VarMap, loss::cross_entropy,
};
use clock::Options;

const CPU: Device = Device::Cpu;

fn main() {
    let options = Options::read();
    let run = match &*options.workload {
        "mlp" => mlp,
        "cnn" => cnn,
        "lstm" => lstm,
        "gpt" => gpt,
        "scalar" => scalar,
        "tinymlp" => tinymlp,
        "adam" => adam,
        "elementwise" => elementwise,
        other => clock::stop(format!("there is no workload {other:?}")),
    };
    if let Err(e) = run(&options) {
        clock::stop(e);
    }
}

/// Measures `step` and stops at the first error.
fn report(options: &Options, mut step: impl FnMut() -> Result<()>) -> Result<()> {
    step()?;
    options.report("Candle", || {
        if let Err(e) = step() {
            clock::stop(e);
        }
    });
    Ok(())
}

fn weights() -> (VarMap, VarBuilder<'static>) {
    let map = VarMap::new();
    let builder = VarBuilder::from_varmap(&map, DType::F32, &CPU);
    (map, builder)
}

fn adam_without_decay() -> ParamsAdamW {
    ParamsAdamW { weight_decay: 0.0, ..ParamsAdamW::default() }
}

/// Integers below `n`.
fn integers(n: usize, shape: &[usize]) -> Result<Tensor> {
    Tensor::rand(0f32, n as f32, shape, &CPU)?.to_dtype(DType::U32)
}

fn mlp(o: &Options) -> Result<()> {
    let (batch, width) = (o.number("batch", 100), o.number("width", 1000));
    let (x, t) = (Tensor::rand(0f32, 1f32, (batch, 784), &CPU)?, integers(10, &[batch])?);
    let (map, b) = weights();
    let model = candle_nn::seq()
        .add(candle_nn::linear(784, width, b.pp("1"))?)
        .add_fn(Tensor::relu)
        .add(candle_nn::linear(width, width, b.pp("2"))?)
        .add_fn(Tensor::relu)
        .add(candle_nn::linear(width, 10, b.pp("3"))?);
    let mut optimizer = AdamW::new(map.all_vars(), adam_without_decay())?;
    report(o, || optimizer.backward_step(&cross_entropy(&model.forward(&x)?, &t)?))
}

struct Block {
    conv: Conv2d,
    bn: BatchNorm,
}

impl Block {
    fn new(from: usize, to: usize, b: VarBuilder) -> Result<Block> {
        let same = Conv2dConfig { padding: 1, ..Conv2dConfig::default() };
        Ok(Block {
            conv: candle_nn::conv2d_no_bias(from, to, 3, same, b.pp("conv"))?,
            bn: candle_nn::batch_norm(to, 1e-5, b.pp("bn"))?,
        })
    }
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.bn.forward_t(&self.conv.forward(x)?, true)?.relu()
    }
}

fn cnn(o: &Options) -> Result<()> {
    let (batch, c, [h, w]) = (o.number("batch", 64), o.number("channels", 32), o.size());
    let (x, t) = (Tensor::randn(0f32, 1f32, (batch, 3, h, w), &CPU)?, integers(10, &[batch])?);
    let (map, b) = weights();
    let blocks = [Block::new(3, c, b.pp("1"))?, Block::new(c, 2 * c, b.pp("2"))?, Block::new(2 * c, 4 * c, b.pp("3"))?];
    let out = candle_nn::linear(4 * c, 10, b.pp("out"))?;
    let mut optimizer = SGD::new(map.all_vars(), 0.01)?;
    report(o, || {
        let h = blocks[1].forward(&blocks[0].forward(&x)?)?.max_pool2d(2)?;
        let h = blocks[2].forward(&h)?.max_pool2d(2)?;
        let y = out.forward(&h.mean((2, 3))?)?;
        optimizer.backward_step(&cross_entropy(&y, &t)?)
    })
}

fn lstm(o: &Options) -> Result<()> {
    let (words, batch, length, width) = (10_000, o.number("batch", 20), o.number("length", 35), o.number("width", 256));
    let (x, t) = (integers(words, &[batch, length])?, integers(words, &[batch * length])?);
    let (map, b) = weights();
    let embed: Embedding = candle_nn::embedding(words, width, b.pp("embed"))?;
    let cell: LSTM = candle_nn::lstm(width, width, Default::default(), b.pp("lstm"))?;
    let out: Linear = candle_nn::linear(width, words, b.pp("out"))?;
    let parameters = map.all_vars();
    let mut optimizer = SGD::new(parameters.clone(), 0.1)?;
    report(o, || {
        let states = cell.seq(&embed.forward(&x)?)?;
        let hidden = cell.states_to_tensor(&states)?.reshape(((), width))?;
        let mut gradients = cross_entropy(&out.forward(&hidden)?, &t)?.backward()?;
        let mut squares = 0.0;
        for p in &parameters {
            if let Some(g) = gradients.get(p) {
                squares += g.sqr()?.sum_all()?.to_scalar::<f32>()?;
            }
        }
        let factor = 5.0 / (squares.sqrt() as f64).max(5.0);
        for p in parameters.iter().filter(|_| factor < 1.0) {
            if let Some(g) = gradients.remove(p) {
                gradients.insert(p, (g * factor)?);
            }
        }
        optimizer.step(&gradients)
    })
}

/// Layer normalisation in differentiable operations: the fused one has no gradient.
struct Norm {
    gamma: Tensor,
    beta: Tensor,
}

impl Norm {
    fn new(width: usize, b: VarBuilder) -> Result<Norm> {
        let init = |value| candle_nn::Init::Const(value);
        Ok(Norm {
            gamma: b.get_with_hints(width, "gamma", init(1.0))?,
            beta: b.get_with_hints(width, "beta", init(0.0))?,
        })
    }
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let x = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let deviation = (x.sqr()?.mean_keepdim(D::Minus1)? + 1e-5)?.sqrt()?;
        x.broadcast_div(&deviation)?.broadcast_mul(&self.gamma)?.broadcast_add(&self.beta)
    }
}

struct Layer {
    norm1: Norm,
    qkv: Linear,
    out: Linear,
    norm2: Norm,
    up: Linear,
    down: Linear,
}

impl Layer {
    const HEADS: usize = 4;
    fn new(width: usize, b: VarBuilder) -> Result<Layer> {
        Ok(Layer {
            norm1: Norm::new(width, b.pp("norm1"))?,
            qkv: candle_nn::linear(width, 3 * width, b.pp("qkv"))?,
            out: candle_nn::linear(width, width, b.pp("out"))?,
            norm2: Norm::new(width, b.pp("norm2"))?,
            up: candle_nn::linear(width, 4 * width, b.pp("up"))?,
            down: candle_nn::linear(4 * width, width, b.pp("down"))?,
        })
    }
    fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (batch, length, width) = x.dims3()?;
        let depth = width / Self::HEADS;
        let heads = self.qkv.forward(&self.norm1.forward(x)?)?.reshape((batch, length, 3, Self::HEADS, depth))?;
        let heads = heads.permute((2, 0, 3, 1, 4))?;
        let part = |i| heads.get(i)?.contiguous();
        let scores = (part(0)?.matmul(&part(1)?.t()?)? * (depth as f64).powf(-0.5))?;
        let shares = candle_nn::ops::softmax(&scores.broadcast_add(mask)?, D::Minus1)?;
        let y = shares.matmul(&part(2)?)?.transpose(1, 2)?.reshape((batch, length, width))?;
        let x = (x + self.out.forward(&y)?)?;
        let hidden = self.up.forward(&self.norm2.forward(&x)?)?.gelu_erf()?;
        &x + self.down.forward(&hidden)?
    }
}

fn gpt(o: &Options) -> Result<()> {
    let (symbols, batch, length, width) = (256, o.number("batch", 8), o.number("length", 128), o.number("width", 256));
    let (x, t) = (integers(symbols, &[batch, length])?, integers(symbols, &[batch * length])?);
    let mask: Vec<f32> =
        (0..length * length).map(|i| if i % length > i / length { f32::NEG_INFINITY } else { 0.0 }).collect();
    let mask = Tensor::from_vec(mask, (length, length), &CPU)?;
    let (map, b) = weights();
    let token = candle_nn::embedding(symbols, width, b.pp("token"))?;
    let small = candle_nn::Init::Randn { mean: 0.0, stdev: 0.02 };
    let position = b.get_with_hints((length, width), "position", small)?;
    let layers = (0..4).map(|i| Layer::new(width, b.pp(i))).collect::<Result<Vec<_>>>()?;
    let norm = Norm::new(width, b.pp("norm"))?;
    let head = candle_nn::linear(width, symbols, b.pp("head"))?;
    let mut optimizer = AdamW::new(map.all_vars(), ParamsAdamW::default())?;
    report(o, || {
        let mut h = token.forward(&x)?.broadcast_add(&position)?;
        for layer in &layers {
            h = layer.forward(&h, &mask)?;
        }
        let y = head.forward(&norm.forward(&h)?)?.flatten(0, 1)?;
        optimizer.backward_step(&cross_entropy(&y, &t)?)
    })
}

fn scalar(o: &Options) -> Result<()> {
    let x = Var::new(3f32, &CPU)?;
    let mut optimizer = SGD::new(vec![x.clone()], 0.01)?;
    report(o, || {
        let y = (((&*x * &*x)? + (&*x * 4.0)?)? - 7.0)?;
        optimizer.backward_step(&y)
    })
}

fn tinymlp(o: &Options) -> Result<()> {
    let width = o.number("width", 16);
    let x = Tensor::new(&[[0.5f32, -0.25]], &CPU)?;
    let (map, b) = weights();
    let model = candle_nn::seq()
        .add(candle_nn::linear(2, width, b.pp("1"))?)
        .add_fn(Tensor::tanh)
        .add(candle_nn::linear(width, width, b.pp("2"))?)
        .add_fn(Tensor::tanh)
        .add(candle_nn::linear(width, 1, b.pp("3"))?);
    let mut optimizer = SGD::new(map.all_vars(), 0.01)?;
    report(o, || optimizer.backward_step(&model.forward(&x)?))
}

/// The update alone, with the gradient of a sum.
fn adam(o: &Options) -> Result<()> {
    let n = o.number("elements", 100_000_000);
    let x = Var::rand(-1f32, 1f32, n, &CPU)?;
    let gradients = x.sum_all()?.backward()?;
    let mut optimizer = AdamW::new(vec![x], adam_without_decay())?;
    report(o, || optimizer.step(&gradients))
}

fn elementwise(o: &Options) -> Result<()> {
    let x = Var::randn(0f32, 1f32, o.number("elements", 8_000_000), &CPU)?;
    report(o, || {
        let y = ((x.gelu_erf()? * candle_nn::ops::sigmoid(&x)?)? + x.tanh()?)?.sum_all()?;
        y.backward().map(drop)
    })
}
