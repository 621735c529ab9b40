//! The engine: visits the nodes behind a result, latest first, and accumulates gradients. Undoes broadcasting.

use super::{
    Context, Variable, hook,
    node::{Apply, Edges, Kind, Node, Record, read, write},
    queue::{Arrived, Pending, Queue},
};
use crate::{config, config::Config, functions as F};
use kusari_array::{Array, DType, Shape};
use smallvec::SmallVec;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Options of [`Variable::backward_with`].
#[derive(Clone, Default)]
pub struct Backward {
    /// The gradient to start from; 1 by default, which needs a result with one element.
    pub seed: Option<Array>,
    /// Records the computation of the gradients, so that they can be differentiated again
    /// (Chainer: `enable_double_backprop`).
    pub create_graph: bool,
    /// Multiplies the seed (default 1), so that small gradients do not vanish in f16; the optimiser divides again.
    pub loss_scale: Option<f64>,
    /// Accepted for old programs: gradients of all variables that are still held are kept anyway.
    pub retain_grad: bool,
}

/// Where a run puts gradients.
pub(crate) enum Sink<'a> {
    /// Into every leaf, parameter and held variable.
    Slots,
    /// Into the slots of these nodes only.
    SlotsOf(&'a HashSet<*const Node>),
    /// Into a list, by node.
    List(&'a HashMap<*const Node, usize>, &'a mut [Option<Variable>]),
}

/// One walk through the graph.
pub(crate) struct Run<'a> {
    pub(crate) sink: Sink<'a>,
    /// The nodes behind which there is a target, where only some gradients are wanted.
    pub(crate) needed: Option<HashSet<*const Node>>,
    /// Frees the graph on the way.
    pub(crate) consume: bool,
}

/// `a + b`, in place where nobody else sees `a` and nothing is recorded.
pub(crate) fn sum(a: Variable, b: Variable) -> Variable {
    if a.node.is_some() || b.node.is_some() {
        return F::add(&a, &b);
    }
    let mut array = a.array;
    array.add_assign(&b.array);
    Variable::constant(array)
}

