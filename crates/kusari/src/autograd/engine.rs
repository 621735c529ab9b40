//! The engine: visits the nodes behind a result, latest first, and accumulates gradients. Undoes broadcasting.

use super::{
    Context, Variable, hook,
    inputs::{Input, Kept},
    node::{Apply, Edges, Kind, Node, Record},
    node_set::{NodeSet, behind},
    queue::{Arrived, Pending, Queue},
};
use crate::{config, config::Config, functions as F};
use kusari_array::{Array, DType, Shape, Shared, evaluate};
use smallvec::SmallVec;
use std::{cell::Cell, collections::HashMap};

/// Where a run puts gradients.
pub(crate) enum Sink<'a> {
    /// Into every leaf, parameter and held variable.
    Slots,
    /// Into the slots of these nodes only.
    SlotsOf(&'a NodeSet),
    /// Into a list, by node.
    List(&'a HashMap<*const Node, usize>, &'a mut [Option<Variable>]),
}

/// Used gradients of so many bytes are let go before the new ones are computed, smaller ones when they are replaced.
const LARGE: usize = 1 << 16;
/// Behind a gradient of so few elements nobody looks for large ones.
const FEW: usize = 16;

fn is_large(node: &Node) -> bool {
    let elements = node.shape.count();
    elements == 0 || elements * node.dtype.size() >= LARGE // a shape that was open shows as 0
}

/// One walk through the graph.
pub(crate) struct Run<'a> {
    pub(crate) sink: Sink<'a>,
    /// The nodes behind which there is a target, where only some gradients are wanted.
    pub(crate) needed: Option<NodeSet>,
    /// Frees the graph on the way.
    pub(crate) consume: bool,
    /// Does not go on behind nodes of the list.
    pub(crate) ends_at_targets: bool,
    /// Nodes whose gradient was deferred when it was stored.
    deferred: Vec<Shared<Node>>,
    /// Whether a function was differentiated.
    started: bool,
}

thread_local! { static WALKING: Cell<bool> = const { Cell::new(false) }; }

/// Whether this thread is walking through a graph: what it computes is evaluated at the end.
pub(super) fn walking() -> bool {
    WALKING.get()
}

/// Sets [`walking`] and sets it back.
struct Walking(bool);
impl Drop for Walking {
    fn drop(&mut self) {
        WALKING.set(self.0);
    }
}

/// Makes `a` the sum `a + b`, in place where nobody else sees it and nothing is recorded.
pub(crate) fn add_to(a: &mut Variable, b: Variable) {
    if a.node.is_some() || b.node.is_some() {
        *a = F::add(a, &b);
    } else {
        a.array.add_assign(&b.array);
    }
}

