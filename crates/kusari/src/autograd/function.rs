//! `Function`: what differentiates, and how an application of one is recorded.

use super::{
    Variable, hook,
    node::{Alias, Apply, Edges, Input, Kept, Kind, Node, Record},
};
use crate::{Error, Result, config, config::Config};
use kusari_array::{Array, Shape};
use smallvec::SmallVec;
use std::{ops::BitOr, panic::Location, sync::Arc};

/// A differentiable function: arrays in, arrays out, and the gradient written on [`Variable`]s, so that the same code
/// gives every higher order.
///
/// ```
/// use kusari::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};
///
/// /// y = x³
/// struct Cube;
/// impl Function for Cube {
///     fn name(&self) -> &str { "cube" }
///     fn keep(&self, _: Needs) -> Keep { Keep::INPUTS }
///     fn forward(&self, x: &[&Array]) -> Outputs { x[0].mul(&x[0].square()).into() }
///     fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
///         let x = ctx.input(0);
///         (3.0 * &x * &x * &gy[0]).into()
///     }
/// }
/// let x = Variable::new(2.0f32);
/// let y = Cube.apply1(&[&x]);
/// y.backward();
/// assert_eq!(x.grad().unwrap().item(), 12.0);
/// ```
pub trait Function: Send + Sync + 'static {
    /// The name that messages, hooks and graphs show.
    fn name(&self) -> &str;
    /// What `backward` will read, given which inputs need a gradient. The rest is freed as early as the program lets go.
    fn keep(&self, _needs: Needs) -> Keep {
        Keep::NOTHING
    }
    /// Rejects inputs that `forward` cannot take, before any work.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what was expected and given.
    fn check(&self, _x: &[&Array]) -> Result<()> {
        Ok(())
    }
    /// Computes the outputs.
    fn forward(&self, x: &[&Array]) -> Outputs;
    /// The gradients of the inputs from those of the outputs (zeros for an output that did not take part).
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads;
    /// Whether the output only looks at the input's memory (transpose, slice, …).
    fn is_view(&self) -> bool {
        false
    }
    /// Whether there is a gradient at all; if not, the outputs are constants.
    fn is_differentiable(&self) -> bool {
        true
    }

    /// Applies a function with one output.
    ///
    /// # Panics
    /// At the caller's line, when `check` rejects the inputs.
    #[track_caller]
    #[inline]
    fn apply1(self, x: &[&Variable]) -> Variable
    where
        Self: Sized,
    {
        match apply(self, x, Location::caller()) {
            Ok(mut y) => y.pop().expect("a function has an output"),
            Err(e) => panic!("{e}"),
        }
    }
    /// Applies a function with any number of outputs.
    ///
    /// # Panics
    /// At the caller's line, when `check` rejects the inputs.
    #[track_caller]
    fn apply(self, x: &[&Variable]) -> Vec<Variable>
    where
        Self: Sized,
    {
        match apply(self, x, Location::caller()) {
            Ok(y) => y.into_vec(),
            Err(e) => panic!("{e}"),
        }
    }
    /// Applies the function, or says why it cannot.
    ///
    /// # Errors
    /// What `check` says of the inputs.
    #[track_caller]
    fn try_apply(self, x: &[&Variable]) -> Result<Vec<Variable>>
    where
        Self: Sized,
    {
        apply(self, x, Location::caller()).map(SmallVec::into_vec)
    }
}

/// A set of small numbers (63 stands for all from 63 up).
macro_rules! bits {
    ($($(#[$meta:meta])* $name:ident),*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name(u64);
        impl $name {
            /// Whether number `i` is in it.
            #[inline]
            pub fn get(self, i: usize) -> bool { self.0 >> i.min(63) & 1 == 1 }
        }
    )* };
}
bits! {
    /// Which inputs need a gradient.
    Needs
}

/// What an application keeps for `backward`: inputs and outputs, joined with `|`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keep {
    inputs: u64,
    outputs: u64,
}

impl Keep {
    /// Nothing.
    pub const NOTHING: Keep = Keep { inputs: 0, outputs: 0 };
    /// All inputs.
    pub const INPUTS: Keep = Keep { inputs: !0, outputs: 0 };
    /// All outputs.
    pub const OUTPUTS: Keep = Keep { inputs: 0, outputs: !0 };
    /// Input `i`.
    pub const fn input(i: usize) -> Keep {
        Keep { inputs: 1 << if i < 63 { i } else { 63 }, outputs: 0 }
    }
    /// Output `i`.
    pub const fn output(i: usize) -> Keep {
        Keep { inputs: 0, outputs: 1 << if i < 63 { i } else { 63 } }
    }
    /// For products: input `i` where another input needs a gradient.
    pub fn cross(needs: Needs) -> Keep {
        match (needs.get(0), needs.get(1)) {
            (true, true) => Keep::input(0) | Keep::input(1),
            (true, false) => Keep::input(1),
            (false, true) => Keep::input(0),
            (false, false) => Keep::NOTHING,
        }
    }
    /// This, if `condition`; else nothing.
    pub fn when(self, condition: bool) -> Keep {
        if condition { self } else { Keep::NOTHING }
    }
}
impl BitOr for Keep {
    type Output = Keep;
    fn bitor(self, other: Keep) -> Keep {
        Keep { inputs: self.inputs | other.inputs, outputs: self.outputs | other.outputs }
    }
}

