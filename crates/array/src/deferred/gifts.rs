//! Results in the memory of operands that nobody else holds: a pass then reads and writes the same lines.

use super::{
    Deferred,
    expression::{Expression, Op, Operand},
    gather::{Node, Source, Work},
    passes::{Operation, last_uses, length, operations},
};
use crate::{Array, DType, buffer::Buffer};
use std::sync::Arc;

/// An operand's memory, for a result.
pub(super) struct Gift {
    pub(super) leaf: usize,
    /// The number of the result, of those that are written.
    pub(super) number: usize,
    pub(super) buffer: Buffer,
}

/// Whether an operand of a single operation is held by that alone.
pub(super) fn may_give(expression: &Expression) -> bool {
    let owned = |x: &Operand| match x {
        Operand::Ready(x) => x.is_own() && fits(x, expression.len()),
        Operand::Pending(d) => !d.is_pending() && Arc::strong_count(d) == 1,
    };
    !matches!(expression.op, Op::Sum) && expression.operands.iter().any(owned)
}

/// Whether the elements lie row by row from the beginning of their memory, as many as a result has.
fn fits(x: &Array, n: usize) -> bool {
    x.dtype() == DType::F32 && x.len() == n && x.0.view.is_none() && !x.is_deferred()
}

/// For results of `n` elements, the memory of operands that are read for the last time when, or before, it is written.
pub(super) fn gifts(work: &mut Work, n: usize) -> Vec<Gift> {
    if wishes(work, n, |_| true).is_empty() || !let_go(work) {
        return Vec::new();
    }
    let wishes = wishes(work, n, Array::is_own);
    let give = |(leaf, number): (usize, usize)| {
        let place = &mut work.leaves[leaf].0;
        let buffer = place.as_mut()?.take_buffer()?;
        *place = None;
        Some(Gift { leaf, number, buffer })
    };
    wishes.into_iter().filter_map(give).collect()
}

/// Pairs of a leaf that `may` give its memory and the number of a result that could lie there.
fn wishes(work: &Work, n: usize, may: impl Fn(&Array) -> bool) -> Vec<(usize, usize)> {
    let only_here = |leaf: usize| {
        let is_it = |source: &Source| matches!(source, Source::Leaf(i) if *i == leaf);
        let elsewhere = |node: &Node| length(&node.expression) != n && node.sources.iter().any(is_it);
        !work.nodes.iter().any(elsewhere)
    };
    let could = |leaf: &usize| work.leaves[*leaf].0.as_ref().is_some_and(|x| fits(x, n) && may(x)) && only_here(*leaf);
    let mut free: Vec<usize> = (0..work.leaves.len()).filter(could).collect();
    if free.is_empty() {
        return Vec::new();
    }
    let operations = operations(work, n);
    let last = last_uses(&operations, work);
    let mut found = Vec::new();
    let is_written = |operation: &&Operation| operation.node.written && operation.node.deferred.len == n;
    let written = operations.iter().enumerate().filter(|(_, operation)| is_written(operation));
    for (number, (i, _)) in written.enumerate() {
        if let Some(at) = free.iter().position(|leaf| last[work.nodes.len() + leaf] <= i) {
            found.push((free.swap_remove(at), number));
        }
    }
    found
}

/// Makes the evaluation the only one that knows its operations, and has them let their operands go; or changes nothing.
fn let_go(work: &mut Work) -> bool {
    // Whoever waits for a value that is being computed here must not be waited for.
    let waits = |x: &Array| x.is_deferred();
    if work.leaves.iter().any(|(x, _)| x.as_ref().is_some_and(waits)) {
        return false;
    }
    let mut claimed: Vec<(&Arc<Deferred>, Arc<Expression>)> = Vec::new();
    // Results before operands: nobody gets at an operand then who has not got at it before.
    for node in finished(&work.nodes) {
        match node.deferred.claim() {
            Some(expression) => claimed.push((&node.deferred, expression)),
            None => {
                claimed.into_iter().for_each(|(deferred, expression)| deferred.unclaim(expression));
                return false;
            }
        }
    }
    drop(claimed);
    for node in &mut work.nodes {
        match Arc::get_mut(&mut node.expression) {
            Some(expression) if length(expression) > 1 => expression.operands.clear(), // numbers are computed from them
            _ => {}
        }
    }
    true
}

