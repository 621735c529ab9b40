//! Deferred arrays that are computed some elements at a time, for somebody who goes through them once: they are never
//! written as a whole.

use super::{
    expression::Op,
    gather::{Node, Work},
    passes::{Pass, length},
};
use crate::{Array, buffer::Storage, kernels::elementwise::tiles::Program, shared::Shared};
use std::sync::Arc;

/// A deferred array that nobody else holds.
pub(crate) struct Piecewise {
    work: Work,
    len: usize,
}

impl Piecewise {
    /// `x` itself comes back where its elements are there or somebody else will need them, or what lies between.
    pub(crate) fn new(x: Array) -> Result<Piecewise, Array> {
        let Storage::Deferred(d) = &x.0.storage else { return Err(x) };
        let is_own = Shared::is_unique(&x.0) && Arc::strong_count(d) == 1;
        if !is_own || !d.is_pending() || !x.is_contiguous() || d.len != x.len() {
            return Err(x);
        }
        let (mut work, len) = (Work::default(), d.len);
        let Some(root) = work.visit(d) else { return Err(x) };
        let is_alone = |(i, node): (usize, &Node)| {
            let expression = &node.expression;
            length(expression) == len && !matches!(expression.op, Op::Sum) && (i == root || !node.is_held())
        };
        if !work.nodes.iter().enumerate().all(is_alone) {
            return Err(x);
        }
        work.nodes[root].written = true;
        Ok(Piecewise { work, len })
    }
    /// What computes its elements.
    pub(crate) fn program(&self) -> Program<'_> {
        Pass::new(&self.work, self.len, &[]).program()
    }
}
