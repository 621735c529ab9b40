//! Where the rows of tables lie that do not fit in memory.

use crate::options;
use clap::{Arg, ArgMatches, value_parser};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The option that names the folder.
pub fn option(default: &str) -> Arg {
    let help = "Where the rows of a table that takes more than --max-memory are kept meanwhile";
    options::option("cache-dir", "FOLDER", "")
        .value_parser(value_parser!(PathBuf))
        .help(format!("{help} [default: {default}]"))
}

/// The folder given; or that of the results, or above if it is not there yet; or that for temporary files.
pub fn folder(arguments: &ArgMatches, results: Option<&Path>) -> PathBuf {
    let given = options::get::<PathBuf>(arguments, "cache-dir");
    let near = |results: &Path| results.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new(".")).to_path_buf();
    given.or_else(|| results.map(near)).unwrap_or_else(env::temp_dir)
}
