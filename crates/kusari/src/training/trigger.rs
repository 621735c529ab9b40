//! Triggers: when something happens.

use super::Observation;
use crate::{Result, serializers::Serializer};

/// How far a training is: what triggers look at.
#[derive(Clone, Default, Debug)]
pub struct Progress {
    /// The number of updates.
    pub iteration: usize,
    /// The number of finished epochs.
    pub epoch: usize,
    /// The number of epochs with the part of the running one.
    pub epoch_detail: f64,
    /// [`epoch_detail`](Progress::epoch_detail) of before the last update.
    pub previous_epoch_detail: Option<f64>,
    /// Whether the last update finished an epoch.
    pub is_new_epoch: bool,
    /// Seconds since training began, those of before a resumption included.
    pub elapsed: f64,
    /// Those of before a resumption.
    pub elapsed_before: f64,
    /// What was reported in this iteration.
    pub observation: Observation,
}

/// Decides when an extension is called or training stops.
///
/// Any `FnMut(&Progress) -> bool` is one.
pub trait Trigger: Send {
    /// Whether now is the time. Asked once in every iteration.
    fn fire(&mut self, progress: &Progress) -> bool;
    /// The length of a training that this trigger stops, where it is known.
    fn training_length(&self) -> Option<(f64, Unit)> {
        None
    }
    /// Saves or loads the state.
    ///
    /// # Errors
    /// When a value is missing.
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        let _ = s;
        Ok(())
    }
}

impl<F: FnMut(&Progress) -> bool + Send> Trigger for F {
    fn fire(&mut self, progress: &Progress) -> bool {
        self(progress)
    }
}

impl Trigger for Box<dyn Trigger> {
    fn fire(&mut self, progress: &Progress) -> bool {
        (**self).fire(progress)
    }
    fn training_length(&self) -> Option<(f64, Unit)> {
        (**self).training_length()
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        (**self).serialize(s)
    }
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Passes through the training data.
    Epoch,
    /// Updates.
    Iteration,
}

impl Unit {
    /// How many there have been.
    pub(super) fn now(self, progress: &Progress) -> f64 {
        match self {
            Unit::Epoch => progress.epoch_detail,
            Unit::Iteration => progress.iteration as f64,
        }
    }
}

/// How far the training was when a trigger was last asked, as Chainer's snapshots keep it.
#[derive(Clone, Default, Debug)]
pub(super) struct Previous {
    iteration: usize,
    epoch_detail: f64,
}

impl Previous {
    pub(super) fn get(&self, unit: Unit) -> f64 {
        match unit {
            Unit::Epoch => self.epoch_detail,
            Unit::Iteration => self.iteration as f64,
        }
    }
    pub(super) fn set(&mut self, progress: &Progress) {
        (self.iteration, self.epoch_detail) = (progress.iteration, progress.epoch_detail);
    }
    pub(super) fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("previous_iteration", &mut self.iteration)?;
        s.float("previous_epoch_detail", &mut self.epoch_detail)
    }
}
