//! The nodes whose gradient is not complete yet, latest first.

use super::{Variable, engine::add_to, node::Node};
use kusari_array::Shared;
use smallvec::SmallVec;
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
    short: SmallVec<[Pending; 4]>, // few graphs are wider
    rest: Option<BTreeMap<(u64, usize), Pending>>,
}

const SHORT: usize = 16;

fn key(node: &Shared<Node>) -> (u64, usize) {
    (node.order, Shared::as_ptr(node) as usize)
}

impl Queue {
    pub(crate) fn new() -> Queue {
        Queue { short: SmallVec::new(), rest: None }
    }
    /// Adds a gradient of output `index` of `node`.
    pub(crate) fn add(&mut self, node: &Shared<Node>, index: usize, gy: Variable) {
        let mut place = self.short.len();
        while let Some(pending) = self.short[..place].last_mut() {
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
        if index == 0 && place == self.short.len() && place < SHORT {
            let grads = Arrived { first: Some(gy), rest: Vec::new() };
            return self.short.push(Pending { node: node.clone(), grads }); // written where it stays
        }
        let mut pending = Pending { node: node.clone(), grads: Arrived::default() };
        pending.grads.add(index, gy);
        if self.short.len() < SHORT {
            self.short.insert(place, pending);
        } else {
            self.rest.get_or_insert_default().insert(key(node), pending);
        }
    }
    /// Takes the latest node: all that is computed from it has been visited.
    pub(crate) fn pop(&mut self) -> Option<Pending> {
        if let Some(rest) = &mut self.rest
            && let Some((last, _)) = rest.last_key_value()
            && self.short.last().is_none_or(|pending| *last > key(&pending.node))
        {
            return rest.pop_last().map(|(_, p)| p);
        }
        self.short.pop()
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
