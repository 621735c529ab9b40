//! Validation.

use crate::{
    Error, Link, Result, Variable, inference_mode,
    iterators::BatchIterator,
    training::{
        DictSummary, Extension, Objective, Observation, PRIORITY_WRITER, Trainer, Trigger, report_prefix, report_scope,
        triggers::epochs, updater::reported_loss,
    },
};

/// Reports the means, over a validation set, of what a model reports: `validation/main/loss`.
///
/// The model neither trains nor records meanwhile. Batches count by their size, so that the mean is that over the
/// samples also when the last batch is smaller.
pub struct Evaluator<I: BatchIterator, M> {
    name: String,
    iterator: I,
    model: M,
    loss: Box<dyn Fn(&M, &I::Batch) -> Variable + Send>,
}

impl<I: BatchIterator + 'static, M: Link + 'static> Evaluator<I, M> {
    /// Evaluates the model's own loss of the batches of `iterator`, which must not repeat (`once`).
    pub fn new(iterator: I, model: M) -> Evaluator<I, M>
    where
        M: Objective<I::Batch>,
    {
        Evaluator::with_loss(iterator, model, M::loss)
    }
    /// Evaluates `loss(model, batch)`.
    pub fn with_loss(
        iterator: I,
        model: M,
        loss: impl Fn(&M, &I::Batch) -> Variable + Send + 'static,
    ) -> Evaluator<I, M> {
        Evaluator { name: "validation".to_string(), iterator, model, loss: Box::new(loss) }
    }
    /// What the reported names begin with, instead of `validation`; also the extension's name.
    pub fn named(self, name: &str) -> Evaluator<I, M> {
        Evaluator { name: name.to_string(), ..self }
    }
    /// The means over the data: `main/loss`, …
    ///
    /// # Errors
    /// When the data cannot be read, or there are none.
    pub fn evaluate(&mut self) -> Result<Observation> {
        let _guard = inference_mode();
        self.iterator.reset();
        let mut summary = DictSummary::default();
        while let Some(batch) = self.iterator.next_batch()? {
            let (_, observation) = report_scope(|| reported_loss(&*self.loss, &self.model, &batch));
            summary.add(&observation, self.iterator.last_len() as f64);
            if self.iterator.epoch_detail() >= 2.0 {
                return Err(Error::state("Evaluator", "the iterator repeats without end: make it with `.once()`"));
            }
        }
        let means = summary.means();
        if means.is_empty() {
            return Err(Error::Data(format!("Evaluator: there are no data for '{}'", self.name)));
        }
        Ok(means)
    }
}

impl<I: BatchIterator + 'static, M: Link + 'static> Extension for Evaluator<I, M> {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn priority(&self) -> i32 {
        PRIORITY_WRITER
    }
    fn call(&mut self, _: &mut Trainer) -> Result<()> {
        let means = self.evaluate()?;
        report_prefix(&self.name, || means.iter().for_each(|(name, value)| crate::training::report(name, value)));
        Ok(())
    }
}
