//! Where the rows of tables lie that do not fit in memory.

use crate::options;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The option that names the folder.
pub fn option(default: &str) -> Arg {
    let help = "Where the rows of a table are kept meanwhile that does not fit in --max-memory";
    options::option("cache-dir", "FOLDER", "")
        .value_parser(value_parser!(PathBuf))
        .help(format!("{help} [default: {default}]"))
}

/// The flag that has rows read from there also if they fit in memory.
pub fn stream() -> Arg {
    let help = "Read the rows from --cache-dir also if they fit in memory";
    Arg::new("stream").long("stream").action(ArgAction::SetTrue).help(help)
}

/// The folder given; or that of the results, or above if it is not there yet; or that for temporary files.
pub fn folder(arguments: &ArgMatches, results: Option<&Path>) -> PathBuf {
    let given = options::get::<PathBuf>(arguments, "cache-dir");
    let near = |results: &Path| results.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new(".")).to_path_buf();
    given.or_else(|| results.map(near)).unwrap_or_else(env::temp_dir)
}