impl Run<'_> {
    pub(crate) fn walk(mut self, roots: impl IntoIterator<Item = (Arc<Node>, Variable)>) {
        let config = config();
        let mut queue = Queue::default();
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
                    }
                    self.apply(&node, apply, &mut grads, config, &mut queue);
                }
                Kind::Output { of, index } => {
                    let gy = grads.first.expect("a queued node has a gradient");
                    if self.wants(&node) {
                        self.keep(&node, &gy);
                    }
                    if let Some(of) = &*read(of) {
                        queue.add(of, *index, gy);
                    }
                }
                Kind::Leaf | Kind::Parameter(_) => unreachable!("leaves are not queued"),
            }
        }
    }

    fn wants(&self, node: &Arc<Node>) -> bool {
        match &self.sink {
            Sink::Slots => node.is_held(),
            Sink::SlotsOf(_) => false,
            Sink::List(targets, _) => targets.contains_key(&Arc::as_ptr(node)),
        }
    }
    fn keep(&mut self, node: &Arc<Node>, gy: &Variable) {
        match &mut self.sink {
            Sink::List(targets, found) => found[targets[&Arc::as_ptr(node)]] = Some(gy.clone()),
            _ => node.store(gy.clone()),
        }
    }
    fn leaf(&mut self, node: &Arc<Node>, gx: Variable) {
        match &mut self.sink {
            Sink::Slots => node.store(gx),
            Sink::SlotsOf(targets) if targets.contains(&Arc::as_ptr(node)) => node.store(gx),
            Sink::List(targets, found) => {
                if let Some(&i) = targets.get(&Arc::as_ptr(node)) {
                    found[i] = Some(match found[i].take() {
                        Some(g) => sum(g, gx),
                        None => gx,
                    });
                }
            }
            Sink::SlotsOf(_) => {}
        }
    }

    fn apply(&mut self, node: &Arc<Node>, apply: &Apply, grads: &mut Arrived, config: Config, queue: &mut Queue) {
        let taken;
        let guard;
        let edges = if self.consume {
            taken = std::mem::replace(&mut *write(&apply.edges), Edges::Freed);
            &taken
        } else {
            guard = read(&apply.edges);
            &*guard
        };
        match edges {
            Edges::Live(record) => self.differentiate(node, apply, record, grads, config, queue),
            Edges::Cut => {}
            Edges::Freed => panic!(
                "backward: the graph behind {} at {} was freed by minimize: use backward and update to walk it twice",
                apply.function.name(),
                apply.line
            ),
        }
    }

    fn differentiate(
        &mut self,
        node: &Arc<Node>,
        apply: &Apply,
        record: &Record,
        grads: &mut Arrived,
        config: Config,
        queue: &mut Queue,
    ) {
        let mut wanted = !0;
        if let Some(needed) = &self.needed {
            wanted = 0;
            for (i, input) in record.inputs.iter().enumerate() {
                let wants = input.node.as_ref().is_some_and(|n| needed.contains(&Arc::as_ptr(n)));
                wanted |= (wants as u64) << i.min(63);
            }
        }
        let mut gy = SmallVec::new();
        let given = complete(grads, record.several(), &mut gy);
        let ctx = Context { node, apply, record, config, wanted, given };
        let name = apply.function.name();
        let hooked = hook::active();
        if hooked {
            hook::backward_before(&*apply.function, &gy);
        }
        let mut gxs = apply.function.backward(&ctx, &gy).0;
        if hooked {
            hook::backward_after(&*apply.function, &gxs);
        }
        drop(gy);
        assert!(
            gxs.len() == record.inputs.len(),
            "backward of {name}: expected a gradient (or None) for each of {} inputs, got {}",
            record.inputs.len(),
            gxs.len()
        );
        for (i, (input, gx)) in record.inputs.iter().zip(&mut gxs).enumerate() {
            let Some(source) = &input.node else { continue };
            if wanted >> i.min(63) & 1 == 0 {
                continue;
            }
            let Some(mut gx) = gx.take() else {
                assert!(
                    !config.debug,
                    "backward of {name} at {}: no gradient for input {i}, which needs one",
                    apply.line
                );
                continue;
            };
            if !ctx.is_input_shape(i, gx.array.shape()) {
                gx = F::sum_to(&gx, &ctx.input_shape(i)); // undo broadcasting
            }
            if config.debug && !gx.array.all_finite() {
                panic!(
                    "backward of {name}, called at {}: NaN or infinity in the gradient of input {i} (debug mode)",
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

/// Moves the gradients of all outputs into `gy`, with zeros for outputs that did not take part; says which did.
#[inline]
fn complete(grads: &mut Arrived, several: &[(Shape, DType)], gy: &mut SmallVec<[Variable; 1]>) -> u64 {
    if several.is_empty() {
        gy.push(grads.first.take().expect("a queued node has a gradient"));
        return 1;
    }
    let mut given = 0u64;
    let mut arrived = std::iter::once(grads.first.take()).chain(grads.rest.drain(..));
    for (i, (shape, dtype)) in several.iter().enumerate() {
        let arrived = arrived.next().flatten();
        given |= (arrived.is_some() as u64) << i.min(63);
        gy.push(arrived.unwrap_or_else(|| Variable::constant(Array::zeros(shape, *dtype))));
    }
    given
}

/// All nodes behind `roots` from which a target can be reached.
pub(crate) fn needed(roots: &[Arc<Node>], is_target: impl Fn(*const Node) -> bool) -> HashSet<*const Node> {
    let mut seen: HashSet<*const Node> = roots.iter().map(Arc::as_ptr).collect();
    let mut nodes = roots.to_vec();
    let mut next = 0;
    while next < nodes.len() {
        let node = nodes[next].clone();
        node.sources(|source| {
            if seen.insert(Arc::as_ptr(source)) {
                nodes.push(source.clone());
            }
        });
        next += 1;
    }
    nodes.sort_unstable_by_key(|n| n.order);
    let mut needed = HashSet::new();
    for node in &nodes {
        let mut wanted = is_target(Arc::as_ptr(node));
        node.sources(|source| wanted |= needed.contains(&Arc::as_ptr(source)));
        if wanted {
            needed.insert(Arc::as_ptr(node));
        }
    }
    needed
}

impl Variable {
    /// The gradient of this result with respect to everything that it was computed from.
    ///
    /// Afterwards every parameter and every [`Variable`] that is still held has its `grad`. Gradients of several calls
    /// add up; one that an optimiser has applied is replaced. The graph is kept until this variable is dropped.
    ///
    /// # Panics
    /// When it was not computed from anything that needs a gradient, or has more than one element (give a seed with
    /// [`Variable::backward_with`]).
    ///
    /// ```
    /// use kusari::Variable;
    /// let x = Variable::new(3.0f32);
    /// let y = &x * &x + 4.0 * &x - 7.0;
    /// y.backward();
    /// assert_eq!(x.grad().unwrap().item(), 10.0); // 2x + 4
    /// ```
    #[track_caller]
    #[inline]
    pub fn backward(&self) {
        self.start("backward", &Backward { seed: None, create_graph: false, loss_scale: None, retain_grad: false });
    }
    /// Another name of [`Variable::backward`].
    #[track_caller]
    pub fn backprop(&self) {
        self.backward();
    }
    /// [`Variable::backward`] with options.
    ///
    /// # Panics
    /// As `backward`, and when the seed's shape is not that of this variable.
    ///
    /// ```
    /// use kusari::{Backward, Variable};
    /// let x = Variable::new(3.0f32);
    /// let y = &x * &x * &x;
    /// y.backward_with(Backward { create_graph: true, ..Backward::default() });
    /// let gx = x.grad().unwrap(); // 3x²
    /// x.cleargrad();
    /// gx.backward();
    /// assert_eq!(x.grad().unwrap().item(), 18.0); // 6x
    /// ```
    #[track_caller]
    pub fn backward_with(&self, options: Backward) {
        self.start("backward", &options);
    }

    #[track_caller]
    fn start(&self, name: &str, options: &Backward) {
        let (root, seed) = self.root(name, options);
        let mut setting = config();
        setting.enable_backprop = options.create_graph;
        let _guard = setting.install();
        Run { sink: Sink::Slots, needed: None, consume: false }.walk([(root, seed)]);
    }

    /// The node to start from and the gradient to start with.
    #[track_caller]
    fn root(&self, name: &str, options: &Backward) -> (Arc<Node>, Variable) {
        let Some(held) = &self.node else {
            panic!(
                "{name}: expected a variable computed from a parameter or Variable::new, got a constant of shape {} \
                 (it was computed from constants only, or in no_backprop_mode)",
                self.shape()
            )
        };
        let scale = options.loss_scale.unwrap_or(1.0);
        let seed = match &options.seed {
            Some(seed) if seed.shape() != self.shape() || seed.dtype() != self.dtype() => panic!(
                "{name}: expected a seed of shape {} and dtype {}, got {} and {}",
                self.shape(),
                self.dtype(),
                seed.shape(),
                seed.dtype()
            ),
            Some(seed) if scale == 1.0 => seed.clone(),
            Some(seed) => seed.mul_scalar(scale),
            None if self.array.len() == 1 => self.array.full_like(scale),
            None => panic!(
                "{name}: expected a result with one element, got shape {}: reduce it (sum, mean) or give a seed",
                self.shape()
            ),
        };
        (held.node().clone(), Variable::constant(seed))
    }
}

/// Walks through the graph of `loss`, freeing it, and stores the gradients of `targets` only.
#[track_caller]
pub(crate) fn minimize(loss: Variable, targets: &HashSet<*const Node>, loss_scale: Option<f64>) {
    let (root, seed) = loss.root("minimize", &Backward { loss_scale, ..Backward::default() });
    drop(loss);
    let needed = needed(std::slice::from_ref(&root), |n| targets.contains(&n));
    let mut setting = config();
    setting.enable_backprop = false;
    let _guard = setting.install();
    Run { sink: Sink::SlotsOf(targets), needed: Some(needed), consume: true }.walk([(root, seed)]);
}
