//! Tables that do not fit in memory: the same models, scores and predictions, from files.

use super::{Folder, kusari, kusari_reading};
use std::fs;

/// Has even a small table read from files.
const FILES: &str = "--stream";

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
        let (told, in_files, other) = train("files", &format!("{FILES} --threads 1"));
        assert!(told.contains("as asked for: its rows are read from "), "{told}");
        assert!(told.contains(", 48 kB for the order of 3000 rows, "), "{told}");
        assert!(in_memory == in_files, "{name}: other bytes");
        for id in ["results", "worst-mistakes"] {
            assert_eq!(section(&page, id), section(&other, id), "{name}");
        }
        let ask = |what: &str, more: &str| succeeds(&folder, &format!("{what} memory/model.safetensors {more}"));
        let predicted = ask("predict", "toy.csv");
        assert!(predicted == ask("predict", &format!("toy.csv {FILES}")), "{name}: other predictions");
        let read = kusari_reading(&folder.0, "toy.csv", &format!("predict memory/model.safetensors - {FILES}"));
        assert!(predicted == read.out && read.err.contains("its rows are read from"), "{name}: {}", read.err);
        assert_eq!(ask("evaluate", "toy.csv --json"), ask("evaluate", &format!("toy.csv --json {FILES}")), "{name}");
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
    let part = model("part", &format!("--epoch 1 --every 7 iterations {FILES}"));
    let longer = model("part", &format!("--epoch 2 --resume {FILES}"));
    assert!(part != whole && longer != whole);
    assert!(model("part", "--epoch 3 --resume") == whole, "the last epoch in memory");
}

#[test]
fn what_cannot_be_kept_is_told() {
    let folder = Folder::new("stored-refused");
    fs::write(folder.0.join("toy.csv"), toy(3000)).unwrap();
    let cases = [
        (format!("{FILES} --cache-dir nowhere"), "kusari: nowhere: "),
        ("--max-memory 30MB".to_string(), " of memory are needed, 42 MB for the program"),
        (
            format!("{FILES} --unit 20000 --max-memory 200MB"),
            " for the network, its optimiser and a step, and 200 MB may be taken",
        ),
    ];
    for (arguments, message) in cases {
        let run = kusari(&folder.0, &format!("train toy.csv {arguments}"));
        assert!(run.code != 0 && run.err.starts_with("kusari: ") && run.err.contains(message), "{}", run.err);
    }
}

#[test]
fn folds_repetitions_and_a_model_to_start_from_give_the_same_from_files() {
    let folder = Folder::new("stored-folds");
    fs::write(folder.0.join("toy.csv"), toy(600)).unwrap();
    let first = "--ignore y --members 1 --unit 8 --epoch 1";
    succeeds(&folder, &format!("train toy.csv --out first {first}"));
    let cases = [
        ("folds", format!("{first} --folds 3 --repeat 2 --test 0.1")),
        ("repeat", format!("{first} --repeat 2")),
        ("own", format!("{first} --valid toy.csv --test toy.csv")),
        ("from", "--from first/model.safetensors --epoch 1".to_string()),
    ];
    for (name, options) in cases {
        let train = |out: &str, more: &str| {
            let told = succeeds(&folder, &format!("train toy.csv --out {out} {options} {more}"));
            let scores: Vec<String> = told
                .lines()
                .filter(|line| line.contains("fold ") || line.contains("round "))
                .map(str::to_string)
                .collect();
            (scores, fs::read(folder.0.join(out).join("model.safetensors")).unwrap())
        };
        let (memory, files) = (train("memory", ""), train("files", FILES));
        assert_eq!(memory.0, files.0, "{name}");
        assert!(memory.1 == files.1, "{name}: other bytes");
        assert_eq!(memory.0.is_empty(), name == "own" || name == "from", "{name}");
    }
}

