//! Nodes of the graph. A node points only at its inputs; the graph is freed with the last handle.

use super::{
    Function, Variable,
    inputs::{Alias, Inputs, Kept},
    parameter::ParameterCell,
};
use kusari_array::{Array, DType, Shape, arc_in_place};
use smallvec::SmallVec;
use std::{
    cell::Cell,
    ops::Deref,
    panic::Location,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
};

/// A vertex of the graph: a leaf, a parameter, one application of a function, or one of several outputs of it.
pub(crate) struct Node {
    /// A topological order: larger than every input's. Does not depend on addresses, so sums are reproducible.
    pub(crate) order: u64,
    /// How many handles (Variables, Parameters) of the user's refer to this node.
    handles: AtomicU32,
    pub(crate) slot: Slot,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
    pub(crate) kind: Kind,
}

#[allow(clippy::large_enum_variant)] // most nodes are applications
pub(crate) enum Kind {
    Leaf,
    Parameter(ParameterCell),
    Apply(Apply),
    Output { of: RwLock<Option<Arc<Node>>>, index: usize },
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
    filled: AtomicBool,
    grad: Mutex<Option<Grad>>,
}

pub(crate) struct Grad {
    pub(crate) value: Variable,
    /// An optimiser has applied it: the next backward replaces it.
    pub(crate) used: bool,
}

impl Slot {
    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Option<Grad>> {
        self.grad.lock().unwrap_or_else(|e| e.into_inner())
    }
    pub(crate) fn get(&self) -> Option<Variable> {
        if !self.filled.load(SeqCst) {
            return None;
        }
        self.lock().as_ref().map(|g| g.value.clone())
    }
    pub(crate) fn set(&self, grad: Option<Grad>) {
        let mut slot = self.lock();
        if self.filled.load(SeqCst) != grad.is_some() {
            self.filled.store(grad.is_some(), SeqCst); // dearer than the load
        }
        let old = std::mem::replace(&mut *slot, grad);
        drop(slot);
        drop(old); // may free a graph: not under the lock
    }
    /// Lets a used gradient go, which is about to be replaced: the new one finds its memory.
    pub(crate) fn drop_used(&self) {
        if self.filled.load(SeqCst) {
            let used = self.lock().take_if(|g| g.used);
            drop(used); // when the slot is no longer locked
        }
    }
    /// Adds to the gradient, or replaces one that is used.
    pub(crate) fn accumulate(&self, gx: Variable) {
        let mut slot = self.lock();
        let value = match slot.take() {
            Some(Grad { value, used: false }) => super::engine::sum(value, gx),
            _ => gx,
        };
        if !self.filled.load(SeqCst) {
            self.filled.store(true, SeqCst); // dearer than the load
        }
        *slot = Some(Grad { value, used: false });
    }
}

thread_local! { static LAST: Cell<u64> = const { Cell::new(0) }; }

