//! `GradientMethod`: applies a rule to all parameters of a model.

use super::{Gradients, Hook, Hooks, LossScale, Optimizer, Rule, Timing, hook::is_below};
use crate::{
    Error, Link, Parameter, Result, Variable, autograd,
    schedules::Schedule,
    serializers::{Serializer, Value},
};
use kusari_array::{Array, Shared};
use std::{
    fmt,
    ops::{Deref, DerefMut},
};

/// An optimiser that needs nothing but gradients: a rule, the parameters and their state.
///
/// The rule's hyperparameters are its fields: `opt.lr = 0.1`.
pub struct GradientMethod<R> {
    rule: R,
    slots: Option<Vec<Slot>>,
    changes: Vec<Change<R>>,
    hooks: Hooks,
    schedule: Option<Box<dyn Schedule>>,
    loss_scale: Option<LossScale>,
    t: u64,
    epoch: u64,
    /// Kept between updates so that none allocates.
    fresh: Vec<Fresh>,
}

type Change<R> = Box<dyn Fn(&mut R) + Send + Sync>;

/// A parameter and what its rule remembers of it.
pub(super) struct Slot {
    pub(super) parameter: Parameter,
    pub(super) path: String,
    states: Vec<Array>,
    t: u64,
    /// Which of the changes concern it.
    changes: Vec<usize>,
}

/// A gradient that is about to be applied.
pub(super) struct Fresh {
    pub(super) slot: usize,
    pub(super) array: Array,
}

impl<R: Rule> GradientMethod<R> {
    /// An optimiser with this rule.
    pub fn from_rule(rule: R) -> Self {
        let (changes, hooks, fresh) = (Vec::new(), Hooks::default(), Vec::new());
        GradientMethod { rule, slots: None, changes, hooks, schedule: None, loss_scale: None, t: 0, epoch: 0, fresh }
    }
    /// Changes the hyperparameters for the parameters at `path` and below: `opt.configure("/l1/b", |rule| rule.lr *= 2.0)`.
    /// The change is made to the present hyperparameters at every update, so it follows a schedule.
    ///
    /// # Panics
    /// Before `setup`, or when there is no such parameter.
    #[track_caller]
    pub fn configure(&mut self, path: &str, change: impl Fn(&mut R) + Send + Sync + 'static) {
        let found = self.configure_where(|p| is_below(p, path), change);
        assert!(
            found > 0,
            "configure: expected the path of a parameter or link, got {path:?}; there are {}",
            self.paths()
        );
    }
    /// Changes the hyperparameters for the parameters whose path is `chosen`; returns how many there are.
    ///
    /// # Panics
    /// Before `setup`.
    #[track_caller]
    pub fn configure_where(
        &mut self,
        chosen: impl Fn(&str) -> bool,
        change: impl Fn(&mut R) + Send + Sync + 'static,
    ) -> usize {
        let Some(slots) = &mut self.slots else { not_set_up("configure") };
        let (id, mut found) = (self.changes.len(), 0);
        for slot in slots.iter_mut().filter(|s| chosen(&s.path)) {
            slot.changes.push(id);
            found += 1;
        }
        self.changes.push(Box::new(change));
        found
    }
    fn paths(&self) -> String {
        let paths: Vec<_> = self.slots.iter().flatten().map(|s| &*s.path).collect();
        paths.join(", ")
    }
    /// Adds a hook: see `optimizer_hooks`.
    ///
    /// # Panics
    /// Before `setup`, or when there is a hook of the same name.
    #[track_caller]
    pub fn add_hook(&mut self, hook: impl Hook + 'static) {
        self.set_up_hooks("add_hook").add(hook);
    }
    /// Adds a hook for the parameters at `path` and below, under the name `{name} at {path}`.
    ///
    /// # Panics
    /// Before `setup`, when there is no such parameter, or a hook of the same name.
    #[track_caller]
    pub fn add_hook_at(&mut self, path: &str, hook: impl Hook + 'static) {
        self.set_up_hooks("add_hook_at");
        let found = self.slots.iter().flatten().any(|s| is_below(&s.path, path));
        assert!(
            found,
            "add_hook_at: expected the path of a parameter or link, got {path:?}; there are {}",
            self.paths()
        );
        self.hooks.add_at(path, hook);
    }
    /// Removes a hook by its name.
    ///
    /// # Panics
    /// Before `setup`, or when there is none of this name.
    #[track_caller]
    pub fn remove_hook(&mut self, name: &str) {
        self.set_up_hooks("remove_hook").remove(name);
    }
    #[track_caller]
    fn set_up_hooks(&mut self, function: &str) -> &mut Hooks {
        if self.slots.is_none() {
            not_set_up(function);
        }
        &mut self.hooks
    }
    /// Lets the learning rate follow a schedule; its time is the number of updates done.
    pub fn set_schedule(&mut self, schedule: impl Schedule + 'static) {
        self.schedule = Some(Box::new(schedule));
    }
    /// Scales losses and gradients: `minimize` multiplies, `update` divides. With `backward_with` pass the same
    /// `loss_scale()`.
    pub fn set_loss_scale(&mut self, scale: Option<LossScale>) {
        self.loss_scale = scale;
    }
    /// The states of the parameter at `path` by name, once it was updated.
    pub fn states(&self, path: &str) -> Vec<(&'static str, Array)> {
        let slot = self.slots.iter().flatten().find(|s| s.path == path);
        let states = slot.map_or(&[][..], |s| &s.states);
        R::STATES.iter().zip(states).map(|((name, _), a)| (*name, a.clone())).collect()
    }
}

