//! Learning from a table: rows for training and validation, the trainer, the best model.

use super::{
    Network, Pace, Rows, Settings, Table, TableModel, Target, Task,
    minibatches::Samples,
    model::{batch_of, mean},
    preprocess::Preprocessor,
    shuffled_rows,
    split::share_of,
};
use crate::{
    Array, Batch, Error, Optimizer, Result, Variable, config, functions as F,
    functions::CrossEntropy,
    memory::{self, Share},
    no_backprop_mode, random,
    training::{
        StandardUpdater, Trainer, extensions as X, report,
        triggers::{EarlyStoppingTrigger, Mode, epochs},
    },
};
use serde_json::json;
use std::path::Path;

/// Up to so many rows, those for validation are too dear not to be learnt from in the end.
const REFIT: usize = 2_000;
/// What the best model and the end of the training are decided by.
const MONITOR: &str = "validation/main/loss";

/// Everything ready to learn from a table.
///
/// ```
/// use kusari::tables::{Lesson, Settings, Table};
/// let rows: String = (0..60).map(|i| format!("{i},{}\n", if i < 30 { "low" } else { "high" })).collect();
/// let table = Table::from_csv(&format!("height,class\n{rows}"))?;
/// let model = Lesson::new(&table, &Settings::default())?.run(std::env::temp_dir().join("kusari-doc-lesson"))?;
/// assert_eq!(model.predict(&Table::from_csv("height\n3\n55\n")?)?.class(1), Some("high"));
/// # Ok::<(), kusari::Error>(())
/// ```
pub struct Lesson<'a> {
    pub(super) rows: [Rows<'a>; 2],
    target: Target,
    model: TableModel,
    settings: Settings,
    pace: Pace,
    train: Samples,
    valid: Samples,
    notices: Vec<String>,
    /// The memory that the network takes, if the rows lie in files.
    #[allow(dead_code)] // held, not looked at
    share: Option<Share>,
}

