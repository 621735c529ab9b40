//! Expressions as data, and what may become part of one.

use super::{Deferred, FewRows, LEAST, may_defer};
use crate::{
    Array, DType, Device, Shape,
    array::Body,
    buffer::Storage,
    deferred::gather,
    kernels::{
        cross_entropy::RowGradient,
        elementwise::{BinaryOp, UnaryOp},
    },
    shared::Shared,
};
use smallvec::SmallVec;
use std::sync::Arc;

/// The most operations of an expression: bounds how deep it is and what it keeps alive.
const NODES: usize = 64;
/// The most that an expression reads, in pieces of memory twice as large as its result: it keeps them alive.
const LEAVES: usize = 4;

#[derive(Clone)]
pub(super) enum Op {
    Unary(UnaryOp),
    Binary(BinaryOp),
    /// The gradient of cross entropy.
    Rows(Arc<RowGradient<f32>>),
    /// Of no operands: a table with few rows that are not zero.
    FewRows(Arc<FewRows>),
    /// Of all elements.
    Sum,
}

pub(super) enum Operand {
    /// As many elements, deferred when the expression was made.
    Pending(Arc<Deferred>),
    /// Elements that are there, and broadcast.
    Ready(Array),
}

pub(super) struct Expression {
    pub(super) op: Op,
    pub(super) operands: SmallVec<[Operand; 2]>,
    /// What operands broadcast to.
    pub(super) shape: Shape,
    /// At least the operations and the memory behind it.
    extent: Extent,
}

#[derive(Clone, Copy)]
struct Extent {
    nodes: usize,
    leaves: usize,
}

impl Expression {
    /// Number of elements of the result.
    pub(super) fn len(&self) -> usize {
        if let Op::Sum = self.op { 1 } else { self.shape.count() }
    }
}

impl Operand {
    /// `x` as an operand of `n` elements; none where it would keep much more than those alive.
    fn new(x: &Array, n: usize) -> Option<Operand> {
        match &x.0.storage {
            Storage::Deferred(d) if d.is_pending() && d.len == n && x.len() == n && x.is_contiguous() => {
                Some(Operand::Pending(d.clone()))
            }
            storage if storage.bytes() <= LEAVES * piece(n) => {
                storage.pointer(); // a view of a deferred array is not looked through
                Some(Operand::Ready(x.clone()))
            }
            _ => None,
        }
    }
    /// The elements as an array, of a shape that has as many where the operand was deferred.
    pub(super) fn array(&self, shape: &Shape) -> Array {
        match self {
            Operand::Ready(x) => x.clone(),
            Operand::Pending(d) => of_storage(shape, Storage::Deferred(d.clone())),
        }
    }
    /// The memory that it keeps alive, in pieces; small ones do not count.
    fn pieces(&self, n: usize) -> usize {
        match self {
            Operand::Ready(x) if x.0.storage.bytes() * 8 > n * size_of::<f32>() => {
                x.0.storage.bytes().div_ceil(piece(n))
            }
            _ => 0,
        }
    }
}

/// Bytes of a piece of memory, of results of `n` elements.
fn piece(n: usize) -> usize {
    (2 * n * size_of::<f32>()).max(64)
}

fn of_storage(shape: &Shape, storage: Storage) -> Array {
    Array(Shared::new(Body { device: Device::Cpu, dtype: DType::F32, shape: *shape, view: None, storage }))
}

