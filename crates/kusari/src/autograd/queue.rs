//! The nodes whose gradient is not complete yet, latest first.

use super::{Variable, backward::sum, node::Node};
use smallvec::SmallVec;
use std::{collections::BTreeMap, sync::Arc};

/// A node and the gradients of its outputs so far.
pub(crate) struct Pending {
    pub(crate) node: Arc<Node>,
    pub(crate) grads: SmallVec<[Option<Variable>; 1]>,
}

/// Nodes by order. Few at a time lie in a short list; the rest in a map.
#[derive(Default)]
pub(crate) struct Queue {
    short: Vec<Pending>,
    rest: BTreeMap<(u64, usize), Pending>,
}

const SHORT: usize = 16;

fn key(node: &Arc<Node>) -> (u64, usize) {
    (node.order, Arc::as_ptr(node) as usize)
}

impl Queue {
    /// Adds a gradient of output `index` of `node`.
    pub(crate) fn add(&mut self, node: &Arc<Node>, index: usize, gy: Variable) {
        if let Some(pending) = self.short.iter_mut().find(|p| Arc::ptr_eq(&p.node, node)) {
            return pending.add(index, gy);
        }
        if !self.rest.is_empty()
            && let Some(pending) = self.rest.get_mut(&key(node))
        {
            return pending.add(index, gy);
        }
        let mut pending = Pending { node: node.clone(), grads: SmallVec::new() };
        pending.add(index, gy);
        if self.short.len() < SHORT {
            self.short.push(pending);
        } else {
            self.rest.insert(key(node), pending);
        }
    }
    /// Takes the latest node: all that is computed from it has been visited.
    pub(crate) fn pop(&mut self) -> Option<Pending> {
        let latest = (0..self.short.len()).max_by_key(|&i| key(&self.short[i].node));
        match latest {
            Some(i) => match self.rest.last_key_value() {
                Some((last, _)) if *last > key(&self.short[i].node) => self.rest.pop_last().map(|(_, p)| p),
                _ => Some(self.short.swap_remove(i)),
            },
            None => self.rest.pop_last().map(|(_, p)| p),
        }
    }
}

impl Pending {
    fn add(&mut self, index: usize, gy: Variable) {
        while self.grads.len() <= index {
            self.grads.push(None);
        }
        self.grads[index] = Some(match self.grads[index].take() {
            Some(g) => sum(g, gy),
            None => gy,
        });
    }
}
