//! The order in which the elements of a view are folded.

use crate::{Array, MAX_RANK, Shape};
use smallvec::{SmallVec, smallvec};

/// An axis of the walk: length and stride in elements.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Axis {
    pub(super) len: usize,
    pub(super) stride: isize,
}

/// Axes in the order of a walk.
#[derive(Clone, Copy, Default)]
pub(super) struct Axes {
    pub(super) axes: [Axis; MAX_RANK],
    pub(super) rank: usize,
}
impl Axes {
    /// Adds an axis inside the ones so far, or lengthens the last one where it continues it.
    pub(super) fn push(&mut self, axis: Axis) {
        if self.rank > 0 {
            let last = &mut self.axes[self.rank - 1];
            if last.stride == axis.stride * axis.len as isize {
                *last = Axis { len: last.len * axis.len, ..axis };
                return;
            }
        }
        self.axes[self.rank] = axis;
        self.rank += 1;
    }
    pub(super) fn last(&self) -> Option<Axis> {
        self.rank.checked_sub(1).map(|i| self.axes[i])
    }
    pub(super) fn pop(&mut self) -> Axis {
        self.rank -= 1;
        self.axes[self.rank]
    }
    pub(super) fn count(&self) -> usize {
        self.axes[..self.rank].iter().map(|a| a.len).product()
    }
    /// The offset of the `i`-th index.
    pub(super) fn offset(&self, mut i: usize) -> isize {
        let mut offset = 0;
        for a in self.axes[..self.rank].iter().rev() {
            offset += (i % a.len) as isize * a.stride;
            i /= a.len;
        }
        offset
    }
    /// Calls `f` with the offset of each index of `range` in order.
    pub(super) fn each(&self, range: std::ops::Range<usize>, mut f: impl FnMut(isize)) {
        let Some(inner) = self.last() else {
            return range.for_each(|_| f(0));
        };
        let mut i = range.start;
        while i < range.end {
            let first = i % inner.len;
            let n = (inner.len - first).min(range.end - i);
            let offset = self.offset(i);
            (0..n as isize).for_each(|k| f(offset + k * inner.stride));
            i += n;
        }
    }
}

/// Numbers of axes, or their lengths.
type List = SmallVec<[usize; MAX_RANK]>;

/// How an array is walked: not generic, so that it is compiled once and not for every fold and type.
pub(super) struct Plan {
    /// The numbers of the axes that stay, the slowest first.
    order: List,
    /// The lengths of the axes that stay, in that order.
    pub(super) shape: Shape,
    /// The axes that stay.
    pub(super) kept: Axes,
    /// The axes that are folded.
    pub(super) folded: Axes,
    /// Where the walk starts, from the array's first element.
    pub(super) start: isize,
    /// Whether the innermost axis of memory stays: it decides how the elements are read.
    pub(super) by_columns: bool,
}

impl Plan {
    pub(super) fn new(shape: &[usize], strides: &[isize], reduced: &[bool]) -> Plan {
        let mut order: List = SmallVec::new();
        for d in (0..shape.len()).filter(|&d| shape[d] != 1 || !reduced[d]) {
            let slower = |&e: &usize| strides[e].unsigned_abs() >= strides[d].unsigned_abs();
            order.insert(order.iter().take_while(|e| slower(e)).count(), d);
        }
        let (mut kept, mut folded, mut start) = (Axes::default(), Axes::default(), 0isize);
        for &d in order.iter().filter(|&&d| shape[d] != 1) {
            let mut axis = Axis { len: shape[d], stride: strides[d] };
            if reduced[d] && axis.stride < 0 {
                start += (axis.len as isize - 1) * axis.stride; // a fold may run backwards
                axis.stride = -axis.stride;
            }
            if reduced[d] { folded.push(axis) } else { kept.push(axis) }
        }
        let by_columns = order.iter().rev().find(|&&d| shape[d] != 1).is_some_and(|&d| !reduced[d] && strides[d] == 1);
        order.retain(|d| !reduced[*d]);
        let lengths: List = order.iter().map(|&d| shape[d]).collect();
        Plan { shape: Shape::new(&lengths), order, kept, folded, start, by_columns }
    }
    /// Puts the axes that stayed back into ascending order.
    pub(super) fn restore(&self, x: Array) -> Array {
        let order = &self.order;
        if order.is_sorted() {
            return x;
        }
        let place = |axis: &usize| order.iter().filter(|other| *other < axis).count();
        let mut permutation: List = smallvec![0; order.len()];
        order.iter().enumerate().for_each(|(i, axis)| permutation[place(axis)] = i);
        x.transpose(&permutation).contiguous()
    }
}
