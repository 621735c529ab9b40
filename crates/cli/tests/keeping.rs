//! Runs that are killed, interrupted, resumed. `tools/faults` does the same at every system call.

use super::{Folder, kusari, refused};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

const TRAIN: &str = "train mnist --unit 16 --epoch 2 --seed 3 --every 30iteration";

/// A run that goes on beside the test.
fn start(folder: &Path, arguments: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kusari"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// Waits until the file is there.
fn wait(file: &Path) {
    while !file.exists() {
        sleep(Duration::from_millis(1));
    }
}

fn same(folder: &Path, names: [&str; 2]) {
    for file in ["model.safetensors", "snapshot_iter_150"] {
        let [a, b] = names.map(|name| fs::read(folder.join(name).join(file)).unwrap());
        assert!(a == b, "{file} of {} and {} differ", names[0], names[1]);
    }
}

#[test]
fn a_killed_run_goes_on_as_if_nothing_had_happened() {
    let folder = Folder::new("killed");
    assert_eq!(kusari(&folder.0, &format!("{TRAIN} --threads 1 --out whole")).code, 0);
    let run = format!("{TRAIN} --resume auto --out killed");
    for snapshot in ["snapshot_iter_30", "snapshot_iter_90"] {
        let mut child = start(&folder.0, &run);
        wait(&folder.0.join("killed").join(snapshot));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = kusari(&folder.0, &run);
    assert!(last.out.contains("going on from killed/snapshot_iter_"), "{}", last.out);
    same(&folder.0, ["whole", "killed"]);
    // Only the last two are kept, and a finished run can go on for more epochs.
    assert!(!folder.0.join("killed/snapshot_iter_90").exists());
    let more = kusari(&folder.0, &run.replace("--epoch 2", "--epoch 3"));
    assert!(more.out.contains("iteration 150") && folder.0.join("killed/snapshot_iter_240").exists(), "{}", more.out);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_step_and_says_how_to_go_on() {
    let folder = Folder::new("interrupted");
    assert_eq!(kusari(&folder.0, &format!("{TRAIN} --out whole")).code, 0);
    let run = start(&folder.0, &format!("{TRAIN} --out stopped"));
    wait(&folder.0.join("stopped/snapshot_iter_30"));
    Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    let output = run.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.ends_with("the same command with --resume goes on from there\n"), "{text}");
    let page = || fs::read_to_string(folder.0.join("stopped/report.html")).unwrap();
    assert!(page().contains("kusari · interrupted, epoch 0, iteration "));
    assert_eq!(kusari(&folder.0, &format!("{TRAIN} --resume --out stopped")).code, 0);
    assert!(page().contains("kusari · finished") && !page().contains("--resume"));
    same(&folder.0, ["whole", "stopped"]);
}

#[test]
fn a_damaged_snapshot_is_told_of_and_the_one_before_used() {
    let folder = Folder::new("damaged");
    assert_eq!(kusari(&folder.0, &format!("{TRAIN} --out whole")).code, 0);
    assert_eq!(kusari(&folder.0, &format!("{TRAIN} --out run")).code, 0);
    let newest = folder.0.join("run/snapshot_iter_150");
    let mut bytes = fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&newest, bytes).unwrap();
    let run = kusari(&folder.0, &format!("{TRAIN} --resume --out run"));
    let message = "kusari: run/snapshot_iter_150: the npz file is damaged: its checksum is not that of its contents; \
                   the snapshot before it is used\n";
    assert!(run.err.starts_with(message), "{}", run.err);
    same(&folder.0, ["whole", "run"]);
}

#[test]
fn what_cannot_go_on_is_refused() {
    let folder = Folder::new("refused");
    let long = start(&folder.0, &format!("{TRAIN} --epoch 900 --out busy").replace("--epoch 2 ", ""));
    wait(&folder.0.join("busy/settings"));
    let busy = kusari(&folder.0, &format!("{TRAIN} --out busy"));
    let message = "another run is writing there: wait for its end, or choose another folder as --out\n";
    assert_eq!((busy.code, &*busy.err), (1, &*format!("kusari: busy: {message}")));
    let mut long = long;
    long.kill().unwrap();
    long.wait().unwrap();
    let other = kusari(&folder.0, &format!("{} --resume --out busy", TRAIN.replace("--unit 16", "--unit 17")));
    let message = "busy/settings says that the run was begun with --unit 16 (now 17); give the same, or another folder as --out\n";
    assert_eq!((other.code, &*other.err), (1, &*format!("kusari: --resume: {message}")));
    let every = kusari(&folder.0, "train mnist --every 3days");
    let message = "kusari: --every: expected such as '100 iterations', '2 epochs' or '5 minutes', got 3days\n";
    assert_eq!((every.code, &*every.err), (1, message));
    refused(
        &folder.0,
        &[("train mnist --keep 0", "error: invalid value '0' for '--keep <N>': 0 is not in 1..=1000000\n")],
    );
}
