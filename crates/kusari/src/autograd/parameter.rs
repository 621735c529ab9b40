//! `Parameter`: a value that optimisers change.

use super::{
    Variable,
    node::{Grad, Held, Kind, Node},
};
use kusari_array::{Array, DType, Lock, LockGuard, Shape, Shared};
use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Relaxed, Release, SeqCst},
        },
    },
};

/// What fills a new parameter: see `initializers`.
pub trait Initialize: Send + Sync {
    /// An array of this shape and dtype.
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array;
}

/// A value that optimisers change. Cloning gives another handle to the same, so weights are shared by cloning.
///
/// Its shape may be left open ([`Parameter::lazy`]) until the first input tells it.
///
/// ```
/// use kusari::{Parameter, array};
/// let w = Parameter::new(array![1.0f32, 2.0]);
/// let y = (w.get() * w.get()).sum();
/// y.backward();
/// assert_eq!(w.grad().unwrap().array().to_vec::<f32>(), [2.0, 4.0]);
/// ```
#[derive(Clone)]
pub struct Parameter(Held);

pub(crate) struct ParameterCell {
    state: Lock<State>,
    /// The shape, once it is known; it stays.
    shape: OnceLock<Shape>,
    version: AtomicU64,
    enabled: AtomicBool,
    name: OnceLock<String>,
}

struct State {
    array: Option<Array>,
    initializer: Option<Arc<dyn Initialize>>,
}

impl ParameterCell {
    fn lock(&self) -> LockGuard<'_, State> {
        self.state.lock()
    }
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Acquire)
    }
    /// Counts a change, of whoever has the lock.
    fn changed(&self, _lock: LockGuard<'_, State>) {
        self.version.store(self.version.load(Relaxed) + 1, Release); // cheaper than adding atomically
    }
    pub(crate) fn array(&self) -> Option<Array> {
        self.lock().array.clone()
    }
    pub(crate) fn name(&self) -> Option<String> {
        self.name.get().cloned()
    }
    pub(crate) fn label(&self) -> String {
        self.name.get().map_or(String::new(), |n| format!("{n} "))
    }
    /// The present version, if `array` is the present value and not one of before.
    pub(crate) fn version_of(&self, array: &Array) -> Option<u64> {
        let state = self.lock();
        state.array.as_ref().is_some_and(|a| a.is_same(array)).then(|| self.version())
    }
}

impl Node {
    /// The shape; of a parameter, the present one.
    #[inline]
    pub(crate) fn shape(&self) -> &Shape {
        match &self.kind {
            Kind::Parameter(cell) => cell.shape.get().unwrap_or(&self.shape),
            _ => &self.shape,
        }
    }
}

impl Parameter {
    /// A parameter with this value.
    pub fn new(array: impl Into<Array>) -> Parameter {
        let array = array.into();
        let (shape, dtype) = (*array.shape(), array.dtype());
        Parameter::with_state(State { array: Some(array), initializer: None }, shape, dtype)
    }
    /// A parameter that `initializer` will fill when [`Parameter::initialize`] tells its shape.
    pub fn lazy(initializer: Arc<dyn Initialize>, dtype: DType) -> Parameter {
        Parameter::with_state(State { array: None, initializer: Some(initializer) }, Shape::new(&[0]), dtype)
    }
    /// A parameter of this shape, filled by `initializer`, which is kept for `copy` in mode `Init`.
    pub fn initialized(initializer: Arc<dyn Initialize>, shape: &[usize], dtype: DType) -> Parameter {
        let parameter = Parameter::lazy(initializer, dtype);
        parameter.initialize(shape);
        parameter
    }
    fn with_state(state: State, shape: Shape, dtype: DType) -> Parameter {
        let cell = ParameterCell {
            shape: state.array.as_ref().map(|a| *a.shape()).map_or_else(OnceLock::new, OnceLock::from),
            state: Lock::new(state),
            version: AtomicU64::new(0),
            enabled: AtomicBool::new(true),
            name: OnceLock::new(),
        };
        Parameter(Node::new(Kind::Parameter(cell), &shape, dtype, 0))
    }
    fn cell(&self) -> &ParameterCell {
        match &self.0.kind {
            Kind::Parameter(cell) => cell,
            _ => unreachable!("a Parameter's node is a parameter"),
        }
    }
    /// The node, as optimisers tell parameters apart.
    pub(crate) fn node(&self) -> &Shared<Node> {
        self.0.shared()
    }
    /// Whether both are handles to the same parameter.
    pub fn is_same(&self, other: &Parameter) -> bool {
        Shared::ptr_eq(self.node(), other.node())
    }

