//! Nodes of the graph. A node points only at its inputs; the graph is freed with the last handle.

use super::{
    Function, Variable,
    inputs::{Alias, Inputs, Kept},
    parameter::ParameterCell,
};
use kusari_array::{Array, DType, Flag, Handle, Lock, LockGuard, RwLock, Shape, Shared, Watched};
use std::{cell::Cell, panic::Location};

/// A vertex of the graph: a leaf, a parameter, one application of a function, or one of several outputs of it.
pub(crate) struct Node {
    /// A topological order: larger than every input's; 0 when the node was released. Does not depend on addresses, so sums are reproducible.
    pub(crate) order: u64,
    pub(crate) slot: Slot,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
    pub(crate) kind: Kind,
    /// The next of the nodes that are about to be freed.
    next: Option<Shared<Node>>,
}

/// A handle of the user's (a Variable, a Parameter). While one lives, the node's gradient is kept; the last one drops it,
/// which also breaks the cycle node → gradient → graph → node of a recorded gradient.
pub(crate) type Held = Handle<Node>;

impl Watched for Node {
    fn unheld(&self) {
        if self.slot.filled.get() {
            self.slot.set(None);
        }
    }
}

#[allow(clippy::large_enum_variant)] // most nodes are applications
pub(crate) enum Kind {
    Leaf,
    Parameter(ParameterCell),
    Apply(Apply),
    Output { of: RwLock<Option<Shared<Node>>>, index: usize },
}

/// One application of a function.
pub(crate) struct Apply {
    pub(crate) function: Box<dyn Function>,
    pub(crate) edges: RwLock<Edges>,
    /// The user's line.
    pub(crate) line: &'static Location<'static>,
    /// The parameter whose memory the output looks at, if the function only makes views.
    pub(crate) alias: Option<Alias>,
}

/// Where an application came from, until that is taken away.
#[allow(clippy::large_enum_variant)] // most are live
pub(crate) enum Edges {
    Live(Record),
    /// `unchain`: the node is a leaf now.
    Cut,
    /// `minimize` has walked through and freed the graph.
    Freed,
}

pub(crate) struct Record {
    pub(crate) inputs: Inputs,
    /// The first output, if it is kept.
    pub(crate) output: Option<Array>,
    pub(crate) more: Option<Box<Further>>,
}

/// What only functions with several outputs or with saved arrays need.
pub(crate) struct Further {
    /// The outputs after the first.
    pub(crate) kept: Vec<Option<Array>>,
    pub(crate) saved: Vec<Array>,
    /// Shapes and dtypes of all outputs, where there are several.
    pub(crate) several: Vec<(Shape, DType)>,
}

impl Record {
    /// Shapes and dtypes of the outputs, where there are several.
    #[inline]
    pub(crate) fn several(&self) -> &[(Shape, DType)] {
        self.more.as_ref().map_or(&[], |more| &more.several)
    }
}

/// Where a node's gradient is kept.
#[derive(Default)]
pub(crate) struct Slot {
    filled: Flag,
    grad: Lock<Option<Grad>>,
}

pub(crate) struct Grad {
    pub(crate) value: Variable,
    /// An optimiser has applied it: the next backward replaces it.
    pub(crate) used: bool,
}

impl Slot {
    pub(crate) fn lock(&self) -> LockGuard<'_, Option<Grad>> {
        self.grad.lock()
    }
    pub(crate) fn get(&self) -> Option<Variable> {
        if !self.filled.get() {
            return None;
        }
        self.lock().as_ref().map(|g| g.value.clone())
    }
    pub(crate) fn set(&self, grad: Option<Grad>) {
        let mut slot = self.lock();
        self.filled.set(grad.is_some());
        let old = std::mem::replace(&mut *slot, grad);
        drop(slot);
        drop(old); // may free a graph: not under the lock
    }
    /// Lets a used gradient go, which is about to be replaced: the new one finds its memory.
    pub(crate) fn drop_used(&self) {
        if self.filled.get() {
            let used = self.lock().take_if(|g| g.used);
            drop(used); // when the slot is no longer locked
        }
    }
    /// Adds to the gradient, or replaces one that is used.
    pub(crate) fn accumulate(&self, gx: Variable) {
        let mut slot = self.lock();
        match &mut *slot {
            Some(Grad { value, used: false }) => super::engine::add_to(value, gx),
            Some(grad) => {
                grad.value = gx;
                grad.used = false;
            }
            empty => *empty = Some(Grad { value: gx, used: false }),
        }
        self.filled.set(true);
    }
}