impl<'a> Run<'a> {
    pub(crate) fn new(sink: Sink<'a>, needed: Option<NodeSet>, consume: bool) -> Run<'a> {
        Run { sink, needed, consume, ends_at_targets: false, deferred: Vec::new(), started: false }
    }
    /// Walks back from `roots`, which have the values `results`.
    pub(crate) fn walk(mut self, roots: impl IntoIterator<Item = (Shared<Node>, Variable)>, results: &[&Array]) {
        let _walking = Walking(WALKING.replace(true));
        let config = config();
        let mut queue = Queue::new();
        for (node, gy) in roots {
            match &node.kind {
                Kind::Leaf | Kind::Parameter(_) => self.leaf(&node, gy),
                _ => queue.add(&node, 0, gy),
            }
        }
        while let Some(Pending { node, mut grads }) = queue.pop() {
            match &node.kind {
                Kind::Apply(apply) => {
                    // Of a function with several outputs, the output nodes hold the gradients.
                    if let (true, Some(gy), true) = (self.wants(&node), &grads.first, grads.rest.is_empty()) {
                        self.keep(&node, gy);
                        if self.ends_at_targets {
                            continue;
                        }
                    }
                    self.apply(&node, apply, &mut grads, &config, &mut queue);
                }
                Kind::Output { of, index } => {
                    let gy = grads.first.expect("a queued node has a gradient");
                    if self.wants(&node) {
                        self.keep(&node, &gy);
                        if self.ends_at_targets {
                            continue;
                        }
                    }
                    if let Some(of) = &*of.read() {
                        queue.add(of, *index, gy);
                    }
                }
                Kind::Leaf | Kind::Parameter(_) => unreachable!("leaves are not queued"),
            }
        }
        std::mem::forget(queue); // empty: nobody needs to look into its places once more
        if !self.deferred.is_empty() || results.iter().any(|y| y.is_deferred()) {
            self.evaluate(results);
        }
    }

    /// Computes what has been put off: results and gradients together, so that they share one pass over memory.
    #[cold]
    fn evaluate(self, results: &[&Array]) {
        let stored: Vec<Variable> = match &self.sink {
            Sink::List(_, found) => found.iter().flatten().cloned().collect(),
            _ => self.deferred.iter().filter_map(|node| node.slot.get()).collect(),
        };
        evaluate(&results.iter().copied().chain(stored.iter().map(|g| &g.array)).collect::<Vec<_>>());
    }

    fn wants(&self, node: &Shared<Node>) -> bool {
        match &self.sink {
            Sink::Slots => Shared::is_held(node),
            Sink::SlotsOf(_) => false,
            Sink::List(targets, _) => targets.contains_key(&Shared::as_ptr(node)),
        }
    }
    fn keep(&mut self, node: &Shared<Node>, gy: &Variable) {
        self.note(node, gy);
        match &mut self.sink {
            Sink::List(targets, found) => found[targets[&Shared::as_ptr(node)]] = Some(gy.clone()),
            _ => Node::store(node, gy.clone()),
        }
    }
    /// Lets large used gradients go that are about to be replaced.
    fn make_room(&self, record: &Record, wanted: u64) {
        for (i, source) in record.inputs.iter().enumerate().filter_map(|(i, x)| Some((i, x.node.as_ref()?))) {
            if wanted >> i.min(63) & 1 == 1 && is_large(source) && self.stores(source) {
                source.slot.drop_used();
            }
        }
    }
    /// The same for everything that the last function's large inputs were computed from, before there are new gradients.
    fn make_room_behind(&self, record: &Record) {
        let sources = || record.inputs.iter().filter_map(|x| x.node.as_ref());
        // Not where a shape was open: small models would pay for the walk.
        if sources().any(|source| source.shape.count() * source.dtype.size() >= LARGE) {
            behind(&sources().cloned().collect::<Vec<_>>())
                .iter()
                .filter(|n| is_large(n) && self.stores(n))
                .for_each(|n| n.slot.drop_used());
        }
    }
    /// Whether the gradient of a leaf goes into its slot.
    fn stores(&self, node: &Shared<Node>) -> bool {
        let is_leaf = matches!(node.kind, Kind::Leaf | Kind::Parameter(_));
        match &self.sink {
            Sink::Slots => is_leaf,
            Sink::SlotsOf(targets) => is_leaf && targets.contains(&Shared::as_ptr(node)),
            Sink::List(..) => false,
        }
    }
    /// Remembers where a deferred gradient goes.
    #[inline]
    fn note(&mut self, node: &Shared<Node>, g: &Variable) {
        if g.array.is_deferred() {
            self.deferred.push(node.clone());
        }
    }
    fn leaf(&mut self, node: &Shared<Node>, gx: Variable) {
        self.note(node, &gx);
        match &mut self.sink {
            Sink::Slots => Node::store(node, gx),
            Sink::SlotsOf(targets) if targets.contains(&Shared::as_ptr(node)) => Node::store(node, gx),
            Sink::List(targets, found) => {
                if let Some(&i) = targets.get(&Shared::as_ptr(node)) {
                    match &mut found[i] {
                        Some(g) => add_to(g, gx),
                        empty => *empty = Some(gx),
                    }
                }
            }
            Sink::SlotsOf(_) => {}
        }
    }

    fn apply(&mut self, node: &Shared<Node>, apply: &Apply, grads: &mut Arrived, config: &Config, queue: &mut Queue) {
        let mut own = None;
        let mut taken;
        let guard;
        let edges = if self.consume {
            taken = std::mem::replace(&mut *apply.edges.write(), Edges::Freed);
            own = owned(apply, &mut taken);
            &taken
        } else {
            guard = apply.edges.read();
            &*guard
        };
        match edges {
            Edges::Live(record) => self.differentiate(node, apply, record, own, grads, config, queue),
            Edges::Cut => {}
            Edges::Freed => panic!(
                "backward: the graph behind {} at {} was freed by minimize: use backward and update to walk it twice",
                apply.function.name(),
                apply.line
            ),
        }
    }

    #[allow(clippy::too_many_arguments)] // what `apply` has found
    fn differentiate(
        &mut self,
        node: &Shared<Node>,
        apply: &Apply,
        record: &Record,
        own: Option<Array>,
        grads: &mut Arrived,
        config: &Config,
        queue: &mut Queue,
    ) {
        let inputs = &record.inputs[..];
        let wanted = self.needed.as_ref().map_or(!0, |needed| wanted(needed, inputs));
        let mut gy = SmallVec::new();
        let given = complete(grads, record.several(), &mut gy);
        let ctx = Context { node, apply, record, inputs, config, wanted, given, own: Cell::new(own) };
        let hooked = hook::active();
        if hooked {
            hook::backward_before(&*apply.function, &gy);
        }
        let is_large = gy[0].array.len() > FEW;
        if !std::mem::replace(&mut self.started, true) {
            self.make_room_behind(record);
        } else if is_large {
            self.make_room(record, wanted);
        }
        let mut gxs = if !config.enable_backprop && !hooked {
            apply.function.consume(&ctx, gy)
        } else {
            apply.function.backward(&ctx, &gy)
        };
        if hooked {
            gxs.0.iter().flatten().for_each(|gx| gx.array.evaluate()); // in this function's time
            hook::backward_after(&*apply.function, &gxs.0);
        }
        assert!(
            gxs.0.len() == inputs.len(),
            "backward of {}: expected a gradient (or None) for each of {} inputs, got {}",
            apply.function.name(),
            inputs.len(),
            gxs.0.len()
        );
        for (i, (input, gx)) in inputs.iter().zip(&mut gxs.0).enumerate() {
            let Some(source) = &input.node else { continue };
            if wanted >> i.min(63) & 1 == 0 {
                continue;
            }
            let Some(mut gx) = gx.take() else {
                assert!(
                    !config.debug,
                    "backward of {} at {}: no gradient for input {i}, which needs one",
                    apply.function.name(),
                    apply.line
                );
                continue;
            };
            if !ctx.is_input_shape(i, gx.array.shape()) {
                gx = F::sum_to(&gx, &ctx.input_shape(i)); // undo broadcasting
            }
            if config.debug && !gx.array.all_finite() {
                panic!(
                    "backward of {}, called at {}: NaN or infinity in the gradient of input {i} (debug mode)",
                    apply.function.name(),
                    apply.line
                );
            }
            match source.kind {
                Kind::Leaf | Kind::Parameter(_) => self.leaf(source, gx),
                _ => queue.add(source, 0, gx),
            }
        }
    }
}

/// The kept input that the function may write over: nobody reads it again. Where hooks look on, nothing is written over.
fn owned(apply: &Apply, edges: &mut Edges) -> Option<Array> {
    let Edges::Live(record) = edges else { return None };
    let input = record.inputs.iter_mut().nth(apply.function.overwrites()?)?;
    match &input.kept {
        Kept::Array(array) if !hook::active() => {
            let shape = Box::new(*array.shape());
            match std::mem::replace(&mut input.kept, Kept::Shape(shape)) {
                Kept::Array(array) => Some(array),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Which inputs are among the nodes that are needed, as bits.
#[inline(never)] // apart, so that small graphs do not pay for it; so below
fn wanted(needed: &NodeSet, inputs: &[Input]) -> u64 {
    let mut wanted = 0;
    for (i, input) in inputs.iter().enumerate() {
        let wants = input.node.as_ref().is_some_and(|n| needed.contains(&Shared::as_ptr(n)));
        wanted |= (wants as u64) << i.min(63);
    }
    wanted
}

/// Moves the gradients of all outputs into `gy`, with zeros for outputs that did not take part; says which did.
#[inline]
fn complete(grads: &mut Arrived, several: &[(Shape, DType)], gy: &mut SmallVec<[Variable; 1]>) -> u64 {
    if !several.is_empty() {
        return complete_several(grads, several, gy);
    }
    gy.push(grads.first.take().expect("a queued node has a gradient"));
    1
}

#[inline(never)]
fn complete_several(grads: &mut Arrived, several: &[(Shape, DType)], gy: &mut SmallVec<[Variable; 1]>) -> u64 {
    let mut given = 0u64;
    let mut arrived = std::iter::once(grads.first.take()).chain(grads.rest.drain(..));
    for (i, (shape, dtype)) in several.iter().enumerate() {
        let arrived = arrived.next().flatten();
        given |= (arrived.is_some() as u64) << i.min(63);
        gy.push(arrived.unwrap_or_else(|| Variable::constant(Array::zeros(shape, *dtype))));
    }
    given
}