#[test]
fn a_text_in_files_gives_the_model_of_one_in_memory() {
    let folder = Folder::new("stored-text");
    let words = ["the ", "tree ", "grew — ", "slowly,\n", "é", "\u{1f333}\t", "over the hill. "];
    let text = |n: usize| (0..n).map(|i| words[i * i % 11 % words.len()]).collect::<String>();
    fs::write(folder.0.join("long.txt"), text(20_000)).unwrap();
    fs::write(folder.0.join("other.txt"), text(500)).unwrap();
    let small = "--width 8 --layer 1 --length 16 --batch 4 --iteration 12";
    let cases = [
        ("characters", format!("--model gpt --head 2 --test 0.1 {small}")),
        ("pairs", format!("--model lstm --vocabulary 270 --valid other.txt --test other.txt {small}")),
        ("from", "--model gpt --head 2 --from characters/model.safetensors --width 8 --layer 1 --length 16 --batch 4 --iteration 3".into()),
    ];
    for (name, options) in cases {
        let train = |out: &str, more: &str| {
            let told = succeeds(&folder, &format!("train long.txt --out {out} {options} {more}"));
            (told, fs::read(folder.0.join(out).join("model.safetensors")).unwrap())
        };
        let (_, memory) = train(name, "");
        let (told, files) = train("files", FILES);
        assert!(told.contains("the text is read from files; memory: at most "), "{told}");
        assert!(memory == files, "{name}: other bytes");
        let ask = |more: &str| succeeds(&folder, &format!("evaluate {name}/model.safetensors other.txt --json {more}"));
        assert_eq!(ask(""), ask(FILES), "{name}");
    }
    // Killed in the middle, as far as the files tell.
    let part = |arguments: &str| {
        succeeds(&folder, &format!("train long.txt --out part --model gpt --head 2 --test 0.1 {small} {arguments}"))
    };
    part(&format!("--every 5iteration {FILES}"));
    let left = |name: &str| folder.0.join("part").join(name);
    fs::remove_file(left("model.safetensors")).unwrap();
    for snapshot in fs::read_dir(folder.0.join("part")).unwrap().flatten() {
        if snapshot.file_name().to_string_lossy().starts_with("snapshot_iter_12") {
            fs::remove_file(snapshot.path()).unwrap();
        }
    }
    part(&format!("--every 5iteration --resume {FILES}"));
    assert!(
        fs::read(left("model.safetensors")).unwrap()
            == fs::read(folder.0.join("characters/model.safetensors")).unwrap()
    );
    let run = kusari(&folder.0, "train long.txt --max-memory 30MB");
    assert!(run.code != 0 && run.err.contains("of memory are needed, 42 MB for the program"), "{}", run.err);
    fs::write(folder.0.join("broken.txt"), [text(3000).as_bytes(), b"\xff", text(9).as_bytes()].concat()).unwrap();
    let errors = ["", FILES].map(|more| kusari(&folder.0, &format!("train broken.txt {more}")).err);
    assert!(errors[0] == errors[1] && errors[0].contains("expected a text in UTF-8; byte "), "{errors:?}");
}

#[test]
fn arrays_in_files_give_the_model_of_those_in_memory() {
    use kusari::{
        Array,
        serializers::{Entries, Value, write_npz},
    };
    let folder = Folder::new("stored-npz");
    let x: Vec<f32> = (0..2000).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
    let t: Vec<i32> = x.chunks(2).map(|x| i32::from(x[0] > x[1])).collect();
    let arrays = [("x", Array::from_slice(&[1000, 2], &x)), ("t", Array::from_slice(&[1000], &t))];
    let entries: Entries = arrays.into_iter().map(|(name, array)| (name.to_string(), Value::Array(array))).collect();
    write_npz(folder.0.join("toy.npz"), &entries).unwrap();
    let train = |out: &str, more: &str| {
        let told = succeeds(&folder, &format!("train toy.npz --out {out} --members 1 --unit 8 --epoch 2 {more}"));
        (told, fs::read(folder.0.join(out).join("model.safetensors")).unwrap())
    };
    let ((_, memory), (told, files)) = (train("memory", ""), train("files", FILES));
    assert!(told.contains("as asked for: its rows are read from ") && memory == files, "{told}");
}
