//! The four models, written with functions on parameters.

use super::{Model, Weights};
use kusari::{
    Array, DType, Optimizer, Variable,
    functions::{self as F, Attention, BatchNorm, Conv, MaxPooling},
    optimizer_hooks::GradientClipping,
    optimizers,
};

fn linear(w: &Weights, path: &str, x: &Variable) -> Variable {
    F::linear(x, &w.get(&format!("{path}/W")), Some(&w.get(&format!("{path}/b"))))
}

pub struct Mlp;
impl Model for Mlp {
    fn loss(&mut self, w: &Weights, x: &Variable, t: &Array) -> Variable {
        let h = F::relu(&linear(w, "l1", x));
        let h = F::relu(&linear(w, "l2", &h));
        F::softmax_cross_entropy(&linear(w, "l3", &h), t.clone())
    }
    fn optimizer(&self) -> Box<dyn Optimizer> {
        Box::new(optimizers::Adam::default())
    }
}

pub struct Cnn;
impl Model for Cnn {
    fn loss(&mut self, w: &Weights, x: &Variable, t: &Array) -> Variable {
        let block = |x: &Variable, conv: &str, bn: &str| {
            let pad = Conv { pad: [1, 1], ..Conv::default() };
            let h = F::convolution_2d(x, &w.get(&format!("{conv}/W")), None, pad);
            let (gamma, beta) = (w.get(&format!("{bn}/gamma")), w.get(&format!("{bn}/beta")));
            F::relu(&F::batch_normalization(&h, &gamma, &beta, BatchNorm::default()))
        };
        let h = F::max_pooling_2d(&block(x, "conv1", "bn1"), 2, MaxPooling::default());
        let h = F::mean(&block(&h, "conv2", "bn2"), [2, 3]);
        F::softmax_cross_entropy(&linear(w, "l3", &h), t.clone())
    }
    fn optimizer(&self) -> Box<dyn Optimizer> {
        Box::new(optimizers::MomentumSGD::new(0.05))
    }
}

/// Carries c and h from one minibatch to the next.
#[derive(Default)]
pub struct Lstm {
    state: Option<(Variable, Variable)>,
    loss: Option<Variable>,
}
impl Model for Lstm {
    fn loss(&mut self, w: &Weights, x: &Variable, t: &Array) -> Variable {
        let dtype = w.get("out/W").dtype();
        let zeros = || Variable::constant(Array::zeros(&[4, 16], dtype));
        let (mut c, mut h) = self.state.take().unwrap_or_else(|| (zeros(), zeros()));
        let column = |x: &Array, k: usize| x.take(1, &Array::scalar(k as f64, DType::I32));
        let mut total: Option<Variable> = None;
        for k in 0..7 {
            let e = F::embed_id(&Variable::constant(column(x.array(), k)), &w.get("embed/W"));
            let gates = linear(w, "lstm/upward", &e) + F::linear(&h, &w.get("lstm/lateral/W"), None);
            (c, h) = F::lstm(&c, &gates);
            let loss = F::softmax_cross_entropy(&linear(w, "out", &h), column(t, k));
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        self.state = Some((c, h));
        self.loss = total.clone();
        total.unwrap()
    }
    fn optimizer(&self) -> Box<dyn Optimizer> {
        Box::new(optimizers::SGD::new(0.5))
    }
    fn prepare(&self, opt: &mut dyn Optimizer) {
        opt.hooks().add(GradientClipping::new(2.5));
    }
    fn after(&mut self) {
        self.loss.take().unwrap().unchain_backward();
        let (c, h) = self.state.take().unwrap();
        self.state = Some((c.detach(), h.detach()));
    }
}

pub struct Gpt;
impl Gpt {
    fn norm(w: &Weights, path: &str, x: &Variable) -> Variable {
        let (gamma, beta) = (w.get(&format!("{path}/gamma")), w.get(&format!("{path}/beta")));
        F::layer_normalization(x, &gamma, &beta, 1e-5)
    }
    /// Self-attention of (30, 16) tokens: 3 sequences of 10, 2 heads of width 8.
    fn attention(w: &Weights, path: &str, x: &Variable) -> Variable {
        let heads = |part: &str| {
            let y = F::reshape(&linear(w, &format!("{path}/{part}"), x), [3, 10, 2, 8]);
            F::transpose(&y, [0, 2, 1, 3])
        };
        let causal = Attention { causal: true, ..Attention::default() };
        let y = F::scaled_dot_product_attention(&heads("query"), &heads("key"), &heads("value"), causal);
        linear(w, &format!("{path}/out"), &F::reshape(&F::transpose(&y, [0, 2, 1, 3]), [30, 16]))
    }
}
impl Model for Gpt {
    fn loss(&mut self, w: &Weights, x: &Variable, t: &Array) -> Variable {
        let mut h = F::reshape(&(F::embed_id(x, &w.get("token/W")) + w.get("position/W")), [30, 16]);
        for block in ["block0", "block1"] {
            h = &h + Gpt::attention(w, &format!("{block}/attention"), &Gpt::norm(w, &format!("{block}/norm1"), &h));
            let wide = F::gelu(&linear(w, &format!("{block}/up"), &Gpt::norm(w, &format!("{block}/norm2"), &h)));
            h = &h + linear(w, &format!("{block}/down"), &wide);
        }
        let y = linear(w, "head", &Gpt::norm(w, "norm", &h));
        F::softmax_cross_entropy(&y, t.reshape(&[30]))
    }
    fn optimizer(&self) -> Box<dyn Optimizer> {
        Box::new(optimizers::AdamW::new().alpha(3e-3).weight_decay_rate(0.01))
    }
}
