//! Updaters: one step of training.

use super::{report, report_prefix};
use crate::{
    Backward, Batch, Error, Layer, Link, Optimizer, Result, Variable, config,
    iterators::BatchIterator,
    links::Classifier,
    serializers::{Serializer, serialize_link},
};

/// Does one step of training at a time.
pub trait Updater: Send {
    /// One step.
    ///
    /// # Errors
    /// When there are no more data, or they cannot be read.
    fn update(&mut self) -> Result<()>;
    /// The number of steps done.
    fn iteration(&self) -> usize;
    /// The number of finished epochs.
    fn epoch(&self) -> usize;
    /// The number of epochs with the part of the running one.
    fn epoch_detail(&self) -> f64;
    /// [`epoch_detail`](Updater::epoch_detail) of before the last step.
    fn previous_epoch_detail(&self) -> Option<f64>;
    /// Whether the last step finished an epoch.
    fn is_new_epoch(&self) -> bool;
    /// The optimisers with their names; `main` if there is one.
    fn optimizers(&mut self) -> Vec<(&str, &mut dyn Optimizer)>;
    /// The models with their names; `main` if there is one.
    fn models(&self) -> Vec<(&str, &dyn Link)>;
    /// Saves or loads everything that the next steps depend on.
    ///
    /// # Errors
    /// When a value is missing or does not fit.
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()>;
}

/// A model that knows what is to be minimised.
pub trait Objective<B> {
    /// The loss of a batch: one element.
    fn loss(&self, batch: &B) -> Variable;
}

/// The loss of the predictions, reported with the accuracy.
impl<P: Layer> Objective<Batch> for Classifier<P> {
    #[track_caller]
    fn loss(&self, batch: &Batch) -> Variable {
        self.forward(&batch.x, &batch.t)
    }
}

/// One batch, its loss, one update.
///
/// ```
/// use kusari::{Batch, Link, Optimizer, array, datasets::TupleDataset, functions as F, iterators::SerialIterator};
/// use kusari::{Parameter, optimizers, training::{StandardUpdater, Trainer, triggers::epochs}};
/// let data = TupleDataset::new(array![1.0f32, 2.0], array![3.0f32, 6.0]);
/// let w = Parameter::new(array![0.0f32]);
/// let mut opt = optimizers::SGD::new(0.1);
/// opt.setup(&w);
/// let loss = |w: &Parameter, batch: &Batch| {
///     let e = w.get() * &batch.x - &batch.t;
///     F::sum_to(&(&e * &e), &[])
/// };
/// let updater = StandardUpdater::with_loss(SerialIterator::new(data, 2), opt, w.clone(), loss);
/// let mut trainer = Trainer::new(updater, epochs(20), std::env::temp_dir().join("kusari-doc-result"));
/// trainer.run()?;
/// assert!((w.array().item() - 3.0).abs() < 1e-3);
/// # Ok::<(), kusari::Error>(())
/// ```
pub struct StandardUpdater<I: BatchIterator, M> {
    iterator: I,
    optimizer: Box<dyn Optimizer>,
    model: M,
    loss: Box<dyn Fn(&M, &I::Batch) -> Variable + Send>,
    iteration: usize,
    /// Batches of an update.
    accumulated: usize,
    /// Whether an epoch ended with the last update, and how far they were before it.
    new_epoch: bool,
    before: Option<f64>,
}

impl<I: BatchIterator + 'static, M: Link + 'static> StandardUpdater<I, M> {
    /// Minimises the model's own loss of the batches of `iterator`, with an optimiser that has been set up.
    pub fn new(iterator: I, optimizer: impl Optimizer + 'static, model: M) -> StandardUpdater<I, M>
    where
        M: Objective<I::Batch>,
    {
        StandardUpdater::with_loss(iterator, optimizer, model, M::loss)
    }
    /// Minimises `loss(model, batch)`.
    pub fn with_loss(
        iterator: I,
        optimizer: impl Optimizer + 'static,
        model: M,
        loss: impl Fn(&M, &I::Batch) -> Variable + Send + 'static,
    ) -> StandardUpdater<I, M> {
        let (optimizer, loss) = (Box::new(optimizer), Box::new(loss));
        StandardUpdater {
            iterator,
            optimizer,
            model,
            loss,
            iteration: 0,
            accumulated: 1,
            new_epoch: false,
            before: None,
        }
    }
    /// Takes `n` batches for every update, whose gradients are averaged: as one batch `n` times as large, in the memory of
    /// one. Each of them is reported; an epoch ends with the update in which it does.
    ///
    /// # Panics
    /// When `n` is 0.
    #[track_caller]
    #[must_use]
    pub fn accumulate(mut self, n: usize) -> StandardUpdater<I, M> {
        assert!(n > 0, "StandardUpdater::accumulate: expected at least one batch, got 0");
        self.accumulated = n;
        self
    }
    /// The iterator.
    pub fn iterator(&self) -> &I {
        &self.iterator
    }
    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }
}

/// The loss of a batch, reported as `main/loss`.
pub(super) fn reported_loss<M, B>(loss: &dyn Fn(&M, &B) -> Variable, model: &M, batch: &B) -> Variable {
    report_prefix("main", || {
        let loss = loss(model, batch);
        report("loss", &loss);
        loss
    })
}

impl<I: BatchIterator, M: Link> Updater for StandardUpdater<I, M> {
    fn update(&mut self) -> Result<()> {
        (self.new_epoch, self.before) = (false, Some(self.iterator.epoch_detail()));
        for left in (0..self.accumulated).rev() {
            let Some(batch) = self.iterator.next_batch()? else {
                return Err(Error::Data(
                    "StandardUpdater: there are no more training data: let the iterator repeat".into(),
                ));
            };
            let mut loss = reported_loss(&*self.loss, &self.model, &batch);
            if self.accumulated > 1 {
                loss = loss / self.accumulated as f64;
            }
            if left == 0 && !config().keep_graph_on_report {
                self.optimizer.minimize(loss);
            } else {
                loss.backward_with(Backward { loss_scale: self.optimizer.loss_scale(), ..Backward::default() });
                drop(loss);
                if left == 0 {
                    self.optimizer.update();
                }
            }
            self.new_epoch |= self.iterator.is_new_epoch();
        }
        if self.new_epoch {
            self.optimizer.new_epoch();
        }
        self.iteration += 1;
        Ok(())
    }
    fn iteration(&self) -> usize {
        self.iteration
    }
    fn epoch(&self) -> usize {
        self.iterator.epoch()
    }
    fn epoch_detail(&self) -> f64 {
        self.iterator.epoch_detail()
    }
    fn previous_epoch_detail(&self) -> Option<f64> {
        if self.accumulated > 1 { self.before } else { self.iterator.previous_epoch_detail() }
    }
    fn is_new_epoch(&self) -> bool {
        if self.accumulated > 1 { self.new_epoch } else { self.iterator.is_new_epoch() }
    }
    fn optimizers(&mut self) -> Vec<(&str, &mut dyn Optimizer)> {
        vec![("main", &mut *self.optimizer)]
    }
    fn models(&self) -> Vec<(&str, &dyn Link)> {
        vec![("main", &self.model)]
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("iteration", &mut self.iteration)?;
        s.within("iterator:main", |s| self.iterator.serialize(s))?;
        // The model first: the optimiser's state has its shapes.
        s.within("model:main", |s| serialize_link(&self.model, s))?;
        s.within("optimizer:main", |s| self.optimizer.serialize(s))
    }
}
