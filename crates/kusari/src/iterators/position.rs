//! Where an iterator is in its dataset, and which samples come next.

use super::order::{Order, Sampler};
use crate::{Dataset, Error, Result, dataset::BatchOf, random::Generator, serializers::Serializer};
use std::sync::Arc;

/// What a batch is made of.
pub(super) struct Samples {
    /// The samples' numbers.
    pub(super) indices: Vec<usize>,
    /// What is random about each depends on: seed, epoch and number in one.
    pub(super) keys: Vec<u64>,
}

impl Samples {
    pub(super) fn read<D: Dataset + ?Sized>(&self, dataset: &D) -> Result<BatchOf<D>> {
        dataset.draw_batch(&self.indices, &self.keys)
    }
}

/// The position of an iterator and the order of the running epoch; cheap to clone.
#[derive(Clone)]
pub(super) struct Position {
    len: usize,
    repeat: bool,
    sampler: Option<Sampler>,
    seed: u64,
    /// Whether snapshots leave the order out, to draw it again.
    forgetful: bool,
    /// The order of the running epoch; `None` is the natural one.
    order: Option<Arc<Order>>,
    current: usize,
    pub(super) epoch: usize,
    pub(super) is_new_epoch: bool,
    pub(super) previous_epoch_detail: Option<f64>,
    pub(super) last_len: usize,
}

impl Position {
    /// The start of a dataset of `len` samples, given again and again in shuffled order.
    pub(super) fn new(len: usize, seed: u64) -> Position {
        let mut position = Position {
            len,
            repeat: true,
            sampler: None,
            seed,
            forgetful: false,
            order: None,
            current: 0,
            epoch: 0,
            is_new_epoch: false,
            previous_epoch_detail: None,
            last_len: 0,
        };
        position.set_sampler(Some(Sampler::Shuffle));
        position
    }
    pub(super) fn set_repeat(&mut self, repeat: bool) {
        self.repeat = repeat;
    }
    pub(super) fn set_sampler(&mut self, sampler: Option<Sampler>) {
        self.sampler = sampler;
        self.reset();
    }
    pub(super) fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
        self.reset();
    }
    pub(super) fn forget_order(&mut self) {
        self.forgetful = true;
    }
    pub(super) fn reset(&mut self) {
        (self.current, self.epoch, self.is_new_epoch, self.previous_epoch_detail) = (0, 0, false, None);
        self.draw();
    }
    /// Draws the order of the running epoch: a function of seed and epoch only.
    fn draw(&mut self) {
        // The one before goes first, so that two are in memory only if somebody else needs it.
        self.order = None;
        self.order = self.sampler.as_ref().map(|s| Arc::new(s.order(self.len, self.seed, self.epoch)));
    }
    fn epoch_size(&self) -> usize {
        self.order.as_ref().map_or(self.len, |order| order.len())
    }
    pub(super) fn epoch_detail(&self) -> f64 {
        self.epoch as f64 + self.current as f64 / self.epoch_size().max(1) as f64
    }
    /// The next `batch_size` samples.
    pub(super) fn advance(&mut self, batch_size: usize) -> Option<Samples> {
        if self.epoch_size() == 0 || (!self.repeat && self.epoch > 0) {
            return None;
        }
        self.previous_epoch_detail = Some(self.epoch_detail());
        self.is_new_epoch = false;
        let mut batch = Vec::with_capacity(batch_size);
        let mut keys = Vec::with_capacity(batch_size);
        while batch.len() < batch_size {
            let n = self.epoch_size();
            let stop = n.min(self.current + batch_size - batch.len());
            match &self.order {
                Some(order) => order.part(self.current..stop, &mut batch),
                None => batch.extend(self.current..stop),
            }
            let of_epoch = Generator::new(self.seed).keyed(self.epoch as u64);
            keys.extend(batch[keys.len()..].iter().map(|&i| of_epoch.keyed(i as u64).seed));
            self.current = stop;
            if stop == n {
                (self.current, self.is_new_epoch) = (0, true);
                self.epoch += 1;
                if !self.repeat {
                    break;
                }
                self.draw();
            }
        }
        self.last_len = batch.len();
        Some(Samples { indices: batch, keys })
    }
    pub(super) fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("current_position", &mut self.current)?;
        s.count("epoch", &mut self.epoch)?;
        s.flag("is_new_epoch", &mut self.is_new_epoch)?;
        let mut previous = self.previous_epoch_detail.unwrap_or(-1.0);
        s.float("previous_epoch_detail", &mut previous)?;
        self.previous_epoch_detail = (previous >= 0.0).then_some(previous);
        if self.sampler.is_some() && !self.forgetful {
            let mut order = self.order.as_ref().map(|order| order.to_vec());
            s.indices("order", &mut order)?;
            if let Some(i) = order.iter().flatten().find(|&&i| i >= self.len) {
                return Err(s.unfit("order", &format!("samples' numbers below {}", self.len), i));
            }
            self.order = order.map(|order| Arc::new(Order::Long(order)));
        }
        // Chainer, whose orders come from NumPy's one generator, has no seed in its snapshots.
        match s.bits("seed", &mut self.seed) {
            Err(Error::Missing { .. }) => {}
            other => other?,
        }
        if self.forgetful && s.loading() {
            self.draw();
        }
        if self.current >= self.epoch_size().max(1) {
            return Err(s.unfit("current_position", &format!("a number below {}", self.epoch_size()), self.current));
        }
        Ok(())
    }
}
