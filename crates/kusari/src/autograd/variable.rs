//! `Variable`: an array that remembers how it was computed.

use super::{
    apply::settle,
    node::{Apply, Grad, Held, Kind, Node},
};
use kusari_array::{Array, DType, Shape, Shared};
use std::fmt;

/// An array that remembers how it was computed. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Variable {
    pub(crate) array: Array,
    pub(crate) node: Option<Held>,
}

impl Variable {
    /// A variable that needs a gradient.
    ///
    /// ```
    /// # use kusari::{Variable, array};
    /// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert!(x.requires_grad());
    /// ```
    pub fn new(array: impl Into<Array>) -> Variable {
        let array = array.into();
        let node = Node::new(Kind::Leaf, array.shape(), array.dtype(), 0);
        Variable { array, node: Some(node) }
    }
    /// A variable that needs no gradient, such as data.
    #[inline]
    pub fn constant(array: impl Into<Array>) -> Variable {
        Variable { array: array.into(), node: None }
    }
    #[inline]
    pub(crate) fn with_node(array: Array, node: Shared<Node>) -> Variable {
        Variable { array, node: Some(Held::new(node)) }
    }
    /// The value.
    #[inline]
    pub fn array(&self) -> &Array {
        settle(&self.array);
        &self.array
    }
    /// The value, given away.
    pub fn into_array(self) -> Array {
        settle(&self.array);
        self.array
    }
    /// The lengths of the axes.
    #[inline]
    pub fn shape(&self) -> &Shape {
        self.array.shape()
    }
    /// The type of the elements.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.array.dtype()
    }
    /// Number of axes.
    pub fn ndim(&self) -> usize {
        self.array.ndim()
    }
    /// Number of elements.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.array.len()
    }
    /// The only element.
    ///
    /// # Panics
    /// When there is not exactly one.
    #[track_caller]
    pub fn item(&self) -> f64 {
        self.array.item()
    }
    /// Whether this variable is, or was computed from, something that needs a gradient.
    pub fn requires_grad(&self) -> bool {
        self.node.is_some()
    }
    /// The gradient that `backward` has stored.
    pub fn grad(&self) -> Option<Variable> {
        self.node.as_ref()?.slot.get()
    }
    /// Sets the gradient.
    ///
    /// # Panics
    /// When this is a constant, or shapes or dtypes differ.
    #[track_caller]
    pub fn set_grad(&self, grad: impl Into<Variable>) {
        let value = grad.into();
        let Some(node) = &self.node else {
            panic!("set_grad: expected a variable that needs a gradient, got a constant")
        };
        assert!(
            value.shape() == self.shape() && value.dtype() == self.dtype(),
            "set_grad: expected shape {} and dtype {}, got {} and {}",
            self.shape(),
            self.dtype(),
            value.shape(),
            value.dtype()
        );
        node.slot.set(Some(Grad { value, used: false }));
    }
    /// Forgets the gradient.
    pub fn cleargrad(&self) {
        if let Some(node) = &self.node {
            node.slot.set(None);
        }
    }
    /// The same value as a constant: what is computed from it does not lead back here.
    pub fn detach(&self) -> Variable {
        settle(&self.array);
        Variable::constant(self.array.clone())
    }
    /// Forgets how this variable was computed: `backward` ends here.
    pub fn unchain(&self) {
        if let Some(node) = &self.node {
            settle(&self.array);
            node.cut();
        }
    }
    /// Forgets how this variable and everything behind it was computed, so that the memory of the past is freed:
    /// truncated back propagation through time.
    pub fn unchain_backward(&self) {
        let Some(held) = &self.node else { return };
        settle(&self.array);
        let mut stack = vec![held.shared().clone()];
        while let Some(node) = stack.pop() {
            node.sources(|source| stack.push(source.clone()));
            node.cut();
        }
    }
    /// The name of the function that computed this variable, if the graph still knows.
    pub fn creator(&self) -> Option<String> {
        let creator = Node::creator(self.node.as_ref()?.shared())?;
        match &creator.kind {
            Kind::Apply(Apply { function, .. }) => Some(function.name().to_string()),
            _ => None,
        }
    }
}

impl From<Array> for Variable {
    /// A constant.
    fn from(array: Array) -> Variable {
        Variable::constant(array)
    }
}
impl From<&Variable> for Variable {
    fn from(x: &Variable) -> Variable {
        x.clone()
    }
}
impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "variable({})", self.array)
    }
}
impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let creator = self.creator().map_or(String::new(), |c| format!(", from {c}"));
        write!(f, "variable({:?}{creator})", self.array)
    }
}
