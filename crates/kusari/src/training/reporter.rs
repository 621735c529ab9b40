//! What a model and a training loop say about themselves: values under names.

use crate::{Array, GraphNode, Variable, config};
use std::{cell::RefCell, fmt};

/// Values under names, in the order in which they were reported.
#[derive(Clone, Default, Debug)]
pub struct Observation {
    values: Vec<(String, f64)>,
    /// Reported variables, where `Config::keep_graph_on_report` asks for them.
    variables: Vec<(String, Variable)>,
}

impl PartialEq for Observation {
    /// Whether names and numbers are the same.
    fn eq(&self, other: &Observation) -> bool {
        self.values == other.values
    }
}

impl Observation {
    /// No values.
    pub fn new() -> Observation {
        Observation::default()
    }
    /// The value called `name`.
    pub fn get(&self, name: &str) -> Option<f64> {
        found(&self.values, name).copied()
    }
    /// The variable that was reported as `name`, with its graph: kept only where
    /// [`Config::keep_graph_on_report`](crate::Config) is set.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        found(&self.variables, name)
    }
    /// Sets the value called `name`.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        let name = name.into();
        self.variables.retain(|(n, _)| *n != name);
        set(&mut self.values, name, value);
    }
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.values.iter().map(|(name, value)| (&**name, *value))
    }
    /// Sets all values of `other`.
    pub fn extend(&mut self, other: &Observation) {
        other.iter().for_each(|(name, value)| self.set(name, value));
        other.variables.iter().for_each(|(name, x)| set(&mut self.variables, name.clone(), x.clone()));
    }
    /// The values of these names.
    pub fn only(&self, names: &[String]) -> Observation {
        let mut only = self.clone();
        only.values.retain(|(name, _)| names.contains(name));
        only.variables.retain(|(name, _)| names.contains(name));
        only
    }
    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

fn found<'a, T>(all: &'a [(String, T)], name: &str) -> Option<&'a T> {
    all.iter().find(|(n, _)| n == name).map(|(_, value)| value)
}
fn set<T>(all: &mut Vec<(String, T)>, name: String, value: T) {
    match all.iter_mut().find(|(n, _)| *n == name) {
        Some((_, old)) => *old = value,
        None => all.push((name, value)),
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, (name, value)) in self.iter().enumerate() {
            write!(f, "{}{name} {value}", if i > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

/// A value that can be reported: a number, or a Variable or array of one element.
pub trait Reportable {
    /// The number.
    fn number(&self) -> f64;
    /// The Variable, if it is one: for a picture of its graph.
    fn variable(&self) -> Option<&Variable> {
        None
    }
}
macro_rules! reportable {
    ($($T:ty: |$x:ident| $number:expr;)*) => { $(impl Reportable for $T {
        #[track_caller]
        fn number(&self) -> f64 {
            let $x = self;
            $number
        }
    })* };
}
reportable! {
    f64: |x| *x;
    f32: |x| f64::from(*x);
    usize: |x| *x as f64;
    i32: |x| f64::from(*x);
    Array: |x| x.item();
}
impl Reportable for Variable {
    #[track_caller]
    fn number(&self) -> f64 {
        self.array().item()
    }
    fn variable(&self) -> Option<&Variable> {
        Some(self)
    }
}
impl<R: Reportable + ?Sized> Reportable for &R {
    #[track_caller]
    fn number(&self) -> f64 {
        (**self).number()
    }
    fn variable(&self) -> Option<&Variable> {
        (**self).variable()
    }
}

thread_local! { static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) }; }

struct Scope {
    prefix: String,
    observation: Observation,
}

/// Reports a value: it gets into the observation that is being collected on this thread, if there is one.
///
/// During a training step this is the trainer's, and the name begins with `main/`: `report("loss", &loss)` becomes
/// `main/loss`.
///
/// # Panics
/// When the value has more than one element.
#[track_caller]
pub fn report(name: &str, value: impl Reportable) {
    // Outside of a scope there is nobody to read the value, so it is not even fetched.
    if SCOPES.with_borrow(Vec::is_empty) {
        return;
    }
    let number = value.number();
    SCOPES.with_borrow_mut(|scopes| {
        let Some(Scope { prefix, observation }) = scopes.last_mut() else { return };
        let name = format!("{prefix}{name}");
        if let Some(variable) = value.variable() {
            look_at_graph(&name, variable);
        }
        observation.set(name.clone(), number);
        if let (Some(variable), true) = (value.variable(), config().keep_graph_on_report) {
            set(&mut observation.variables, name, variable.clone());
        }
    });
}

/// Calls `f` and returns, beside its result, the values reported meanwhile.
///
/// ```
/// use kusari::training::{report, report_prefix, report_scope};
/// let (y, observation) = report_scope(|| {
///     report_prefix("main", || report("loss", 0.5));
///     3
/// });
/// assert_eq!((y, observation.get("main/loss")), (3, Some(0.5)));
/// ```
pub fn report_scope<R>(f: impl FnOnce() -> R) -> (R, Observation) {
    let scope = Pushed::new(String::new());
    let result = f();
    (result, scope.pop())
}

/// Calls `f`; names reported meanwhile begin with `prefix/`.
pub fn report_prefix<R>(prefix: &str, f: impl FnOnce() -> R) -> R {
    let Some(outer) = SCOPES.with_borrow(|scopes| scopes.last().map(|scope| scope.prefix.clone())) else { return f() };
    let scope = Pushed::new(format!("{outer}{prefix}/"));
    let result = f();
    let inner = scope.pop();
    SCOPES.with_borrow_mut(|scopes| scopes.last_mut().map(|scope| scope.observation.extend(&inner)));
    result
}

/// A scope that is taken away also when `f` panics.
struct Pushed;

impl Pushed {
    fn new(prefix: String) -> Pushed {
        SCOPES.with_borrow_mut(|scopes| scopes.push(Scope { prefix, observation: Observation::new() }));
        Pushed
    }
    fn pop(self) -> Observation {
        std::mem::forget(self);
        SCOPES.with_borrow_mut(Vec::pop).map_or_else(Observation::new, |scope| scope.observation)
    }
}
impl Drop for Pushed {
    fn drop(&mut self) {
        SCOPES.with_borrow_mut(Vec::pop);
    }
}

/// A value whose graph is wanted, and the graph once it was reported.
struct Watched {
    name: String,
    graph: Option<Vec<GraphNode>>,
}
thread_local! { static WATCHED: RefCell<Vec<Watched>> = const { RefCell::new(Vec::new()) }; }

/// Looks at the graph of the Variable that is next reported as `name`.
pub(super) fn watch_graph(name: &str) {
    WATCHED.with_borrow_mut(|watched| watched.push(Watched { name: name.to_string(), graph: None }));
}
/// The graph of the Variable reported as `name`, once; there is none before.
pub(super) fn take_graph(name: &str) -> Option<Vec<GraphNode>> {
    WATCHED.with_borrow_mut(|watched| {
        let found = watched.iter().position(|w| w.name == name && w.graph.is_some())?;
        watched.remove(found).graph
    })
}
fn look_at_graph(name: &str, variable: &Variable) {
    WATCHED.with_borrow_mut(|watched| {
        for Watched { graph, .. } in watched.iter_mut().filter(|w| w.name == name) {
            graph.get_or_insert_with(|| variable.graph());
        }
    });
}