    /// The value, to compute with: gradients flow back here.
    ///
    /// # Panics
    /// When the shape is still open.
    #[track_caller]
    #[inline]
    pub fn get(&self) -> Variable {
        Variable { array: self.array(), node: Some(self.0.clone()) }
    }
    /// The value.
    ///
    /// # Panics
    /// When the shape is still open.
    #[track_caller]
    pub fn array(&self) -> Array {
        match self.cell().array() {
            Some(array) => array,
            None => panic!(
                "the parameter {}has no value yet: its shape is known after the first forward pass, or call initialize",
                self.cell().label()
            ),
        }
    }
    /// Whether it has a value.
    pub fn is_initialized(&self) -> bool {
        self.cell().lock().array.is_some()
    }
    /// Fills a parameter whose shape was open; does nothing to one that has a value.
    pub fn initialize(&self, shape: &[usize]) {
        let cell = self.cell();
        let mut state = cell.lock();
        if state.array.is_none() {
            let initializer = state.initializer.as_ref().expect("a parameter without value has an initializer");
            let array = initializer.initialize(shape, self.0.dtype);
            cell.shape.get_or_init(|| *array.shape());
            state.array = Some(array);
        }
    }
    /// Forgets the value and draws it anew: `copy` in mode `Init`.
    pub fn fresh(&self) -> Parameter {
        let (array, initializer) = {
            let state = self.cell().lock();
            (state.array.clone(), state.initializer.clone())
        };
        match (initializer, array) {
            (Some(initializer), Some(array)) => Parameter::initialized(initializer, array.shape(), array.dtype()),
            (Some(initializer), None) => Parameter::lazy(initializer, self.0.dtype),
            (None, array) => Parameter::new(array.expect("a parameter has a value or an initializer")),
        }
    }
    /// A parameter of its own with the same value.
    pub fn deep_copy(&self) -> Parameter {
        let state = self.cell().lock();
        let copy = State { array: state.array.as_ref().map(Array::copy), initializer: state.initializer.clone() };
        let shape = copy.array.as_ref().map_or(Shape::new(&[0]), |a| *a.shape());
        Parameter::with_state(copy, shape, self.0.dtype)
    }
    /// Sets the value. The shape must stay; an open one becomes that of `array`.
    ///
    /// # Panics
    /// When the shape differs from the present one.
    #[track_caller]
    pub fn set(&self, array: impl Into<Array>) {
        let array = array.into().cast(self.0.dtype);
        let mut state = self.cell().lock();
        if let Some(old) = &state.array {
            assert!(
                old.shape() == array.shape(),
                "Parameter::set: expected shape {}, got {}",
                old.shape(),
                array.shape()
            );
        }
        self.cell().shape.get_or_init(|| *array.shape());
        state.array = Some(array);
        self.cell().changed(state);
    }
    /// Changes the value in place; the elements are copied first only if somebody else holds them.
    ///
    /// # Panics
    /// When the shape is still open, or does not stay.
    pub fn update(&self, change: impl FnOnce(&mut Array)) {
        let cell = self.cell();
        let mut state = cell.lock();
        let array = state.array.as_mut().expect("an uninitialised parameter has no gradient to be updated with");
        change(array);
        let known = cell.shape.get().unwrap_or(array.shape());
        assert!(known == array.shape(), "Parameter::update: expected shape {known}, got {}", array.shape());
        cell.changed(state);
    }
    /// The shape, once it is known.
    pub fn shape(&self) -> Option<Shape> {
        self.cell().shape.get().copied()
    }
    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }
    /// Counts how often the value has been changed.
    pub fn version(&self) -> u64 {
        self.cell().version()
    }
    /// The name it was given, such as `/l1/W` when an optimiser was set up.
    pub fn name(&self) -> Option<String> {
        self.cell().name()
    }
    /// Gives it a name for messages and pictures, unless it has one.
    pub fn set_name(&self, name: &str) {
        let _ = self.cell().name.set(name.to_string());
    }
    /// Whether optimisers change it.
    pub fn is_update_enabled(&self) -> bool {
        self.cell().enabled.load(SeqCst)
    }
    /// Lets optimisers change it.
    pub fn enable_update(&self) {
        self.cell().enabled.store(true, SeqCst);
    }
    /// Keeps optimisers from changing it.
    pub fn disable_update(&self) {
        self.cell().enabled.store(false, SeqCst);
    }

    /// The gradient that `backward` has stored; after an update, the one that was applied.
    pub fn grad(&self) -> Option<Variable> {
        self.0.slot.get()
    }
    /// Sets the gradient.
    ///
    /// # Panics
    /// When the shape or dtype is not the parameter's.
    #[track_caller]
    pub fn set_grad(&self, grad: impl Into<Variable>) {
        self.get().set_grad(grad);
    }
    /// Forgets the gradient.
    pub fn cleargrad(&self) {
        self.0.slot.set(None);
    }
    /// Adds to the gradient; replaces one that has been applied.
    pub fn addgrad(&self, grad: impl Into<Variable>) {
        self.0.slot.accumulate(grad.into());
    }
    /// The gradient, if no optimiser has applied it yet.
    pub fn fresh_grad(&self) -> Option<Variable> {
        self.0.slot.lock().as_ref().filter(|g| !g.used).map(|g| g.value.clone())
    }
    /// Takes a fresh gradient out (so that it can be changed in place); a used one stays.
    pub(crate) fn take_fresh_grad(&self) -> Option<Array> {
        let mut slot = self.0.slot.lock();
        slot.take_if(|g| !g.used).map(|g| g.value.array)
    }
    /// Changes the value by a fresh gradient, which is used then; one that is missing or used changes nothing.
    pub(crate) fn apply_fresh_grad(&self, change: impl FnOnce(&mut Array, &Array)) {
        let _graph; // of the gradient: dropped last, when the slot is no longer locked
        let mut slot = self.0.slot.lock();
        if let Some(Grad { value, used }) = slot.as_mut().filter(|g| !g.used) {
            *used = true;
            _graph = value.node.take();
            self.update(|x| change(x, &value.array));
        }
    }
    /// Stores the gradient that an optimiser has applied; the next backward replaces it.
    pub(crate) fn store_used_grad(&self, grad: Array) {
        self.0.slot.set(Some(Grad { value: Variable::constant(grad), used: true }));
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.cell().array() {
            Some(array) => write!(f, "parameter({array:?})"),
            None => write!(f, "parameter(no value yet, dtype {})", self.0.dtype),
        }
    }
}
