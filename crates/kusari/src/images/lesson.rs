//! Learning from pictures: parts, the trainer, the best model.

use super::{Architecture, Augment, ImageModel, Part, Pictures, Preprocessing, Samples, Settings, settings::Pace};
use crate::{
    Array, Batch, DType, Error, Result, Variable, functions as F,
    functions::CrossEntropy,
    iterators::MultithreadIterator,
    links::Sequential,
    random,
    schedules::OneCycle,
    tables::{Scores, balanced_weights},
    threads,
    training::{
        StandardUpdater, Trainer, Trigger, extensions as X, report,
        triggers::{EarlyStoppingTrigger, Mode, epochs},
    },
};
use serde_json::json;
use std::{path::Path, sync::Arc};

/// What the best model and the end of the training are decided by.
const MONITOR: &str = "validation/main/loss";

/// Everything ready to learn from pictures.
pub struct Lesson {
    pictures: Arc<Pictures>,
    /// To learn from, for validation, for a test.
    parts: [Vec<usize>; 3],
    model: ImageModel,
    settings: Settings,
    pace: Pace,
}

impl Lesson {
    /// Divides the pictures as `settings` say, and makes a network for them.
    ///
    /// # Errors
    /// When there is nothing to learn, or nothing to learn from: the message says why.
    pub fn new(pictures: impl Into<Arc<Pictures>>, settings: &Settings) -> Result<Lesson> {
        let pictures = pictures.into();
        let parts = pictures.parts(settings.valid, settings.test, settings.seed);
        let classes = pictures.classes();
        let unfit = |message: String| Err(Error::Data(format!("{}: {message}", pictures.source())));
        if parts[0].is_empty() {
            return unfit("there are no pictures to learn from".to_string());
        }
        if let [only] = classes {
            return unfit(format!("there is only one class, '{only}': there is nothing to learn"));
        }
        let moments = parts[0].iter().map(|&i| &pictures.items[i].moments);
        let preprocessing = Preprocessing::of(pictures.size, pictures.fit, moments);
        let usual = Architecture::usual(settings.kind, pictures.size);
        let architecture = Architecture {
            units: settings.units.unwrap_or(usual.units),
            layers: settings.layers.unwrap_or(usual.layers),
            ..usual
        };
        architecture.check(pictures.size)?;
        let pace = settings.pace(parts[0].len());
        settings.steps.check(pace.batch, parts[0].len())?;
        architecture.check_recomputing(settings.steps.recompute)?;
        random::seed(settings.seed);
        let mut model = ImageModel::new(preprocessing, classes, architecture);
        let source = Path::new(pictures.source()).file_name().map(|n| n.to_string_lossy().into_owned());
        model.training = json!({
            "source": source.unwrap_or_default(), "pictures": parts[0].len(), "validation pictures": parts[1].len(),
            "augment": settings.augment.names(), "seed": settings.seed, "optimizer": (settings.optimizer)(pace.lr).name(),
            "lr": pace.lr, "schedule": if settings.one_cycle { "one-cycle" } else { "constant" }, "batch": pace.batch,
            "balanced": settings.balanced,
        });
        settings.steps.note(&mut model.training);
        Ok(Lesson { pictures, parts, model, settings: settings.clone(), pace })
    }
    /// The model, as it is now.
    pub fn model(&self) -> &ImageModel {
        &self.model
    }
    /// The sizes of steps and training.
    pub fn pace(&self) -> Pace {
        self.pace
    }
    /// How many pictures there are to learn from, for validation, and for a test.
    pub fn sizes(&self) -> [usize; 3] {
        [0, 1, 2].map(|i| self.parts[i].len())
    }
    /// The factor of each class's loss, if rare classes count as much as frequent ones.
    pub fn class_weights(&self) -> Option<Vec<f64>> {
        self.settings.balanced.then(|| {
            let mut counts = vec![0; self.pictures.classes().len()];
            self.parts[0].iter().for_each(|&i| counts[self.pictures.label(i)] += 1);
            balanced_weights(&counts)
        })
    }
    /// All pictures.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }
    /// The pictures of a part, unchanged.
    pub fn samples(&self, part: Part) -> Samples {
        self.changed(part, Augment::default())
    }
    fn changed(&self, part: Part, augment: Augment) -> Samples {
        Samples::new(&self.pictures, &self.parts[part as usize][..], &self.model.preprocessing, augment)
    }
    /// A trainer that stops early and keeps the best parameters; more extensions can be added.
    pub fn trainer(&self, out: impl AsRef<Path>) -> Trainer {
        let Pace { batch, epochs: most, patience, lr } = self.pace;
        let workers = self.settings.workers.unwrap_or_else(threads);
        random::seed(self.settings.seed);
        let steps = self.settings.steps;
        let network = if steps.recompute { self.model.recomputing() } else { self.model.network.clone() };
        let mut optimizer = (self.settings.optimizer)(lr);
        optimizer.setup(&network);
        let weights = self.class_weights().map(|w| Array::from_slice(&[w.len()], &w).cast(DType::F32));
        let loss = move |network: &Sequential, batch: &Batch| objective(network, batch, weights.as_ref());
        let train = self.changed(Part::Train, self.settings.augment);
        let updates = train.items().len() as f64 / steps.samples(batch) as f64;
        let batches = MultithreadIterator::new(train, batch, workers);
        let updater = StandardUpdater::with_loss(batches, optimizer, network.clone(), loss.clone());
        let updater = updater.accumulate(steps.accumulate);
        let end = epochs(most as f64);
        let validates = !self.parts[1].is_empty();
        let stop: Box<dyn Trigger> = match validates && self.settings.best {
            true => Box::new(EarlyStoppingTrigger::new(MONITOR).mode(Mode::Min).patience(patience).max_trigger(end)),
            false => Box::new(end),
        };
        let mut trainer = Trainer::new(updater, stop, out.as_ref());
        if self.settings.one_cycle {
            trainer.extend(X::Shift::new("lr", OneCycle::new(lr, (most as f64 * updates).max(8.0))));
        }
        let evaluated = steps.evaluated(&mut trainer, &network);
        if validates {
            let once = MultithreadIterator::new(self.samples(Part::Valid), batch.max(100), workers).once();
            trainer.extend(X::Evaluator::with_loss(once, evaluated.clone(), loss));
        }
        if validates && self.settings.best {
            trainer.extend(X::KeepBest::new(evaluated, MONITOR).gives_to(network));
        }
        trainer.extend(X::FailOnNonNumber);
        trainer
    }
    /// The model after `trainer` has run.
    pub fn finish(&self, trainer: &Trainer) -> ImageModel {
        let mut model = self.model.clone();
        model.note("epochs", json!(trainer.progress().epoch));
        if let Some(best) = trainer.extension::<X::KeepBest<Sequential>>("KeepBest").and_then(X::KeepBest::best_epoch) {
            model.note("best epoch", json!(best));
        }
        model
    }
    /// The scores of `model` on the pictures for validation, and on those for a test.
    ///
    /// # Errors
    /// When a file can no longer be read.
    pub fn scores(&self, model: &ImageModel) -> Result<[Option<Scores>; 2]> {
        let score = |part: usize| match self.parts[part].is_empty() {
            true => Ok(None),
            false => model.evaluate_items(&self.pictures, &self.parts[part]).map(Some),
        };
        Ok([score(1)?, score(2)?])
    }
    /// Trains; files that extensions write go to the folder `out`.
    ///
    /// # Errors
    /// When the training fails.
    pub fn run(self, out: impl AsRef<Path>) -> Result<ImageModel> {
        let mut trainer = self.trainer(&out);
        trainer.run()?;
        let mut model = self.finish(&trainer);
        for (name, score) in ["validation", "test"].into_iter().zip(self.scores(&model)?) {
            if let Some(score) = score {
                model.note(name, score.to_json());
            }
        }
        Ok(model)
    }
}

/// Cross entropy; reports the accuracy beside it.
fn objective(network: &Sequential, batch: &Batch, weights: Option<&Array>) -> Variable {
    let y = network.forward(&batch.x);
    report("accuracy", F::accuracy(&y, &batch.t, None));
    F::softmax_cross_entropy_with(
        &y,
        &batch.t,
        CrossEntropy { class_weight: weights.cloned(), ..CrossEntropy::default() },
    )
}
