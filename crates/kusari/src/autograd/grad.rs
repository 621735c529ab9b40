//! `grad`: gradients as values, without touching any variable's own.

use super::{
    Variable,
    engine::{Run, Sink},
    node_set::{between, needed},
};
use crate::config;
use kusari_array::{Array, Shared};
use std::collections::HashMap;

/// Options of [`grad_with`].
#[derive(Clone, Default)]
pub struct GradOptions {
    /// The gradients of the outputs to start from; ones by default.
    pub grad_outputs: Option<Vec<Variable>>,
    /// Records the computation, so that the result can be differentiated again.
    pub create_graph: bool,
}

/// The gradients of the sum of all elements of `outputs` with respect to each of `inputs`; `None` for an input that
/// none of them depends on. No variable's `grad` is touched.
///
/// ```
/// use kusari::{Variable, grad};
/// let x = Variable::new(3.0f32);
/// let y = &x * &x;
/// let gx = grad(&[&y], &[&x]).remove(0).unwrap();
/// assert_eq!(gx.item(), 6.0);
/// assert!(x.grad().is_none());
/// ```
#[track_caller]
pub fn grad(outputs: &[&Variable], inputs: &[&Variable]) -> Vec<Option<Variable>> {
    grad_with(outputs, inputs, GradOptions::default())
}

/// [`grad`] with options.
///
/// # Panics
/// When the given gradients of the outputs do not fit them.
#[track_caller]
pub fn grad_with(outputs: &[&Variable], inputs: &[&Variable], options: GradOptions) -> Vec<Option<Variable>> {
    along(false, outputs, inputs, options)
}

/// [`grad_with`] of the formula between `inputs` and `outputs` alone: paths end at the first input they meet, even where
/// that was computed from another one.
#[track_caller]
pub(crate) fn grad_between(outputs: &[&Variable], inputs: &[&Variable], options: GradOptions) -> Vec<Option<Variable>> {
    along(true, outputs, inputs, options)
}

#[track_caller]
fn along(
    ends_at_inputs: bool,
    outputs: &[&Variable],
    inputs: &[&Variable],
    options: GradOptions,
) -> Vec<Option<Variable>> {
    let mut found = vec![None; inputs.len()];
    let mut targets = HashMap::new();
    for (i, x) in inputs.iter().enumerate() {
        if let Some(held) = &x.node {
            targets.entry(Shared::as_ptr(held.shared())).or_insert(i);
        }
    }
    let mut roots = Vec::new();
    for (i, y) in outputs.iter().enumerate() {
        let seed = match &options.grad_outputs {
            Some(seeds) => {
                let fits = seeds.get(i).is_some_and(|s| s.shape() == y.shape() && s.dtype() == y.dtype());
                assert!(fits, "grad: expected grad_outputs[{i}] of shape {} and dtype {}", y.shape(), y.dtype());
                seeds[i].clone()
            }
            None => Variable::constant(y.array().full_like(1.0)),
        };
        if let Some(held) = &y.node {
            roots.push((held.shared().clone(), seed));
        }
    }
    let nodes: Vec<_> = roots.iter().map(|(n, _)| n.clone()).collect();
    let find = if ends_at_inputs { between } else { needed };
    let needed = find(&nodes, &|n| targets.contains_key(&n));
    let mut setting = config();
    setting.enable_backprop = options.create_graph;
    let _guard = setting.install();
    let values: Vec<&Array> = outputs.iter().map(|y| &y.array).collect();
    let mut run = Run::new(Sink::List(&targets, &mut found), Some(needed), false);
    run.ends_at_targets = ends_at_inputs;
    run.walk(roots, &values);
    // The same variable given twice has the same gradient.
    for (i, x) in inputs.iter().enumerate() {
        if let Some(held) = &x.node {
            found[i] = found[targets[&Shared::as_ptr(held.shared())]].clone();
        }
    }
    found
}
