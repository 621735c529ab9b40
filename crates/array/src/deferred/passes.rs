//! Passes over memory: the operations on as many elements each, with a place in the cache for what is not written.

use super::{
    expression::{Expression, Op},
    gather::{Node, Source, Work, directly},
    gifts::{Gift, gifts},
};
use crate::{
    buffer::Buffer,
    kernels::{
        elementwise::{
            BinaryOp, SlopeOp,
            tiles::{Place, Program, Step},
        },
        reduce::{Sum, finished},
    },
};
use smallvec::SmallVec;

/// How many elements an operation goes through.
pub(super) fn length(expression: &Expression) -> usize {
    expression.shape.count()
}

/// Computes all that is marked as written. Numbers come last: no array waits for one.
pub(super) fn run(work: &mut Work) {
    let mut lengths: Vec<usize> = work.nodes.iter().map(|node| length(&node.expression)).filter(|&n| n > 1).collect();
    lengths.sort_unstable();
    lengths.dedup();
    for n in lengths {
        let gifts = gifts(work, n);
        Pass::new(work, n, &gifts).run(gifts);
    }
    for node in work.nodes.iter().filter(|node| length(&node.expression) == 1) {
        for source in &node.sources {
            if let Source::Leaf(i) = *source
                && let (Some(number), _) = &work.leaves[i]
            {
                number.evaluate(); // another thread may have claimed it
            }
        }
        let value = directly(&node.expression);
        node.deferred.set(value.expect("the numbers that one depends on come before it"));
    }
}

/// An operation; values are numbered: the elements of nodes first, then those of leaves, then the derivatives of nodes.
pub(super) struct Operation<'a> {
    pub(super) node: &'a Node,
    op: Op,
    pub(super) inputs: SmallVec<[usize; 2]>,
    pub(super) output: usize,
    /// The derivative that is computed too.
    slope: Option<(SlopeOp, usize)>,
}

/// All operations on `n` elements.
pub(super) struct Pass<'a> {
    work: &'a Work,
    program: Program<'a>,
    /// Where values lie.
    places: Vec<Option<Place>>,
    free: Vec<usize>,
    written: Vec<&'a Node>,
    sums: Vec<&'a Node>,
}

/// The number of the last operation that reads each value.
pub(super) fn last_uses(operations: &[Operation], work: &Work) -> Vec<usize> {
    let mut last = vec![0; 2 * work.nodes.len() + work.leaves.len()];
    for (i, operation) in operations.iter().enumerate() {
        operation.inputs.iter().for_each(|&value| last[value] = i);
    }
    last
}

