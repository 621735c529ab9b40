//! Tables that do not fit in memory: the same models, scores and predictions, from files.

use super::{Folder, kusari, kusari_reading};
use std::fs;

/// So little that the table below is too large, and the order of its rows is not.
const LITTLE: &str = "--max-memory 200kB";

/// The class depends on `x` and `kind`; some cells lack.
fn toy(rows: usize) -> String {
    let mut text = String::from("x,kind,when,y,class\n");
    for i in 0..rows {
        let (x, kind) = ((i * 37 % rows) as f64 / rows as f64, ["a", "b"][i % 2]);
        let class = if (x > 0.5) == (kind == "a") { "yes" } else { "no" };
        let y = if i % 50 == 7 { String::new() } else { format!("{}", 3.0 * x + if kind == "a" { 10.0 } else { 0.0 }) };
        let x = if i % 40 == 3 { String::new() } else { x.to_string() };
        text += &format!("{x},{kind},2024-{:02}-11,{y},{class}\n", i % 12 + 1);
    }
    text
}

/// The output of a run that succeeds.
fn succeeds(folder: &Folder, arguments: &str) -> String {
    let run = kusari(&folder.0, arguments);
    assert_eq!(run.code, 0, "{arguments}:\n{}{}", run.out, run.err);
    run.out
}

/// The part of a report behind a heading, with no times in it.
fn section(page: &str, id: &str) -> String {
    let start = page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no '{id}'"));
    page[start..].split("</section>").next().unwrap_or_default().to_string()
}

#[test]
fn a_table_in_files_gives_the_model_of_one_in_memory() {
    let folder = Folder::new("stored");
    fs::write(folder.0.join("toy.csv"), toy(3000)).unwrap();
    let cases = [
        ("class", "--ignore y --test 0.2 --members 2 --class-weights balanced", "test: accuracy"),
        ("y", "--target y --ignore class --members 1 --refit yes", "trained again on all 2940 rows"),
    ];
    for (name, options, said) in cases {
        let train = |out: &str, more: &str| {
            let told = succeeds(&folder, &format!("train toy.csv --out {out} --unit 16 --epoch 2 {options} {more}"));
            assert!(told.contains(said), "{told}");
            let file = |name: &str| fs::read(folder.0.join(out).join(name)).unwrap();
            (told, file("model.safetensors"), String::from_utf8(file("report.html")).unwrap())
        };
        let (_, in_memory, page) = train("memory", "");
        let (told, in_files, other) = train("files", &format!("{LITTLE} --threads 1"));
        assert!(told.contains("more than the 200 kB of --max-memory: its rows are read from "), "{told}");
        assert!(told.contains("for parts of the file; to train 24 bytes a row more, 72 kB"), "{told}");
        assert!(in_memory == in_files, "{name}: other bytes");
        for id in ["results", "worst-mistakes"] {
            assert_eq!(section(&page, id), section(&other, id), "{name}");
        }
        let ask = |what: &str, more: &str| succeeds(&folder, &format!("{what} memory/model.safetensors {more}"));
        let predicted = ask("predict", "toy.csv");
        assert!(predicted == ask("predict", &format!("toy.csv {LITTLE}")), "{name}: other predictions");
        let read = kusari_reading(&folder.0, "toy.csv", &format!("predict memory/model.safetensors - {LITTLE}"));
        assert!(predicted == read.out && read.err.contains("its rows are read from"), "{name}: {}", read.err);
        assert_eq!(ask("evaluate", "toy.csv --json"), ask("evaluate", &format!("toy.csv --json {LITTLE}")), "{name}");
    }
    let left = |entry: fs::DirEntry| entry.file_name().to_string_lossy().contains("kusari-rows");
    for place in [folder.0.clone(), folder.0.join("files")] {
        assert!(!fs::read_dir(place).unwrap().flatten().any(left), "a file is left over");
    }
}

#[test]
fn an_interrupted_training_from_files_goes_on_to_the_same_bytes() {
    let folder = Folder::new("stored-resume");
    fs::write(folder.0.join("toy.csv"), toy(3000)).unwrap();
    let model = |out: &str, arguments: &str| {
        succeeds(&folder, &format!("train toy.csv --ignore y --members 1 --unit 8 --out {out} {arguments}"));
        fs::read(folder.0.join(out).join("model.safetensors")).unwrap()
    };
    let whole = model("whole", "--epoch 3");
    let part = model("part", &format!("--epoch 1 --every 7 iterations {LITTLE}"));
    let longer = model("part", &format!("--epoch 2 --resume {LITTLE}"));
    assert!(part != whole && longer != whole);
    assert!(model("part", "--epoch 3 --resume") == whole, "the last epoch in memory");
}

#[test]
fn what_cannot_be_kept_is_told() {
    let folder = Folder::new("stored-refused");
    fs::write(folder.0.join("toy.csv"), toy(3000)).unwrap();
    let cases = [
        (format!("{LITTLE} --cache-dir nowhere"), "kusari: nowhere: "),
        ("--max-memory 50kB".to_string(), "kusari: toy.csv: the order of its 3000 rows: its contents take 72 kB"),
    ];
    for (arguments, message) in cases {
        let run = kusari(&folder.0, &format!("train toy.csv {arguments}"));
        assert!(run.code != 0 && run.err.starts_with(message), "{}", run.err);
    }
}
