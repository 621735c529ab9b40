//! `kusari inspect`: what lies in a file.

use crate::options;
use clap::{Arg, ArgMatches, Command};
use kusari::{
    Array, DType, Result, TrainedModel,
    serializers::{Value, npz_from_bytes, safetensors_from_bytes},
};
use std::path::PathBuf;

/// The arguments of the subcommand.
pub fn command() -> Command {
    let file = Arg::new("file").value_name("FILE").help("A safetensors or npz file: a model or a snapshot");
    Command::new("inspect")
        .about("Show the parameters in a file, their shapes and statistics, and how the model was trained")
        .arg(file.required(true).value_parser(clap::value_parser!(PathBuf)))
}

/// Inspects.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let path: PathBuf = options::get(arguments, "file").unwrap_or_default();
    let bytes = kusari::serializers::read_file(&path)?;
    let (entries, description) = match bytes.starts_with(b"PK") {
        true => (npz_from_bytes(&bytes, &path)?, String::new()),
        false => safetensors_from_bytes(&bytes, &path)?,
    };
    if !description.is_empty() {
        match TrainedModel::from_bytes(&bytes, &path) {
            Ok(model) => crate::say!("{}\n", model.describe()),
            Err(e) => crate::say!("{e}\ndescription: {}\n", description.chars().take(1000).collect::<String>()),
        }
    }
    let width = entries.keys().map(|key| key.chars().count()).max().unwrap_or(0).clamp(4, 60);
    crate::say!("{:width$}  dtype    shape           mean     deviation  min        max", "name");
    let mut count = 0;
    for (key, value) in &entries {
        match value {
            Value::Array(array) => {
                count += array.len();
                crate::say!(
                    "{key:width$}  {:7}  {:14}  {}",
                    array.dtype().to_string(),
                    array.shape().to_string(),
                    statistics(array)
                );
            }
            Value::Text(text) => crate::say!("{key:width$}  text     {}", text.chars().take(60).collect::<String>()),
            Value::None => crate::say!("{key:width$}  none"),
        }
    }
    crate::say!("{count} elements in {} values", entries.len());
    Ok(())
}

fn statistics(array: &Array) -> String {
    let values = array.cast(DType::F64).to_vec::<f64>();
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if finite.is_empty() {
        return if values.is_empty() { "no elements".to_string() } else { "no finite elements".to_string() };
    }
    let n = finite.len() as f64;
    let mean = finite.iter().sum::<f64>() / n;
    let deviation = (finite.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let (min, max) = finite.iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (a.min(v), b.max(v)));
    let wrong = match values.len() - finite.len() {
        0 => String::new(),
        n => format!("  {n} not finite"),
    };
    let line = [mean, deviation, min, max].map(|v| format!("{v:<9.4}")).join("  ");
    format!("{}{wrong}", line.trim_end())
}
