//! A trained network with all that predictions need, and its file.

use super::{
    Network, Predictions, Preprocessor, ReadOptions, Table, Target, Task, json::Object, network::Sizes, table::Kind,
};
use crate::{
    Array, CopyMode, DType, Error, Link, Result, TrainedModel, Variable, functions as F, inference_mode,
    serializers::{Entries, LoadOptions, Value, collect, restore, serialize_link, write_safetensors},
};
use serde_json::{Value as Json, json};
use std::{fmt, path::Path, sync::Arc};

/// What the description in a file says it is.
const FORMAT: &str = "kusari table";
/// The version of that description.
const VERSION: usize = 1;
/// Numbers that go through the network at once, and the most rows.
const BATCH: [usize; 2] = [1 << 21, 4096];

/// How many rows of so many numbers go through the network at once.
pub(super) fn batch_of(width: usize) -> usize {
    (BATCH[0] / width.max(1)).clamp(64, BATCH[1])
}

/// A trained network with all that predictions need: the columns and how they become numbers, the classes, and how it
/// was trained.
///
/// ```no_run
/// use kusari::tables::Table;
/// let model = kusari::load("result/model.safetensors")?.table()?;
/// let predictions = model.predict(&model.read("new.csv")?)?;
/// println!("{:?}", predictions.class(0));
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone)]
pub struct TableModel {
    pub(super) preprocessor: Arc<Preprocessor>,
    pub(super) target: Arc<Target>,
    pub(super) network: Network,
    pub(super) sizes: Sizes,
    /// How it was trained, for people.
    pub(super) training: Json,
}

impl fmt::Debug for TableModel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("TableModel").field("target", &self.target).field("sizes", &self.sizes).finish_non_exhaustive()
    }
}

