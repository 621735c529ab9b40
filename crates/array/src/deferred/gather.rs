//! Evaluation: what has to be computed for some deferred arrays, and which results are written.

use super::{
    Deferred,
    expression::{Expression, Op, Operand},
    gifts, passes,
};
use crate::{
    Array, MAX_RANK, Shape,
    buffer::Buffer,
    kernels::{
        elementwise::{binary_into, unary_into},
        reduce::{Sum, fold},
    },
};
use smallvec::SmallVec;
use std::{collections::HashMap, sync::Arc};

/// Where an operand's elements come from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Node(usize),
    Leaf(usize),
}

/// An operation to be done.
pub(super) struct Node {
    pub(super) deferred: Arc<Deferred>,
    pub(super) expression: Arc<Expression>,
    pub(super) sources: SmallVec<[Source; 2]>,
    /// How many of the operands of this evaluation it is.
    pub(super) uses: usize,
    /// Whether its elements are written.
    pub(super) written: bool,
}

impl Node {
    /// Whether something else holds its result, so that it is not only needed here.
    pub(super) fn is_held(&self) -> bool {
        Arc::strong_count(&self.deferred) > self.uses + 1 // one handle is the node's own
    }
}

impl Drop for Node {
    /// Where an evaluation fails that had claimed its operations, whoever waits for them is told.
    fn drop(&mut self) {
        if std::thread::panicking() && self.deferred.is_pending() && self.deferred.lock().is_none() {
            self.deferred.lose();
        }
    }
}

/// Operations, operands before results, and the arrays they read.
#[derive(Default)]
pub(super) struct Work {
    pub(super) nodes: Vec<Node>,
    /// Arrays, and what they broadcast to; none in the place of one that was given away.
    pub(super) leaves: Vec<(Option<Array>, Shape)>,
    places: HashMap<*const Deferred, usize>,
}

/// Computes pending arrays; with `held`, also whatever they are computed from that something else holds: it would have
/// to be computed again.
pub(super) fn evaluate(roots: &[&Arc<Deferred>], held: bool) {
    if let [root] = roots
        && let Some(expression) = root.expression()
        && !gifts::may_give(&expression)
        && let Some(value) = directly(&expression)
    {
        return root.set(value);
    }
    let mut work = Work::default();
    for root in roots {
        if let Some(i) = work.visit(root) {
            work.nodes[i].written = true;
        }
    }
    for node in &mut work.nodes {
        node.written |= held && node.is_held();
    }
    passes::run(&mut work);
}

impl Work {
    /// Adds what `deferred` needs; none where its elements are there already. Expressions are not deep.
    pub(super) fn visit(&mut self, deferred: &Arc<Deferred>) -> Option<usize> {
        if let Some(&i) = self.places.get(&Arc::as_ptr(deferred)) {
            return Some(i);
        }
        let expression = deferred.expression()?;
        let mut sources = SmallVec::new();
        for operand in &expression.operands {
            let node = if let Operand::Pending(d) = operand { self.visit(d) } else { None };
            sources.push(match node {
                Some(i) => {
                    self.nodes[i].uses += 1;
                    Source::Node(i)
                }
                None => Source::Leaf(self.leaf(operand.array(&expression.shape), expression.shape)),
            });
        }
        let i = self.nodes.len();
        self.places.insert(Arc::as_ptr(deferred), i);
        let deferred = deferred.clone();
        self.nodes.push(Node { deferred, expression, sources, uses: 0, written: false });
        Some(i)
    }
    fn leaf(&mut self, x: Array, shape: Shape) -> usize {
        let same = |(y, s): &(Option<Array>, Shape)| y.as_ref().is_some_and(|y| x.is_same(y)) && *s == shape;
        self.leaves.iter().position(same).unwrap_or_else(|| {
            self.leaves.push((Some(x), shape));
            self.leaves.len() - 1
        })
    }
}

/// A single operation on elements that are there, as it is done where nothing is deferred.
pub(super) fn directly(expression: &Expression) -> Option<Buffer> {
    if expression.operands.iter().any(|x| matches!(x, Operand::Pending(d) if d.is_pending())) {
        return None;
    }
    let shape = &expression.shape;
    let x: SmallVec<[Array; 2]> = expression.operands.iter().map(|x| x.array(shape)).collect();
    let mut value = Buffer::new(expression.len() * size_of::<f32>());
    let out = value.floats(expression.len());
    match &expression.op {
        Op::Unary(op) => unary_into(*op, shape, &x[0], out),
        Op::Binary(op) => binary_into(*op, shape, &x[0], &x[1], out),
        Op::Rows(gradient) => gradient.all(x[0].contiguous().as_slice(), out),
        Op::FewRows(rows) => rows.all(out),
        Op::Sum => out.copy_from_slice(fold::<f32, Sum>(&x[0], &[true; MAX_RANK]).as_slice()),
    }
    Some(value)
}
