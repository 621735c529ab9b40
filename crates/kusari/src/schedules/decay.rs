//! Schedules that fall (or rise) from a first value: Chainer's `*Shift` extensions as formulas.

use super::Schedule;

/// `value`, but not beyond `target` on the way from `first`, whatever the signs.
fn until(target: Option<f64>, growing: bool, value: f64) -> f64 {
    match target {
        Some(target) if (growing && value / target > 1.0) || (!growing && value / target < 1.0) => target,
        _ => value,
    }
}

/// Exponential decay, `init · rate^t`, not beyond `target`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Exponential {
    /// The value at time 0.
    pub init: f64,
    /// What every step multiplies it by.
    pub rate: f64,
    /// Where it stops.
    pub target: Option<f64>,
}

impl Exponential {
    /// `init · rate^t`.
    pub fn new(init: f64, rate: f64) -> Exponential {
        Exponential { init, rate, target: None }
    }
}
impl Schedule for Exponential {
    fn at(&self, t: f64) -> f64 {
        until(self.target, self.rate > 1.0, self.init * self.rate.powf(t))
    }
}

/// Decay in steps of equal length, `init · gamma^⌊t / step⌋`, not beyond `target`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Step {
    /// The value at time 0.
    pub init: f64,
    /// What each step multiplies it by.
    pub gamma: f64,
    /// The length of a step.
    pub step: f64,
    /// Where it stops.
    pub target: Option<f64>,
}

impl Step {
    /// `init · gamma^⌊t / step⌋`.
    pub fn new(init: f64, gamma: f64, step: f64) -> Step {
        Step { init, gamma, step, target: None }
    }
}
impl Schedule for Step {
    fn at(&self, t: f64) -> f64 {
        until(self.target, self.gamma > 1.0, self.init * self.gamma.powf((t / self.step).floor()))
    }
}

/// Decay at given times, `init · gamma^(how many of them have come)`.
#[derive(Clone, PartialEq, Debug)]
pub struct MultiStep {
    /// The value at time 0.
    pub init: f64,
    /// What each step multiplies it by.
    pub gamma: f64,
    /// The times.
    pub steps: Vec<f64>,
}

impl MultiStep {
    /// `init · gamma^(how many of `steps` have come)`.
    pub fn new(init: f64, gamma: f64, steps: impl Into<Vec<f64>>) -> MultiStep {
        MultiStep { init, gamma, steps: steps.into() }
    }
}
impl Schedule for MultiStep {
    fn at(&self, t: f64) -> f64 {
        self.init * self.gamma.powi(self.steps.iter().filter(|&&step| t >= step).count() as i32)
    }
}

/// A straight line from one value to another between two times, constant before and after.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Linear {
    /// The first and last value.
    pub values: (f64, f64),
    /// When the change starts and ends.
    pub times: (f64, f64),
}

impl Linear {
    /// `values.0` until `times.0`, `values.1` from `times.1` on.
    pub fn new(values: (f64, f64), times: (f64, f64)) -> Linear {
        Linear { values, times }
    }
}
impl Schedule for Linear {
    fn at(&self, t: f64) -> f64 {
        let ((v1, v2), (t1, t2)) = (self.values, self.times);
        if t <= t1 {
            v1
        } else if t >= t2 {
            v2
        } else {
            v1 + (t - t1) / (t2 - t1) * (v2 - v1)
        }
    }
}

/// Polynomial decay to zero, `init · max(1 − t/max_count, 0)^power`, not beyond `target`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Polynomial {
    /// The value at time 0.
    pub init: f64,
    /// The exponent.
    pub power: f64,
    /// When zero is reached.
    pub max_count: f64,
    /// Where it stops.
    pub target: Option<f64>,
}

impl Polynomial {
    /// `init · max(1 − t/max_count, 0)^power`.
    pub fn new(init: f64, power: f64, max_count: f64) -> Polynomial {
        Polynomial { init, power, max_count, target: None }
    }
}
impl Schedule for Polynomial {
    fn at(&self, t: f64) -> f64 {
        until(self.target, self.power <= 0.0, self.init * (1.0 - t / self.max_count).max(0.0).powf(self.power))
    }
}

/// Inverse decay, `init · (1 + gamma·t)^(−power)`, not beyond `target`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Inverse {
    /// The value at time 0.
    pub init: f64,
    /// How fast it falls.
    pub gamma: f64,
    /// The exponent.
    pub power: f64,
    /// Where it stops.
    pub target: Option<f64>,
}

impl Inverse {
    /// `init · (1 + gamma·t)^(−power)`.
    pub fn new(init: f64, gamma: f64, power: f64) -> Inverse {
        Inverse { init, gamma, power, target: None }
    }
}
impl Schedule for Inverse {
    fn at(&self, t: f64) -> f64 {
        until(self.target, self.power < 0.0, self.init * (1.0 + self.gamma * t).powf(-self.power))
    }
}