/// What `forward` returns: the outputs, and arrays that only `backward` needs.
pub struct Outputs {
    pub(crate) arrays: SmallVec<[Array; 1]>,
    pub(crate) saved: SmallVec<[Array; 1]>,
}
impl Outputs {
    /// Keeps `array` for [`Context::saved`].
    #[must_use]
    pub fn save(mut self, array: Array) -> Outputs {
        self.saved.push(array);
        self
    }
}
impl From<Array> for Outputs {
    #[inline]
    fn from(y: Array) -> Outputs {
        let mut arrays = SmallVec::new();
        arrays.push(y);
        Outputs { arrays, saved: SmallVec::new() }
    }
}
impl From<Vec<Array>> for Outputs {
    fn from(y: Vec<Array>) -> Outputs {
        Outputs { arrays: y.into(), saved: SmallVec::new() }
    }
}
impl<const N: usize> From<[Array; N]> for Outputs {
    fn from(y: [Array; N]) -> Outputs {
        Outputs { arrays: y.into_iter().collect(), saved: SmallVec::new() }
    }
}

/// The gradients of the inputs, in their order; `None` for one that needs none.
pub struct Grads(pub(crate) SmallVec<[Option<Variable>; 3]>);
impl From<Variable> for Grads {
    #[inline]
    fn from(gx: Variable) -> Grads {
        let mut grads = SmallVec::new();
        grads.push(Some(gx));
        Grads(grads)
    }
}
impl From<Vec<Option<Variable>>> for Grads {
    fn from(gx: Vec<Option<Variable>>) -> Grads {
        Grads(gx.into())
    }
}
impl<const N: usize> From<[Option<Variable>; N]> for Grads {
    #[inline]
    fn from(gx: [Option<Variable>; N]) -> Grads {
        let mut grads = SmallVec::new();
        for g in gx {
            grads.push(g);
        }
        Grads(grads)
    }
}

/// What `backward` may see of the forward call.
pub struct Context<'a> {
    pub(crate) node: &'a Arc<Node>,
    pub(crate) apply: &'a Apply,
    pub(crate) record: &'a Record,
    pub(crate) config: Config,
    /// Inputs whose gradient is wanted in this run.
    pub(crate) wanted: u64,
    /// Outputs that took part.
    pub(crate) given: u64,
}

impl Context<'_> {
    /// Input `i`, which `keep` must have named. Differentiable, when the graph of the gradient is recorded.
    ///
    /// # Panics
    /// When it was not kept, or is a parameter that was updated since (see `Config::check_versions`).
    #[inline]
    pub fn input(&self, i: usize) -> Variable {
        let input = &self.record.inputs[i];
        let array = match &input.kept {
            Kept::Array(array) => array.clone(),
            Kept::Parameter(version) => self.parameter(input.node.as_ref().expect("a parameter is a node"), *version),
            Kept::View(view) => self.parameter(&view.0.parameter, view.0.version).with_layout(&view.1),
            Kept::No | Kept::Shape(_) => {
                panic!("{}: input {i} was not kept: `keep` must name it", self.apply.function.name())
            }
        };
        match &input.node {
            Some(node) if self.config.enable_backprop => Variable::with_node(array, node.clone()),
            _ => Variable::constant(array),
        }
    }
    fn parameter(&self, node: &Node, version: u64) -> Array {
        let Kind::Parameter(cell) = &node.kind else { unreachable!("an alias is of a parameter") };
        if self.config.check_versions && cell.version() != version {
            panic!(
                "backward: the parameter {}was updated after {} at {} used it, so its gradient would be wrong: call \
                 backward before update, or set check_versions to false to use the present value",
                cell.label(),
                self.apply.function.name(),
                self.apply.line
            );
        }
        cell.array().expect("a parameter that took part is initialised")
    }
    /// Output `i`, which `keep` must have named.
    ///
    /// # Panics
    /// When it was not kept.
    #[inline]
    pub fn output(&self, i: usize) -> Variable {
        let Some(array) = self.record.outputs.get(i).and_then(|y| y.clone()) else {
            panic!("{}: output {i} was not kept: `keep` must name it", self.apply.function.name())
        };
        if !self.config.enable_backprop {
            return Variable::constant(array);
        }
        if self.record.several.is_none() {
            return Variable::with_node(array, self.node.clone());
        }
        let node = output_node(self.node, i, &array);
        Variable::with_node(array, node)
    }
    /// The `i`-th array that `forward` saved.
    pub fn saved(&self, i: usize) -> &Array {
        &self.record.saved[i]
    }
    /// The shape of input `i`, kept or not.
    pub fn input_shape(&self, i: usize) -> Shape {
        match &self.record.inputs[i].kept {
            Kept::Shape(shape) => **shape,
            Kept::Array(array) => *array.shape(),
            Kept::View(view) => view.1.shape(),
            Kept::No | Kept::Parameter(_) => self.record.inputs[i].node.as_ref().expect("there is a node").shape(),
        }
    }
    /// Number of inputs.
    pub fn input_count(&self) -> usize {
        self.record.inputs.len()
    }
    /// Whether the gradient of input `i` is wanted.
    #[inline]
    pub fn needs(&self, i: usize) -> bool {
        self.wanted >> i.min(63) & 1 == 1 && self.record.inputs[i].node.is_some()
    }
    /// Whether output `i` took part: if not, its gradient is zeros.
    pub fn has_gradient(&self, i: usize) -> bool {
        self.given >> i.min(63) & 1 == 1
    }
    /// Asks `f` for the gradient of each input that needs one.
    #[inline]
    pub fn each(&self, mut f: impl FnMut(usize) -> Variable) -> Grads {
        let mut grads = SmallVec::new();
        for i in 0..self.record.inputs.len() {
            grads.push(if self.needs(i) { Some(f(i)) } else { None });
        }
        Grads(grads)
    }
}