impl<'a> Pass<'a> {
    pub(super) fn new(work: &'a Work, n: usize, gifts: &[Gift]) -> Pass<'a> {
        let operations = operations(work, n);
        let last = last_uses(&operations, work);
        let sums = operations.iter().any(|operation| matches!(operation.op, Op::Sum));
        let (places, program) = (vec![None; last.len()], Program::new(n, sums));
        let mut pass = Pass { work, program, places, free: Vec::new(), written: Vec::new(), sums: Vec::new() };
        for gift in gifts {
            pass.places[work.nodes.len() + gift.leaf] = Some(Place::Out(gift.number));
        }
        for (i, operation) in operations.iter().enumerate() {
            let is_given = operation.node.written && gifts.iter().any(|gift| gift.number == pass.written.len());
            pass.add(operation, is_given);
            for &value in &operation.inputs {
                if let (true, Some(Place::Slot(slot))) = (last[value] == i, pass.places[value]) {
                    pass.places[value] = None; // an operand may be there twice
                    pass.free.push(slot);
                }
            }
        }
        pass
    }
    fn slot(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.program.slots += 1;
            self.program.slots - 1
        })
    }
    /// Where an operand lies; a leaf whose rows are not read where they lie is expanded when it is read first.
    fn operand(&mut self, value: usize) -> Place {
        if let Some(place) = self.places[value] {
            return place;
        }
        let (x, shape) = &self.work.leaves[value - self.work.nodes.len()];
        let x = x.as_ref().expect("what was given away has a place");
        let leaf = self.program.leaf(x, shape);
        let place = if self.program.is_read_in_place(leaf) {
            Place::Leaf(leaf)
        } else {
            let slot = self.slot();
            self.program.steps.push(Step::Load(leaf, slot));
            Place::Slot(slot)
        };
        self.places[value] = Some(place);
        place
    }
    /// The operand of `op` that is read, and the leaf that gives the other as a number for many neighbours (and whether it
    /// comes first): such a leaf is not expanded.
    fn with_numbers(&mut self, op: BinaryOp, a: usize, b: usize) -> Option<(Place, usize, bool)> {
        let work = self.work;
        for (x, numbers, left) in [(a, b, false), (b, a, true)] {
            let leaf = numbers.checked_sub(work.nodes.len()).and_then(|leaf| work.leaves.get(leaf));
            if let (Some((Some(array), shape)), Some(_), None) = (leaf, op.with_number(0.0, left), self.places[numbers])
                && let Some(leaf) = self.program.numbers(array, shape)
            {
                return Some((self.operand(x), leaf, left));
            }
        }
        None
    }
    /// `is_given`: the result is written where the elements of an operand were.
    fn add(&mut self, operation: &Operation<'a>, is_given: bool) {
        if let Op::Sum = operation.op {
            let a = self.operand(operation.inputs[0]);
            self.program.steps.push(Step::Sum(a, self.sums.len()));
            return self.sums.push(operation.node);
        }
        let to = self.step(operation, is_given);
        if operation.node.written {
            if let Place::Slot(slot) = to {
                self.program.steps.push(Step::Store(slot, self.written.len()));
            }
            self.written.push(operation.node);
        }
    }
    /// Computes an operation, and says where its result lies.
    fn step(&mut self, operation: &Operation<'a>, is_given: bool) -> Place {
        if let (&Op::Binary(op), None, &[a, b]) = (&operation.op, operation.slope, &operation.inputs[..])
            && let Some((x, leaf, left)) = self.with_numbers(op, a, b)
        {
            let to = self.result(operation, is_given);
            self.program.steps.push(Step::Numbers(op, x, leaf, left, to));
            return to;
        }
        if let Op::FewRows(rows) = &operation.op {
            let to = self.result(operation, is_given);
            self.program.steps.push(Step::FewRows(rows.clone(), to));
            return to;
        }
        let a = self.operand(operation.inputs[0]);
        let b = operation.inputs.get(1).map_or(a, |&b| self.operand(b));
        let to = self.result(operation, is_given);
        let step = match (&operation.op, operation.slope) {
            (_, Some((op, value))) => {
                let slope = self.slot();
                self.places[value] = Some(Place::Slot(slope));
                Step::Slope(op, a, to, slope)
            }
            (&Op::Unary(op), None) => Step::Unary(op, a, to),
            (&Op::Binary(op), None) => Step::Binary(op, [a, b], to),
            (Op::Rows(gradient), None) => Step::Rows(gradient.clone(), a, to),
            (Op::Sum | Op::FewRows(_), _) => unreachable!("a sum has no place, and few rows have no operand"),
        };
        self.program.steps.push(step);
        to
    }
    /// A place for the result of an operation; what is given is still to be read there.
    fn result(&mut self, operation: &Operation<'a>, is_given: bool) -> Place {
        let to = match operation.node.written && !is_given {
            true => Place::Out(self.written.len()),
            false => Place::Slot(self.slot()),
        };
        self.places[operation.output] = Some(to);
        to
    }
    /// What is done for each tile.
    pub(super) fn program(self) -> Program<'a> {
        self.program
    }
    fn run(self, mut gifts: Vec<Gift>) {
        let n = self.program.len;
        let mut out = |i| match gifts.iter().position(|gift| gift.number == i) {
            Some(at) => gifts.swap_remove(at).buffer,
            None => Buffer::new(n * size_of::<f32>()),
        };
        let mut outs: Vec<Buffer> = (0..self.written.len()).map(&mut out).collect();
        let mut slices: Vec<&mut [f32]> = outs.iter_mut().map(|out| out.floats(n)).collect();
        let states = self.program.run(&mut slices, self.sums.len());
        for (node, states) in self.sums.iter().zip(states) {
            let mut value = Buffer::new(size_of::<f32>());
            value.floats(1)[0] = finished::<f32, Sum>(&states);
            node.deferred.set(value);
        }
        for (node, out) in self.written.iter().zip(outs) {
            node.deferred.set(out);
        }
    }
}

/// The operations on `n` elements. A gradient that needs the derivative of a function computed before takes it from there.
pub(super) fn operations(work: &Work, n: usize) -> Vec<Operation<'_>> {
    let value = |source: &Source| match *source {
        Source::Node(i) => i,
        Source::Leaf(i) => work.nodes.len() + i,
    };
    let mut all: Vec<Operation> = Vec::new();
    for (output, node) in work.nodes.iter().enumerate().filter(|(_, node)| length(&node.expression) == n) {
        let (mut op, mut inputs) =
            (node.expression.op.clone(), node.sources.iter().map(value).collect::<SmallVec<_>>());
        if let Op::Binary(gradient) = op {
            let shared = all.iter_mut().find_map(|f| match &f.op {
                &Op::Unary(function) if f.inputs[0] == inputs[0] => SlopeOp::new(function, gradient).map(|op| (f, op)),
                _ => None,
            });
            if let Some((f, slope)) = shared {
                let derivative = work.nodes.len() + work.leaves.len() + f.output;
                f.slope = Some((slope, derivative));
                (op, inputs[0]) = (Op::Binary(BinaryOp::Mul {}), derivative);
            }
        }
        all.push(Operation { node, op, inputs, output, slope: None });
    }
    all
}
