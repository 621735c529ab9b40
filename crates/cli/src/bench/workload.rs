//! What a workload is.

use super::shape::Shape;
use kusari::{Array, Optimizer, Parameter, Variable, config};

/// A workload by its name.
pub struct Entry {
    pub name: &'static str,
    pub what: &'static str,
    /// The options of shape that it heeds.
    pub takes: &'static [&'static str],
    pub make: fn(&Shape) -> Workload,
}

/// Something to measure, ready to run.
pub struct Workload {
    pub step: Step,
    pub parameters: Vec<Parameter>,
    pub work: Work,
    /// The bytes that training needs at least, where that is known.
    pub memory: Option<usize>,
}

/// What a step does.
pub enum Step {
    /// `loss.backward(); opt.update();`
    Train { loss: Loss, optimizer: Box<dyn Optimizer> },
    /// `loss.backward();`
    Differentiate { loss: Loss },
    /// `opt.update();` with a given gradient.
    Update { x: Parameter, gradient: Array, optimizer: Box<dyn Optimizer> },
}

pub type Loss = Box<dyn FnMut() -> Variable>;

/// What a step cannot do without.
pub enum Work {
    /// Floating-point operations of products and convolutions.
    Flops { forward: f64, backward: f64 },
    /// Bytes read and written.
    Bytes(f64),
    /// Too little to matter.
    Little,
}

/// Products of matrices, (rows, inner, columns) each, and their two gradients; the first one's input needs none.
pub fn products(all: &[[usize; 3]], input_needs_gradient: bool) -> Work {
    let flops = |p: &[usize; 3]| 2.0 * p.iter().map(|&n| n as f64).product::<f64>();
    let forward: f64 = all.iter().map(flops).sum();
    let spared = if input_needs_gradient { 0.0 } else { all.first().map_or(0.0, flops) };
    Work::Flops { forward, backward: 2.0 * forward - spared }
}

/// Bytes of float32 weights, their gradients, `states` arrays of the optimiser for each, and `kept` numbers of the
/// dtype that layers compute in: the elements of every input or output that the formula of a gradient reads, whether it
/// reads whole numbers of it or, as relu's does, signs.
pub fn memory(parameters: &[Parameter], states: usize, kept: usize) -> Option<usize> {
    let weights: usize = parameters.iter().filter_map(Parameter::shape).map(|s| s.count()).sum();
    Some(4 * weights * (2 + states) + config().dtype.size() * kept)
}