impl<'a> Lesson<'a> {
    /// Splits the rows of `table` as `settings` say.
    ///
    /// # Errors
    /// When there is nothing to learn, or nothing to learn from: the message says why.
    pub fn new(table: &'a Table, settings: &Settings) -> Result<Lesson<'a>> {
        let (target, _) = Target::find(table, settings)?;
        let rows = shuffled_rows(table, &target, settings.seed)?;
        let (valid, train) = rows.split_at(share_of(rows.len(), settings.valid));
        Lesson::with(target, train, valid, settings)
    }
    /// Learns `target` from the rows `train`; `valid` decide when to stop and which epoch was the best.
    ///
    /// # Errors
    /// When there is nothing to learn from, or the validation rows do not fit.
    pub fn with(mut target: Target, train: Rows<'a>, valid: Rows<'a>, settings: &Settings) -> Result<Lesson<'a>> {
        let first = target.clone();
        let (preprocessor, mut notices) = match &settings.from {
            // The same numbers must mean the same.
            Some(from) => ((*from.preprocessor).clone(), from.preprocessor.unknown(train.table, &target.columns)),
            None => {
                target.fit(train.table, train.numbers())?;
                Preprocessor::fit(train.table, train.numbers(), &target.columns, &settings.ignore)?
            }
        };
        random::seed(settings.seed);
        let pace = settings.pace(train.len());
        let sizes = settings.from.as_ref().map_or_else(|| settings.sizes(train.len()), |from| from.sizes);
        let share = match train.table.is_stored() {
            true => {
                let width = preprocessor.width();
                let rows = [width, first.outputs(), pace.batch, batch_of(width)];
                let what = "the network, its optimiser and a step";
                let bytes = sizes.memory(rows, &preprocessor.embedded());
                Some(memory::take(Path::new(train.table.source()), what, bytes)?)
            }
            false => None,
        };
        settings.steps.check(pace.batch, train.len())?;
        if settings.steps.recompute {
            let message = "a table's network has no blocks whose insides could be computed again: leave it out";
            return Err(Error::state("recompute", message));
        }
        let mut model = match &settings.from {
            Some(from) => from.begun(),
            None => TableModel::new(preprocessor, target, sizes),
        };
        let samples = |rows: &Rows| Samples::new(rows, &model.preprocessor, &model.target);
        let (train_data, valid_data) = (samples(&train)?, samples(&valid)?);
        let optimizer = (settings.optimizer)(settings.lr);
        model.training = json!({
            "source": Path::new(train.table.source()).file_name().map(|n| n.to_string_lossy()).unwrap_or_default(),
            "rows": train.len(), "validation rows": valid.len(), "seed": settings.seed,
            "optimizer": optimizer.name(), "lr": settings.lr, "batch": pace.batch, "balanced": settings.balanced,
        });
        settings.steps.note(&mut model.training);
        if share.is_some() {
            // What statistics were made from is not needed any more.
            kusari_array::trim_memory();
            notices.push(format!("memory: at most {} to learn", memory::told()));
        }
        Ok(Lesson {
            rows: [train, valid],
            target: first,
            model,
            settings: settings.clone(),
            pace,
            train: train_data,
            valid: valid_data,
            notices,
            share,
        })
    }
    /// The model, as it is now.
    pub fn model(&self) -> &TableModel {
        &self.model
    }
    /// The sizes of steps and training.
    pub fn pace(&self) -> Pace {
        self.pace
    }
    /// Sentences on the columns that are left out.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }
    /// The factor of each class's loss, if rare classes count as much as frequent ones.
    pub fn class_weights(&self) -> Option<Vec<f64>> {
        let classes = self.model.target.classes.len();
        if !self.settings.balanced || classes == 0 {
            return None;
        }
        let counts = self.model.target.class_counts(self.rows[0].table, self.rows[0].numbers()).ok()?;
        Some(balanced_weights(&counts))
    }
    /// What is minimised, and what is reported beside it.
    fn loss(&self) -> impl Fn(&Network, &Batch) -> Variable + Clone + Send + 'static {
        let target = self.model.target.clone();
        let weights = self.class_weights().map(|w| Array::from_slice(&[w.len()], &w).cast(crate::DType::F32));
        move |network: &Network, batch: &Batch| objective(network, batch, &target, weights.as_ref())
    }
    /// A trainer that stops early and keeps the best parameters; more extensions can be added.
    pub fn trainer(&self, out: impl AsRef<Path>) -> Trainer {
        let Pace { batch, epochs: most, patience } = self.pace;
        // The same order of rows, whatever was trained since this lesson was prepared.
        random::seed(self.settings.seed);
        let network = self.model.network.clone();
        let mut optimizer = (self.settings.optimizer)(self.settings.lr);
        optimizer.setup(&network);
        let batches = self.train.shuffled(batch);
        let loss = self.loss();
        let updater = StandardUpdater::with_loss(batches, optimizer, network.clone(), loss.clone());
        let steps = self.settings.steps;
        let updater = updater.accumulate(steps.accumulate);
        if self.rows[1].len() == 0 {
            let mut trainer = Trainer::new(updater, epochs(most as f64), out.as_ref());
            steps.evaluated(&mut trainer, &network);
            trainer.extend(X::FailOnNonNumber);
            return trainer;
        }
        let stop =
            EarlyStoppingTrigger::new(MONITOR).mode(Mode::Min).patience(patience).max_trigger(epochs(most as f64));
        let mut trainer = Trainer::new(updater, stop, out.as_ref());
        let once = self.valid.once(batch.max(1024));
        let evaluated = steps.evaluated(&mut trainer, &network);
        trainer.extend(X::Evaluator::with_loss(once, evaluated.clone(), loss));
        trainer.extend(X::KeepBest::new(evaluated, MONITOR).gives_to(network));
        trainer.extend(X::FailOnNonNumber);
        trainer
    }
    /// The model after `trainer` has run.
    pub fn finish(&self, trainer: &Trainer) -> TableModel {
        let mut model = self.model.clone();
        model.note("epochs", json!(trainer.progress().epoch));
        if let Some(best) = trainer.extension::<X::KeepBest<Network>>("KeepBest").and_then(X::KeepBest::best_epoch) {
            model.note("best epoch", json!(best));
        }
        model
    }
    /// Trains once more on all rows, those for validation included, for as many epochs as were best for `model`; none
    /// if the settings do not want it, the validation rows come from a table of their own, or it was interrupted. `prepare`
    /// may change the trainer before its first step.
    ///
    /// # Errors
    /// When the training fails.
    pub fn again(
        &self,
        model: &TableModel,
        out: impl AsRef<Path>,
        prepare: impl FnOnce(&mut Trainer) -> Result<()>,
    ) -> Result<Option<TableModel>> {
        let [train, valid] = &self.rows;
        let Some(best) = model.training["best epoch"].as_u64() else { return Ok(None) };
        if !self.settings.refit.unwrap_or(train.len() <= REFIT) || !std::ptr::eq(train.table, valid.table) {
            return Ok(None);
        }
        let settings = Settings {
            epochs: Some(best as usize),
            batch: Some(self.pace.batch),
            layers: Some(self.model.sizes.layers),
            members: Some(self.model.sizes.members),
            ..self.settings.clone()
        };
        let all = Rows::new(train.table, [train.numbers(), valid.numbers()].concat());
        let lesson = Lesson::with(self.target.clone(), all, Rows::new(valid.table, []), &settings)?;
        let mut trainer = lesson.trainer(out);
        prepare(&mut trainer)?;
        trainer.run()?;
        if trainer.interrupted() && trainer.progress().epoch < best as usize {
            return Ok(None); // half trained it is worse than `model`
        }
        let mut again = lesson.model;
        again.training = model.training.clone();
        again.note("trained again on all rows", json!(lesson.rows[0].len()));
        Ok(Some(again))
    }
    /// Trains; files that extensions write go to the folder `out`.
    ///
    /// # Errors
    /// When the training fails.
    pub fn run(self, out: impl AsRef<Path>) -> Result<TableModel> {
        self.run_with(out, |_| Ok(()))
    }
    /// [`run`](Lesson::run), with something done to each trainer before its first step.
    ///
    /// # Errors
    /// As `run`, and those of `prepare`.
    pub fn run_with(self, out: impl AsRef<Path>, prepare: impl Fn(&mut Trainer) -> Result<()>) -> Result<TableModel> {
        let mut trainer = self.trainer(&out);
        prepare(&mut trainer)?;
        trainer.run()?;
        let mut model = self.finish(&trainer);
        let score = model.score(&self.rows[1])?;
        model.note("validation", score.to_json());
        Ok(self.again(&model, out, prepare)?.unwrap_or(model))
    }
}

