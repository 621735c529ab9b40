//! `kusari export`: a trained model for other programs.

use crate::{options, predict};
use clap::{ArgMatches, Command};
use kusari::{Result, serializers::replace_bytes};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  kusari export result/model.safetensors --onnx model.onnx

The ONNX file holds the network, from numbers to probabilities or values, for batches of any length. How columns or
pictures become these numbers, and the classes, are in its metadata, as JSON.";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let file = options::option("onnx", "FILE", "Where the ONNX file goes");
    Command::new("export")
        .about("Write a trained model as an ONNX file, which other programs run")
        .after_help(EXAMPLES)
        .arg(predict::model())
        .arg(file.required(true).value_parser(clap::value_parser!(PathBuf)))
}

/// Exports.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let bytes = predict::load(arguments)?.to_onnx()?;
    let path: PathBuf = options::get(arguments, "onnx").unwrap_or_default();
    replace_bytes(&path, &bytes)?;
    crate::say!("{}: {} bytes, ONNX with operators of version {}", path.display(), bytes.len(), kusari::onnx::OPSET);
    Ok(())
}
