//! A trained network of any kind, with all that predictions need.

use crate::{
    Error, Result, Variable,
    images::ImageModel,
    serializers::{Entries, read_safetensors, safetensors_from_bytes},
    tables::TableModel,
    text::TextModel,
};
use serde_json::Value as Json;
use std::path::Path;

/// A trained network with all that predictions need, as `kusari train` leaves it.
///
/// ```no_run
/// let model = kusari::load("result/model.safetensors")?.table()?;
/// let predictions = model.predict(&model.read("new.csv")?)?;
/// println!("{:?}", predictions.class(0));
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum TrainedModel {
    /// For rows of a table.
    Table(TableModel),
    /// For pictures.
    Images(ImageModel),
    /// For texts.
    Text(TextModel),
}

/// Loads a model that `kusari train` wrote, of whatever kind.
///
/// # Errors
/// When the file cannot be read, is damaged, or holds parameters without a description.
pub fn load(path: impl AsRef<Path>) -> Result<TrainedModel> {
    let (entries, description) = read_safetensors(&path)?;
    TrainedModel::from_entries(&entries, &description, path.as_ref())
}

impl TrainedModel {
    /// The model in the bytes of a file; `path` names it in messages.
    ///
    /// # Errors
    /// As [`load`].
    pub fn from_bytes(bytes: &[u8], path: impl AsRef<Path>) -> Result<TrainedModel> {
        let path = path.as_ref();
        let (entries, description) = safetensors_from_bytes(bytes, path)?;
        TrainedModel::from_entries(&entries, &description, path)
    }
    fn from_entries(entries: &Entries, description: &str, path: &Path) -> Result<TrainedModel> {
        if description.is_empty() {
            let message = "this file holds parameters only; expected a model that kusari train wrote";
            return Err(Error::format(path, message));
        }
        let damaged = |e| Error::format(path, format_args!("its description is damaged: {e}"));
        let json: Json = serde_json::from_str(description).map_err(damaged)?;
        match json.get("format").and_then(Json::as_str) {
            Some(ImageModel::FORMAT) => ImageModel::from_entries(entries, &json, path).map(TrainedModel::Images),
            Some(TextModel::FORMAT) => TextModel::from_entries(entries, &json, path).map(TrainedModel::Text),
            _ => TableModel::from_entries(entries, &json, path).map(TrainedModel::Table),
        }
    }
    /// What it is made for, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            TrainedModel::Table(_) => "tables",
            TrainedModel::Images(_) => "pictures",
            TrainedModel::Text(_) => "texts",
        }
    }
    fn unfit<T>(&self, wanted: &str) -> Result<T> {
        Err(Error::Data(format!("this model is for {}, not for {wanted}", self.kind())))
    }
    /// The model, if it is for tables.
    ///
    /// # Errors
    /// When it is for something else.
    pub fn table(self) -> Result<TableModel> {
        if let TrainedModel::Table(model) = self { Ok(model) } else { self.unfit("tables") }
    }
    /// The model, if it is for pictures.
    ///
    /// # Errors
    /// When it is for something else.
    pub fn images(self) -> Result<ImageModel> {
        if let TrainedModel::Images(model) = self { Ok(model) } else { self.unfit("pictures") }
    }
    /// The model, if it is for texts.
    ///
    /// # Errors
    /// When it is for something else.
    pub fn text(self) -> Result<TextModel> {
        if let TrainedModel::Text(model) = self { Ok(model) } else { self.unfit("texts") }
    }
    /// What the network gives for one example, all zeros: to look at its graph.
    pub fn example_outputs(&self) -> Vec<Variable> {
        match self {
            TrainedModel::Table(model) => model.network().forward(&Variable::new(model.example())),
            TrainedModel::Images(model) => vec![model.network().forward(&Variable::new(model.example()))],
            TrainedModel::Text(model) => vec![model.network().forward(&Variable::constant(model.example()))],
        }
    }
    /// The bytes of an ONNX file of the network, with what has to be known of inputs and outputs in its metadata.
    ///
    /// # Errors
    /// When the network has no form in ONNX.
    pub fn to_onnx(&self) -> Result<Vec<u8>> {
        match self {
            TrainedModel::Table(model) => model.to_onnx(),
            TrainedModel::Images(model) => model.to_onnx(),
            TrainedModel::Text(model) => model.to_onnx(),
        }
    }
    /// What it is and how it was trained, for people.
    pub fn describe(&self) -> String {
        match self {
            TrainedModel::Table(model) => model.describe(),
            TrainedModel::Images(model) => model.describe(),
            TrainedModel::Text(model) => model.describe(),
        }
    }
}