#[cold]
#[track_caller]
fn not_set_up(function: &str) -> ! {
    panic!("{function}: expected an optimizer that is set up: call setup(&model) first")
}

impl Slot {
    /// Applies the rule to the parameter.
    fn update<R: Rule>(&mut self, rule: &R, changes: &[Change<R>], gradient: &Array) {
        let Slot { parameter, states, t, changes: own, .. } = self;
        parameter.update(|x| step(rule, changes, own, t, x, gradient, states));
    }
    /// Applies the rule to the parameter, if it has a fresh gradient: what remains where no hook looks at gradients.
    fn update_at_once<R: Rule>(&mut self, rule: &R, changes: &[Change<R>]) {
        let Slot { parameter, states, t, changes: own, .. } = self;
        if parameter.is_update_enabled() {
            parameter.apply_fresh_grad(|x, gradient| step(rule, changes, own, t, x, gradient, states));
        } else if let Some(gradient) = parameter.take_fresh_grad() {
            parameter.store_used_grad(gradient); // or it would grow for ever
        }
    }
    fn serialize<R: Rule>(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.bits("t", &mut self.t)?;
        if s.loading() && self.t == 0 {
            self.states.clear();
        } else if s.loading() {
            let shape = self.parameter.shape();
            let read = R::STATES.iter().map(|(key, _)| match s.exchange(key, Value::None)? {
                Value::Array(a) if shape.is_none_or(|shape| *shape == **a.shape()) => {
                    Ok(a.cast(self.parameter.dtype().compute()))
                }
                _ => {
                    let expected = shape.map_or(String::from("an array"), |s| format!("an array of shape {s}"));
                    Err(s.unfit(key, &expected, "something else"))
                }
            });
            self.states = read.collect::<Result<_>>()?;
        } else {
            for (i, (key, _)) in R::STATES.iter().enumerate() {
                // Before the first update there is nothing yet; Chainer asks for it nonetheless.
                s.exchange(key, self.states.get(i).cloned().map_or(Value::None, Value::Array))?;
            }
        }
        Ok(())
    }
}

/// One step of a parameter `x` by the rule, with those of its `changes` that are the parameter's `own`.
fn step<R: Rule>(
    rule: &R,
    changes: &[Change<R>],
    own: &[usize],
    t: &mut u64,
    x: &mut Array,
    gradient: &Array,
    states: &mut Vec<Array>,
) {
    *t += 1;
    if states.len() != R::STATES.len() {
        let (shape, dtype) = (gradient.shape(), gradient.dtype().compute());
        *states = R::STATES.iter().map(|&(_, start)| Array::full(shape, start, dtype)).collect();
    }
    if own.is_empty() {
        return rule.update(*t, x, gradient, states);
    }
    let mut changed = rule.clone();
    own.iter().for_each(|&i| changes[i](&mut changed));
    changed.update(*t, x, gradient, states);
}

