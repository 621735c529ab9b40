use super::{Folder, kusari, refused};
use std::fs;

const SMALL: &str = "train mnist --epoch 1 --unit 32 --seed 1 --lr 0.01";

#[test]
fn a_short_run_leaves_log_pictures_and_model() {
    let folder = Folder::new("train");
    let run = kusari(&folder.0, SMALL);
    assert_eq!(run.code, 0, "{}", run.err);
    for text in ["Sequential", "Linear(784 → 32)", "validation/main/accuracy", " of the 2000 test digits right ("] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
    let result = folder.0.join("result");
    for picture in ["loss.png", "accuracy.png"] {
        assert!(fs::read(result.join(picture)).unwrap().starts_with(b"\x89PNG"));
    }
    let page = fs::read_to_string(result.join("report.html")).unwrap();
    for text in ["<table class=\"matrix many\">", " taken for ", "data:image/png;base64,", "On the 2000 test images"] {
        assert!(page.contains(text), "no '{text}' in the report");
    }
    let log = kusari::training::log_from_json(&fs::read_to_string(result.join("log")).unwrap()).unwrap();
    assert_eq!(log.len(), 1);
    let accuracy = log[0].get("validation/main/accuracy").unwrap();
    assert!(accuracy > 0.8, "{accuracy}");

    // The file in a program: the same score.
    let model = kusari::load(result.join("model.safetensors")).unwrap().images().unwrap();
    let images = kusari::datasets::Images { ndim: 2, scale: 255.0, ..Default::default() };
    let (train, test) = kusari::datasets::get_mnist(images);
    let digits = kusari::images::Pictures::from_digits("digits", &train, &test).unwrap();
    let held: Vec<usize> = (8000..10_000).collect();
    let predictions = model.predict(&std::sync::Arc::new(digits)).unwrap();
    let right = held.iter().filter(|&&i| {
        predictions.class(i) == Some(&*kusari::Dataset::get(&test, i - 8000).unwrap().1.item().to_string())
    });
    let right = right.count() as f64 / 2000.0;
    assert!((right - accuracy).abs() < 1e-6, "{right} by the file's model, {accuracy} in the log");
}

#[test]
fn same_seed_same_bytes_on_any_number_of_threads() {
    let folder = Folder::new("threads");
    let model = |arguments: &str| {
        let run = kusari(&folder.0, &format!("train mnist --epoch 1 --unit 32 {arguments}"));
        assert_eq!(run.code, 0, "{}", run.err);
        (fs::read(folder.0.join("result/model.safetensors")).unwrap(), run.out)
    };
    let (one, _) = model("--seed 1 --threads 1");
    let (two, out) = model("--seed 1 --threads 2");
    assert!(one == two, "one and two threads give different models");
    assert!(out.starts_with("the run already in result was moved to result.1\n"), "{out}");
    let (other, out) = model("--seed 2");
    assert!(one != other);
    assert!(out.starts_with("the run already in result was moved to result.2\n"), "{out}");
    assert!(fs::read(folder.0.join("result.1/model.safetensors")).unwrap() == one);
}

#[test]
fn a_convolutional_network_learns() {
    let folder = Folder::new("cnn");
    let run = kusari(&folder.0, "train mnist --model cnn --epoch 1 --unit 8 --lr 0.03 --augment none --out here");
    assert_eq!(run.code, 0, "{}", run.err);
    let log = kusari::training::log_from_json(&fs::read_to_string(folder.0.join("here/log")).unwrap()).unwrap();
    assert!(log[0].get("validation/main/accuracy").unwrap() > 0.6, "{}", run.out);
    assert!(folder.0.join("here/snapshot_iter_80").is_file());
}

#[test]
fn a_folder_in_mnists_format_is_learnt_as_the_digits_inside() {
    let folder = Folder::new("idx");
    let digits = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../kusari/assets/mnist10k");
    let model = |data: &str| {
        let run = kusari(&folder.0, &format!("train {data} --epoch 1 --unit 16 --batch 500"));
        assert_eq!(run.code, 0, "{}", run.err);
        let (entries, _) = kusari::serializers::read_safetensors(folder.0.join("result/model.safetensors")).unwrap();
        entries.values().map(|v| format!("{v:?}")).collect::<Vec<_>>()
    };
    assert!(model(digits.to_str().unwrap()) == model("mnist"));
    let run = kusari(&folder.0, "train result --epoch 1");
    let message = "kusari: result: expected a sub-folder for each class with its pictures, got none\n";
    assert!(run.code == 1 && run.err.starts_with(message), "{}", run.err);
}

#[test]
fn senseless_arguments_are_refused() {
    let folder = Folder::new("train-errors");
    let cases = [
        ("train", "error: the following required arguments were not provided:\n  <DATA>\n"),
        (
            "train minst",
            "error: invalid value 'minst' for '<DATA>': there is no file of this name, and the names of built-in data are: mnist, shakespeare\n",
        ),
        (
            "train mnist --model cmm",
            "error: invalid value 'cmm' for '--model <NAME>'\n  [possible values: mlp, cnn, resnet, gpt, lstm, gru]\n",
        ),
        ("train mnist --epoch 0", "error: invalid value '0' for '--epoch <N>': 0 is not in 1..=1000000\n"),
        ("train mnist --batch many", "error: invalid value 'many' for '--batch <N>': invalid digit found in string\n"),
        ("train mnist --batch 0", "error: invalid value '0' for '--batch <N>': 0 is not in 1..=1000000\n"),
        ("train mnist --lr 0", "error: invalid value '0' for '--lr <RATE>': expected a number above 0\n"),
        (
            "train mnist --epochs 3",
            "error: unexpected argument '--epochs' found\n\n  tip: a similar argument exists: '--epoch'\n",
        ),
    ];
    refused(&folder.0, &cases);
    fs::write(folder.0.join("file"), "").unwrap();
    for out in ["file", "file/below"] {
        let run = kusari(&folder.0, &format!("{SMALL} --out {out}"));
        assert_eq!((run.code, &*run.err, &*run.out), (1, "kusari: file: this is a file, not a folder\n", ""));
    }
}
