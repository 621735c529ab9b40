//! Where the gradient of a result is asked for: `backward`, and the first half of `minimize`.

use super::{
    Variable,
    engine::{Run, Sink},
    node::Node,
    node_set::{NodeSet, needed},
};
use crate::config;
use kusari_array::{Array, Shared};

/// Options of [`Variable::backward_with`].
#[derive(Clone, Default)]
pub struct Backward {
    /// The gradient to start from; 1 by default, which needs a result with one element.
    pub seed: Option<Array>,
    /// Records the computation of the gradients, so that they can be differentiated again
    /// (Chainer: `enable_double_backprop`).
    pub create_graph: bool,
    /// Multiplies the seed (default 1), so that small gradients do not vanish in f16; the optimiser divides again.
    pub loss_scale: Option<f64>,
    /// Accepted for old programs: gradients of all variables that are still held are kept anyway.
    pub retain_grad: bool,
}

impl Variable {
    /// The gradient of this result with respect to everything that it was computed from.
    ///
    /// Afterwards every parameter and every [`Variable`] that is still held has its `grad`. Gradients of several calls
    /// add up; one that an optimiser has applied is replaced. The graph is kept until this variable is dropped.
    ///
    /// # Panics
    /// When it was not computed from anything that needs a gradient, or has more than one element (give a seed with
    /// [`Variable::backward_with`]).
    ///
    /// ```
    /// use kusari::Variable;
    /// let x = Variable::new(3.0f32);
    /// let y = &x * &x + 4.0 * &x - 7.0;
    /// y.backward();
    /// assert_eq!(x.grad().unwrap().item(), 10.0); // 2x + 4
    /// ```
    #[track_caller]
    #[inline]
    pub fn backward(&self) {
        self.start("backward", &Backward { seed: None, create_graph: false, loss_scale: None, retain_grad: false });
    }
    /// Another name of [`Variable::backward`].
    #[track_caller]
    pub fn backprop(&self) {
        self.backward();
    }
    /// [`Variable::backward`] with options.
    ///
    /// # Panics
    /// As `backward`, and when the seed's shape is not that of this variable.
    ///
    /// ```
    /// use kusari::{Backward, Variable};
    /// let x = Variable::new(3.0f32);
    /// let y = &x * &x * &x;
    /// y.backward_with(Backward { create_graph: true, ..Backward::default() });
    /// let gx = x.grad().unwrap(); // 3x²
    /// x.cleargrad();
    /// gx.backward();
    /// assert_eq!(x.grad().unwrap().item(), 18.0); // 6x
    /// ```
    #[track_caller]
    pub fn backward_with(&self, options: Backward) {
        self.start("backward", &options);
    }

    #[track_caller]
    fn start(&self, name: &str, options: &Backward) {
        let (root, seed) = self.root(name, options);
        let mut setting = config();
        setting.enable_backprop = options.create_graph;
        let _guard = setting.install();
        Run::new(Sink::Slots, None, false).walk([(root, seed)], &[&self.array]);
    }

    /// The node to start from and the gradient to start with.
    #[track_caller]
    fn root(&self, name: &str, options: &Backward) -> (Shared<Node>, Variable) {
        let Some(held) = &self.node else {
            panic!(
                "{name}: expected a variable computed from a parameter or Variable::new, got a constant of shape {} \
                 (it was computed from constants only, or in no_backprop_mode)",
                self.shape()
            )
        };
        let scale = options.loss_scale.unwrap_or(1.0);
        let seed = match &options.seed {
            Some(seed) if seed.shape() != self.shape() || seed.dtype() != self.dtype() => panic!(
                "{name}: expected a seed of shape {} and dtype {}, got {} and {}",
                self.shape(),
                self.dtype(),
                seed.shape(),
                seed.dtype()
            ),
            Some(seed) if scale == 1.0 => seed.clone(),
            Some(seed) => seed.mul_scalar(scale),
            None if self.array.len() == 1 => self.array.full_like(scale),
            None => panic!(
                "{name}: expected a result with one element, got shape {}: reduce it (sum, mean) or give a seed",
                self.shape()
            ),
        };
        (held.shared().clone(), Variable::constant(seed))
    }
}

/// Walks through the graph of `loss`, freeing it, and stores the gradients of `targets` only.
#[track_caller]
pub(crate) fn minimize(loss: Variable, targets: &NodeSet, loss_scale: Option<f64>) {
    let (root, seed) = loss.root("minimize", &Backward { loss_scale, ..Backward::default() });
    let value = loss.array;
    drop(loss.node);
    let needed = needed(std::slice::from_ref(&root), &|n| targets.contains(&n));
    let mut setting = config();
    setting.enable_backprop = false;
    let _guard = setting.install();
    Run::new(Sink::SlotsOf(targets), Some(needed), true).walk([(root, seed)], &[&value]);
}
