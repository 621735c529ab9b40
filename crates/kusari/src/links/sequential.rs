//! `Sequential`: layers and functions one after another.

use super::Linear;
use crate::{CopyMode, Layer, Link, Variable, functions as F};
use std::{fmt, sync::Arc};

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
    /// Applies everything in turn.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        let mut x = x.clone();
        for stage in &self.stages {
            x = match stage {
                Stage::Layer(layer) => layer.forward(&x),
                Stage::Function(f, _) => f(&x),
            };
        }
        x
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
