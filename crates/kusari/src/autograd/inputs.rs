//! What a node remembers of the inputs of its function.

use super::{
    Variable,
    node::{Apply, Kind, Node},
};
use kusari_array::{Array, Layout, Shape, Shared};
use std::ops::Deref;

pub(crate) struct Input {
    pub(crate) node: Option<Shared<Node>>,
    pub(crate) kept: Kept,
}

/// What a node keeps of an input. Parameters are kept by reference and version: a handle to the array would force
/// every update to copy it.
pub(crate) enum Kept {
    /// Nothing: the input's node knows the shape.
    No,
    /// Nothing but the shape, of an input without a node.
    Shape(Box<Shape>),
    Array(Array),
    Parameter(u64),
    View(Box<(Alias, Layout)>),
}

/// A parameter whose memory a view shows, and its version then.
#[derive(Clone)]
pub(crate) struct Alias {
    pub(crate) parameter: Shared<Node>,
    pub(crate) version: u64,
}

/// The inputs of a function. Few lie inside the node and are written there at once, without loops and moves.
pub(crate) enum Inputs {
    One([Input; 1]),
    Two([Input; 2]),
    Three([Input; 3]),
    Many(Vec<Input>),
}

impl Inputs {
    #[inline]
    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Input> {
        match self {
            Inputs::One(x) => x.iter_mut(),
            Inputs::Two(x) => x.iter_mut(),
            Inputs::Three(x) => x.iter_mut(),
            Inputs::Many(x) => x.iter_mut(),
        }
    }
}

impl Deref for Inputs {
    type Target = [Input];
    #[inline]
    fn deref(&self) -> &[Input] {
        match self {
            Inputs::One(x) => x,
            Inputs::Two(x) => x,
            Inputs::Three(x) => x,
            Inputs::Many(x) => x,
        }
    }
}

impl Input {
    /// Input `i`; its array is kept if the bit `i` of `keep` is set.
    #[inline]
    pub(super) fn new(x: &Variable, i: usize, keep: u64) -> Input {
        let node = x.node.as_ref().map(|held| held.shared().clone());
        let kept = match keep >> i.min(63) & 1 {
            1 => kept(x),
            _ if node.is_some() => Kept::No,
            _ => Kept::Shape(Box::new(*x.array.shape())),
        };
        Input { node, kept }
    }
}

/// Keeps an input: a parameter and a view of one by reference and version, anything else by its array.
fn kept(x: &Variable) -> Kept {
    match x.node.as_ref().map(|held| &held.kind) {
        Some(Kind::Parameter(cell)) => {
            cell.version_of(&x.array).map_or_else(|| Kept::Array(x.array.clone()), Kept::Parameter)
        }
        Some(Kind::Apply(Apply { alias: Some(alias), .. })) => Kept::View(Box::new((alias.clone(), x.array.layout()))),
        _ => Kept::Array(x.array.clone()),
    }
}

/// The parameter whose memory `y` shows, if `y` is a view of one.
pub(super) fn alias(x: &Variable, y: &Array) -> Option<Alias> {
    let node = x.node.as_ref()?.shared();
    if !x.array.shares_memory(y) {
        return None;
    }
    match &node.kind {
        Kind::Parameter(cell) => Some(Alias { parameter: node.clone(), version: cell.version_of(&x.array)? }),
        Kind::Apply(apply) => apply.alias.clone(),
        _ => None,
    }
}
