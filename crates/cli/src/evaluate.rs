//! `kusari evaluate`: how good a trained model is on other data.

use crate::{cache_dir, options, predict, train};
use clap::{Arg, ArgAction, ArgMatches, Command};
use kusari::{Error, Result, TrainedModel, images::ImageModel, tables::Scores, text::Lesson};
use std::{path::PathBuf, sync::Arc};

/// The arguments of the subcommand.
pub fn command() -> Command {
    let help = "A CSV or TSV file with the columns of the training, target included, - is standard input; or a folder of \
                pictures, a sub-folder a class, one in MNIST's format, or mnist, of which what is held out counts; or a text";
    Command::new("evaluate")
        .about("Compare a trained model's predictions with what is so")
        .arg(predict::model())
        .arg(predict::input("DATA", help))
        .arg(Arg::new("json").long("json").help("All scores as JSON").action(ArgAction::SetTrue))
        .arg(cache_dir::option("the folder for temporary files"))
        .arg(cache_dir::stream())
}

/// Evaluates.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let input: PathBuf = options::get(arguments, "input").unwrap_or_default();
    let scores = match predict::load(arguments)? {
        TrainedModel::Table(model) => {
            let folder = cache_dir::folder(arguments, None);
            model.evaluate(&predict::table(&model, &[input], &folder, arguments.get_flag("stream"))?)?
        }
        TrainedModel::Images(model) => pictures(&model, input)?,
        TrainedModel::Text(model) => {
            let in_memory = train::is_built_in(&input) || !arguments.get_flag("stream") && Lesson::fits(&input);
            let measure = match in_memory {
                true => model.measure(&train::text(&input)?)?,
                false => model.measure_file(&input, cache_dir::folder(arguments, None))?,
            };
            let text = if arguments.get_flag("json") { measure.to_json().to_string() } else { measure.to_string() };
            crate::say!("{text}");
            return Ok(());
        }
        other => return Err(Error::Data(format!("models for {} are not evaluated", other.kind()))),
    };
    if arguments.get_flag("json") {
        crate::say!("{}", scores.to_json());
    } else {
        crate::say!("{scores}");
    }
    Ok(())
}

fn pictures(model: &ImageModel, input: PathBuf) -> Result<Scores> {
    let (pictures, part) = train::pictures(&input, &model.read_options())?;
    pictures.notices().iter().for_each(|notice| eprintln!("{notice}"));
    let pictures = Arc::new(pictures);
    match part {
        Some(part) => model.evaluate_part(&pictures, part),
        None => model.evaluate(&pictures),
    }
}