impl<R: Rule> Optimizer for GradientMethod<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }
    fn setup(&mut self, link: &dyn Link) {
        let slot = |(path, parameter): (String, Parameter)| {
            if !path.is_empty() {
                parameter.set_name(&path);
            }
            Slot { parameter, path, states: Vec::new(), t: 0, changes: Vec::new() }
        };
        self.slots = Some(link.namedparams().into_iter().map(slot).collect());
        (self.t, self.epoch, self.hooks) = (0, 0, Hooks::default());
        self.changes.clear();
        self.rule.at_setup();
    }
    #[track_caller]
    fn update(&mut self) {
        let Some(slots) = &mut self.slots else { not_set_up("update") };
        if let Some(schedule) = &self.schedule {
            self.rule.set_lr(schedule.at(self.t as f64));
        }
        if self.hooks.is_empty() && self.loss_scale.is_none() {
            self.t += 1;
            return slots.iter_mut().for_each(|slot| slot.update_at_once(&self.rule, &self.changes));
        }
        let mut fresh = std::mem::take(&mut self.fresh);
        for (i, slot) in slots.iter().enumerate() {
            let Some(array) = slot.parameter.take_fresh_grad() else { continue };
            if slot.parameter.is_update_enabled() {
                fresh.push(Fresh { slot: i, array });
            } else {
                slot.parameter.store_used_grad(array); // or it would grow for ever
            }
        }
        let mut overflow = false;
        if let Some(scale) = &self.loss_scale {
            overflow = scale.is_dynamic() && fresh.iter().any(|g| !g.array.all_finite());
            fresh.iter_mut().for_each(|g| g.array.scale(1.0 / scale.value()));
        }
        if !overflow {
            self.hooks.call(Timing::Pre, &mut Gradients { t: self.t, slots, fresh: &mut fresh });
        }
        self.t += 1;
        if !overflow {
            for gradient in &fresh {
                slots[gradient.slot].update(&self.rule, &self.changes, &gradient.array);
            }
            self.hooks.call(Timing::Post, &mut Gradients { t: self.t, slots, fresh: &mut fresh });
        }
        if let Some(scale) = &mut self.loss_scale {
            scale.adapt(overflow);
        }
        for gradient in fresh.drain(..) {
            slots[gradient.slot].parameter.store_used_grad(gradient.array);
        }
        self.fresh = fresh;
    }
    #[track_caller]
    fn minimize(&mut self, loss: Variable) {
        let Some(slots) = &self.slots else { not_set_up("minimize") };
        let own = slots.iter().filter(|s| s.parameter.is_update_enabled());
        let targets = own.map(|s| Shared::as_ptr(s.parameter.node())).collect();
        autograd::minimize(loss, &targets, self.loss_scale());
        self.update();
    }

    fn t(&self) -> u64 {
        self.t
    }
    fn epoch(&self) -> u64 {
        self.epoch
    }
    fn new_epoch(&mut self) {
        self.epoch += 1;
    }
    fn lr(&self) -> f64 {
        self.rule.lr()
    }
    fn set_lr(&mut self, lr: f64) {
        self.rule.set_lr(lr);
    }
    fn hyperparameter(&self, name: &str) -> Option<f64> {
        self.rule.get(name)
    }
    fn set_hyperparameter(&mut self, name: &str, value: f64) -> Result<()> {
        if self.rule.set(name, value) {
            return Ok(());
        }
        Err(Error::invalid(format_args!("{}::set_hyperparameter", R::NAME), "the name of a hyperparameter", name))
    }
    #[track_caller]
    fn hooks(&mut self) -> &mut Hooks {
        self.set_up_hooks("hooks")
    }
    fn loss_scale(&self) -> Option<f64> {
        self.loss_scale.map(|s| s.value())
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.bits("t", &mut self.t)?;
        s.bits("epoch", &mut self.epoch)?;
        if let Some(scale) = &mut self.loss_scale {
            scale.serialize(s)?;
        }
        for slot in self.slots.iter_mut().flatten() {
            // A parameter by itself has no path.
            let path = if slot.path.is_empty() { "parameter" } else { slot.path.trim_start_matches('/') }.to_string();
            s.within(&path, |s| slot.serialize::<R>(s))?;
        }
        Ok(())
    }
}

impl<R: Rule + Default> Default for GradientMethod<R> {
    fn default() -> Self {
        GradientMethod::from_rule(R::default())
    }
}
impl<R> Deref for GradientMethod<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.rule
    }
}
impl<R> DerefMut for GradientMethod<R> {
    fn deref_mut(&mut self) -> &mut R {
        &mut self.rule
    }
}
impl<R: Rule + fmt::Debug> fmt::Debug for GradientMethod<R> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?} (t {}, {} parameters)", self.rule, self.t, self.slots.as_ref().map_or(0, Vec::len))
    }
}