thread_local! { static LAST: Cell<u64> = const { Cell::new(0) }; }

impl Node {
    pub(crate) fn new(kind: Kind, shape: &Shape, dtype: DType, above: u64) -> Held {
        Node::build(kind, shape, dtype, above)
    }
    /// As `new`, compiled with what makes the kind, so that all is written where it stays.
    #[inline(always)]
    pub(crate) fn build(kind: Kind, shape: &Shape, dtype: DType, above: u64) -> Held {
        let order = 1 + above.max(LAST.get());
        LAST.set(order);
        let (slot, unknown) = (Slot::default(), Shape::new(&[]));
        let node = || Node { order, slot, shape: unknown, dtype, kind, next: None };
        Handle::build(node, |node| node.shape = *shape)
    }
    /// Stores a gradient, unless the last handle has gone meanwhile.
    pub(crate) fn store(node: &Shared<Node>, gx: Variable) {
        node.slot.accumulate(gx);
        if !Shared::is_held(node) {
            node.slot.set(None);
        }
    }
    /// The application behind a node: itself, or the one that it is an output of.
    pub(crate) fn creator(node: &Shared<Node>) -> Option<Shared<Node>> {
        match &node.kind {
            Kind::Apply(apply) => matches!(*apply.edges.read(), Edges::Live(_)).then(|| node.clone()),
            Kind::Output { of, .. } => of.read().clone(),
            _ => None,
        }
    }
    /// The nodes this one was computed from.
    pub(crate) fn sources(&self, mut f: impl FnMut(&Shared<Node>)) {
        match &self.kind {
            Kind::Apply(apply) => {
                if let Edges::Live(record) = &*apply.edges.read() {
                    record.inputs.iter().filter_map(|i| i.node.as_ref()).for_each(f);
                }
            }
            Kind::Output { of, .. } => {
                if let Some(of) = &*of.read() {
                    f(of);
                }
            }
            _ => {}
        }
    }
    /// Takes the edges away: the node is a leaf from now on.
    pub(crate) fn cut(&self) {
        match &self.kind {
            Kind::Apply(apply) => {
                let mut edges = apply.edges.write();
                let old = std::mem::replace(&mut *edges, Edges::Cut);
                drop(edges);
                drop(old);
            }
            Kind::Output { of, .. } => drop(of.write().take()),
            _ => {}
        }
    }
}

/// Nodes that nobody else refers to, as a chain: freeing them must not allocate.
struct Dead(Option<Shared<Node>>);

impl Dead {
    /// Lets a node go; one that others hold at once.
    fn push(&mut self, mut node: Shared<Node>) {
        if let Some(inside) = Shared::get_mut(&mut node) {
            inside.next = self.0.take();
            self.0 = Some(node);
        }
    }
    fn pop(&mut self) -> Option<Shared<Node>> {
        let mut node = self.0.take()?;
        self.0 = Shared::get_mut(&mut node).and_then(|inside| inside.next.take());
        Some(node)
    }
}

/// Frees a chain of nodes in a loop; the default drop would recurse once per node.
impl Drop for Node {
    fn drop(&mut self) {
        if self.order == 0 {
            return;
        }
        let mut dead = Dead(None);
        self.release(&mut dead);
        while let Some(mut node) = dead.pop() {
            if let Some(node) = Shared::get_mut(&mut node) {
                node.release(&mut dead); // so that its own drop finds nothing left
            }
        }
    }
}

impl Node {
    /// Moves everything that refers to other nodes into `dead`.
    fn release(&mut self, dead: &mut Dead) {
        self.order = 0;
        match &mut self.kind {
            Kind::Apply(apply) => {
                if let Edges::Live(record) = apply.edges.get_mut() {
                    for input in record.inputs.iter_mut() {
                        if let Some(node) = input.node.take() {
                            dead.push(node);
                        }
                        if let Kept::View(_) = &input.kept
                            && let Kept::View(view) = std::mem::replace(&mut input.kept, Kept::No)
                        {
                            dead.push(view.0.parameter);
                        }
                    }
                }
                if let Some(alias) = apply.alias.take() {
                    dead.push(alias.parameter);
                }
            }
            Kind::Output { of, .. } => {
                if let Some(of) = of.get_mut().take() {
                    dead.push(of);
                }
            }
            _ => {}
        }
        if let Some(grad) = self.slot.grad.get_mut().take()
            && let Some(held) = &grad.value.node
        {
            let node = held.shared().clone();
            drop(grad);
            dead.push(node);
        }
    }
}