impl Node {
    pub(crate) fn new(kind: Kind, shape: Shape, dtype: DType, above: u64) -> Arc<Node> {
        Node::build(|| kind, shape, dtype, above, 0)
    }
    /// A node whose kind is made where it stays; with so many handles to come.
    #[inline(always)]
    pub(crate) fn build(
        kind: impl FnOnce() -> Kind,
        shape: Shape,
        dtype: DType,
        above: u64,
        handles: u32,
    ) -> Arc<Node> {
        let order = 1 + above.max(LAST.get());
        LAST.set(order);
        let node =
            || Node { order, handles: AtomicU32::new(handles), slot: Slot::default(), shape, dtype, kind: kind() };
        arc_in_place(node, |_| ())
    }
    /// Whether the user holds a handle to it.
    pub(crate) fn is_held(&self) -> bool {
        self.handles.load(SeqCst) > 0
    }
    /// Stores a gradient, unless the last handle has gone meanwhile.
    pub(crate) fn store(&self, gx: Variable) {
        self.slot.accumulate(gx);
        if !self.is_held() {
            self.slot.set(None);
        }
    }
    /// The application behind this node: itself, or the one that it is an output of.
    pub(crate) fn creator(self: &Arc<Node>) -> Option<Arc<Node>> {
        match &self.kind {
            Kind::Apply(apply) => matches!(*read(&apply.edges), Edges::Live(_)).then(|| self.clone()),
            Kind::Output { of, .. } => read(of).clone(),
            _ => None,
        }
    }
    /// The nodes this one was computed from.
    pub(crate) fn sources(&self, mut f: impl FnMut(&Arc<Node>)) {
        match &self.kind {
            Kind::Apply(apply) => {
                if let Edges::Live(record) = &*read(&apply.edges) {
                    record.inputs.iter().filter_map(|i| i.node.as_ref()).for_each(f);
                }
            }
            Kind::Output { of, .. } => {
                if let Some(of) = &*read(of) {
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
                let mut edges = write(&apply.edges);
                let old = std::mem::replace(&mut *edges, Edges::Cut);
                drop(edges);
                drop(old);
            }
            Kind::Output { of, .. } => drop(write(of).take()),
            _ => {}
        }
    }
}

pub(crate) fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(|e| e.into_inner())
}
pub(crate) fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(|e| e.into_inner())
}

/// Nodes that may have lost their last handle.
type Dead = SmallVec<[Arc<Node>; 8]>;

/// Frees a chain of nodes in a loop; the default drop would recurse once per node.
impl Drop for Node {
    fn drop(&mut self) {
        let mut dead = Dead::new();
        self.release(&mut dead);
        while let Some(mut node) = dead.pop() {
            if let Some(node) = Arc::get_mut(&mut node) {
                node.release(&mut dead); // so that its own drop finds nothing left
            }
        }
    }
}

impl Node {
    /// Moves everything that refers to other nodes into `dead`.
    fn release(&mut self, dead: &mut Dead) {
        match &mut self.kind {
            Kind::Apply(apply) => {
                if let Edges::Live(record) = apply.edges.get_mut().unwrap_or_else(|e| e.into_inner()) {
                    for input in record.inputs.iter_mut() {
                        // One that others hold, as a parameter, is let go at once.
                        if let Some(node) = input.node.take()
                            && Arc::strong_count(&node) == 1
                        {
                            dead.push(node);
                        }
                        if let Kept::View(view) = &input.kept {
                            dead.push(view.0.parameter.clone());
                        }
                    }
                }
                if let Some(alias) = apply.alias.take() {
                    dead.push(alias.parameter);
                }
            }
            Kind::Output { of, .. } => dead.extend(of.get_mut().unwrap_or_else(|e| e.into_inner()).take()),
            _ => {}
        }
        if let Some(grad) = self.slot.grad.get_mut().unwrap_or_else(|e| e.into_inner()).take()
            && let Some(held) = &grad.value.node
        {
            dead.push(held.node().clone());
        }
    }
}

/// A handle of the user's. While one lives, the node's gradient is kept; the last one drops it, which also breaks
/// the cycle node → gradient → graph → node of a recorded gradient.
pub(crate) struct Held(Arc<Node>);

impl Held {
    #[inline]
    pub(crate) fn new(node: Arc<Node>) -> Held {
        node.handles.fetch_add(1, SeqCst);
        Held(node)
    }
    /// The handle that a node was made with.
    #[inline]
    pub(crate) fn first(node: Arc<Node>) -> Held {
        Held(node)
    }
    #[inline]
    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.0
    }
}
impl Deref for Held {
    type Target = Node;
    #[inline]
    fn deref(&self) -> &Node {
        &self.0
    }
}
impl Clone for Held {
    #[inline]
    fn clone(&self) -> Held {
        Held::new(self.0.clone())
    }
}
impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, SeqCst) == 1 && self.0.slot.filled.load(SeqCst) {
            self.0.slot.set(None);
        }
    }
}
