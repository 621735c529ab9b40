//! The learning-rate range test (L. N. Smith, Cyclical Learning Rates for Training Neural Networks, 2017).

use super::{Trainer, report_scope};
use crate::{
    Error, Result,
    plot::{Chart, Color, Series},
};

/// The standard deviation, in steps, of the bell that smooths the losses.
const BELL: f64 = 5.0;
/// The share that an older loss keeps in the running mean, by which divergence is seen.
const KEEPS: f64 = 0.8;
/// The training has diverged when the running mean is so many times as large as it has been.
const DIVERGED: f64 = 4.0;
/// Steps that are made in any case.
const AT_LEAST: usize = 10;
/// A fall that is less than this share of the first loss is none.
const FALL: f64 = 0.02;

/// The losses of a training whose learning rate grew from step to step.
#[derive(Clone, PartialEq, Debug)]
pub struct RangeTest {
    /// Rate and loss of each step.
    pub losses: Vec<[f64; 2]>,
    /// Whether the losses grew so much that the test ended early.
    pub diverged: bool,
}

impl Trainer {
    /// Does training steps with a learning rate that grows by the same factor from step to step, from `low` to `high`
    /// within `steps` steps, or until the loss has become four times as large as it was. Extensions are not called, and
    /// what is then in the model is of no use.
    ///
    /// # Errors
    /// When a step fails, or reports no `main/loss`, or the optimiser follows a schedule of its own.
    pub fn range_test(&mut self, low: f64, high: f64, steps: usize) -> Result<RangeTest> {
        if !(low > 0.0 && high > low && high.is_finite() && steps > 1) {
            return Err(Error::invalid(
                "range_test",
                "0 < low < high and two steps",
                format!("{low}, {high}, {steps}"),
            ));
        }
        let mut test = RangeTest { losses: Vec::new(), diverged: false };
        let (mut mean, mut weight, mut least) = (0.0, 0.0, f64::INFINITY);
        for step in 0..steps {
            let rate = low * (high / low).powf(step as f64 / (steps - 1) as f64);
            self.optimizer("main")?.set_lr(rate);
            let (result, observation) = report_scope(|| self.updater_mut().update());
            result?;
            if self.optimizer("main")?.lr() != rate {
                let why = "the optimizer sets its learning rate itself (set_schedule): test one without a schedule";
                return Err(Error::state("range_test", why));
            }
            let loss = observation.get("main/loss");
            let loss = loss.ok_or_else(|| Error::state("range_test", "the step reported no 'main/loss'"))?;
            if !loss.is_finite() {
                test.diverged = true;
                break;
            }
            test.losses.push([rate, loss]);
            (mean, weight) = (KEEPS * mean + (1.0 - KEEPS) * loss, KEEPS * weight + 1.0 - KEEPS);
            least = f64::min(least, mean / weight);
            if step >= AT_LEAST && mean / weight > DIVERGED * least {
                test.diverged = true;
                break;
            }
        }
        Ok(test)
    }
}

impl RangeTest {
    /// The losses, each the mean of its neighbours under a bell; as many as there are steps.
    pub fn smoothed(&self) -> Vec<[f64; 2]> {
        let each = |i: usize| {
            let near =
                (i.saturating_sub(3 * BELL as usize)..self.losses.len()).take_while(|&j| j <= i + 3 * BELL as usize);
            let weigh = |j: usize| (-0.5 * ((j as f64 - i as f64) / BELL).powi(2)).exp();
            let (sum, all) = near.fold((0.0, 0.0), |(s, w), j| (s + weigh(j) * self.losses[j][1], w + weigh(j)));
            [self.losses[i][0], sum / all]
        };
        (0..self.losses.len()).map(each).collect()
    }
    /// The rate, to two digits, at which the smoothed loss is lowest: larger ones are too large. None where it never falls.
    pub fn largest(&self) -> Option<f64> {
        self.lowest().map(|(_, lowest)| two_digits(self.losses[lowest][0]))
    }
    /// The suggested rate, to two digits: a third of the [`largest`](RangeTest::largest) where the rate is the highest
    /// of a schedule (`annealed`), and a tenth where it stays. None where the loss never falls.
    pub fn suggestion(&self, annealed: bool) -> Option<f64> {
        self.lowest().map(|(_, lowest)| two_digits(self.losses[lowest][0] / if annealed { 3.0 } else { 10.0 }))
    }
    /// The smoothed losses and the number of the lowest, if they fall.
    fn lowest(&self) -> Option<(Vec<[f64; 2]>, usize)> {
        let smooth = self.smoothed();
        let lowest = (0..smooth.len()).min_by(|&a, &b| smooth[a][1].total_cmp(&smooth[b][1]))?;
        let first = smooth[0][1];
        (first - smooth[lowest][1] > FALL * first.abs()).then_some((smooth, lowest))
    }
    /// The losses over the rate, with the suggested and the largest one.
    pub fn chart(&self, annealed: bool) -> Chart {
        let smooth = self.smoothed();
        // A loss that explodes must not hide where it fell.
        let (low, high) =
            smooth.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p[1]), b.max(p[1])));
        let first = smooth.first().map_or(1.0, |p| p[1]);
        let top = high.min(first + (first - low).max(0.1 * first.abs()));
        let mut chart =
            Chart::new("learning-rate range test").x_label("learning rate").y_label("training loss").log_x(true);
        if top > low {
            chart = chart.y_range(low - 0.08 * (top - low), top + 0.08 * (top - low));
        }
        let pale = Color::WHITE.mix(Color::nth(0), 0.35);
        chart = chart.add(Series::line(self.losses.iter().copied()).label("each step").color(pale).width(1.5));
        chart = chart.add(Series::line(smooth.clone()).label("smoothed").color(Color::nth(0)));
        if let (Some((smooth, lowest)), Some(suggestion)) = (self.lowest(), self.suggestion(annealed)) {
            let dot = |name: &str, i: usize, rate: f64, color: usize| {
                Series::dots([smooth[i]]).label(format!("{name}: {rate}")).color(Color::nth(color))
            };
            let near = smooth.iter().position(|p| p[0] >= suggestion).unwrap_or(lowest);
            chart = chart.add(dot("suggested", near, suggestion, 2));
            chart = chart.add(dot("lowest loss", lowest, two_digits(smooth[lowest][0]), 1));
        }
        chart
    }
}

fn two_digits(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
}
