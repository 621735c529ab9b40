//! Passes over memory: the operations on as many elements each, with a place in the cache for what is not written.

use super::{
    expression::{Expression, Op},
    gather::{Node, Source, Work, directly},
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
fn length(expression: &Expression) -> usize {
    expression.shape.count()
}

/// Computes all that is marked as written. Numbers come last: no array waits for one.
pub(super) fn run(work: &Work) {
    let mut lengths: Vec<usize> = work.nodes.iter().map(|node| length(&node.expression)).filter(|&n| n > 1).collect();
    lengths.sort_unstable();
    lengths.dedup();
    for n in lengths {
        Pass::new(work, n).run();
    }
    for node in work.nodes.iter().filter(|node| length(&node.expression) == 1) {
        let value = directly(&node.expression);
        node.deferred.set(value.expect("the numbers that one depends on come before it"));
    }
}

/// An operation; values are numbered: the elements of nodes first, then those of leaves, then the derivatives of nodes.
struct Operation<'a> {
    node: &'a Node,
    op: Op,
    inputs: SmallVec<[usize; 2]>,
    output: usize,
    /// The derivative that is computed too.
    slope: Option<(SlopeOp, usize)>,
}

/// All operations on `n` elements.
struct Pass<'a> {
    work: &'a Work,
    program: Program<'a>,
    /// Where values lie.
    places: Vec<Option<Place>>,
    free: Vec<usize>,
    written: Vec<&'a Node>,
    sums: Vec<&'a Node>,
}

impl<'a> Pass<'a> {
    fn new(work: &'a Work, n: usize) -> Pass<'a> {
        let places = vec![None; 2 * work.nodes.len() + work.leaves.len()];
        let program = Program::new(n);
        let mut pass = Pass { work, program, places, free: Vec::new(), written: Vec::new(), sums: Vec::new() };
        let operations = operations(work, n);
        let mut last = vec![0; pass.places.len()];
        for (i, operation) in operations.iter().enumerate() {
            operation.inputs.iter().for_each(|&value| last[value] = i);
        }
        for (i, operation) in operations.iter().enumerate() {
            pass.add(operation);
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
    /// Where an operand lies; a leaf that does not lie row by row is expanded when it is read first.
    fn operand(&mut self, value: usize) -> Place {
        if let Some(place) = self.places[value] {
            return place;
        }
        let (x, shape) = &self.work.leaves[value - self.work.nodes.len()];
        let leaf = self.program.leaf(x, shape);
        let place = if self.program.is_direct(leaf) {
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
            if let (Some((array, shape)), Some(_), None) = (leaf, op.with_number(0.0, left), self.places[numbers])
                && let Some(leaf) = self.program.numbers(array, shape)
            {
                return Some((self.operand(x), leaf, left));
            }
        }
        None
    }
    fn add(&mut self, operation: &Operation<'a>) {
        let node = operation.node;
        if let (Op::Binary(op), None, &[a, b]) = (operation.op, operation.slope, &operation.inputs[..])
            && let Some((x, leaf, left)) = self.with_numbers(op, a, b)
        {
            let to = self.result(operation);
            return self.program.steps.push(Step::Numbers(op, x, leaf, left, to));
        }
        let a = self.operand(operation.inputs[0]);
        let b = operation.inputs.get(1).map_or(a, |&b| self.operand(b));
        if let Op::Sum = operation.op {
            self.program.steps.push(Step::Sum(a, self.sums.len()));
            return self.sums.push(node);
        }
        let to = self.result(operation);
        let step = match (operation.op, operation.slope) {
            (_, Some((op, value))) => {
                let slope = self.slot();
                self.places[value] = Some(Place::Slot(slope));
                Step::Slope(op, a, to, slope)
            }
            (Op::Unary(op), None) => Step::Unary(op, a, to),
            (Op::Binary(op), None) => Step::Binary(op, [a, b], to),
            (Op::Sum, _) => unreachable!("a sum has no place"),
        };
        self.program.steps.push(step);
    }
    /// Where the result of an operation is written.
    fn result(&mut self, operation: &Operation<'a>) -> Place {
        let node = operation.node;
        let to = if node.written { Place::Out(self.written.len()) } else { Place::Slot(self.slot()) };
        self.places[operation.output] = Some(to);
        if node.written {
            self.written.push(node);
        }
        to
    }
    fn run(self) {
        let n = self.program.len;
        let mut outs: Vec<Buffer> = self.written.iter().map(|_| Buffer::new(n * size_of::<f32>())).collect();
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
fn operations(work: &Work, n: usize) -> Vec<Operation<'_>> {
    let value = |source: &Source| match *source {
        Source::Node(i) => i,
        Source::Leaf(i) => work.nodes.len() + i,
    };
    let mut all: Vec<Operation> = Vec::new();
    for (output, node) in work.nodes.iter().enumerate().filter(|(_, node)| length(&node.expression) == n) {
        let (mut op, mut inputs) = (node.expression.op, node.sources.iter().map(value).collect::<SmallVec<_>>());
        if let Op::Binary(gradient) = op {
            let shared = all.iter_mut().find_map(|f| match f.op {
                Op::Unary(function) if f.inputs[0] == inputs[0] => SlopeOp::new(function, gradient).map(|op| (f, op)),
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
