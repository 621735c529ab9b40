//! Schedules made of half waves of the cosine.

use super::Schedule;
use std::f64::consts::PI;

/// Half a cosine wave from `from` (at 0) to `to` (at 1).
fn wave(from: f64, to: f64, at: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * at).cos()) / 2.0
}

/// Cosine annealing with optional warm restarts (Loshchilov & Hutter, <https://arxiv.org/abs/1608.03983>):
/// `min + (init − min)·(1 + cos(π·t/period))/2`; after the period `min`, or the wave begins anew.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cosine {
    /// The value at time 0 and after each restart.
    pub init: f64,
    /// How long the first wave takes.
    pub period: f64,
    /// The value at the end of a wave.
    pub min: f64,
    /// What each wave's length is multiplied by for the next one; `None`: there is only one wave.
    pub restarts: Option<f64>,
}

impl Cosine {
    /// One wave from `init` to 0.
    pub fn new(init: f64, period: f64) -> Cosine {
        Cosine { init, period, min: 0.0, restarts: None }
    }
}
impl Schedule for Cosine {
    fn at(&self, t: f64) -> f64 {
        let (mut t, mut period) = (t, self.period);
        match self.restarts {
            None => t = t.min(period),
            Some(1.0) => t %= period,
            Some(factor) => {
                while t >= period && period > 0.0 {
                    t -= period;
                    period *= factor;
                }
            }
        }
        if period <= 0.0 {
            return self.min; // waves that become shorter and shorter are all over at some time
        }
        wave(self.init, self.min, t / period)
    }
}

/// One cycle (Smith & Topin, <https://arxiv.org/abs/1708.07120>) as in PyTorch: up from `max/div` to `max` within the first
/// `rise` of the `total` updates, then down to `max/div/final_div` at update `total − 1`, both in half a cosine wave.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OneCycle {
    /// The largest value.
    pub max: f64,
    /// The number of updates.
    pub total: f64,
    /// The share of them that go up: 0.3.
    pub rise: f64,
    /// How many times smaller the first value is: 25.
    pub div: f64,
    /// How many times smaller than the first the last value is: 10⁴.
    pub final_div: f64,
}

impl OneCycle {
    /// The cycle with PyTorch's defaults.
    pub fn new(max: f64, total: f64) -> OneCycle {
        OneCycle { max, total, rise: 0.3, div: 25.0, final_div: 1e4 }
    }
}
impl Schedule for OneCycle {
    fn at(&self, t: f64) -> f64 {
        let (first, end) = (self.max / self.div, self.total - 1.0);
        let top = self.rise * self.total - 1.0;
        if t <= top && top > 0.0 {
            wave(first, self.max, t / top)
        } else {
            wave(self.max, first / self.final_div, ((t - top) / (end - top)).min(1.0))
        }
    }
}
