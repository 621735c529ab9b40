//! Averaged parameters.

use crate::{
    CopyMode, Link, Result,
    serializers::{Serializer, serialize_link},
    training::{Extension, PRIORITY_WRITER, Trainer},
};

/// Keeps an exponential moving average of a model's parameters, `a ← d·a + (1 − d)·w` after every update, which often
/// predicts better than the last ones (Polyak and Juditsky, 1992). The decay `d` grows from 0.1 to its limit as
/// `(1 + n) / (10 + n)` of the `n`-th update, so that the first weights are forgotten soon. At the end the model gets the
/// average; running statistics stay the model's own.
///
/// With [`KeepBest`](super::KeepBest), that keeps the averaged model and gives it to the model: `gives_to`.
///
/// ```
/// use kusari::{Link, links::Linear, training::extensions::AverageWeights};
/// let model = Linear::new(2, 3);
/// let average = AverageWeights::new(model.clone(), 0.999);
/// let evaluated = average.model(); // for an Evaluator
/// assert_eq!(evaluated.count_params(), model.count_params());
/// ```
pub struct AverageWeights<M> {
    model: M,
    average: M,
    decay: f64,
    updates: usize,
}

impl<M: Link + Clone + 'static> AverageWeights<M> {
    /// Averages the parameters of `model`.
    ///
    /// # Panics
    /// When the decay is not between 0 and 1.
    #[track_caller]
    pub fn new(model: M, decay: f64) -> AverageWeights<M> {
        assert!((0.0..1.0).contains(&decay), "AverageWeights: expected a decay from 0 to below 1, got {decay}");
        let average = model.copy(CopyMode::Copy);
        AverageWeights { model, average, decay, updates: 0 }
    }
    /// A handle to the averaged model.
    pub fn model(&self) -> M {
        self.average.clone()
    }
}

impl<M: Link + Clone + 'static> Extension for AverageWeights<M> {
    /// Before the evaluation.
    fn priority(&self) -> i32 {
        PRIORITY_WRITER + 1
    }
    fn call(&mut self, _: &mut Trainer) -> Result<()> {
        let n = self.updates as f64;
        let decay = self.decay.min((1.0 + n) / (10.0 + n));
        if self.updates == 0 {
            self.average.copyparams(&self.model);
        }
        for (average, now) in self.average.params().iter().zip(self.model.params()) {
            if !now.is_initialized() {
                continue; // of a part that has not been used yet
            }
            if !average.is_initialized() {
                average.set(now.array());
            }
            average.update(|a| {
                *a = a.mul_scalar(decay).add(&now.array().mul_scalar(1.0 - decay));
                a.evaluate();
            });
        }
        for ((_, average), (_, now)) in self.average.namedpersistents().iter().zip(self.model.namedpersistents()) {
            average.set(now.get());
        }
        self.updates += 1;
        Ok(())
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        // An interrupted training goes on with the last parameters.
        if self.updates > 0 && !trainer.interrupted() {
            self.model.copyparams(&self.average);
        }
        Ok(())
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("_updates", &mut self.updates)?;
        if self.updates == 0 {
            return Ok(());
        }
        if s.loading() {
            self.average.copyparams(&self.model);
        }
        s.within("_average", |s| serialize_link(&self.average, s))
    }
}
