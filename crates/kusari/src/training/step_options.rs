//! What a step of training is made of, the same for all data.

use super::{Trainer, extensions::AverageWeights};
use crate::{Error, Link, Result};
use serde_json::{Value as Json, json};

/// What a step of a [`Lesson`](crate::tables::Lesson) is made of, for tables, pictures and texts alike.
///
/// ```
/// use kusari::{tables::Settings, training::StepOptions};
/// let steps = StepOptions { accumulate: 4, average: Some(0.999), ..StepOptions::default() };
/// let settings = Settings { batch: Some(16), steps, ..Settings::default() };
/// assert_eq!(settings.steps.samples(16), 64);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StepOptions {
    /// Minibatches of a step, whose gradients are averaged: 1. See
    /// [`StandardUpdater::accumulate`](super::StandardUpdater::accumulate).
    pub accumulate: usize,
    /// The decay, from 0 to below 1, of the moving average of the weights; it is evaluated, and the model gets it in the
    /// end: none. See [`AverageWeights`].
    pub average: Option<f64>,
    /// Whether what lies within the network's blocks is computed again for the gradients instead of being kept: false. The
    /// results are the same. See [`forget`](crate::functions::forget).
    pub recompute: bool,
}

impl Default for StepOptions {
    fn default() -> StepOptions {
        StepOptions { accumulate: 1, average: None, recompute: false }
    }
}

impl StepOptions {
    /// The samples of a step with minibatches of `batch`.
    pub fn samples(&self, batch: usize) -> usize {
        self.accumulate.saturating_mul(batch)
    }
    /// Refuses what makes no sense for `samples` in minibatches of `batch`.
    pub(crate) fn check(&self, batch: usize, samples: usize) -> Result<()> {
        if self.accumulate == 0 {
            return Err(Error::invalid("accumulate", "at least one minibatch", 0));
        }
        if self.accumulate > 1 && self.samples(batch) > samples {
            let expected =
                format!("at most {} minibatches of {batch}, as there are {samples} samples", samples / batch);
            return Err(Error::invalid("accumulate", expected, self.accumulate));
        }
        match self.average {
            Some(decay) if !(0.0..1.0).contains(&decay) => {
                Err(Error::invalid("average", "a decay from 0 to below 1", decay))
            }
            _ => Ok(()),
        }
    }
    /// The model that is to be evaluated: the average of `model`'s weights, which the trainer keeps from now on and gives
    /// to `model` in the end, or `model` itself.
    pub(crate) fn evaluated<M: Link + Clone + 'static>(&self, trainer: &mut Trainer, model: &M) -> M {
        let Some(decay) = self.average else { return model.clone() };
        let average = AverageWeights::new(model.clone(), decay);
        let evaluated = average.model();
        trainer.extend(average);
        evaluated
    }
    /// Adds what the weights depend on to what a model's file says about the training, if it is not the usual.
    pub(crate) fn note(&self, training: &mut Json) {
        if self.accumulate > 1 {
            training["accumulate"] = json!(self.accumulate);
        }
        if let Some(decay) = self.average {
            training["average"] = json!(decay);
        }
    }
}
