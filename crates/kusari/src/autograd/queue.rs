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
    pub(crate) fn add(&mut self, node: &Shared<Node>, index: usize, gy: Variable) {
        let mut place = self.len;
        while let Some(Some(pending)) = self.short[..place].last_mut() {
            if Shared::ptr_eq(&pending.node, node) {
                return pending.grads.add(index, gy);
            }
            if key(&pending.node) < key(node) {
                break;
            }
            place -= 1;
        }
        if let Some(pending) = self.rest.as_mut().and_then(|rest| rest.get_mut(&key(node))) {
            return pending.grads.add(index, gy);
        }
        let (first, more) = if index == 0 { (Some(gy), None) } else { (None, Some(gy)) };
        let pending = Pending { node: node.clone(), grads: Arrived { first, rest: Vec::new() } };
        let pending = if self.len < SHORT {
            let end = self.len;
            self.len += 1;
            self.short[end] = Some(pending);
            if place < end {
                self.short[place..=end].rotate_right(1);
            }
            self.short[place].as_mut().expect("just written")
        } else {
            self.rest.get_or_insert_default().entry(key(node)).or_insert(pending)
        };
        if let Some(gy) = more {
            pending.grads.add(index, gy);
        }
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
