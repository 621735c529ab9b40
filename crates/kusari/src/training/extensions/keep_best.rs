//! The best parameters.

use super::super::triggers::{BestValueTrigger, MinValueTrigger};
use crate::{
    CopyMode, Link, Result,
    serializers::{Serializer, serialize_link},
    training::{Extension, Trainer, Trigger},
};

/// Keeps the model as it was when a value, usually the validation loss, was smallest, and gives it back at the end.
pub struct KeepBest<M> {
    model: M,
    /// What gets the best parameters in the end.
    to: M,
    best: Option<M>,
    epoch: usize,
    smallest: BestValueTrigger,
}

impl<M: Link + Clone + 'static> KeepBest<M> {
    /// Keeps `model` whenever the mean of the reported value `key` over an epoch is smaller than ever before.
    pub fn new(model: M, key: &str) -> KeepBest<M> {
        KeepBest { to: model.clone(), model, best: None, epoch: 0, smallest: MinValueTrigger::new(key) }
    }
    /// Gives the best parameters to another model of the same kind: where an average is kept, to the model that is averaged.
    ///
    /// ```
    /// use kusari::{links::Linear, training::extensions::{AverageWeights, KeepBest}};
    /// let model = Linear::new(2, 3);
    /// let average = AverageWeights::new(model.clone(), 0.999);
    /// let best = KeepBest::new(average.model(), "validation/main/loss").gives_to(model);
    /// ```
    #[must_use]
    pub fn gives_to(self, model: M) -> KeepBest<M> {
        KeepBest { to: model, ..self }
    }
    /// The number of finished epochs when the value was smallest.
    pub fn best_epoch(&self) -> Option<usize> {
        self.best.as_ref().map(|_| self.epoch)
    }
    /// The smallest value.
    pub fn best_value(&self) -> Option<f64> {
        self.smallest.best_value()
    }
}

impl<M: Link + Clone + 'static> Extension for KeepBest<M> {
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        if self.smallest.fire(trainer.progress()) {
            self.epoch = trainer.progress().epoch;
            self.best = Some(self.model.copy(CopyMode::Copy));
        }
        Ok(())
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        // An interrupted training goes on with the last parameters.
        if let Some(best) = self.best.as_ref().filter(|_| !trainer.interrupted()) {
            self.to.copyparams(best);
            let kept = best.namedpersistents();
            self.to.namedpersistents().iter().zip(&kept).for_each(|((_, value), (_, best))| value.set(best.get()));
        }
        Ok(())
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("_trigger", |s| self.smallest.serialize(s))?;
        s.count("_epoch", &mut self.epoch)?;
        // Epochs count from 1 when they are over, so 0 means that there is no best model yet.
        if s.loading() {
            self.best = (self.epoch > 0).then(|| self.model.copy(CopyMode::Copy));
        }
        self.best.as_ref().map_or(Ok(()), |best| s.within("_best", |s| serialize_link(best, s)))
    }
}
