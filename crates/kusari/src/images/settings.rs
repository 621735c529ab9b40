//! How to learn from pictures.

use super::{Augment, Kind};
use crate::{Optimizer, optimizers::AdamW, training::StepOptions};

/// How to learn from pictures; the defaults suit a few hundred photographs and many thousand.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The kind of network: a cnn.
    pub kind: Kind,
    /// Units in a hidden layer, channels of the first convolutions; none: as usual for the kind.
    pub units: Option<usize>,
    /// The number of layers: see [`Architecture`](super::Architecture); none: as usual for the kind and the size.
    pub layers: Option<usize>,
    /// What is changed at random about pictures to learn from.
    pub augment: Augment,
    /// The share of the pictures that decides when to stop, where the data have no such part: 0.2.
    pub valid: f64,
    /// The share held out for a test, where the data have no such part: none.
    pub test: f64,
    /// Whether the model is in the end that of the epoch with the smallest validation loss, and training stops when
    /// none has been smaller for long: true.
    pub best: bool,
    /// Whether rare classes count as much as frequent ones: false.
    pub balanced: bool,
    /// Pictures in a step; none: by their number.
    pub batch: Option<usize>,
    /// The most epochs; none: by the number of pictures.
    pub epochs: Option<usize>,
    /// What changes the parameters: AdamW.
    pub optimizer: fn(f64) -> Box<dyn Optimizer>,
    /// Its largest learning rate; none: 0.01 for convolutions, 0.002 for an mlp.
    pub lr: Option<f64>,
    /// Whether the learning rate goes up to its largest and down to nothing in one cycle, or stays as it is: true.
    pub one_cycle: bool,
    /// What a step is made of; what lies within the stages of a cnn and the blocks of a resnet can be recomputed.
    pub steps: StepOptions,
    /// The threads that read, decode and change pictures while training goes on; none: one a processor.
    pub workers: Option<usize>,
    /// What the split, the first parameters, the order of the pictures and their changes depend on: 0.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            kind: Kind::Cnn,
            units: None,
            layers: None,
            augment: Augment::PHOTOS,
            valid: 0.2,
            test: 0.0,
            best: true,
            balanced: false,
            batch: None,
            epochs: None,
            optimizer: |lr| Box::new(AdamW::new().alpha(lr)),
            lr: None,
            one_cycle: true,
            steps: StepOptions::default(),
            workers: None,
            seed: 0,
        }
    }
}

/// The sizes of steps and training that depend on the number of pictures.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pace {
    /// Pictures in a step.
    pub batch: usize,
    /// The most epochs.
    pub epochs: usize,
    /// Epochs without a smaller validation loss after which training stops.
    pub patience: usize,
    /// The largest learning rate.
    pub lr: f64,
}

impl Settings {
    /// The sizes for `pictures` to learn from.
    pub fn pace(&self, pictures: usize) -> Pace {
        let batch = self.batch.unwrap_or((pictures / 16).next_power_of_two().clamp(8, 64)).min(pictures.max(1));
        let epochs = self.epochs.unwrap_or((100_000 / pictures.max(1)).clamp(20, 100));
        let lr = self.lr.unwrap_or(if self.kind == Kind::Mlp { 0.002 } else { 0.01 });
        Pace { batch, epochs, patience: (epochs / 2).max(5), lr }
    }
}
