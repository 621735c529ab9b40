//! `softmax_cross_entropy`.

use super::Reduce;
use crate::{
    Array, Context, DType, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{cast, log, log_softmax, recompute, reshape_to, softmax, sum},
};
use kusari_array::Shape;
use smallvec::SmallVec;

/// Options of [`softmax_cross_entropy_with`].
#[derive(Clone)]
pub struct CrossEntropy {
    /// Whether the mean is over the labels that are not ignored (default), or over the batch.
    pub normalize: bool,
    /// A factor of each class's loss (C,); the mean still divides by the plain count. Default: none.
    pub class_weight: Option<Array>,
    /// The label that marks samples without a loss. Default: −1.
    pub ignore_label: i64,
    /// The mean (default), or the loss of every sample.
    pub reduce: Reduce,
    /// With targets that are distributions: whether their entropy is subtracted, which gives the Kullback–Leibler
    /// divergence `Σ t (log(t + 1e-7) − log p)`. Default: false.
    pub kl_divergence: bool,
}

impl Default for CrossEntropy {
    fn default() -> CrossEntropy {
        CrossEntropy {
            normalize: true,
            class_weight: None,
            ignore_label: -1,
            reduce: Reduce::Mean,
            kl_divergence: false,
        }
    }
}

/// The mean of `−log softmax(x)[t]`: cross entropy between the classes' scores `x` (N, C, …) and labels `t` (N, …) of an
/// integer dtype. Samples labelled −1 do not count. Stable for large scores; differentiable any number of times.
///
/// `t` of the shape and dtype of `x` is taken as distributions over the classes.
///
/// # Panics
/// When shapes or dtypes do not fit, or a label is not among the classes.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [1.0, 1.0, 1.0]]);
/// let loss = F::softmax_cross_entropy(&x, array![0, 2]);
/// assert!((loss.item() - 1.7531092).abs() < 1e-6);
/// loss.backward();
/// assert_eq!(x.grad().unwrap().shape(), x.shape());
/// ```
#[track_caller]
pub fn softmax_cross_entropy(x: &Variable, t: impl Into<Variable>) -> Variable {
    softmax_cross_entropy_with(x, t, CrossEntropy::default())
}

/// [`softmax_cross_entropy`] with options.
///
/// # Panics
/// As [`softmax_cross_entropy`].
#[track_caller]
pub fn softmax_cross_entropy_with(x: &Variable, t: impl Into<Variable>, options: CrossEntropy) -> Variable {
    let t = t.into();
    if t.dtype().is_float() { soft(x, &t, options) } else { SoftmaxCrossEntropy(options).apply1(&[x, &t]) }
}

/// The loss with targets that are distributions.
#[track_caller]
fn soft(x: &Variable, t: &Variable, options: CrossEntropy) -> Variable {
    let (name, shape) = ("softmax_cross_entropy", *x.shape());
    let fits = check::same_float(name, &[x.array(), t.array()])
        .and_then(|()| check::shape(name, "targets", t.array(), &shape))
        .and_then(|()| check_scores(name, x.array(), &options));
    or_panic!(fits);
    let [x, t] = &super::single([x, t]);
    let mut log_p = log_softmax(x, 1);
    if let Some(weight) = &options.class_weight {
        let mut by_class = vec![1; shape.len()];
        by_class[1] = shape[1];
        log_p = log_p * Variable::constant(weight.reshape(&by_class).cast(x.dtype()));
    }
    let difference = if options.kl_divergence { log(&(t + 1e-7)) - log_p } else { -log_p };
    let loss = sum(&(t * difference), 1);
    match options.reduce {
        Reduce::No => loss,
        Reduce::Mean => sum(&loss, ()) / loss.len().max(1) as f64,
    }
}

fn check_scores(name: &str, x: &Array, options: &CrossEntropy) -> Result<()> {
    check::float(name, "x", x)?;
    if x.ndim() < 2 {
        return Err(Error::invalid(name, "x of shape (N, C, …)", format_args!("shape {}", x.shape())));
    }
    match &options.class_weight {
        Some(weight) => check::shape(name, "class_weight", weight, &[x.shape()[1]]),
        None => Ok(()),
    }
}

struct SoftmaxCrossEntropy(CrossEntropy);

