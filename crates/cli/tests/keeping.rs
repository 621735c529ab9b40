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

#[test]
fn averages_and_steps_of_several_minibatches_go_on_after_a_kill() {
    let folder = Folder::new("killed-average");
    let train = format!("{TRAIN} --batch 50 --accumulate 2 --average 0.99");
    assert_eq!(kusari(&folder.0, &format!("{train} --threads 1 --out whole")).code, 0);
    let run = format!("{train} --resume auto --out killed");
    let mut child = start(&folder.0, &run);
    wait(&folder.0.join("killed/snapshot_iter_60"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(kusari(&folder.0, &run).out.contains("going on from killed/snapshot_iter_"));
    same(&folder.0, ["whole", "killed"]);
    let settings = fs::read_to_string(folder.0.join("killed/settings")).unwrap();
    assert!(settings.ends_with("--average 0.99\n--accumulate 2\n"), "{settings}");
    for (other, message) in [
        ("--average 0.98 --accumulate 2", "begun with --average 0.99 (now 0.98); give"),
        ("--accumulate 2 --clip 1", "begun with --average 0.99 (now without), no --clip (now 1); give"),
    ] {
        let run = kusari(&folder.0, &format!("{TRAIN} --batch 50 {other} --resume --out killed"));
        assert!(run.code == 1 && run.err.contains(message), "{}", run.err);
    }
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

#[test]
fn exchanged_contents_are_noticed() {
    let folder = Folder::new("exchanged");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let rows: String = (0..40).map(|i| format!("{i},{}\n", if i < 20 { "low" } else { "high" })).collect();
    // A BMP of one colour.
    let picture = |colour: u8| {
        let mut bytes = b"BM".to_vec();
        for v in [54 + 192u32, 0, 54, 40, 8, 8, 1 | 24 << 16, 0, 192, 2835, 2835, 0, 0] {
            bytes.extend(v.to_le_bytes());
        }
        bytes.extend([colour; 192]);
        bytes
    };
    write("t.csv", format!("a,b\n{rows}").as_bytes());
    write("v.csv", b"a,b\n1,low\n30,high\n");
    for i in 0..8 {
        write(&format!("photos/dark/{i}.bmp"), &picture(10 + i));
        write(&format!("photos/light/{i}.bmp"), &picture(200 + i));
    }
    let table = "train t.csv --valid v.csv --unit 4 --members 1 --epoch 2 --every 1epoch --out table";
    let photos = "train photos --unit 2 --layer 1 --epoch 1 --out photos-run";
    for run in [table, photos] {
        let run = kusari(&folder.0, run);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    let resume = |run: &str| kusari(&folder.0, &format!("{run} --resume"));
    assert!(resume(table).code == 0 && resume(photos).code == 0);
    // Each of the same size as before.
    for (name, bytes, run, message) in [
        (
            "t.csv",
            format!("a,b\n{}", rows.replace("7,low", "9,low")).into_bytes(),
            table,
            "begun with contents 294 bytes, ",
        ),
        ("v.csv", b"a,b\n2,low\n30,high\n".to_vec(), table, "begun with --valid v.csv, 18 bytes, "),
        ("photos/dark/3.bmp", picture(12), photos, "begun with pictures [13, 3, 0], checksum "),
    ] {
        let before = fs::read(folder.0.join(name)).unwrap();
        assert!(before.len() == bytes.len() && before != bytes);
        write(name, &bytes);
        let refused = resume(run);
        assert!(refused.code == 1 && refused.err.contains(message), "{name}: {}{}", refused.out, refused.err);
        write(name, &before);
        assert_eq!(resume(run).code, 0, "{name}");
    }
    fs::rename(folder.0.join("photos/dark/3.bmp"), folder.0.join("photos/dark/3b.bmp")).unwrap();
    assert!(resume(photos).err.contains("begun with pictures [13, 3, 0], checksum "));
}

#[cfg(unix)]
#[test]
fn finished_folds_are_not_repeated() {
    let folder = Folder::new("finished-folds");
    let row = |i: usize| format!("{},{},{}\n", i * 37 % 101, i * 53 % 89, i * 71 % 97);
    let rows: String = (0..240).map(row).collect();
    fs::write(folder.0.join("t.csv"), format!("a,b,c\n{rows}")).unwrap();
    let command = "train t.csv --task regression --folds 3 --repeat 2 --epoch 20 --members 2 --every 10epochs";
    let whole = kusari(&folder.0, &format!("{command} --out whole"));
    assert_eq!(whole.code, 0, "{}", whole.err);
    let folds = |out: &str| -> Vec<String> {
        out.lines().filter(|l| l.starts_with("round") || l.starts_with("mean")).map(str::to_string).collect()
    };
    let lines = |name: &str| fs::read_to_string(folder.0.join(name).join("folds")).unwrap().lines().count();
    let model = |name: &str| fs::read(folder.0.join(name).join("model.safetensors")).unwrap();
    for signal in ["-KILL", "-INT"] {
        let out = signal.to_lowercase().trim_start_matches('-').to_string();
        let run = start(&folder.0, &format!("{command} --resume --out {out}"));
        wait(&folder.0.join(&out).join("folds"));
        Command::new("kill").args([signal, &run.id().to_string()]).status().unwrap();
        let output = run.wait_with_output().unwrap();
        let before = lines(&out);
        let text = String::from_utf8(output.stdout).unwrap();
        if signal == "-INT" {
            assert_eq!(output.status.code(), Some(130), "{text}");
            assert!(text.ends_with("the same command with --resume goes on after them\n"), "{text}");
        }
        assert!(before < lines("whole"), "it was stopped before the last fold");
        let path = folder.0.join(&out).join("folds");
        let kept = fs::read_to_string(&path).unwrap();
        let resumed = kusari(&folder.0, &format!("{command} --resume --out {out}"));
        assert_eq!(resumed.code, 0, "{}{}", resumed.out, resumed.err);
        assert_eq!(folds(&resumed.out), folds(&whole.out));
        assert_eq!(folds(&resumed.out).len(), 7);
        assert!(model(&out) == model("whole"), "{signal}");
        let now = fs::read_to_string(&path).unwrap();
        let finished = kept.rsplit_once("checksum").unwrap().0;
        assert!(now.starts_with(finished), "finished folds stay as they are:\n{kept}\n{now}");
    }
    // A finished run repeats none, more epochs all, and a damaged file is told of.
    let written = |name: &str| fs::metadata(folder.0.join(name).join("folds")).unwrap().modified().unwrap();
    let before = written("kill");
    assert_eq!(folds(&kusari(&folder.0, &format!("{command} --resume --out kill")).out), folds(&whole.out));
    assert_eq!(written("kill"), before);
    // What the file says is believed: nothing is trained for it.
    let path = folder.0.join("kill/folds");
    let kept = fs::read_to_string(&path).unwrap();
    let (body, _) = kept.rsplit_once("checksum").unwrap();
    let first = folds(&whole.out)[0].strip_prefix("round 1, fold 1 of 3: ").unwrap().to_string();
    let body = body.replacen(&first, "as written", 1);
    fs::write(&path, format!("{body}checksum {:08x}\n", kusari::serializers::checksum(body.as_bytes()))).unwrap();
    let believed = folds(&kusari(&folder.0, &format!("{command} --resume --out kill")).out);
    assert_eq!(believed[0], "round 1, fold 1 of 3: as written");
    fs::write(&path, kept).unwrap();
    let other = kusari(&folder.0, &format!("{command} --resume --out kill").replace("--folds 3", "--folds 2"));
    assert!(other.code == 1 && other.err.contains("begun with --folds 3 (now 2)"), "{}", other.err);
    let more = kusari(&folder.0, &format!("{command} --resume --out kill").replace("--epoch 20", "--epoch 21"));
    assert!(more.out.contains("kill/folds: of another number of epochs; trained again"), "{}", more.out);
    assert_ne!(folds(&more.out), folds(&whole.out));
    fs::write(folder.0.join("int/folds"), "kusari folds 1\n").unwrap();
    let damaged = kusari(&folder.0, &format!("{command} --resume --out int"));
    assert!(damaged.err.contains("kusari: int/folds: the file is damaged; trained again"), "{}", damaged.err);
    assert_eq!(folds(&damaged.out), folds(&whole.out));
}
