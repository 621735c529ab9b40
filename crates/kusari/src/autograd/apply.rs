//! The application of a function: check, compute and, where an input needs a gradient, record.

use super::{
    Function, Keep, Needs, Outputs, Variable,
    engine::walking,
    function::More,
    hook,
    inputs::{Alias, Input, Inputs, alias},
    node::{Apply, Edges, Further, Held, Kind, Node, Record},
};
use crate::{Error, Result, config, config::Config};
use kusari_array::{Array, RwLock, Shared};
use std::panic::Location;

pub(super) fn output_node(creator: &Shared<Node>, index: usize, array: &Array) -> Held {
    let kind = Kind::Output { of: RwLock::new(Some(creator.clone())), index };
    Node::new(kind, array.shape(), array.dtype(), creator.order)
}

/// Computes and, where an input needs a gradient, records: a function with one output.
#[inline(always)]
pub(super) fn apply_one<F: Function>(
    function: F,
    x: &[&Variable],
    line: &'static Location<'static>,
) -> Result<Variable> {
    let config = config();
    let outputs = compute(&function, x, config, line)?;
    let needs = needs(x, config);
    if needs == 0 || !function.is_differentiable() {
        settle(&outputs.first);
        return Ok(Variable::constant(outputs.first));
    }
    let (array, node) = record(Box::new(function), Needs(needs), x, outputs, line);
    Ok(Variable { array, node: Some(node) })
}

/// [`apply_one`] of any number of outputs.
pub(super) fn apply<F: Function>(
    function: F,
    x: &[&Variable],
    line: &'static Location<'static>,
) -> Result<Vec<Variable>> {
    let config = config();
    let outputs = compute(&function, x, config, line)?;
    let needs = needs(x, config);
    let arrays: Vec<Array> = outputs.iter().cloned().collect();
    if needs == 0 || !function.is_differentiable() {
        arrays.iter().for_each(settle);
        return Ok(arrays.into_iter().map(Variable::constant).collect());
    }
    let one = arrays.len() == 1;
    let (_, node) = record(Box::new(function), Needs(needs), x, outputs, line);
    let output = |(i, array): (usize, Array)| {
        let node = if one { node.clone() } else { output_node(node.shared(), i, &array) };
        Variable { array, node: Some(node) }
    };
    Ok(arrays.into_iter().enumerate().map(output).collect())
}

/// Computes a number that is not recorded, if it is deferred: it would keep whole arrays alive.
#[inline]
pub(super) fn settle(y: &Array) {
    if y.is_deferred() && y.len() == 1 && !walking() {
        y.evaluate();
    }
}

/// Which inputs need a gradient, as bits.
#[inline]
fn needs(x: &[&Variable], config: Config) -> u64 {
    let mut needs = 0u64;
    if config.enable_backprop {
        for (i, x) in x.iter().enumerate() {
            needs |= (x.node.is_some() as u64) << i.min(63);
        }
    }
    needs
}

#[inline(always)] // the number of inputs is known where a function is applied
fn compute<F: Function>(f: &F, x: &[&Variable], config: Config, line: &Location<'static>) -> Result<Outputs> {
    match x {
        [a] => checked(f, &[&a.array], config, line),
        [a, b] => checked(f, &[&a.array, &b.array], config, line),
        [a, b, c] => checked(f, &[&a.array, &b.array, &c.array], config, line),
        more => checked(f, &more.iter().map(|x| &x.array).collect::<Vec<_>>(), config, line),
    }
}

#[inline(always)] // so is the function
fn checked<F: Function>(f: &F, x: &[&Array], config: Config, line: &Location<'static>) -> Result<Outputs> {
    f.check(x)?;
    if hook::active() || config.debug {
        return observed(f, x, config, line);
    }
    Ok(f.forward(x))
}

/// Computes under the eyes of hooks and of debug mode.
#[cold]
#[inline(never)]
fn observed(f: &dyn Function, x: &[&Array], config: Config, line: &Location<'static>) -> Result<Outputs> {
    hook::forward_before(f, x, line);
    let outputs = f.forward(x);
    outputs.iter().for_each(Array::evaluate); // in this function's time
    hook::forward_after(f, x, &outputs.iter().cloned().collect::<Vec<_>>());
    if config.debug {
        for (i, y) in outputs.iter().enumerate() {
            if y.dtype().is_float() && !y.all_finite() {
                let message = format!(
                    "called at {line}, made the first NaN or infinity, in output {i} of shape {} (debug mode)",
                    y.shape()
                );
                return Err(Error::state(f.name(), message));
            }
        }
    }
    Ok(outputs)
}

