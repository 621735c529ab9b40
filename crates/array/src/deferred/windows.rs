//! Deferred arrays that are computed some elements at a time, for somebody who goes through them once: they are never
//! written as a whole.

use super::{
    expression::Op,
    gather::{Node, Work},
    gifts::may_give,
    passes::{Pass, length},
};
use crate::{Array, buffer::Storage, shared::Shared};
use std::{ops::Range, sync::Arc};

/// A deferred array that nobody else holds.
pub(crate) struct Windows {
    work: Work,
    len: usize,
}

impl Windows {
    /// `x` itself comes back where its elements are there or somebody else will need them, or what lies between; or where
    /// they could lie in the memory of an operand.
    pub(crate) fn new(x: Array) -> Result<Windows, Array> {
        let Storage::Deferred(d) = &x.0.storage else { return Err(x) };
        let is_own = Shared::is_unique(&x.0) && Arc::strong_count(d) == 1;
        if !is_own || !d.is_pending() || !x.is_contiguous() || d.len != x.len() {
            return Err(x);
        }
        if d.expression().is_none_or(|expression| may_give(&expression)) {
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
        Ok(Windows { work, len })
    }
    /// Computes the elements of `window`.
    pub(crate) fn compute(&self, window: Range<usize>, out: &mut [f32]) {
        Pass::new(&self.work, self.len, &[]).window(window, out);
    }
}
