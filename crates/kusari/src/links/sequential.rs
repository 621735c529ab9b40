//! `Sequential`: layers and functions one after another.

use super::Linear;
use crate::{CopyMode, Layer, Link, Variable, functions as F};
use std::{fmt, ops::Range, sync::Arc};

/// Layers and functions applied one after another.
///
/// ```
/// use kusari::{Variable, array, functions as F, links as L};
/// let model = L::Sequential::new()
///     .add(L::Linear::new(None, 8)) // the input size is found out at the first call
///     .then(F::relu)
///     .add(L::Linear::new(8, 2));
/// let y = model.forward(&Variable::constant(array![[1.0f32, 2.0, 3.0]]));
/// assert_eq!(**y.shape(), [1, 2]);
/// ```
#[derive(Clone, Default)]
pub struct Sequential {
    stages: Vec<Stage>,
    /// Stages that are computed again for the gradients, in order.
    recomputed: Vec<Range<usize>>,
}

#[derive(Clone)]
enum Stage {
    Layer(Box<dyn Layer>),
    Function(Arc<dyn Fn(&Variable) -> Variable + Send + Sync>, String),
}

impl Sequential {
    /// An empty one, which gives its input back.
    pub fn new() -> Sequential {
        Sequential::default()
    }
    /// A multi-layer perceptron: `layers` times `units` hidden units with ReLU, then `outputs`.
    ///
    /// ```
    /// use kusari::{Link, links::Sequential};
    /// assert_eq!(Sequential::mlp(784, 1000, 2, 10).count_params(), 1_796_010);
    /// ```
    pub fn mlp(inputs: usize, units: usize, layers: usize, outputs: usize) -> Sequential {
        let (mut model, mut inputs) = (Sequential::new(), inputs);
        for _ in 0..layers {
            model = model.add(Linear::new(inputs, units)).then(F::relu);
            inputs = units;
        }
        model.add(Linear::new(inputs, outputs))
    }
    /// Appends a layer.
    #[allow(clippy::should_implement_trait)] // `model + layer` would read worse
    #[must_use]
    pub fn add(mut self, layer: impl Layer + 'static) -> Sequential {
        self.stages.push(Stage::Layer(Box::new(layer)));
        self
    }
    /// Appends a function or closure.
    #[must_use]
    pub fn then<F: Fn(&Variable) -> Variable + Send + Sync + 'static>(mut self, function: F) -> Sequential {
        let name = std::any::type_name::<F>().rsplit("::").next().unwrap_or_default();
        let name = if name.contains("closure") { "closure" } else { name };
        self.stages.push(Stage::Function(Arc::new(function), name.to_string()));
        self
    }
    /// Number of layers and functions.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.stages.len()
    }
    /// Keeps of these pieces, ranges of stages in order, only what goes in and comes out; for the gradients what lies
    /// between is computed again, as [`forget`](F::forget) does it. Parameters and results are the same.
    ///
    /// ```
    /// use kusari::{functions as F, links as L, prelude::*, array, Variable};
    /// let model = L::Sequential::new().add(L::Linear::new(2, 64)).then(F::tanh).add(L::Linear::new(64, 2));
    /// let frugal = model.clone().recompute([0..2]);
    /// let x = Variable::constant(array![[1.0f32, -1.0]]);
    /// assert_eq!(frugal.forward(&x).array().to_vec::<f32>(), model.forward(&x).array().to_vec::<f32>());
    /// ```
    ///
    /// # Panics
    /// When the ranges overlap, are not in order, or there are no such stages.
    #[must_use]
    #[track_caller]
    pub fn recompute(mut self, pieces: impl IntoIterator<Item = Range<usize>>) -> Sequential {
        let (n, mut end) = (self.len(), 0);
        self.recomputed = pieces.into_iter().collect();
        for piece in &self.recomputed {
            let fits = end <= piece.start && piece.start <= piece.end && piece.end <= n;
            assert!(fits, "Sequential::recompute: expected ranges in order within {end}..{n}, got {piece:?}");
            end = piece.end;
        }
        self
    }
    /// Applies everything in turn.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        let (mut x, mut done) = (x.clone(), 0);
        for piece in &self.recomputed {
            x = apply(&self.stages[done..piece.start], x);
            let stages = Sequential { stages: self.stages[piece.clone()].to_vec(), recomputed: Vec::new() };
            x = F::forget(&stages, &[&x], |stages, x| vec![stages.forward(&x[0])]).remove(0);
            done = piece.end;
        }
        apply(&self.stages[done..], x)
    }
    /// `n` copies of this, newly initialised, one after another.
    #[must_use]
    pub fn repeat(&self, n: usize) -> Sequential {
        let mut all = Sequential::new();
        for _ in 0..n {
            all.stages.extend(self.copy(CopyMode::Init).stages);
        }
        all
    }
}

#[track_caller]
fn apply(stages: &[Stage], x: Variable) -> Variable {
    stages.iter().fold(x, |x, stage| match stage {
        Stage::Layer(layer) => layer.forward(&x),
        Stage::Function(f, _) => f(&x),
    })
}

impl Link for Sequential {
    fn children<'a>(&'a self, f: &mut dyn FnMut(&str, &'a dyn Link)) {
        for (i, stage) in self.stages.iter().enumerate() {
            f(&i.to_string(), stage);
        }
    }
    fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn Link)) {
        for (i, stage) in self.stages.iter_mut().enumerate() {
            f(&i.to_string(), stage);
        }
    }
    fn kind(&self) -> &str {
        "Sequential"
    }
}
impl Link for Stage {
    fn children<'a>(&'a self, f: &mut dyn FnMut(&str, &'a dyn Link)) {
        if let Stage::Layer(layer) = self {
            layer.children(f);
        }
    }
    fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn Link)) {
        if let Stage::Layer(layer) = self {
            layer.children_mut(f);
        }
    }
    fn kind(&self) -> &str {
        match self {
            Stage::Layer(layer) => layer.kind(),
            Stage::Function(_, name) => name,
        }
    }
    fn describe(&self) -> String {
        match self {
            Stage::Layer(layer) => layer.describe(),
            Stage::Function(..) => String::new(),
        }
    }
}
impl Layer for Sequential {
    fn forward(&self, x: &Variable) -> Variable {
        Sequential::forward(self, x)
    }
}
impl fmt::Display for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&crate::summary(self))
    }
}