impl SoftmaxCrossEntropy {
    /// What the sum of the losses is divided by.
    fn divisor(&self, t: &Array) -> f64 {
        let counted = |t: &[i64]| t.iter().filter(|&&t| t != self.0.ignore_label).count();
        let count = if self.0.normalize { t.with_slice(counted) } else { t.shape()[0] };
        count.max(1) as f64
    }
    /// The function of x and the second value that is the gradient.
    fn gradient(&self, ctx: &Context, gy: &Variable) -> (SoftmaxCrossEntropyGrad, Variable) {
        let [t, top, log_sum] = [0, 1, 2].map(|i| ctx.saved(i).clone());
        let g = match self.0.reduce {
            Reduce::No => gy.clone(),
            Reduce::Mean => gy / self.divisor(&t),
        };
        let (weight, ignore) = (self.0.class_weight.clone(), self.0.ignore_label);
        (SoftmaxCrossEntropyGrad { t, top, log_sum, weight, ignore }, g)
    }
}

impl Function for SoftmaxCrossEntropy {
    fn name(&self) -> &str {
        "softmax_cross_entropy"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::input(0)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check_scores(self.name(), x[0], &self.0)?;
        check::integer(self.name(), "labels", x[1])?;
        check::shape(self.name(), "labels", x[1], &x[0].shape().without(1))?;
        let classes = x[0].shape()[1] as i64;
        let outside = |t: &i64| *t != self.0.ignore_label && !(0..classes).contains(t);
        x[1].cast(DType::I64).with_slice(|t: &[i64]| match t.iter().position(outside) {
            Some(i) => {
                let expected = format!("labels from 0 to {} or {}", classes - 1, self.0.ignore_label);
                let got = format!("label {} at index {i}, with {classes} classes", t[i]);
                Err(Error::invalid(self.name(), expected, got))
            }
            None => Ok(()),
        })
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let t = x[1].cast(DType::I64);
        let [loss, top, log_sum] = x[0].cross_entropy(&t, self.0.class_weight.as_ref(), self.0.ignore_label);
        let y = match self.0.reduce {
            Reduce::No => loss,
            Reduce::Mean => super::total(&loss).div_scalar(self.divisor(&t)),
        };
        Outputs::from(y).save(t).save(top).save(log_sum)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (gradient, g) = self.gradient(ctx, &gy[0]);
        [Some(gradient.apply1(&[&ctx.input(0), &g])), None].into()
    }
    fn consume(&self, ctx: &Context, gy: SmallVec<[Variable; 1]>) -> Grads {
        let Some(x) = ctx.take() else { return self.backward(ctx, &gy) };
        let (gradient, g) = self.gradient(ctx, &gy[0]);
        [Some(Variable::constant(gradient.of(x, g.array()))), None].into()
    }
    fn overwrites(&self) -> Option<usize> {
        Some(0)
    }
}

/// `gx = (softmax(x) − onehot(t)) w[t] g`, from x and g of one element or one a sample.
struct SoftmaxCrossEntropyGrad {
    t: Array,
    top: Array,
    log_sum: Array,
    weight: Option<Array>,
    ignore: i64,
}

impl SoftmaxCrossEntropyGrad {
    fn of(&self, x: Array, g: &Array) -> Array {
        x.cross_entropy_grad(&self.t, self.weight.as_ref(), self.ignore, [&self.top, &self.log_sum], g)
    }
    /// `onehot(t)`, and `w[t]` or 0 for every sample, with an axis of length 1 for the classes.
    fn constants(&self, shape: &Shape, dtype: DType) -> [Variable; 2] {
        let (classes, inner) = (shape[1], shape[2..].iter().product::<usize>());
        let weight = self.weight.as_ref().map(|w| w.cast(DType::F64).to_vec::<f64>());
        let (mut onehot, mut factor) = (vec![0.0; shape.count()], vec![0.0; self.t.len()]);
        for (i, t) in self.t.to_vec::<i64>().into_iter().enumerate().filter(|&(_, t)| t != self.ignore) {
            onehot[(i / inner * classes + t as usize) * inner + i % inner] = 1.0;
            factor[i] = weight.as_ref().map_or(1.0, |w| w[t as usize]);
        }
        [Array::from_slice(shape, &onehot), Array::from_slice(&shape.replaced(1, 1), &factor)]
            .map(|a| Variable::constant(a.cast(dtype)))
    }
}

impl Function for SoftmaxCrossEntropyGrad {
    fn name(&self) -> &str {
        "softmax_cross_entropy_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        self.of(x[0].clone(), x[1]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let shape = ctx.input_shape(0);
        let [onehot, factor] = self.constants(&shape, ggx[0].dtype().compute());
        recompute::gradient(ctx, ggx, |x| {
            let g = if x[1].ndim() == 0 { x[1].clone() } else { reshape_to(&x[1], *factor.shape()) };
            let gx = (softmax(&cast(&x[0], g.dtype()), 1) - onehot) * (factor * g);
            vec![Some(cast(&gx, x[0].dtype()))]
        })
    }
}
