//! Learning from a text: parts, the trainer, the model.

use super::{
    Kind, Measure, Network, Sizes, TextModel, Tokenizer, Tokens, Windows,
    input::{IN_MEMORY, Input},
    windows::Pieces,
};
use crate::{
    Batch, Error, Optimizer, Result, Variable, functions as F,
    memory::{self, Share},
    optimizer_hooks::GradientClipping,
    optimizers::AdamW,
    random,
    schedules::OneCycle,
    training::{
        StandardUpdater, StepOptions, Trainer, extensions as X, report,
        triggers::{IntervalTrigger, epochs, iterations},
    },
};
use serde_json::json;
use std::{fs, path::Path};

/// How a language model is trained; what is not given is chosen by the kind of network.
#[derive(Clone)]
pub struct Settings {
    /// The kind of network.
    pub kind: Kind,
    /// So many tokens of byte pairs; a token a character without it.
    pub vocabulary: Option<usize>,
    /// How the text becomes tokens, where that is known, as when the training starts from a model.
    pub tokenizer: Option<Tokenizer>,
    /// Numbers that a token is described by: 128, of recurrent networks 256.
    pub width: Option<usize>,
    /// Blocks or layers: 4, of recurrent networks 2.
    pub layers: Option<usize>,
    /// Heads of attention: 4.
    pub heads: usize,
    /// Tokens of a piece: 128.
    pub length: usize,
    /// Pieces of a step: 16.
    pub batch: usize,
    /// Steps: 2600.
    pub iterations: usize,
    /// The share of elements that are dropped while training: 0.
    pub dropout: f64,
    /// The largest learning rate; it rises for a twentieth of the steps and falls in half a cosine wave. 0.003.
    pub lr: Option<f64>,
    /// Makes the optimiser from a learning rate; AdamW with a decay of 0.1 without it.
    pub optimizer: Option<fn(f64) -> Box<dyn Optimizer>>,
    /// What a step is made of; what lies within blocks and recurrent layers can be recomputed.
    pub steps: StepOptions,
    /// The share of the text at its end that is held out: 0.1.
    pub valid: f64,
    /// The share after that, which scores the model once, in the end: none.
    pub test: f64,
    /// What all random numbers depend on.
    pub seed: u64,
}

impl Settings {
    /// The usual ones.
    pub fn new(kind: Kind) -> Settings {
        Settings {
            kind,
            vocabulary: None,
            tokenizer: None,
            width: None,
            layers: None,
            heads: 4,
            length: 128,
            batch: 16,
            iterations: 2600,
            dropout: 0.0,
            lr: None,
            optimizer: None,
            steps: StepOptions::default(),
            valid: 0.1,
            test: 0.0,
            seed: 0,
        }
    }
}

/// Gradients are made no longer than this.
const LONGEST_GRADIENT: f64 = 1.0;
/// Rows of a log, of trainings that are shorter than some epochs.
const ROWS: f64 = 20.0;
/// Pieces of the held-out part that are looked at together.
const HELD: usize = 32;

/// A text and what messages call it: the name of its file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

impl<'a> Source<'a> {
    fn input(&self) -> Input<'a> {
        Input::memory(self.name, self.text)
    }
}

/// The tokens of a text of its own that is held out: at least two.
fn held_out(input: &Input, tokenizer: &Tokenizer) -> Result<Tokens> {
    let tokens = input.encode(tokenizer)?;
    match tokens.len() {
        0 | 1 => Err(Error::Data(format!("{}: expected at least 2 tokens, got {}", input.name, tokens.len()))),
        _ => Ok(tokens),
    }
}

/// Everything ready to learn from a text.
pub struct Lesson {
    train: Tokens,
    /// To validate, and to test.
    held: [Tokens; 2],
    model: TextModel,
    settings: Settings,
    /// The memory that the network takes, if the text lies in a file.
    #[allow(dead_code)] // held, not looked at
    share: Option<Share>,
}

