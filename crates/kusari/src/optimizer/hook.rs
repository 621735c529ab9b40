//! Hooks of an optimiser: what is done to all gradients before, or to the parameters after, an update.

use super::gradient_method::{Fresh, Slot};
use crate::Parameter;
use kusari_array::Array;

/// When a hook is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timing {
    /// Before the parameters change.
    Pre,
    /// After they have changed.
    Post,
}

/// Something to be done at every update: see `optimizer_hooks`.
pub trait Hook: Send + Sync {
    /// A name; an optimiser has one hook of a name.
    fn name(&self) -> &str;
    /// When it is called, unless told otherwise.
    fn timing(&self) -> Timing {
        Timing::Pre
    }
    /// Does it.
    fn call(&mut self, gradients: &mut Gradients);
}

/// The gradients that an update applies: those present, not used before, of parameters that may change.
pub struct Gradients<'a> {
    pub(super) t: u64,
    pub(super) slots: &'a [Slot],
    pub(super) fresh: &'a mut [Fresh],
}

impl Gradients<'_> {
    /// How many updates the optimiser has done: this one does not count before it is finished.
    pub fn t(&self) -> u64 {
        self.t
    }
    /// Path, parameter and gradient of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Parameter, &Array)> {
        self.fresh.iter().map(|g| (&*self.slots[g.slot].path, &self.slots[g.slot].parameter, &g.array))
    }
    /// Path, parameter and gradient of each; the gradients may be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &Parameter, &mut Array)> {
        let slots = self.slots;
        self.fresh.iter_mut().map(|g| (&*slots[g.slot].path, &slots[g.slot].parameter, &mut g.array))
    }
}

/// Whether the path `p` is `path` or below it.
pub(super) fn is_below(p: &str, path: &str) -> bool {
    p.strip_prefix(path.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An optimiser's hooks, in the order in which they are called.
#[derive(Default)]
pub struct Hooks(Vec<Entry>);

struct Entry {
    name: String,
    timing: Timing,
    /// Where the parameters are that it sees; all are below `""`.
    path: String,
    hook: Box<dyn Hook>,
}

impl Hooks {
    /// Adds a hook under its own name and timing.
    ///
    /// # Panics
    /// When there is one of this name.
    #[track_caller]
    pub fn add(&mut self, hook: impl Hook + 'static) {
        let (name, timing) = (hook.name().to_string(), hook.timing());
        self.add_as(&name, timing, hook);
    }
    /// Adds a hook under another name or timing.
    ///
    /// # Panics
    /// When there is one of this name.
    #[track_caller]
    pub fn add_as(&mut self, name: &str, timing: Timing, hook: impl Hook + 'static) {
        self.push(Entry { name: name.to_string(), timing, path: String::new(), hook: Box::new(hook) });
    }
    /// Adds a hook that sees the parameters at `path` and below only (Chainer: a hook of a parameter's `update_rule`). Its
    /// name is `{name} at {path}`.
    ///
    /// # Panics
    /// When there is one of this name.
    #[track_caller]
    pub fn add_at(&mut self, path: &str, hook: impl Hook + 'static) {
        let (name, timing) = (format!("{} at {path}", hook.name()), hook.timing());
        self.push(Entry { name, timing, path: path.to_string(), hook: Box::new(hook) });
    }
    #[track_caller]
    fn push(&mut self, entry: Entry) {
        let name = &entry.name;
        assert!(self.0.iter().all(|e| e.name != *name), "add_hook: hook \"{name}\" already exists");
        self.0.push(entry);
    }
    /// Removes the hook of this name.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn remove(&mut self, name: &str) {
        let at = self.0.iter().position(|e| e.name == name);
        assert!(at.is_some(), "remove_hook: there is no hook \"{name}\", only {:?}", self.names());
        self.0.remove(at.expect("just found"));
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The names in order.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|e| &*e.name).collect()
    }
    pub(super) fn call(&mut self, when: Timing, gradients: &mut Gradients) {
        for Entry { path, hook, .. } in self.0.iter_mut().filter(|e| e.timing == when) {
            // Paths come in the order of a walk, so that those below a path are neighbours.
            let seen = |g: &Fresh| is_below(&gradients.slots[g.slot].path, path);
            let first = gradients.fresh.iter().position(seen).unwrap_or(gradients.fresh.len());
            let last = gradients.fresh.iter().rposition(seen).map_or(first, |i| i + 1);
            let Gradients { t, slots, .. } = *gradients;
            hook.call(&mut Gradients { t, slots, fresh: &mut gradients.fresh[first..last] });
        }
    }
}

impl Hook for Box<dyn Hook> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn timing(&self) -> Timing {
        (**self).timing()
    }
    fn call(&mut self, gradients: &mut Gradients) {
        (**self).call(gradients)
    }
}
