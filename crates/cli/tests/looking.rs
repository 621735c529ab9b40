//! Looking at trainings and taking them along: compare, find-lr, graph, event files, export.

use super::{Folder, kusari};
use std::fs;

fn done(folder: &Folder, arguments: &str) -> String {
    let run = kusari(&folder.0, arguments);
    assert_eq!((run.code, &*run.err), (0, ""), "{arguments}:\n{}", run.out);
    run.out
}

fn table(folder: &Folder) {
    let rows: String =
        (0..80).map(|i| format!("{},{}\n", i * 37 % 80, if i * 37 % 80 < 40 { "low" } else { "high" })).collect();
    fs::write(folder.0.join("t.csv"), format!("x,class\n{rows}")).unwrap();
}

#[test]
fn runs_are_compared() {
    let folder = Folder::new("compare");
    table(&folder);
    done(&folder, "train t.csv --members 1 --unit 8 --epoch 3 --out one");
    done(&folder, "train t.csv --members 1 --unit 8 --epoch 4 --optimizer sgd --seed 3 --out two");
    let out = done(&folder, "compare one two --out both.png");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("run  epochs  seconds  best "), "{out}");
    assert!(lines[1].starts_with("one  3 ") && lines[2].starts_with("two  4 "), "{out}");
    let words = |start: &str| -> Vec<&str> {
        let line = lines.iter().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no {start} in\n{out}"));
        line.split_whitespace().collect()
    };
    assert_eq!(words("--optimizer"), ["--optimizer", "AdamW", "SGD"]);
    assert_eq!(words("--seed"), ["--seed", "0", "3"]);
    assert!(!out.contains("--unit"), "{out}");
    assert!(fs::read(folder.0.join("both.png")).unwrap().starts_with(b"\x89PNG"));
    let run = kusari(&folder.0, "compare one nowhere");
    assert!(run.code == 1 && run.err.starts_with("kusari: nowhere/log: No such file"), "{}", run.err);
    let run = kusari(&folder.0, "compare one --value f1");
    let message = "kusari: --value f1: no run has this value; there are main/";
    assert!(run.code == 1 && run.err.starts_with(message), "{}", run.err);
}

#[test]
fn a_rate_is_found_and_nothing_else_touched() {
    let folder = Folder::new("find-lr");
    table(&folder);
    for data in ["t.csv --members 1", "mnist --unit 32"] {
        let out = done(&folder, &format!("find-lr {data} --out rates.png"));
        assert!(out.contains("\nsuggested: --lr 0.0") && out.contains("learning rates from 1e-6 to "), "{out}");
        assert!(fs::read(folder.0.join("rates.png")).unwrap().starts_with(b"\x89PNG"));
    }
    assert!(!folder.0.join("result").exists());
    let run = kusari(&folder.0, "find-lr t.csv --epoch 3");
    assert_eq!(run.err, "kusari: --epoch: kusari find-lr does not train to the end; leave it out\n");
}

#[test]
fn graphs_are_drawn() {
    let folder = Folder::new("graph");
    table(&folder);
    done(&folder, "train t.csv --members 2 --unit 8 --epoch 2");
    for (data, functions) in [
        ("t.csv --members 1", vec!["linear", "relu", "softmax_cross_entropy"]),
        ("mnist --model cnn --unit 8", vec!["convolution_2d", "max_pooling_2d", "linear"]),
        ("result/model.safetensors", vec!["linear", "relu"]),
    ] {
        done(&folder, &format!("graph {data}"));
        let [svg, dot] = ["graph.svg", "graph.dot"].map(|name| fs::read_to_string(folder.0.join(name)).unwrap());
        assert!(svg.starts_with("<svg ") && dot.starts_with("digraph "), "{svg}{dot}");
        for function in functions {
            assert!(svg.contains(&format!(">{function}</text>")), "no '{function}' in\n{svg}");
            assert!(dot.contains(&format!("[label=\"{function}\",shape=box]")), "no '{function}' in\n{dot}");
        }
    }
}

#[test]
fn event_files_when_asked_for() {
    let folder = Folder::new("events");
    table(&folder);
    done(&folder, "train t.csv --members 1 --unit 8 --epoch 2 --tensorboard");
    let names = fs::read_dir(folder.0.join("result")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("events.out.tfevents.")).count(), 1);
}

#[test]
fn models_are_exported() {
    let folder = Folder::new("export");
    table(&folder);
    done(&folder, "train t.csv --members 2 --unit 8 --epoch 3");
    let out = done(&folder, "export result/model.safetensors --onnx model.onnx");
    assert!(out.starts_with("model.onnx: ") && out.ends_with(" bytes, ONNX with operators of version 18\n"), "{out}");
    let bytes = fs::read(folder.0.join("model.onnx")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for part in ["members/1/0/W", "probabilities", r#"["high","low"]"#, "\"name\":\"x\""] {
        assert!(text.contains(part), "no {part}");
    }
    let run = kusari(&folder.0, "export result/model.safetensors");
    assert!(run.code == 2 && run.err.contains("--onnx <FILE>"), "{}", run.err);
    let run = kusari(&folder.0, "export t.csv --onnx model.onnx");
    assert!(run.code == 1 && run.err.starts_with("kusari: t.csv"), "{}", run.err);
    assert_eq!(fs::read(folder.0.join("model.onnx")).unwrap(), bytes);
}
