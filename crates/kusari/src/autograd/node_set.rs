//! Sets of nodes, by address.

use super::node::Node;
use kusari_array::Shared;
use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
};

/// A set of nodes.
pub(crate) type NodeSet = HashSet<*const Node, BuildHasherDefault<Address>>;

/// Spreads an address: nobody chooses addresses to make them collide.
#[derive(Default)]
pub(crate) struct Address(u64);

impl Hasher for Address {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&b| self.write_usize(b as usize));
    }
    fn write_usize(&mut self, address: usize) {
        // Fibonacci hashing: the upper bits, which the table looks at too, depend on all of the address.
        self.0 = (self.0.rotate_left(5) ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}

/// `roots` and all nodes that they were computed from, sources before results.
pub(crate) fn behind(roots: &[Shared<Node>]) -> Vec<Shared<Node>> {
    behind_until(roots, &|_| false)
}

/// `roots` and the nodes that they were computed from as far as the ends, whose own sources are left out.
fn behind_until(roots: &[Shared<Node>], is_end: &dyn Fn(*const Node) -> bool) -> Vec<Shared<Node>> {
    let mut seen: NodeSet = roots.iter().map(Shared::as_ptr).collect();
    let mut nodes = roots.to_vec();
    let mut next = 0;
    while next < nodes.len() {
        let node = nodes[next].clone();
        next += 1;
        if is_end(Shared::as_ptr(&node)) {
            continue;
        }
        node.sources(|source| {
            if seen.insert(Shared::as_ptr(source)) {
                nodes.push(source.clone());
            }
        });
    }
    nodes.sort_by_key(|n| n.order);
    nodes
}

/// All nodes behind `roots` from which a target can be reached.
pub(crate) fn needed(roots: &[Shared<Node>], is_target: &dyn Fn(*const Node) -> bool) -> NodeSet {
    leading_to(&behind(roots), is_target)
}

/// All nodes between `roots` and targets: what a target was computed from is left out.
pub(crate) fn between(roots: &[Shared<Node>], is_target: &dyn Fn(*const Node) -> bool) -> NodeSet {
    leading_to(&behind_until(roots, is_target), is_target)
}

/// Those of `nodes`, sources before results, that are targets or were computed from one.
fn leading_to(nodes: &[Shared<Node>], is_target: &dyn Fn(*const Node) -> bool) -> NodeSet {
    let mut needed = NodeSet::default();
    for node in nodes {
        let mut wanted = is_target(Shared::as_ptr(node));
        node.sources(|source| wanted |= needed.contains(&Shared::as_ptr(source)));
        if wanted {
            needed.insert(Shared::as_ptr(node));
        }
    }
    needed
}