/// The operations that nobody needs after the evaluation, results before operands: those whose elements are written,
/// and those that only such operations read.
fn finished(nodes: &[Node]) -> Vec<&Node> {
    let mut needed = vec![false; nodes.len()];
    let mut found = Vec::new();
    for (i, node) in nodes.iter().enumerate().rev() {
        if node.written || !(needed[i] || node.is_held()) {
            found.push(node);
            continue;
        }
        for source in &node.sources {
            if let Source::Node(operand) = *source {
                needed[operand] = true;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{Array, eagerly, evaluate, parallel};

    const N: usize = (1 << 16) + 13;

    fn large(factor: f32) -> Array {
        let values: Vec<f32> = (0..N).map(|i| ((i * 37 % 1009) as f32 / 500.0 - 1.0) * factor).collect();
        Array::from_slice(&[N], &values)
    }
    fn place(x: &Array) -> *const u8 {
        x.0.storage.pointer()
    }
    fn bits(x: &Array) -> Vec<u32> {
        x.to_vec::<f32>().into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn a_result_lies_where_its_operand_was_unless_that_is_held() {
        let expected = bits(&eagerly(|| large(2.0).tanh()));
        let x = large(2.0);
        let (at, y) = (place(&x), x.tanh());
        drop(x);
        assert_eq!((place(&y), bits(&y)), (at, expected.clone()));
        let x = large(2.0);
        let y = x.tanh();
        assert_ne!(place(&y), place(&x));
        assert_eq!((bits(&x), bits(&y)), (bits(&large(2.0)), expected.clone()));
        let x = large(2.0);
        let (view, y) = (x.reshape(&[1, N]), x.tanh());
        drop(x);
        assert_ne!(place(&y), place(&view));
        assert_eq!((bits(&view), bits(&y)), (bits(&large(2.0)), expected));
    }

    #[test]
    fn where_one_operand_is_held_another_gives_its_memory() {
        let (held, x) = (large(0.5), large(2.0));
        let (at, y) = (place(&x), held.mul(&x));
        drop(x);
        assert_eq!(place(&y), at);
        assert_eq!((bits(&held), bits(&y)), (bits(&large(0.5)), bits(&eagerly(|| large(0.5).mul(&large(2.0))))));
    }

    #[test]
    fn an_operand_that_is_still_to_be_read_is_not_written_over() {
        let [y, z, s] = eagerly(|| {
            let (x, y) = (large(3.0), large(3.0).tanh());
            [y.clone(), y.exp().mul(&x), y.add(&x).sum(&[0], false)]
        });
        let x = large(3.0);
        let (at, first) = (place(&x), x.tanh());
        let (second, sum) = (first.exp().mul(&x), first.add(&x).sum(&[0], false));
        drop(x);
        evaluate(&[&first, &second, &sum]);
        assert_eq!([bits(&first), bits(&second), bits(&sum)], [bits(&y), bits(&z), bits(&s)]);
        assert!(place(&first) != at);
    }

    #[test]
    fn what_is_not_computed_yet_keeps_its_operands() {
        let make = || {
            let x = large(1.5);
            let between = x.add(&large(0.5));
            [between.square(), between.exp().mul(&large(3.0))]
        };
        let expected = eagerly(|| make().map(|y| bits(&y)));
        let [now, later] = make();
        evaluate(&[&now]);
        assert!(later.is_deferred());
        assert_eq!([bits(&now), bits(&later)], expected);
    }

    #[test]
    fn several_results_take_several_operands() {
        let make = || {
            let (a, b, c) = (large(1.0), large(2.0), large(0.5).reshape(&[1, N]));
            let places = [place(&a), place(&b), place(&c)];
            let (p, q) = (a.mul(&b).add(&c.reshape(&[N])), a.sub(&b));
            (places, [p.sigmoid(), q.square(), p])
        };
        let (_, expected) = eagerly(make);
        let (places, found) = make();
        evaluate(&found.each_ref());
        assert_eq!(found.each_ref().map(bits), expected.each_ref().map(bits));
        assert!(found.iter().filter(|x| places.contains(&place(x))).count() >= 2);
    }

    #[test]
    fn threads_may_ask_for_the_same_results() {
        let expected = eagerly(|| [large(2.0).tanh(), large(2.0).tanh().exp(), large(2.0).tanh().exp().neg()]);
        let expected = expected.each_ref().map(bits);
        parallel::with_threads(1, || {
            for _ in 0..50 {
                let a = large(2.0).tanh();
                let b = a.exp();
                let results = [a, b.clone(), b.neg()];
                drop(b);
                std::thread::scope(|scope| {
                    for i in 0..6 {
                        let (x, expected) = (results[i % 3].clone(), &expected[i % 3]);
                        scope.spawn(move || assert_eq!(bits(&x), *expected));
                    }
                    drop(results);
                });
            }
        });
    }
}
