//! The nodes whose gradient is not complete yet, latest first.

use super::{Variable, engine::add_to, node::Node};
use kusari_array::Shared;
use std::collections::BTreeMap;

/// A node and the gradients of its outputs so far.
pub(crate) struct Pending {
    pub(crate) node: Shared<Node>,
    pub(crate) grads: Arrived,
}

/// Gradients of a function's outputs: of the first, and of the others if there are any.
#[derive(Default)]
pub(crate) struct Arrived {
    pub(crate) first: Option<Variable>,
    pub(crate) rest: Vec<Option<Variable>>,
}

/// Nodes by order. Few at a time lie in a short list, the latest last; the rest in a map.
pub(crate) struct Queue {
    short: [Option<Pending>; SHORT], // a list of its own length: what is added is written where it stays
    len: usize,
    rest: Option<BTreeMap<(u64, usize), Pending>>,
}

const SHORT: usize = 8;

fn key(node: &Shared<Node>) -> (u64, usize) {
    (node.order, Shared::as_ptr(node) as usize)
}

impl Queue {
    pub(crate) fn new() -> Queue {
        Queue { short: [const { None }; SHORT], len: 0, rest: None }
    }
    /// Adds a gradient of output `index` of `node`.
    #[inline]
    pub(crate) fn add(&mut self, node: &Shared<Node>, index: usize, gy: Variable) {
        if self.len == 0 && self.rest.is_none() && index == 0 {
            // A chain of functions: written where it stays, without a search.
            let grads = Arrived { first: Some(gy), rest: Vec::new() };
            self.short[0] = Some(Pending { node: node.clone(), grads });
            self.len = 1;
            return;
        }
        self.arrived(node).add(index, gy);
    }
    /// The gradients of `node`, which is queued if it is not yet.
    #[inline(never)]
    fn arrived(&mut self, node: &Shared<Node>) -> &mut Arrived {
        let (mut place, mut known) = (self.len, false);
        while let Some(Some(pending)) = self.short[..place].last()
            && !known
            && key(&pending.node) >= key(node)
        {
            known = Shared::ptr_eq(&pending.node, node);
            place -= 1;
        }
        let new = || Pending { node: node.clone(), grads: Arrived::default() };
        if !known {
            let far = self.rest.as_ref().is_some_and(|rest| rest.contains_key(&key(node)));
            if far || self.len == SHORT {
                return &mut self.rest.get_or_insert_default().entry(key(node)).or_insert_with(new).grads;
            }
            let end = self.len;
            self.len += 1;
            self.short[end] = Some(new());
            if place < end {
                self.short[place..=end].rotate_right(1);
            }
        }
        &mut self.short[place].as_mut().expect("found or just written").grads
    }
    /// Takes the latest node: all that is computed from it has been visited.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Pending> {
        if let Some(rest) = &mut self.rest
            && let Some((last, _)) = rest.last_key_value()
            && self.short[..self.len].last().is_none_or(|p| p.as_ref().is_none_or(|p| *last > key(&p.node)))
        {
            return rest.pop_last().map(|(_, p)| p);
        }
        self.len = self.len.checked_sub(1)?;
        self.short[self.len].take()
    }
}

impl Arrived {
    fn add(&mut self, index: usize, gy: Variable) {
        if self.rest.len() < index {
            self.rest.resize(index, None);
        }
        match if index == 0 { &mut self.first } else { &mut self.rest[index - 1] } {
            Some(g) => add_to(g, gy),
            empty => *empty = Some(gy),
        }
    }
}