fn record(
    function: Box<dyn Function>,
    needs: Needs,
    x: &[&Variable],
    outputs: Outputs,
    line: &'static Location<'static>,
) -> (Array, Held) {
    let keep = function.keep(needs);
    let alias = if function.is_view() { alias(x[0], &outputs.first) } else { None };
    let mut above = 0;
    for x in x {
        above = above.max(x.node.as_ref().map_or(0, |held| held.order));
    }
    if !outputs.first.is_inline() {
        compact_inputs(x, keep);
    }
    let first = outputs.first;
    let more = outputs.more.map(|more| further(&first, *more, keep));
    let output = (keep.outputs & 1 == 1).then(|| first.clone());
    let application = Application { function, line, alias, output, more, above };
    let input = |x: &Variable, i: usize| Input::new(x, i, keep.inputs);
    let node = match *x {
        [a] => application.node(&first, Inputs::One([input(a, 0)])),
        [a, b] => application.node(&first, Inputs::Two([input(a, 0), input(b, 1)])),
        [a, b, c] => application.node(&first, Inputs::Three([input(a, 0), input(b, 1), input(c, 2)])),
        _ => application.node(&first, Inputs::Many(x.iter().enumerate().map(|(i, x)| input(x, i)).collect())),
    };
    (first, node)
}

/// Elements of an output from which on it is asked whether less would do.
const LARGE: usize = 1 << 16;

/// Asks of the inputs that are not kept whether less of them would do. Apart, so that small graphs do not pay for it.
#[inline(never)]
fn compact_inputs(x: &[&Variable], keep: Keep) {
    x.iter().enumerate().filter(|(i, _)| keep.inputs >> (*i).min(63) & 1 == 0).for_each(|(_, x)| compact(x));
}

/// Lets the function that `x` is the output of keep less than that, if nobody else keeps it: the caller lets go of `x`
/// soon, and the function that has read it does not need it again.
#[cold]
fn compact(x: &Variable) {
    // One handle is the caller's, the other in the record; elements that are not computed yet are still to be read. Whoever
    // differentiates the creator just now reads the record, and may call the function that is recorded here.
    if let Some(Kind::Apply(apply)) = x.node.as_ref().map(|held| &held.kind)
        && x.array.len() >= LARGE
        && x.array.handles() == 2
        && !x.array.is_deferred()
        && let Some(mut edges) = apply.edges.try_write()
        && let Edges::Live(Record { output: Some(output), more: None, .. }) = &mut *edges
        && output.is_same(&x.array)
        && let Some(less) = apply.function.compact(output)
    {
        *output = less;
    }
}

/// What a node is made of, apart from its inputs.
struct Application {
    function: Box<dyn Function>,
    line: &'static Location<'static>,
    alias: Option<Alias>,
    output: Option<Array>,
    more: Option<Box<Further>>,
    above: u64,
}

impl Application {
    /// The node of the output `y`. Compiled for each number of inputs, so that all is written where it stays.
    #[inline(always)]
    fn node(self, y: &Array, inputs: Inputs) -> Held {
        let Application { function, line, alias, output, more, above } = self;
        let edges = RwLock::new(Edges::Live(Record { inputs, output, more }));
        Node::build(Kind::Apply(Apply { function, edges, line, alias }), y.shape(), y.dtype(), above)
    }
}

/// What is recorded of a function with several outputs or with saved arrays.
#[cold]
fn further(first: &Array, more: More, keep: Keep) -> Box<Further> {
    let several = match more.rest.is_empty() {
        true => Vec::new(),
        false => std::iter::once(first).chain(&more.rest).map(|y| (*y.shape(), y.dtype())).collect(),
    };
    let kept = |(i, y): (usize, Array)| (keep.outputs >> (i + 1).min(63) & 1 == 1).then_some(y);
    Box::new(Further { kept: more.rest.into_iter().enumerate().map(kept).collect(), saved: more.saved, several })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{functions as F, random};
    use kusari_array::DType;

    /// The dtype of what relu keeps after a pooling has read its output of so many columns.
    fn kept(columns: usize, hold: bool) -> DType {
        let x = Variable::new(random::normal(&[1, 4, 128, columns], 0.0, 1.0, DType::F32));
        let h = F::relu(&x);
        let held = hold.then(|| h.array().clone());
        F::max_pooling_2d(&h, 2, F::MaxPooling::default());
        assert_eq!(h.array().to_vec::<f32>(), x.array().relu().to_vec::<f32>());
        drop(held);
        let Some(Kind::Apply(apply)) = h.node.as_ref().map(|held| &held.kind) else { panic!("a function's output") };
        let edges = apply.edges.read();
        let Edges::Live(Record { output: Some(y), .. }) = &*edges else { panic!("relu keeps its output") };
        y.dtype()
    }

    #[test]
    fn less_is_kept_of_large_outputs_that_nobody_else_keeps() {
        assert_eq!(kept(130, false), DType::I32);
        assert_eq!(kept(130, true), DType::F32);
        assert_eq!(kept(10, false), DType::F32);
    }
}
