//! `kusari generate`: what a language model writes.

use crate::{options, predict};
use clap::{ArgMatches, Command};
use kusari::{Result, text::Generate};
use std::io::{self, Write};

const EXAMPLES: &str = "\
Examples:
  kusari generate result/model.safetensors --prompt \"ROMEO:\"
  kusari generate result/model.safetensors --length 1000 --temperature 0.5 --seed 7";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let temperature = "Below 1 the likely becomes likelier; 0 takes the likeliest [default: 0.8]";
    Command::new("generate")
        .about("Go on with a text, as a trained language model would")
        .after_help(EXAMPLES)
        .arg(predict::model())
        .arg(options::option("prompt", "TEXT", "What to go on with [default: a new line]"))
        .arg(options::count("length", "N", 1..=1 << 32, "Tokens to write [default: 500]"))
        .arg(options::number("temperature", "T", temperature))
        .arg(options::count("top-k", "K", 1..=1 << 20, "Draw from the K likeliest tokens [default: all]"))
        .arg(options::count("seed", "N", 0..=u64::MAX, "What the draws depend on").default_value("0"))
}

/// Writes.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let model = predict::load(arguments)?.text()?;
    let usual = Generate::default();
    let how = Generate {
        length: options::get(arguments, "length").unwrap_or(500),
        temperature: options::get(arguments, "temperature").unwrap_or(usual.temperature),
        top_k: options::get(arguments, "top-k"),
        seed: options::get::<usize>(arguments, "seed").unwrap_or(0) as u64,
    };
    let prompt: String = options::get(arguments, "prompt").unwrap_or_default();
    let mut out = io::stdout().lock();
    // A closed pipe ends it: whoever reads has seen enough.
    let mut write = |text: &str| out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok();
    if write(&prompt) {
        model.generate_to(&prompt, &how, &mut write)?;
        write("\n");
    }
    Ok(())
}