/// `op` of `x`, deferred, where that pays.
pub(crate) fn unary(op: UnaryOp, x: &Array) -> Option<Array> {
    pays(x.shape(), &[x]).then(|| defer(Op::Unary(op), x.shape(), x.shape(), &[x]))?
}
/// `op` of `a` and `b`, which broadcast to `shape`, deferred, where that pays.
pub(crate) fn binary(op: BinaryOp, shape: &Shape, a: &Array, b: &Array) -> Option<Array> {
    pays(shape, &[a, b]).then(|| defer(Op::Binary(op), shape, shape, &[a, b]))?
}
/// The gradient of cross entropy with respect to `x`, deferred, where that pays.
pub(crate) fn rows(gradient: &Arc<RowGradient<f32>>, x: &Array) -> Option<Array> {
    pays(x.shape(), &[x]).then(|| defer(Op::Rows(gradient.clone()), x.shape(), x.shape(), &[x]))?
}
/// The sum of all elements of a deferred `x`, deferred.
pub(crate) fn sum(x: &Array) -> Option<Array> {
    let Storage::Deferred(d) = &x.0.storage else { return None };
    let whole = d.is_pending() && d.len == x.len() && x.is_contiguous() && may_defer();
    whole.then(|| defer(Op::Sum, &Shape::new(&[]), x.shape(), &[x]))?
}

/// A table of this shape, deferred, where that pays.
pub(super) fn few_rows(rows: FewRows, table: &Shape) -> Option<Array> {
    pays(table, &[]).then(|| defer(Op::FewRows(Arc::new(rows)), table, table, &[]))?
}

/// Whether there is much to compute, or a number that depends on deferred arrays.
#[inline]
pub(super) fn pays(shape: &Shape, operands: &[&Array]) -> bool {
    let n = shape.count();
    (n >= LEAST || (n == 1 && operands.iter().any(|x| x.is_deferred()))) && may_defer()
}

/// An expression as an array of shape `result`.
fn defer(op: Op, result: &Shape, shape: &Shape, arrays: &[&Array]) -> Option<Array> {
    let n = shape.count();
    let operands = || arrays.iter().map(|x| Operand::new(x, n)).collect::<Option<SmallVec<[Operand; 2]>>>();
    let mut found = operands()?;
    let mut extent = bound(&found, n);
    if !extent.fits() {
        extent = counted(&found, n);
    }
    if !extent.fits() {
        let pending: Vec<_> =
            found.iter().filter_map(|x| if let Operand::Pending(d) = x { Some(d) } else { None }).collect();
        gather::evaluate(&pending, true);
        found = operands()?;
        extent = counted(&found, n);
        if !extent.fits() {
            return None;
        }
    }
    let expression = Expression { op, operands: found, shape: *shape, extent };
    Some(of_storage(result, Storage::Deferred(Arc::new(Deferred::new(expression)))))
}

impl Extent {
    fn fits(self) -> bool {
        self.nodes <= NODES && self.leaves <= LEAVES
    }
}

/// The extent of an expression with these operands, if none is shared.
fn bound(operands: &[Operand], n: usize) -> Extent {
    let mut all = Extent { nodes: 1, leaves: 0 };
    for x in operands {
        match x {
            Operand::Pending(d) => {
                if let Some(expression) = d.expression() {
                    all.nodes += expression.extent.nodes;
                    all.leaves += expression.extent.leaves;
                }
            }
            Operand::Ready(_) => all.leaves += x.pieces(n),
        }
    }
    all
}

/// The same, with everything shared counted once.
fn counted(operands: &[Operand], n: usize) -> Extent {
    fn visit(operands: &[Operand], n: usize, nodes: &mut Vec<*const Deferred>, leaves: &mut Vec<(*const u8, usize)>) {
        for x in operands {
            match x {
                Operand::Pending(d) if nodes.contains(&Arc::as_ptr(d)) => {}
                Operand::Pending(d) => {
                    if let Some(expression) = d.expression() {
                        nodes.push(Arc::as_ptr(d));
                        visit(&expression.operands, expression.shape.count(), nodes, leaves);
                    }
                }
                Operand::Ready(a) => {
                    let leaf = (a.0.storage.pointer(), x.pieces(n));
                    if !leaves.contains(&leaf) {
                        leaves.push(leaf);
                    }
                }
            }
        }
    }
    let (mut nodes, mut leaves) = (Vec::new(), Vec::new());
    visit(operands, n, &mut nodes, &mut leaves);
    Extent { nodes: 1 + nodes.len(), leaves: leaves.iter().map(|(_, pieces)| pieces).sum() }
}
