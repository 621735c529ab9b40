//! `batch_normalization`.

use crate::{
    Array, Context, Error, Function, Grads, Keep, Needs, Outputs, Persistent, Result, Variable,
    error::check,
    functions::{Axes, cast, recompute, reshape, reshape_to, sqrt, sum, transpose},
    onnx::{Call, Nodes, Value},
};
use smallvec::SmallVec;
use std::ops::Range;

/// Options of [`batch_normalization`] and [`fixed_batch_normalization`](super::fixed_batch_normalization()).
#[derive(Clone)]
pub struct BatchNorm {
    /// Added to the variance. Default: 2e-5.
    pub eps: f64,
    /// The axes that statistics are taken over. Default: the first, and those after as many as `gamma` has.
    pub axis: Option<Axes>,
    /// Running mean and variance, moved towards the batch's: `r := decay · r + (1 − decay) · batch`, with the unbiased
    /// variance. Default: none.
    pub running: Option<[Persistent; 2]>,
    /// How much of the running statistics stays. Default: 0.9.
    pub decay: f64,
}

impl Default for BatchNorm {
    fn default() -> BatchNorm {
        BatchNorm { eps: 2e-5, axis: None, running: None, decay: 0.9 }
    }
}

/// Batch normalisation, `y = γ (x − μ) / √(σ² + ε) + β`, with mean μ and biased variance σ² of this batch
/// (Ioffe and Szegedy, 2015).
///
/// `gamma` and `beta` have the lengths of the axes of `x` that statistics are not taken over: (C,) for `x` of shape
/// (N, C) or (N, C, H, W).
///
/// # Panics
/// When shapes or dtypes do not fit. `x` may be of a half precision where `gamma` and `beta` are float32.
///
/// ```
/// use kusari::{Variable, array, functions as F, functions::BatchNorm};
/// let x = Variable::new(array![[1.0f32], [3.0]]);
/// let (gamma, beta) = (Variable::new(array![1.0f32]), Variable::new(array![10.0f32]));
/// let y = F::batch_normalization(&x, &gamma, &beta, BatchNorm { eps: 0.0, ..BatchNorm::default() });
/// assert_eq!(y.array().to_vec::<f32>(), [9.0, 11.0]);
/// ```
#[track_caller]
pub fn batch_normalization(x: &Variable, gamma: &Variable, beta: &Variable, options: BatchNorm) -> Variable {
    let BatchNorm { eps, axis, running, decay } = options;
    let input = Adjacent::new(x, gamma, &axis, "batch_normalization");
    let running = running.map(|to| Running { to, decay });
    let function = BatchNormalization { kept: input.kept.clone(), eps, running };
    let y = function.apply1(&[&input.x, gamma, beta]);
    input.restored(y)
}

/// An input whose kept axes are neighbours.
pub(super) struct Adjacent {
    pub(super) x: Variable,
    pub(super) kept: Range<usize>,
    back: Option<Vec<isize>>,
}

impl Adjacent {
    /// `x` as it is, or with the kept axes moved to the end.
    #[track_caller]
    pub(super) fn new(x: &Variable, gamma: &Variable, axis: &Option<Axes>, name: &str) -> Adjacent {
        let Some(axis) = axis else { return Adjacent { x: x.clone(), kept: 1..1 + gamma.ndim(), back: None } };
        let over = or_panic!(axis.resolve(name, x.ndim()));
        let kept: Vec<usize> = (0..x.ndim()).filter(|d| !over.contains(d)).collect();
        let first = kept.first().copied().unwrap_or(x.ndim());
        if kept.iter().enumerate().all(|(i, &d)| d == first + i) {
            return Adjacent { x: x.clone(), kept: first..first + kept.len(), back: None };
        }
        let order: Vec<isize> = over.iter().chain(&kept).map(|&d| d as isize).collect();
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(i, &d)| back[d as usize] = i as isize);
        Adjacent { x: transpose(x, &order[..]), kept: over.len()..x.ndim(), back: Some(back) }
    }
    /// The result with its axes where those of the input were.
    pub(super) fn restored(self, y: Variable) -> Variable {
        match self.back {
            Some(back) => transpose(&y, &back[..]),
            None => y,
        }
    }
}

pub(super) fn check(name: &str, x: &[&Array], kept: &Range<usize>) -> Result<()> {
    check::float(name, "x", x[0])?;
    if kept.end > x[0].ndim() {
        let expected = format!("x with at least {} axes", kept.end);
        return Err(Error::invalid(name, expected, format_args!("shape {}", x[0].shape())));
    }
    let names = ["x", "gamma", "beta", "mean", "var"];
    for (what, a) in names.iter().zip(x).skip(1) {
        check::shape(name, what, a, &x[0].shape()[kept.clone()])?;
        if a.dtype() != x[0].dtype().compute() {
            check::dtype(name, what, a, x[0].dtype())?;
        }
    }
    check::same_dtype(name, &x[1..])
}

struct Running {
    to: [Persistent; 2],
    decay: f64,
}

