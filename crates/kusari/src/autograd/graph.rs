//! A read-only look at the recorded graph: for pictures and for the curious.

use super::{
    Variable,
    node::{Kind, Node},
    node_set::behind,
};
use kusari_array::{DType, Shape, Shared};

/// A node of the graph, as pictures see it.
#[derive(Clone, Debug)]
pub struct GraphNode {
    /// Tells nodes apart while the graph lives.
    pub id: usize,
    /// What it is.
    pub kind: GraphNodeKind,
    /// Shape of the (first) output.
    pub shape: Shape,
    /// Dtype of the (first) output.
    pub dtype: DType,
    /// The `id`s of the nodes it was computed from, in the order of the arguments.
    pub sources: Vec<usize>,
}

/// What a [`GraphNode`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum GraphNodeKind {
    /// A `Variable::new`, or one that was unchained.
    Leaf,
    /// A parameter, with its name if it has one.
    Parameter(String),
    /// An application of the function of this name; with one output it also stands for that.
    Function(String),
    /// One of several outputs of a function.
    Output(usize),
}

impl Variable {
    /// The nodes that this variable was computed from, itself last, sources before results.
    pub fn graph(&self) -> Vec<GraphNode> {
        let Some(root) = &self.node else { return Vec::new() };
        behind(std::slice::from_ref(root.shared())).iter().map(describe).collect()
    }
}

fn describe(node: &Shared<Node>) -> GraphNode {
    let mut sources = Vec::new();
    node.sources(|s| sources.push(Shared::as_ptr(s) as usize));
    let kind = match &node.kind {
        Kind::Leaf => GraphNodeKind::Leaf,
        Kind::Parameter(cell) => GraphNodeKind::Parameter(cell.name().unwrap_or_default()),
        Kind::Apply(apply) => match Node::creator(node) {
            Some(_) => GraphNodeKind::Function(apply.function.name().to_string()),
            None => GraphNodeKind::Leaf,
        },
        Kind::Output { index, .. } => GraphNodeKind::Output(*index),
    };
    GraphNode { id: Shared::as_ptr(node) as usize, kind, shape: *node.shape(), dtype: node.dtype, sources }
}
