//! Time.

use super::workload::{Step, Workload};
use kusari::{Parameter, Variable};
use std::time::{Duration, Instant};

/// A measurement goes on this long, unless the number of rounds is given.
const BUDGET: Duration = Duration::from_secs(2);
/// What is shorter than this is called several times between two looks at the clock.
const SHORTEST: f64 = 1e-3;

/// Seconds a call, over many rounds.
pub struct Times(Vec<f64>);

impl Times {
    /// Calls `f` until it is warm, and then measures it.
    pub fn of<R>(rounds: Option<usize>, f: impl FnMut() -> R) -> Times {
        Times::within(BUDGET, rounds, f)
    }
    /// The same for at most `budget`, unless the number of rounds is given.
    pub fn within<R>(budget: Duration, rounds: Option<usize>, mut f: impl FnMut() -> R) -> Times {
        let mut time = |calls: usize| {
            let start = Instant::now();
            (0..calls).for_each(|_| drop(f()));
            start.elapsed().as_secs_f64() / calls as f64
        };
        let start = Instant::now();
        let mut one = time(1).min(time(1));
        if rounds.is_none() {
            while start.elapsed() < budget / 20 {
                one = one.min(time(1));
            }
        }
        let calls = if rounds.is_some() && one > SHORTEST { 1 } else { (SHORTEST / one).ceil() as usize };
        let (least, most) = rounds.map_or((5, 2000), |n| (n, n));
        let (start, mut all) = (Instant::now(), Vec::new());
        while all.len() < least || (all.len() < most && start.elapsed() < budget) {
            all.push(time(calls));
        }
        all.sort_by(f64::total_cmp);
        Times(all)
    }
    /// The shortest, in milliseconds.
    pub fn min(&self) -> f64 {
        self.0[0] * 1e3
    }
    /// The median, in milliseconds.
    pub fn median(&self) -> f64 {
        let n = self.0.len();
        (self.0[n / 2] + self.0[(n - 1) / 2]) / 2.0 * 1e3
    }
    /// How many rounds there were.
    pub fn rounds(&self) -> usize {
        self.0.len()
    }
}

impl Workload {
    /// A whole step as one writes it.
    pub fn step(&mut self) {
        match &mut self.step {
            Step::Train { loss, optimizer } => {
                let loss = loss();
                loss.backward();
                optimizer.update();
            }
            Step::Differentiate { .. } => self.differentiate(),
            Step::Update { x, gradient, optimizer } => {
                x.set_grad(gradient.clone());
                optimizer.update();
            }
        }
    }
    /// A step by `minimize`, where there is a loss and an optimiser.
    pub fn minimize(&mut self) {
        if let Step::Train { loss, optimizer } = &mut self.step {
            optimizer.minimize(loss());
        }
    }
    /// The loss, if there is one.
    pub fn loss(&mut self) -> Option<Variable> {
        match &mut self.step {
            Step::Train { loss, .. } | Step::Differentiate { loss } => Some(loss()),
            Step::Update { .. } => None,
        }
    }
    /// The gradients of the loss.
    pub fn differentiate(&mut self) {
        if let Some(loss) = self.loss() {
            loss.backward();
            self.parameters.iter().for_each(Parameter::cleargrad);
        }
    }
    /// The bytes that are alive between the forward and the backward pass and not before.
    pub fn kept(&mut self) -> Option<usize> {
        let before = kusari::memory_in_use();
        let loss = self.loss()?;
        let kept = kusari::memory_in_use() - before;
        drop(loss);
        Some(kept)
    }
}