/// The factor of each class's loss with which rare classes count as much as frequent ones, from the numbers of samples of
/// each: `n / (k · n_c)`.
pub(crate) fn balanced_weights(counts: &[usize]) -> Vec<f64> {
    let (n, k) = (counts.iter().sum::<usize>() as f64, counts.iter().filter(|&&c| c > 0).count() as f64);
    counts.iter().map(|&c| if c == 0 { 0.0 } else { n / (k * c as f64) }).collect()
}

/// The mean of the members' losses; of validation data the loss of their mean, which is what is predicted.
fn objective(network: &Network, batch: &Batch, target: &Target, weights: Option<&Array>) -> Variable {
    let (members, t) = (network.forward(&batch.x), &batch.t);
    let learning = config().train;
    let loss = |y: &Variable| match target.task {
        Task::Classification => {
            let options = CrossEntropy { class_weight: weights.cloned(), ..CrossEntropy::default() };
            F::softmax_cross_entropy_with(y, t, options)
        }
        Task::MultiLabel => F::sigmoid_cross_entropy(y, t),
        Task::Regression => F::mean_squared_error(y, t),
    };
    let mean = {
        let _guard = no_backprop_mode();
        mean(&members, target.task)
    };
    match target.task {
        Task::Classification => report("accuracy", F::accuracy(&mean, t, None)),
        Task::MultiLabel => report("accuracy", F::binary_accuracy(&(&mean - 0.5), t)),
        Task::Regression => {
            let deviation = target.scale.iter().map(|s| s[1]).sum::<f64>() / target.scale.len().max(1) as f64;
            report("mae", F::mean_absolute_error(&mean, t).item() * deviation);
        }
    }
    if !learning {
        // Scores that give these probabilities again.
        let p = &mean * (1.0 - 2e-7) + 1e-7;
        return loss(&match target.task {
            Task::Classification => F::log(&p),
            Task::MultiLabel => F::log(&p) - F::log(&(1.0 - &p)),
            Task::Regression => mean,
        });
    }
    members.iter().map(loss).reduce(|a, b| a + b).expect("a network has at least one member") / members.len() as f64
}
