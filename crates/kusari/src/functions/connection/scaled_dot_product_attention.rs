//! `scaled_dot_product_attention`.

use crate::{
    Array, Context, DType, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{matmul, matmul_transposed, recompute, softmax},
    onnx::{Attribute, Call, Nodes},
};
use kusari_array::{Scores, Shape, broadcast_shapes};

/// Options of [`scaled_dot_product_attention`].
#[derive(Clone, Default)]
pub struct Attention {
    /// Whether query `i` sees keys up to `i` only. Default: false.
    pub causal: bool,
    /// Broadcasts to (…, Tq, Tk): booleans that are true where a key may be seen, or numbers that are added to the
    /// scores. A constant. Default: none.
    pub mask: Option<Array>,
    /// Factor of the products. Default: `1 / √d`.
    pub scale: Option<f64>,
}

/// Attention `softmax(scale · q kᵀ + mask) v` of the queries `q` (…, Tq, d) to the keys `k` (…, Tk, d) and values `v`
/// (…, Tk, dv), with any axes for batch and heads in front (Vaswani et al., 2017).
///
/// Only blocks of the scores are ever in memory, in the gradient too. A query that sees no key gives zeros.
///
/// # Panics
/// When shapes or dtypes do not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F, functions::Attention};
/// let (q, k) = (Variable::new(array![[0.0f32, 0.0]]), Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]));
/// let y = F::scaled_dot_product_attention(&q, &k, &k, Attention::default());
/// assert_eq!(y.array().to_vec::<f32>(), [2.0, 3.0]);
/// ```
#[track_caller]
pub fn scaled_dot_product_attention(q: &Variable, k: &Variable, v: &Variable, options: Attention) -> Variable {
    let depth = q.shape().last().copied().unwrap_or(1).max(1) as f64;
    let how = Scores { scale: options.scale.unwrap_or(1.0 / depth.sqrt()), causal: options.causal };
    ScaledDotProductAttention { how, mask: options.mask }.apply1(&[q, k, v])
}

struct ScaledDotProductAttention {
    how: Scores,
    mask: Option<Array>,
}

impl Function for ScaledDotProductAttention {
    fn name(&self) -> &str {
        "scaled_dot_product_attention"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS | Keep::OUTPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::same_float(self.name(), x)?;
        let [q, k, v] = [x[0].shape(), x[1].shape(), x[2].shape()];
        let n = q.len();
        let fits = n >= 2
            && k.len() == n
            && v.len() == n
            && k[..n - 2] == q[..n - 2]
            && k[n - 1] == q[n - 1]
            && v[..n - 1] == k[..n - 1];
        if !fits {
            let expected = "q of shape (…, Tq, d), k of shape (…, Tk, d) and v of shape (…, Tk, dv)";
            return Err(Error::invalid(self.name(), expected, format_args!("{q}, {k} and {v}")));
        }
        let scores = q.replaced(n - 1, k[n - 2]);
        match &self.mask {
            Some(mask) if broadcast_shapes(mask.shape(), &scores) != Some(scores) => {
                let expected = format!("a mask that broadcasts to {scores}");
                Err(Error::invalid(self.name(), expected, format_args!("shape {}", mask.shape())))
            }
            _ => Ok(()),
        }
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let [y, log_sum] = x[0].attention(x[1], x[2], self.mask.as_ref(), self.how);
        Outputs::from(y).save(log_sum)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (y, log_sum) = (ctx.output(0).into_array(), ctx.saved(0).clone());
        let gradient = AttentionGrad { how: self.how, mask: self.mask.clone(), y, log_sum };
        let g = gradient.apply(&[&ctx.input(0), &ctx.input(1), &ctx.input(2), &gy[0]]);
        ctx.each(|i| g[i].clone())
    }
    fn export(&self, call: &Call) -> Nodes {
        let (n, q, k) = (call.shape(0).len(), call.shape(0), call.shape(1));
        let order: Vec<usize> = (0..n - 2).chain([n - 1, n - 2]).collect();
        let product = call.node("MatMul", &[call.x(0), call.transpose(call.x(1), &order)]);
        let mut scores = call.node("Mul", &[product, call.number(self.how.scale)]);
        let mut visible = Vec::new();
        if self.how.causal {
            let (queries, keys) = (q[n - 2], k[n - 2]);
            let seen: Vec<bool> = (0..queries * keys).map(|i| i % keys <= i / keys).collect();
            visible.push(call.constant(Array::from_vec(&[queries, keys], seen)));
        }
        let low = call.number(-1e30);
        match &self.mask {
            Some(mask) if mask.dtype() == DType::Bool => visible.push(call.value(mask)),
            Some(mask) => {
                let mask = call.cast(call.value(mask), call.input(0).dtype());
                scores = call.node("Add", &[scores, call.node("Max", &[mask, low])]);
                visible.push(call.node("Greater", &[mask, low]));
            }
            None => {}
        }
        let visible = visible.into_iter().reduce(|a, b| call.node("And", &[a, b]));
        if let Some(visible) = visible {
            scores = call.node("Where", &[visible, scores, low]);
        }
        let mut weights = call.node_with("Softmax", &[scores], &[("axis", Attribute::Int(-1))]);
        // A query that sees nothing gets zeros.
        if let (Some(visible), Some(_)) = (visible, &self.mask) {
            weights = call.node("Where", &[visible, weights, call.number(0.0)]);
        }
        Some(vec![call.node("MatMul", &[weights, call.x(2)])])
    }
}

/// From q, k, v and gy to the gradients of q, k and v.
struct AttentionGrad {
    how: Scores,
    mask: Option<Array>,
    y: Array,
    log_sum: Array,
}

impl Function for AttentionGrad {
    fn name(&self) -> &str {
        "scaled_dot_product_attention_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let saved = [&self.y, &self.log_sum];
        x[0].attention_grad(x[1], x[2], self.mask.as_ref(), self.how, saved, x[3]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 3, |x| {
            let n = x[0].ndim();
            let shape = x[0].shape().replaced(n - 1, x[1].shape()[n - 2]);
            let mut scores = matmul_transposed(&x[0], &x[1], false, true) * self.how.scale;
            let [bias, seen] = mask(&shape, self.how.causal, self.mask.as_ref(), scores.dtype());
            scores = scores + bias;
            vec![matmul(&(softmax(&scores, -1) * seen), &x[2])]
        })
    }
}

/// What to add to the scores, finite, and 1 or 0 for pairs that see each other.
fn mask(shape: &Shape, causal: bool, mask: Option<&Array>, dtype: DType) -> [Variable; 2] {
    let (queries, keys) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let mut bias = match mask {
        None => vec![0.0; shape.count()],
        Some(mask) => mask.broadcast_to(shape).cast(DType::F64).to_vec::<f64>(),
    };
    let boolean = mask.is_some_and(|m| m.dtype() == DType::Bool);
    let mut seen = vec![1.0; bias.len()];
    for (i, (bias, seen)) in bias.iter_mut().zip(&mut seen).enumerate() {
        let hidden = causal && i % keys > i / keys % queries;
        if hidden || *bias == f64::NEG_INFINITY || (boolean && *bias == 0.0) {
            (*bias, *seen) = (-1e30, 0.0);
        } else if boolean {
            *bias = 0.0;
        }
    }
    [bias, seen].map(|v| Variable::constant(Array::from_slice(shape, &v).cast(dtype)))
}