impl Lesson {
    /// Divides the text into what is learnt from and, at its end, what is held out; `source` names it in messages.
    ///
    /// # Errors
    /// When there is too little of it, or the sizes make no sense.
    pub fn new(source: &str, text: &str, settings: &Settings) -> Result<Lesson> {
        Lesson::with(Source { name: source, text }, [None, None], settings)
    }
    /// Learns from a text, validates and tests with the texts `held`; where there is none, a share of the first is held
    /// out as the settings say.
    ///
    /// # Errors
    /// As `new`, and when a text that is held out has characters that the tokens lack.
    pub fn with(learnt: Source, held: [Option<Source>; 2], settings: &Settings) -> Result<Lesson> {
        let held = held.map(|source| source.map(|source| source.input()));
        Lesson::made(learnt.input(), held, settings)
    }
    /// [`with`](Lesson::with) of texts in files, which may be larger than memory: they are read in blocks, and their tokens
    /// are kept in files without a name in `folder`, which end with the program. The lesson is the same.
    ///
    /// ```
    /// use kusari::text::{Kind, Lesson, Settings};
    /// let settings = Settings { width: Some(8), layers: Some(1), length: 8, ..Settings::new(Kind::Lstm) };
    /// let (text, folder) = ("abcabcabcabc".repeat(9), std::env::temp_dir());
    /// let file = folder.join(format!("kusari-doc-lesson-{}.txt", std::process::id()));
    /// std::fs::write(&file, &text).unwrap();
    /// let lesson = Lesson::open(&file, [None, None], &settings, &folder)?;
    /// assert_eq!(lesson.checksum()?, Lesson::new("abc", &text, &settings)?.checksum()?);
    /// # std::fs::remove_file(&file).unwrap();
    /// # Ok::<(), kusari::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `with`, when a file cannot be read or tokens cannot be kept, and when parts of the text, or the network with its
    /// optimiser and a step, take more memory than there may be.
    pub fn open(
        learnt: impl AsRef<Path>,
        held: [Option<&Path>; 2],
        settings: &Settings,
        folder: impl AsRef<Path>,
    ) -> Result<Lesson> {
        let folder = folder.as_ref();
        let [valid, test] = held.map(|path| path.map(|path| Input::file(path, folder)).transpose());
        Lesson::made(Input::file(learnt.as_ref(), folder)?, [valid?, test?], settings)
    }
    /// Whether a text in a file of this size can be learnt from in memory; else [`open`](Lesson::open) may read it.
    pub fn fits(path: impl AsRef<Path>) -> bool {
        // What is no file, such as a pipe, can be read only once; what is not there is told where it is read.
        let length = fs::metadata(path).ok().filter(fs::Metadata::is_file).map_or(0, |metadata| metadata.len());
        memory::is_free(length.saturating_mul(IN_MEMORY))
    }
    fn made(learnt: Input, held: [Option<Input>; 2], settings: &Settings) -> Result<Lesson> {
        let source = &*learnt.name;
        if learnt.len() == 0 {
            return Err(Error::Data(format!("{source}: the text is empty")));
        }
        let shares = [settings.valid, settings.test];
        let [valid, test] = [0, 1].map(|i| if held[i].is_some() { 0.0 } else { shares[i] });
        let tokenizer = match (&settings.tokenizer, settings.vocabulary) {
            (Some(tokenizer), _) => tokenizer.clone(),
            // Of all that there is, held out or not.
            (None, None) => Tokenizer::characters_of([&learnt].into_iter().chain(held.iter().flatten()))?,
            // The pairs are learnt from what is not held out.
            (None, Some(tokens)) => {
                let [end, _] = cuts(learnt.len(), valid, test);
                Tokenizer::pairs_of(&learnt, end, tokens)?
            }
        };
        let tokens = learnt.encode(&tokenizer)?;
        let [at, after] = cuts(tokens.len(), valid, test);
        let (train, parts) = (tokens.part(0..at), [tokens.part(at..after), tokens.part(after..tokens.len())]);
        let short = |i: usize| [valid, test][i] > 0.0 && parts[i].len() < 2;
        if train.len() <= settings.length || short(0) || short(1) {
            let expected = format!("expected more than {} tokens to learn from and 2 to be held out", settings.length);
            let got =
                if test > 0.0 { format!("{}, {}", parts[0].len(), parts[1].len()) } else { parts[0].len().to_string() };
            let got = format!("got {} and {got}", train.len());
            return Err(Error::Data(format!("{source}: the text is too short: {expected}, {got}")));
        }
        let part = |i: usize| match &held[i] {
            Some(own) => held_out(own, &tokenizer),
            None => Ok(parts[i].clone()),
        };
        let from_file = learnt.is_file();
        let (path, held) = (Path::new(source).to_path_buf(), [part(0)?, part(1)?]);
        let recurrent = settings.kind != Kind::Gpt;
        let width = settings.width.unwrap_or(if recurrent { 256 } else { 128 });
        if !recurrent && !width.is_multiple_of(settings.heads) {
            let got = format!("{} heads and a width of {width}", settings.heads);
            return Err(Error::invalid("Lesson", "heads that divide the width", got));
        }
        for (name, size) in [("units", Some(width)), ("layers", settings.layers), ("heads", Some(settings.heads))] {
            if size == Some(0) {
                return Err(Error::invalid("Lesson", format_args!("at least 1 as number of {name}"), 0));
            }
        }
        settings.steps.check(settings.batch, usize::MAX)?;
        random::seed(settings.seed);
        let sizes = Sizes {
            kind: settings.kind,
            tokens: tokenizer.len(),
            width,
            layers: settings.layers.unwrap_or(if recurrent { 2 } else { 4 }),
            heads: settings.heads,
            length: settings.length,
            dropout: settings.dropout,
        };
        let share = match from_file {
            true => {
                kusari_array::trim_memory();
                let bytes = sizes.memory(settings.batch, HELD);
                Some(memory::take(&path, "the network, its optimiser and a step", bytes)?)
            }
            false => None,
        };
        let mut model = TextModel::new(tokenizer, Network::new(sizes));
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        model.note("source", json!(name.unwrap_or_default()));
        model.note("tokens", json!(train.len()));
        model.note("held-out tokens", json!(held[0].len()));
        if !held[1].is_empty() {
            model.note("test tokens", json!(held[1].len()));
        }
        model.note("iterations", json!(settings.iterations));
        model.note("batch", json!(settings.batch));
        model.note("seed", json!(settings.seed));
        settings.steps.note(&mut model.training);
        Ok(Lesson { train, held, model, settings: settings.clone(), share })
    }
    /// The model, as it is now.
    pub fn model(&self) -> &TextModel {
        &self.model
    }
    /// How many tokens there are to learn from, for validation, and for a test.
    pub fn sizes(&self) -> [usize; 3] {
        [self.train.len(), self.held[0].len(), self.held[1].len()]
    }
    /// What is read from where, if the text lies in a file, and how much memory is taken.
    pub fn notice(&self) -> Option<String> {
        self.share.is_some().then(|| format!("the text is read from files; memory: at most {}", memory::told()))
    }
    /// A checksum (CRC-32) of all tokens and what they mean: whether another text is the same.
    ///
    /// # Errors
    /// When tokens in a file cannot be read.
    pub fn checksum(&self) -> Result<u32> {
        let mut crc = flate2::Crc::new();
        crc.update(self.model.tokenizer().to_json().to_string().as_bytes());
        for tokens in [&self.train, &self.held[0], &self.held[1]] {
            tokens.each(|tokens| tokens.iter().for_each(|token| crc.update(&token.to_le_bytes())))?;
        }
        Ok(crc.sum())
    }
    /// The largest learning rate.
    pub fn lr(&self) -> f64 {
        self.settings.lr.unwrap_or(0.003)
    }
    /// When a row is to be added to a log: every epoch, or twenty times where no two are planned.
    pub fn pace(&self) -> IntervalTrigger {
        self.every(1.0)
    }
    /// When what is held out for validation is evaluated: with every row of a log, or every other, every third and so on where it
    /// would else take more than a tenth of the time; a pass forward takes a third of a step.
    fn evaluation(&self) -> IntervalTrigger {
        let rows = if self.has_epochs() { self.epochs() } else { ROWS.min(self.settings.iterations as f64) };
        let affordable = (0.3 * self.epochs() * self.train.len() as f64 / self.held[0].len() as f64).max(1.0);
        self.every((rows / affordable).ceil().clamp(1.0, rows.floor()))
    }
    /// Every `rows` rows.
    fn every(&self, rows: f64) -> IntervalTrigger {
        match self.has_epochs() {
            true => epochs(rows),
            false => iterations(((self.settings.iterations as f64 / ROWS).floor().max(1.0) * rows) as u32),
        }
    }
    /// Whether some epochs are planned.
    fn has_epochs(&self) -> bool {
        self.epochs() >= 2.0
    }
    /// How often as many tokens are seen as there are.
    fn epochs(&self) -> f64 {
        let Settings { batch, length, iterations, steps, .. } = &self.settings;
        let seen: f64 = [*batch, *length, *iterations, steps.accumulate].iter().map(|&n| n as f64).product();
        seen / self.train.len() as f64
    }
    /// A trainer for all steps; more extensions can be added.
    pub fn trainer(&self, out: impl AsRef<Path>) -> Trainer {
        let (settings, lr, network) = (&self.settings, self.lr(), self.model.network().clone());
        random::seed(settings.seed);
        let mut optimizer: Box<dyn Optimizer> = match settings.optimizer {
            Some(make) => make(lr),
            None => Box::new(AdamW::new().alpha(lr).beta2(0.99).weight_decay_rate(0.1)),
        };
        optimizer.setup(&network);
        optimizer.hooks().add(GradientClipping::new(LONGEST_GRADIENT));
        let windows = Windows::new(self.train.clone(), settings.batch, settings.length, settings.seed);
        let loss = if settings.steps.recompute { recomputing_objective } else { objective };
        let updater = StandardUpdater::with_loss(windows, optimizer, network.clone(), loss);
        let updater = updater.accumulate(settings.steps.accumulate);
        let mut trainer = Trainer::new(updater, iterations(settings.iterations as u32), out.as_ref());
        let total = (settings.iterations as f64).max(8.0);
        let cycle =
            OneCycle { rise: (0.05f64).max(2.0 / total), div: 10.0, final_div: 10.0, ..OneCycle::new(lr, total) };
        trainer.extend(X::Shift::new("lr", cycle));
        let evaluated = settings.steps.evaluated(&mut trainer, &network);
        if !self.held[0].is_empty() {
            trainer.extend(X::Evaluator::with_loss(self.pieces(), evaluated, objective)).trigger(self.evaluation());
        }
        trainer.extend(X::FailOnNonNumber);
        trainer
    }
    fn pieces(&self) -> Pieces {
        Pieces::new(self.held[0].clone(), HELD, self.settings.length)
    }
    /// How well `model` predicts what is held out for validation, and what is for a test.
    ///
    /// # Errors
    /// When tokens in a file cannot be read.
    pub fn measures(&self, model: &TextModel) -> Result<[Option<Measure>; 2]> {
        let measure = |i: usize| (!self.held[i].is_empty()).then(|| model.measure_tokens(&self.held[i])).transpose();
        Ok([measure(0)?, measure(1)?])
    }
    /// Trains; files that extensions write go to the folder `out`.
    ///
    /// # Errors
    /// When the training fails.
    pub fn run(self, out: impl AsRef<Path>) -> Result<TextModel> {
        self.trainer(&out).run()?;
        let mut model = self.model.clone();
        for (name, measure) in ["validation", "test"].into_iter().zip(self.measures(&model)?) {
            if let Some(measure) = measure {
                model.note(name, measure.to_json());
            }
        }
        Ok(model)
    }
}

/// Where, of `n`, the part for validation begins, and the one for a test.
fn cuts(n: usize, valid: f64, test: f64) -> [usize; 2] {
    let part = |share: f64| (n as f64 * share).round() as usize;
    let after = n.saturating_sub(part(test));
    [after.saturating_sub(part(valid)), after]
}

/// Cross entropy of the next token; reports the share that is predicted right beside it.
pub(super) fn objective(network: &Network, batch: &Batch) -> Variable {
    of_scores(&network.forward(&batch.x), batch)
}
fn recomputing_objective(network: &Network, batch: &Batch) -> Variable {
    of_scores(&network.forward_recomputing(&batch.x), batch)
}
fn of_scores(y: &Variable, batch: &Batch) -> Variable {
    report("accuracy", F::accuracy(y, &batch.t, None));
    F::softmax_cross_entropy(y, &batch.t)
}
