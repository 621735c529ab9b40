//! A trained network with all that predictions need, and its file.

use super::{
    Architecture, Augment, Kind, Part, Picture, Pictures, Preprocessing, ReadOptions, Samples, architecture,
    folder::files_below,
};
use crate::{
    Array, DType, Error, Link, Result, functions as F, inference_mode,
    iterators::{BatchIterator, MultithreadIterator},
    links::Sequential,
    serializers::{Entries, LoadOptions, Value, collect, restore, serialize_link, write_safetensors},
    tables::{Object, Predictions, Scores, Target, listed},
    threads,
};
use serde_json::{Value as Json, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The version of that description.
const VERSION: usize = 1;
/// Files that are read before their pictures are predicted.
const FILES: usize = 256;
/// Pictures that go through the network at once, and the pixels that they have together.
const BATCH: [usize; 2] = [64, 1 << 20];

/// A trained network with all that predictions need: how pictures become numbers, the classes, and how it was trained.
#[derive(Clone)]
pub struct ImageModel {
    pub(super) preprocessing: Arc<Preprocessing>,
    target: Arc<Target>,
    architecture: Architecture,
    pub(super) network: Sequential,
    /// How it was trained, for people.
    pub(super) training: Json,
}

impl ImageModel {
    /// What the description in a file says it is.
    pub(crate) const FORMAT: &str = "kusari images";

    /// A model with new parameters.
    pub(super) fn new(preprocessing: Preprocessing, classes: &[String], architecture: Architecture) -> ImageModel {
        let parts = architecture.parts(preprocessing.channels(), preprocessing.size(), classes.len());
        ImageModel {
            preprocessing: preprocessing.into(),
            target: Target::of_classes("class", classes).into(),
            architecture,
            network: architecture::Part::build(&parts),
            training: json!({}),
        }
    }
    /// The network: from numbers (n, channels, size, size) to scores of the classes.
    pub fn network(&self) -> &Sequential {
        &self.network
    }
    /// The network, of whose blocks only inputs and outputs are kept for the gradients.
    pub(super) fn recomputing(&self) -> Sequential {
        let classes = self.classes().len();
        let parts = self.architecture.parts(self.preprocessing.channels(), self.preprocessing.size(), classes);
        self.network.clone().recompute(self.architecture.blocks(&parts))
    }
    /// What the network takes for one picture, all zeros: to look at its graph.
    pub fn example(&self) -> Array {
        let (channels, size) = (self.preprocessing.channels(), self.preprocessing.size());
        Array::zeros(&[1, channels, size, size], DType::F32)
    }
    /// Its kind and sizes.
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }
    /// The classes.
    pub fn classes(&self) -> &[String] {
        self.target.classes()
    }
    /// How pictures become numbers.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }
    /// How it was trained: settings, pictures, scores.
    pub fn training(&self) -> &Json {
        &self.training
    }
    /// Adds something to what the file says about the training.
    pub fn note(&mut self, key: &str, value: Json) {
        self.training[key] = value;
    }
    /// Predicts the class of every picture.
    ///
    /// # Errors
    /// When a file can no longer be read.
    pub fn predict(&self, pictures: &Arc<Pictures>) -> Result<Predictions> {
        self.predict_items(pictures, &(0..pictures.len()).collect::<Vec<_>>())
    }
    fn predict_items(&self, pictures: &Arc<Pictures>, items: &[usize]) -> Result<Predictions> {
        let _guard = inference_mode();
        let samples = Samples::new(pictures, items, &self.preprocessing, Augment::default());
        let mut values = Vec::with_capacity(items.len() * self.classes().len());
        let batch = (BATCH[1] / self.preprocessing.size().pow(2)).clamp(1, BATCH[0]);
        let mut batches = MultithreadIterator::new(samples, batch, threads()).once();
        while let Some(batch) = batches.next_batch()? {
            let y = F::softmax(&self.network.forward(&batch.x), 1);
            values.extend(y.array().cast(DType::F32).to_vec::<f32>().into_iter().map(f64::from));
        }
        Ok(Predictions { target: self.target.clone(), values })
    }
    /// Predicts the class of the picture in every file, a few hundred at a time; a folder stands for the files below it.
    /// What cannot be read is told to `notice` and left out. The files that could be read, and the predictions.
    ///
    /// # Errors
    /// When there is no picture that can be read.
    pub fn predict_files(
        &self,
        paths: &[PathBuf],
        mut notice: impl FnMut(&str),
    ) -> Result<(Vec<PathBuf>, Predictions)> {
        let files = files_below(paths)?;
        let mut read = Vec::new();
        let mut predictions = Predictions { target: self.target.clone(), values: Vec::new() };
        for files in files.chunks(FILES) {
            let pictures = Arc::new(Pictures::of_files(files, &self.read_options())?);
            pictures.notices().iter().for_each(|text| notice(text));
            predictions.values.extend(self.predict(&pictures)?.values);
            read.extend((0..pictures.len()).map(|i| pictures.file(i).to_path_buf()));
        }
        if read.is_empty() {
            let first = paths.first().map_or(String::new(), |path| format!("{}: ", path.display()));
            return Err(Error::Data(format!("{first}there is no picture that can be read")));
        }
        Ok((read, predictions))
    }
    /// Predicts the class of pictures in memory, of any size.
    ///
    /// # Errors
    /// None for pictures as such.
    pub fn predict_pictures(&self, pictures: &[Picture]) -> Result<Predictions> {
        self.predict(&Arc::new(Pictures::of_pictures(pictures, &self.preprocessing)))
    }
    /// How new pictures are read.
    pub fn read_options(&self) -> ReadOptions {
        let Preprocessing { size, fit, .. } = *self.preprocessing;
        ReadOptions { size: Some(size), fit, ..ReadOptions::default() }
    }
    /// [`evaluate`](ImageModel::evaluate) on a part of the pictures.
    ///
    /// # Errors
    /// As `evaluate`.
    pub fn evaluate_part(&self, pictures: &Arc<Pictures>, part: Part) -> Result<Scores> {
        let items = (0..pictures.len()).filter(|&i| pictures.items[i].part == part);
        self.evaluate_items(pictures, &items.collect::<Vec<_>>())
    }
    /// Compares predictions with the classes that the pictures have.
    ///
    /// # Errors
    /// When a class is not known, or a file can no longer be read.
    pub fn evaluate(&self, pictures: &Arc<Pictures>) -> Result<Scores> {
        self.evaluate_items(pictures, &(0..pictures.len()).collect::<Vec<_>>())
    }
    pub(super) fn evaluate_items(&self, pictures: &Arc<Pictures>, items: &[usize]) -> Result<Scores> {
        let number = |name: &String| {
            let unknown = || {
                let (source, classes) = (pictures.source(), listed(self.classes()));
                Error::Data(format!("{source}: '{name}' is none of the model's classes {classes}"))
            };
            self.classes().iter().position(|c| c == name).map(|c| c as i32).ok_or_else(unknown)
        };
        let numbers: Vec<i32> = pictures.classes().iter().map(number).collect::<Result<_>>()?;
        let labels: Vec<i32> = items.iter().map(|&i| numbers[pictures.label(i)]).collect();
        Ok(Scores::of_classes(&self.target, &self.predict_items(pictures, items)?, &labels))
    }

    pub(super) fn description(&self) -> String {
        let Architecture { kind, units, layers } = self.architecture;
        let mut json = json!({
            "format": Self::FORMAT, "version": VERSION, "kusari": env!("CARGO_PKG_VERSION"),
            "images": self.preprocessing.to_json(), "target": self.target.to_json(),
            "network": { "kind": kind.name(), "units": units, "layers": layers },
        });
        json["training"] = self.training.clone();
        json.to_string()
    }
    /// Writes the model with its description to a safetensors file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_safetensors(path, &collect(|s| serialize_link(&self.network, s))?, &self.description())
    }
    /// The model that a file's entries and description make.
    pub(crate) fn from_entries(entries: &Entries, json: &Json, path: &Path) -> Result<ImageModel> {
        let root = Object::root(json, path)?;
        root.version(VERSION)?;
        let preprocessing = Preprocessing::from_json(&root.object("images")?)?;
        let target = Target::from_json(&root.object("target")?)?;
        if target.classes().is_empty() {
            return Err(root.wrong("target", "classes"));
        }
        let network = root.object("network")?;
        let kind = Kind::named(network.text("kind")?).ok_or_else(|| network.wrong("kind", "mlp, cnn or resnet"))?;
        let architecture =
            Architecture { kind, units: network.count("units", 1 << 20)?, layers: network.count("layers", 100)? };
        architecture.check(preprocessing.size()).map_err(|e| Error::format(path, e))?;
        let parts = architecture.parts(preprocessing.channels(), preprocessing.size(), target.classes().len());
        // Nothing is made of a size that the file itself does not have.
        let len = |v: &Value| if let Value::Array(array) = v { array.len() } else { 0 };
        let (expected, got) = (architecture::Part::count(&parts), entries.values().map(len).sum::<usize>());
        if expected != got {
            let message = format!("expected {expected} numbers for its network, got {got}");
            return Err(Error::format(path, message));
        }
        let network = architecture::Part::build(&parts);
        restore(entries, path, &LoadOptions::default(), |s| serialize_link(&network, s))?;
        let training = json.get("training").cloned().unwrap_or_else(|| json!({}));
        let (preprocessing, target) = (preprocessing.into(), target.into());
        Ok(ImageModel { preprocessing, target, architecture, network, training })
    }
    /// What it is and how it was trained, for people.
    pub fn describe(&self) -> String {
        let Preprocessing { size, fit, .. } = &*self.preprocessing;
        let colour = if self.preprocessing.channels() == 1 { "grey" } else { "coloured" };
        let Architecture { kind, units, layers } = self.architecture;
        let mut lines = vec![
            format!("classification of {colour} pictures of {size} × {size} pixels ({})", fit.name()),
            format!("classes: {}", listed(self.classes())),
            format!("network: {}, {units} units, {layers} layers", kind.name()),
        ];
        if let Some(training) = self.training.as_object() {
            lines.extend(training.iter().map(|(key, value)| match value {
                Json::String(text) => format!("{key}: {text}"),
                other => format!("{key}: {other}"),
            }));
        }
        lines.join("\n") + "\n\n" + &crate::summary(&self.network as &dyn Link)
    }
}
