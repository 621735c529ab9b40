//! `Context`: what a function's `backward` sees of its forward call.

use super::{
    Grads, Variable,
    apply::output_node,
    inputs::{Input, Kept},
    node::{Apply, Kind, Node, Record},
};
use crate::config::Config;
use kusari_array::{Array, DType, Shape, Shared};
use smallvec::SmallVec;
use std::cell::Cell;

/// What `backward` may see of the forward call.
pub struct Context<'a> {
    pub(crate) node: &'a Shared<Node>,
    pub(crate) apply: &'a Apply,
    pub(crate) record: &'a Record,
    pub(crate) inputs: &'a [Input],
    pub(crate) config: &'a Config,
    /// Inputs whose gradient is wanted in this run.
    pub(crate) wanted: u64,
    /// Outputs that took part.
    pub(crate) given: u64,
    /// The input that the function may write over.
    pub(crate) own: Cell<Option<Array>>,
}

impl Context<'_> {
    /// Input `i`, which `keep` must have named. Differentiable, when the graph of the gradient is recorded.
    ///
    /// # Panics
    /// When it was not kept, or is a parameter that was updated since (see `Config::check_versions`).
    #[inline]
    pub fn input(&self, i: usize) -> Variable {
        let input = &self.inputs[i];
        let array = match &input.kept {
            Kept::Array(array) => array.clone(),
            Kept::Parameter(version) => self.parameter(input.node.as_ref().expect("a parameter is a node"), *version),
            Kept::View(view) => self.parameter(&view.0.parameter, view.0.version).with_layout(&view.1),
            Kept::No | Kept::Shape(_) => {
                panic!("{}: input {i} was not kept: `keep` must name it", self.apply.function.name())
            }
        };
        match &input.node {
            Some(node) if self.config.enable_backprop => Variable::with_node(array, node.clone()),
            _ => Variable::constant(array),
        }
    }
    /// The input that [`Function::overwrites`](super::Function::overwrites) names, if the graph does not need it any more.
    /// It is no longer to be had by `input`.
    pub fn take(&self) -> Option<Array> {
        self.own.take()
    }
    fn parameter(&self, node: &Node, version: u64) -> Array {
        let Kind::Parameter(cell) = &node.kind else { unreachable!("an alias is of a parameter") };
        if self.config.check_versions && cell.version() != version {
            panic!(
                "backward: the parameter {}was updated after {} at {} used it, so its gradient would be wrong: call \
                 backward before update, or set check_versions to false to use the present value",
                cell.label(),
                self.apply.function.name(),
                self.apply.line
            );
        }
        cell.array().expect("a parameter that took part is initialised")
    }
    /// Output `i`, which `keep` must have named.
    ///
    /// # Panics
    /// When it was not kept.
    #[inline]
    pub fn output(&self, i: usize) -> Variable {
        let more = self.record.more.as_deref();
        let kept = match i {
            0 => &self.record.output,
            _ => more.and_then(|more| more.kept.get(i - 1)).unwrap_or(&None),
        };
        let Some(array) = kept.clone() else {
            panic!("{}: output {i} was not kept: `keep` must name it", self.apply.function.name())
        };
        if !self.config.enable_backprop {
            return Variable::constant(array);
        }
        if self.record.several().is_empty() {
            return Variable::with_node(array, self.node.clone());
        }
        let node = Some(output_node(self.node, i, &array));
        Variable { array, node }
    }
    /// The `i`-th array that `forward` saved.
    pub fn saved(&self, i: usize) -> &Array {
        &self.record.more.as_ref().expect("something was saved").saved[i]
    }
    /// The shape of input `i`, kept or not.
    pub fn input_shape(&self, i: usize) -> Shape {
        match &self.inputs[i].kept {
            Kept::Shape(shape) => **shape,
            Kept::Array(array) => *array.shape(),
            Kept::View(view) => view.1.shape(),
            Kept::No | Kept::Parameter(_) => *self.inputs[i].node.as_ref().expect("there is a node").shape(),
        }
    }
    /// The dtype of input `i`, which needs a gradient: that of the gradient.
    pub fn input_dtype(&self, i: usize) -> DType {
        self.inputs[i].node.as_ref().expect("an input that needs a gradient has a node").dtype
    }
    /// Whether input `i` has this shape.
    #[inline]
    pub(crate) fn is_input_shape(&self, i: usize, shape: &Shape) -> bool {
        let input = &self.inputs[i];
        match (&input.kept, &input.node) {
            (Kept::Array(array), _) => array.shape() == shape,
            (_, Some(node)) if node.shape == *shape => true,
            _ => self.input_shape(i) == *shape,
        }
    }
    /// Number of inputs.
    pub fn input_count(&self) -> usize {
        self.inputs.len()
    }
    /// Whether the gradient of input `i` is wanted.
    #[inline]
    pub fn needs(&self, i: usize) -> bool {
        self.wanted >> i.min(63) & 1 == 1 && self.inputs[i].node.is_some()
    }
    /// Whether output `i` took part: if not, its gradient is zeros.
    pub fn has_gradient(&self, i: usize) -> bool {
        self.given >> i.min(63) & 1 == 1
    }
    /// Asks `f` for the gradient of each input that needs one.
    #[inline]
    pub fn each(&self, mut f: impl FnMut(usize) -> Variable) -> Grads {
        let mut grads = SmallVec::new();
        for i in 0..self.inputs.len() {
            grads.push(if self.needs(i) { Some(f(i)) } else { None });
        }
        Grads(grads)
    }
}
