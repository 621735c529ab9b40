//! What two runs have in common: lengths that differ depend on the batch, anything else that differs is an error. A third one
//! confirms it.

use super::{
    BATCHES, Value,
    graph::{Graph, Length, Output, Source},
};
use crate::{Array, Error, Result};
use kusari_array::SliceRange;

/// The graph of both runs.
pub(super) fn agreed([mut a, b]: [Graph; 2]) -> Result<Graph> {
    let (values, nodes) = a.needed();
    missing(&a, &values)?;
    let moved = a.depending();
    if let Some(i) = a.outputs.iter().position(|output| !moved[output.value.0]) {
        let got = "values, or results of what is no function";
        return Err(wrong(
            &format!("output {i}"),
            "something that functions of variables compute from the inputs",
            got,
        ));
    }
    if a.outputs.len() != b.outputs.len() {
        return Err(wrong(
            "an output",
            "as many outputs in every run",
            format_args!("{}, {}", a.outputs.len(), b.outputs.len()),
        ));
    }
    same_steps(&a, &b, &nodes)?;
    for (i, _) in values.iter().enumerate().filter(|(_, needed)| **needed) {
        let merged = match (&a.values[i], b.values.get(i)) {
            (Source::Integers(x), Some(Source::Integers(y))) if x.len() == y.len() => {
                (x != y).then(|| Source::Linear(lengths(x, y)))
            }
            (Source::Constant(x), Some(Source::Constant(y))) => match constant(x, y) {
                Some(merged) => merged,
                None => {
                    let got = format!("other values in another run (shapes {} and {})", x.shape(), y.shape());
                    let expected =
                        "constants that do not depend on the input, and functions of variables for all that does";
                    return Err(wrong(&a.user(Value(i)), expected, got));
                }
            },
            (Source::Input, Some(Source::Input))
            | (Source::Absent, Some(Source::Absent))
            | (Source::Result, Some(Source::Result)) => None,
            _ => return Err(wrong(&a.user(Value(i)), STEPS, "others in another run")),
        };
        if let Some(merged) = merged {
            a.values[i] = merged;
        }
    }
    for (x, y) in a.outputs.iter_mut().zip(&b.outputs) {
        if x.value != y.value || x.array.ndim() != y.array.ndim() {
            return Err(wrong("an output", STEPS, "others in another run"));
        }
        x.shape = shapes(&x.array, &y.array);
    }
    Ok(a)
}

/// An error where a further run, of a batch of `n`, was not what `graph` says.
pub(super) fn holds(graph: &Graph, run: &Graph, n: usize) -> Result<()> {
    let (values, nodes) = graph.needed();
    same_steps(graph, run, &nodes)?;
    for (i, _) in values.iter().enumerate().filter(|(_, needed)| **needed) {
        let holds = match (&graph.values[i], run.values.get(i)) {
            (Source::Integers(x), Some(Source::Integers(y))) => x == y,
            (Source::Linear(x), Some(Source::Integers(y))) => at(x, n) == *y,
            (Source::Constant(x), Some(Source::Constant(y))) => is_equal(x, y),
            (Source::Repeated(first, lengths), Some(Source::Constant(y))) => {
                at(lengths, n) == shape(y) && is_equal(&first.broadcast_to(y.shape()), y)
            }
            (x, Some(y)) => std::mem::discriminant(x) == std::mem::discriminant(y),
            (_, None) => false,
        };
        if !holds {
            let got = "others in another run, of another batch with other values";
            return Err(wrong(&graph.user(Value(i)), "the same constants and lengths whatever the input is", got));
        }
    }
    let like = |(x, y): (&Output, &Output)| x.value == y.value && at(&x.shape, n) == shape(&y.array);
    if graph.outputs.len() != run.outputs.len() || !graph.outputs.iter().zip(&run.outputs).all(like) {
        return Err(wrong("an output", STEPS, "others in another run, of another batch with other values"));
    }
    Ok(())
}

/// An error where a run does something else at the nodes that are needed.
fn same_steps(graph: &Graph, run: &Graph, needed: &[bool]) -> Result<()> {
    let differs = |&i: &usize| needed[i] && !run.nodes.get(i).is_some_and(|y| graph.nodes[i].is_like(y));
    match (0..needed.len()).find(differs) {
        Some(i) => Err(wrong(&graph.user_of(i), STEPS, "others for another batch with other values")),
        None => Ok(()),
    }
}
const STEPS: &str = "the same steps whatever the input is";

/// Lengths at a batch of `n`.
fn at(lengths: &[Length], n: usize) -> Vec<i64> {
    lengths.iter().map(|length| length.factor * n as i64 + length.rest).collect()
}

/// Whether two arrays have the same dtype, shape and bits.
fn is_equal(x: &Array, y: &Array) -> bool {
    x.is_same(y) || x.dtype() == y.dtype() && x.shape() == y.shape() && x.to_bytes() == y.to_bytes()
}

/// An error at a function whose output is needed and has no form in ONNX.
fn missing(graph: &Graph, needed: &[bool]) -> Result<()> {
    let call = |(source, needed): (&Source, &bool)| match source {
        Source::Missing(call) if *needed => Some(*call),
        _ => None,
    };
    match graph.values.iter().zip(needed).find_map(call) {
        Some(call) => Err(Error::Data(format!("onnx: {} has no form in ONNX", graph.calls[call].label()))),
        None => Ok(()),
    }
}

fn wrong(place: &str, expected: &str, got: impl std::fmt::Display) -> Error {
    Error::invalid(format_args!("onnx: {place}"), expected, got)
}

/// The line through the lengths of both runs.
fn lengths(x: &[i64], y: &[i64]) -> Vec<Length> {
    let [n, m, _] = BATCHES.map(|n| n as i64);
    let line = |(&x, &y): (&i64, &i64)| {
        let factor = (y - x) / (m - n);
        Length { factor, rest: x - factor * n }
    };
    x.iter().zip(y).map(line).collect()
}

fn shapes(x: &Array, y: &Array) -> Vec<Length> {
    lengths(&shape(x), &shape(y))
}

fn shape(x: &Array) -> Vec<i64> {
    x.shape().iter().map(|&n| n as i64).collect()
}

/// What becomes of a constant of both runs: nothing if it is the same, a repetition if its shape depends on the batch;
/// `None` if they have nothing in common.
fn constant(x: &Array, y: &Array) -> Option<Option<Source>> {
    if is_equal(x, y) {
        return Some(None);
    }
    if x.dtype() != y.dtype() || x.ndim() != y.ndim() || x.shape() == y.shape() {
        return None;
    }
    let first = |a: &Array| {
        let differs = |d: usize| x.shape()[d] != y.shape()[d];
        (0..a.ndim()).filter(|&d| differs(d)).fold(a.clone(), |a, d| a.slice_axis(d, SliceRange::new(0, 1)))
    };
    if x.len() * y.len() == 0 {
        return None;
    }
    let repeats = |a: &Array| first(a).broadcast_to(a.shape()).to_bytes() == a.to_bytes();
    let same = first(x).to_bytes() == first(y).to_bytes() && repeats(x) && repeats(y);
    same.then(|| Some(Source::Repeated(first(x).copy(), shapes(x, y))))
}
