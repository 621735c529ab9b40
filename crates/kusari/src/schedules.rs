//! Learning-rate schedules: pure formulas of the time `t`, which is whatever the caller counts (updates, epochs).
//!
//! A number is a schedule that never changes, and a closure `Fn(f64) -> f64` is one too. Give a schedule to an optimiser
//! with `opt.set_schedule(…)`, where `t` is the number of updates done, or to a trainer's extension, which has a trigger.
//!
//! ```
//! use kusari::schedules::{Cosine, Schedule, WarmUp};
//! let rate = WarmUp { from: 0.0, steps: 100.0, then: Cosine::new(0.1, 900.0) };
//! assert_eq!((rate.at(0.0), rate.at(50.0), rate.at(100.0)), (0.0, 0.05, 0.1));
//! assert!(rate.at(1000.0) < 1e-9);
//! ```

mod cosine;
mod decay;

pub use cosine::{Cosine, OneCycle};
pub use decay::{Exponential, Inverse, Linear, MultiStep, Polynomial, Step};

/// A value that depends on the time only.
pub trait Schedule: Send + Sync {
    /// The value at time `t ≥ 0`.
    fn at(&self, t: f64) -> f64;

    /// This schedule until `time`, then `next`, whose time starts at 0 there.
    fn then<S: Schedule>(self, time: f64, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then { first: self, time, next }
    }
}

impl Schedule for f64 {
    fn at(&self, _: f64) -> f64 {
        *self
    }
}
impl<F: Fn(f64) -> f64 + Send + Sync> Schedule for F {
    fn at(&self, t: f64) -> f64 {
        self(t)
    }
}
impl Schedule for Box<dyn Schedule> {
    fn at(&self, t: f64) -> f64 {
        (**self).at(t)
    }
}

/// One schedule after another: see [`Schedule::then`].
#[derive(Clone, Debug)]
pub struct Then<A, B> {
    first: A,
    time: f64,
    next: B,
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn at(&self, t: f64) -> f64 {
        if t < self.time { self.first.at(t) } else { self.next.at(t - self.time) }
    }
}

/// Linear warm-up from `from` to the first value of `then` within `steps`; `then` starts after it:
/// `from + (then(0) − from)·t/steps`, and `then(t − steps)` from `steps` on.
#[derive(Clone, Debug)]
pub struct WarmUp<S> {
    /// The value at time 0.
    pub from: f64,
    /// When it ends.
    pub steps: f64,
    /// What follows.
    pub then: S,
}

impl<S: Schedule> Schedule for WarmUp<S> {
    fn at(&self, t: f64) -> f64 {
        if t >= self.steps {
            return self.then.at(t - self.steps);
        }
        self.from + (self.then.at(0.0) - self.from) * t / self.steps
    }
}