fn output_node(creator: &Arc<Node>, index: usize, array: &Array) -> Arc<Node> {
    let kind = Kind::Output { of: std::sync::RwLock::new(Some(creator.clone())), index };
    Node::new(kind, *array.shape(), array.dtype(), creator.order)
}

/// Computes and, where an input needs a gradient, records.
pub(crate) fn apply<F: Function>(
    function: F,
    x: &[&Variable],
    line: &'static Location<'static>,
) -> Result<SmallVec<[Variable; 1]>> {
    let config = config();
    let outputs = compute(&function, x, config, line)?;
    let mut needs = 0u64;
    if config.enable_backprop {
        for (i, x) in x.iter().enumerate() {
            needs |= (x.node.is_some() as u64) << i.min(63);
        }
    }
    if needs == 0 || !function.is_differentiable() {
        let mut y = SmallVec::new();
        for array in outputs.arrays {
            y.push(Variable::constant(array));
        }
        return Ok(y);
    }
    let keep = function.keep(Needs(needs));
    Ok(record(Box::new(function), x, outputs, keep, line))
}

fn compute(f: &dyn Function, x: &[&Variable], config: Config, line: &Location) -> Result<Outputs> {
    let mut arrays: SmallVec<[&Array; 4]> = SmallVec::new();
    for x in x {
        arrays.push(&x.array);
    }
    f.check(&arrays)?;
    if !hook::active() && !config.debug {
        return Ok(f.forward(&arrays));
    }
    hook::forward_before(f, &arrays);
    let outputs = f.forward(&arrays);
    hook::forward_after(f, &arrays, &outputs.arrays);
    if config.debug {
        for (i, y) in outputs.arrays.iter().enumerate() {
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
    x: &[&Variable],
    outputs: Outputs,
    keep: Keep,
    line: &'static Location<'static>,
) -> SmallVec<[Variable; 1]> {
    let mut above = 0;
    let mut inputs = SmallVec::new();
    for (i, x) in x.iter().enumerate() {
        let kept = match keep.inputs >> i.min(63) & 1 {
            1 => kept(x),
            _ if x.node.is_some() => Kept::No,
            _ => Kept::Shape(Box::new(*x.array.shape())),
        };
        let node = x.node.as_ref().map(|held| held.node().clone());
        above = above.max(node.as_ref().map_or(0, |n| n.order));
        inputs.push(Input { node, kept });
    }
    let alias = if function.is_view() { alias(x[0], &outputs.arrays[0]) } else { None };
    let mut kept_outputs = SmallVec::new();
    for (i, y) in outputs.arrays.iter().enumerate() {
        kept_outputs.push(if keep.outputs >> i.min(63) & 1 == 1 { Some(y.clone()) } else { None });
    }
    let one = outputs.arrays.len() == 1;
    let several = (!one).then(|| outputs.arrays.iter().map(|y| (*y.shape(), y.dtype())).collect());
    let (shape, dtype) = (*outputs.arrays[0].shape(), outputs.arrays[0].dtype());
    let edges = Edges::Live(Record { inputs, outputs: kept_outputs, saved: outputs.saved, several });
    let apply = Apply { function, edges: std::sync::RwLock::new(edges), line, alias };
    let node = Node::new(Kind::Apply(apply), shape, dtype, above);
    let mut y = SmallVec::new();
    for (i, array) in outputs.arrays.into_iter().enumerate() {
        let node = if one { node.clone() } else { output_node(&node, i, &array) };
        y.push(Variable::with_node(array, node));
    }
    y
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
fn alias(x: &Variable, y: &Array) -> Option<Alias> {
    let node = x.node.as_ref()?.node();
    if !x.array.shares_memory(y) {
        return None;
    }
    match &node.kind {
        Kind::Parameter(cell) => Some(Alias { parameter: node.clone(), version: cell.version_of(&x.array)? }),
        Kind::Apply(apply) => apply.alias.clone(),
        _ => None,
    }
}
