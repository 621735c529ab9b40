//! Tests of the command: they run the program.

mod bench;
mod golf;
mod images;
mod keeping;
mod looking;
mod start;
mod stored;
mod table;
mod text;
mod train;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What a run of the program left behind.
struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `kusari` with these arguments, separated by spaces, in a folder.
fn kusari(folder: &Path, arguments: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kusari"));
    let output = command.current_dir(folder).args(arguments.split_whitespace()).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs it with a file as standard input.
fn kusari_reading(folder: &Path, file: &str, arguments: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kusari"));
    let input = std::fs::File::open(folder.join(file)).expect("the file is there");
    let output = command.current_dir(folder).args(arguments.split_whitespace()).stdin(input).output();
    let output = output.expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// Each of these arguments ends the program with a message that begins so.
fn refused(folder: &Path, cases: &[(&str, &str)]) {
    for (arguments, message) in cases {
        let run = kusari(folder, arguments);
        assert_eq!(run.code, 2, "{arguments}");
        assert!(run.err.starts_with(message), "{arguments}:\n{}", run.err);
    }
}

/// An empty folder that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("kusari-test-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the folder for temporary files is writable");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A left-over in the folder for temporary files is no failure of the test.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