impl Running {
    /// Moves the running statistics towards those of a batch of `m` values a channel; of no values there are none.
    fn update(&self, mean: &Array, var: &Array, m: usize) {
        if m == 0 {
            return;
        }
        let unbiased = m as f64 / (m.max(2) - 1) as f64;
        for (to, batch, factor) in [(&self.to[0], mean, 1.0), (&self.to[1], var, unbiased)] {
            to.update(|running| {
                let batch = batch.cast(running.dtype()).reshape(running.shape());
                running.scale(self.decay);
                running.add_scaled(&batch, (1.0 - self.decay) * factor);
            });
        }
    }
}

struct BatchNormalization {
    kept: Range<usize>,
    eps: f64,
    running: Option<Running>,
}

impl Function for BatchNormalization {
    fn name(&self) -> &str {
        "batch_normalization"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check(self.name(), x, &self.kept)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let (y, statistics) = x[0].batch_norm(x[1], x[2], self.kept.clone(), self.eps);
        if let Some(running) = &self.running {
            let m = x[0].len() / x[1].len().max(1);
            running.update(&statistics.mean, &statistics.var, m);
        }
        Outputs::from(y).save(statistics.mean).save(statistics.inv_std)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (mean, inv_std) = (ctx.saved(0).clone(), ctx.saved(1).clone());
        let gradient = BatchNormalizationGrad { kept: self.kept.clone(), eps: self.eps, mean, inv_std };
        let g = gradient.apply(&[&ctx.input(0), &ctx.input(1), &ctx.input(2), &gy[0]]);
        ctx.each(|i| g[i].clone())
    }
    fn consume(&self, ctx: &Context, mut gy: SmallVec<[Variable; 1]>) -> Grads {
        let (x, gamma, gy) = (ctx.input(0), ctx.input(1), gy.remove(0).into_array());
        let [mean, inv_std] = [0, 1].map(|i| ctx.saved(i));
        let mut g = x.array().batch_norm_grad(gamma.array(), gy, mean, inv_std, self.kept.clone()).map(Some);
        ctx.each(|i| Variable::constant(g[i].take().expect("a gradient is asked for once")))
    }
    fn export(&self, call: &Call) -> Nodes {
        let x = call.x(0);
        let axes: Vec<usize> = (0..call.shape(0).len()).filter(|d| !self.kept.contains(d)).collect();
        let mean = call.reduce("ReduceMean", x, &axes, true);
        let centred = call.node("Sub", &[x, mean]);
        let var = call.reduce("ReduceMean", call.node("Mul", &[centred, centred]), &axes, true);
        normalised(call, &self.kept, centred, var, self.eps)
    }
}

/// From x, γ, β and gy to the gradients of x, γ and β.
struct BatchNormalizationGrad {
    kept: Range<usize>,
    eps: f64,
    mean: Array,
    inv_std: Array,
}

impl Function for BatchNormalizationGrad {
    fn name(&self) -> &str {
        "batch_normalization_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].batch_norm_grad(x[1], x[3].clone(), &self.mean, &self.inv_std, self.kept.clone()).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 3, |x| vec![composed(x, None, &self.kept, self.eps)])
    }
}

/// The formula in plain functions, with the batch's statistics or given ones.
pub(super) fn composed(x: &[Variable], statistics: Option<[&Variable; 2]>, kept: &Range<usize>, eps: f64) -> Variable {
    let shape = *x[0].shape();
    let (dtype, out) = (x[1].dtype(), x[0].dtype());
    let product = |d: Range<usize>| shape[d].iter().product::<usize>();
    let [outer, channels, inner] = [0..kept.start, kept.clone(), kept.end..shape.len()].map(product);
    let v = cast(&reshape(&x[0], [outer, channels, inner]), dtype);
    let [gamma, beta] = [1, 2].map(|i| reshape(&x[i], [1, channels, 1]));
    let mean_of = |v: &Variable| sum(v, Axes::from([0, 2]).keepdims()) / (outer * inner) as f64;
    let (centered, var) = match statistics {
        Some([mean, var]) => (v - reshape(mean, [1, channels, 1]), reshape(var, [1, channels, 1])),
        None => {
            let centered = &v - mean_of(&v);
            let var = mean_of(&(&centered * &centered));
            (centered, var)
        }
    };
    let y = centered / sqrt(&(var + eps)) * gamma + beta;
    cast(&reshape_to(&y, shape), out)
}

/// `centred / √(var + eps) · gamma + beta` in ONNX; gamma and beta are the inputs 1 and 2.
pub(super) fn normalised(call: &Call, kept: &Range<usize>, centred: Value, var: Value, eps: f64) -> Nodes {
    let [gamma, beta] = [1, 2].map(|i| beside(call, kept, call.x(i)));
    let deviation = call.node("Sqrt", &[call.node("Add", &[var, call.number(eps)])]);
    let y = call.node("Mul", &[call.node("Div", &[centred, deviation]), gamma]);
    call.has_one_dtype().then(|| vec![call.node("Add", &[y, beta])])
}

/// A value of the kept axes, in a shape that broadcasts to the input's.
pub(super) fn beside(call: &Call, kept: &Range<usize>, value: Value) -> Value {
    let shape = call.shape(0);
    call.reshape(value, &[&shape[kept.clone()], &vec![1; shape.len() - kept.end]].concat())
}