impl TableModel {
    /// A model with new parameters.
    pub(super) fn new(preprocessor: Preprocessor, target: Target, sizes: Sizes) -> TableModel {
        let network = network(&preprocessor, &target, sizes);
        for (embedding, row) in preprocessor.unlearnt() {
            network.clear(embedding, row);
        }
        TableModel { preprocessor: preprocessor.into(), target: target.into(), network, sizes, training: json!({}) }
    }
    /// A model with the same parameters, that can be trained without changing this one.
    pub(super) fn begun(&self) -> TableModel {
        TableModel { network: self.network.copy(CopyMode::Copy), training: json!({}), ..self.clone() }
    }
    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }
    /// What the network takes for one row, all zeros: to look at its graph.
    pub fn example(&self) -> Array {
        let width = self.preprocessor.width() + self.preprocessor.embedded().len();
        Array::zeros(&[1, width], DType::F32)
    }
    /// What is predicted.
    pub fn target(&self) -> &Target {
        &self.target
    }
    /// How columns become numbers.
    pub fn preprocessor(&self) -> &Preprocessor {
        &self.preprocessor
    }
    /// How it was trained: settings, rows, scores.
    pub fn training(&self) -> &Json {
        &self.training
    }
    /// Adds something to what the file says about the training.
    pub fn note(&mut self, key: &str, value: Json) {
        self.training[key] = value;
    }

    /// How a file of new rows is read: each column as it was in training.
    pub fn read_options(&self) -> ReadOptions {
        let mut kinds = self.preprocessor.kinds();
        let kind = if self.target.task == Task::Classification { Kind::Text } else { Kind::Number };
        kinds.extend(self.target.columns.iter().map(|column| (column.clone(), kind)));
        ReadOptions { kinds, ..ReadOptions::default() }
    }
    /// Reads a file of new rows.
    ///
    /// # Errors
    /// As [`Table::read`].
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table> {
        Table::read_with(path, &self.read_options())
    }
    /// Predicts the target of every row. Columns are found by their names; others do not matter.
    ///
    /// # Errors
    /// When a column is missing.
    pub fn predict(&self, table: &Table) -> Result<Predictions> {
        self.predict_rows(table, &(0..table.rows() as u32).collect::<Vec<_>>())
    }
    pub(super) fn predict_rows(&self, table: &Table, rows: &[u32]) -> Result<Predictions> {
        let _guard = inference_mode();
        let mut values = Vec::with_capacity(rows.len() * self.target.outputs());
        for rows in rows.chunks(self.batch()) {
            let x = Variable::constant(self.preprocessor.encode(table, rows)?);
            let y = mean(&self.network.forward(&x), self.target.task);
            values.extend(y.array().to_vec::<f32>().into_iter().map(f64::from));
        }
        let scale = &self.target.scale;
        if !scale.is_empty() {
            let back = |(i, v): (usize, &mut f64)| *v = *v * scale[i % scale.len()][1] + scale[i % scale.len()][0];
            values.iter_mut().enumerate().for_each(back);
        }
        Ok(Predictions { target: self.target.clone(), values })
    }
    /// How many rows are predicted at once.
    pub(super) fn batch(&self) -> usize {
        batch_of(self.preprocessor.width())
    }
    pub(super) fn description(&self) -> String {
        let Sizes { units, layers, members } = self.sizes;
        let mut json = json!({
            "format": FORMAT, "version": VERSION, "kusari": env!("CARGO_PKG_VERSION"),
            "inputs": self.preprocessor.to_json(), "target": self.target.to_json(),
            "network": { "kind": "mlp", "units": units, "layers": layers, "members": members },
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
    /// The model in the bytes of a file; `path` names it in messages.
    ///
    /// # Errors
    /// As [`load`](crate::load).
    pub fn from_bytes(bytes: &[u8], path: impl AsRef<Path>) -> Result<TableModel> {
        TrainedModel::from_bytes(bytes, path)?.table()
    }
    /// The model that a file's entries and description make.
    pub(crate) fn from_entries(entries: &Entries, json: &Json, path: &Path) -> Result<TableModel> {
        let unfit = |message: String| Error::format(path, message);
        let root = Object::root(json, path)?;
        if root.text("format")? != FORMAT {
            return Err(root.wrong("format", &format!("'{FORMAT}'")));
        }
        root.version(VERSION)?;
        let preprocessor = Preprocessor::from_json(&root.objects("inputs")?)?;
        let target = Target::from_json(&root.object("target")?)?;
        let network_json = root.object("network")?;
        let sizes = Sizes {
            units: network_json.count("units", 1 << 20)?,
            layers: network_json.count("layers", 100)?,
            members: network_json.count("members", 100)?,
        };
        if sizes.members == 0 {
            return Err(network_json.wrong("members", "at least one"));
        }
        let expected = shapes(&preprocessor, &target, sizes);
        // Nothing is made of a size that the file itself does not have.
        for (key, shape) in &expected {
            match entries.get(key) {
                Some(Value::Array(array)) if **array.shape() == **shape && array.dtype() == DType::F32 => {}
                Some(Value::Array(array)) => {
                    let got = format!("{} of shape {}", array.dtype(), array.shape());
                    return Err(unfit(format!("'{key}': expected float32 of shape {shape:?}, got {got}")));
                }
                _ => return Err(Error::Missing { path: path.to_path_buf(), key: key.clone() }),
            }
        }
        let network = network(&preprocessor, &target, sizes);
        restore(entries, path, &LoadOptions::default(), |s| serialize_link(&network, s))?;
        let training = json.get("training").cloned().unwrap_or_else(|| json!({}));
        Ok(TableModel { preprocessor: preprocessor.into(), target: target.into(), network, sizes, training })
    }
    /// What it is and how it was trained, for people.
    pub fn describe(&self) -> String {
        let Target { task, columns, classes, .. } = &*self.target;
        let mut lines =
            vec![format!("{} of '{}' from {}", task.name(), columns.join("', '"), self.preprocessor.describe())];
        lines.push(format!("inputs: {}", super::table::listed(&self.preprocessor.names())));
        if !classes.is_empty() {
            lines.push(format!("classes: {}", super::table::listed(classes)));
        }
        if let Some(training) = self.training.as_object() {
            lines.extend(training.iter().map(|(key, value)| match value {
                Json::String(text) => format!("{key}: {text}"),
                other => format!("{key}: {other}"),
            }));
        }
        lines.join("\n") + "\n\n" + &crate::summary(&self.network as &dyn Link)
    }
}

fn network(preprocessor: &Preprocessor, target: &Target, sizes: Sizes) -> Network {
    Network::new(preprocessor.width(), &preprocessor.embedded(), sizes, target.outputs())
}

/// The mean of the members' probabilities, or of their numbers.
pub(super) fn mean(members: &[Variable], task: Task) -> Variable {
    let each = |y: &Variable| match task {
        Task::Classification => F::softmax(y, 1),
        Task::MultiLabel => F::sigmoid(y),
        Task::Regression => y.clone(),
    };
    let sum = members.iter().map(each).reduce(|a, b| a + b).expect("a network has at least one member");
    sum / members.len() as f64
}

/// The names and shapes of a network's parameters, without making them.
fn shapes(preprocessor: &Preprocessor, target: &Target, sizes: Sizes) -> Vec<(String, Vec<usize>)> {
    let embedded = preprocessor.embedded();
    let width = preprocessor.width() + embedded.iter().map(|[_, width]| width).sum::<usize>();
    let mut shapes: Vec<(String, Vec<usize>)> =
        embedded.iter().enumerate().map(|(i, table)| (format!("embeddings/{i}/W"), table.to_vec())).collect();
    for member in 0..sizes.members {
        let mut inputs = width;
        for layer in 0..=sizes.layers {
            let outputs = if layer == sizes.layers { target.outputs() } else { sizes.units };
            shapes.push((format!("members/{member}/{}/W", 2 * layer), vec![outputs, inputs]));
            shapes.push((format!("members/{member}/{}/b", 2 * layer), vec![outputs]));
            inputs = outputs;
        }
    }
    shapes
}
