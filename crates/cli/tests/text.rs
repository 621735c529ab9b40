//! From a text to a text: train, generate, evaluate, inspect, and what is refused.

use super::{Folder, kusari};
use std::fs;

const SMALL: &str = "--width 8 --layer 1 --head 2 --length 16 --batch 4 --iteration 12";

#[test]
fn a_text_becomes_a_model_that_writes() {
    let folder = Folder::new("text");
    fs::write(folder.0.join("cats.txt"), "the cat sat on the mat. ".repeat(40)).unwrap();
    for model in ["gpt", "lstm", "gru"] {
        let run = kusari(&folder.0, &format!("train cats.txt --model {model} {SMALL} --out {model}"));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        for text in [
            "cats.txt: 11 different tokens · 864 tokens for training, 96 held out",
            "held out: loss ",
            "what it writes:",
        ] {
            assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
        }
        let file = format!("{model}/model.safetensors");
        let write = |seed: usize| {
            let run = kusari(&folder.0, &format!("generate {file} --prompt the --length 20 --seed {seed}"));
            assert_eq!(run.code, 0, "{}", run.err);
            run.out
        };
        assert!(
            write(1).starts_with("the")
                && write(1).chars().count() == 24
                && write(1) == write(1)
                && write(1) != write(2)
        );
        let run = kusari(&folder.0, &format!("evaluate {file} cats.txt --json"));
        assert!(run.out.contains("\"perplexity\":") && run.out.contains("\"tokens\":959"), "{}{}", run.out, run.err);
        let run = kusari(&folder.0, &format!("inspect {file}"));
        assert!(run.out.contains(&format!("a language model: {model}, width 8")), "{}{}", run.out, run.err);
    }
    assert!(fs::read_to_string(folder.0.join("gpt/report.html")).unwrap().contains("What it writes"));

    fs::write(folder.0.join("bytes.txt"), b"abc\xff").unwrap();
    fs::write(folder.0.join("empty.txt"), b"").unwrap();
    fs::write(folder.0.join("t.csv"), "a,b\n1,2\n2,3\n").unwrap();
    let model = "gpt/model.safetensors";
    for (arguments, message) in [
        (
            format!("generate {model} --prompt xyz"),
            "kusari: the model does not know the character 'x'; it knows  .acehmnost",
        ),
        (format!("predict {model} cats.txt"), "kusari: models for texts do not predict"),
        (format!("train bytes.txt {SMALL}"), "kusari: bytes.txt: expected a text in UTF-8; byte 3 is none"),
        (format!("train empty.txt {SMALL}"), "kusari: empty.txt: the text is empty"),
        ("train cats.txt --model cnn".to_string(), "kusari: --model cnn: such a network does not read texts"),
        ("train t.csv --model gpt".to_string(), "kusari: --model gpt: such a network reads texts"),
        ("train cats.txt --target a".to_string(), "kusari: --target: this option is for tables only"),
        ("train mnist --length 8".to_string(), "kusari: --length: this option is for texts only"),
        ("train cats.txt --valid t.csv".to_string(), "kusari: --valid: of a text a share is held out"),
        (format!("train cats.txt --dropout 1 {SMALL}"), "kusari: --dropout: expected a share from 0 to below 1, got 1"),
    ] {
        let run = kusari(&folder.0, &arguments);
        assert_eq!(run.code, 1, "{arguments}: {}{}", run.out, run.err);
        assert!(run.err.starts_with(message), "{arguments}:\n{}", run.err);
    }
}

#[test]
fn a_run_goes_on_from_its_snapshot() {
    let folder = Folder::new("text-resume");
    fs::write(folder.0.join("cats.md"), "the dog sat on the log. ".repeat(40)).unwrap();
    let command = format!("train cats.md --dropout 0.1 {SMALL}");
    assert_eq!(kusari(&folder.0, &format!("{command} --out whole")).code, 0);
    assert_eq!(kusari(&folder.0, &format!("{command} --out begun --every 5iterations --keep 9")).code, 0);
    let model = |out: &str| fs::read(folder.0.join(out).join("model.safetensors")).unwrap();
    fs::remove_file(folder.0.join("begun/model.safetensors")).unwrap();
    fs::remove_file(folder.0.join("begun/snapshot_iter_10")).unwrap();
    let run = kusari(&folder.0, &format!("{command} --out begun --every 5iterations --keep 9 --resume"));
    assert!(
        run.code == 0 && run.out.contains("going on from begun/snapshot_iter_5, iteration 5"),
        "{}{}",
        run.out,
        run.err
    );
    assert!(model("whole") == model("begun"));

    // Another text of the same length is another run.
    fs::write(folder.0.join("cats.md"), "the dog sat on the log, ".repeat(40)).unwrap();
    let run = kusari(&folder.0, &format!("{command} --out begun --every 5iterations --resume"));
    assert!(run.code == 1 && run.err.contains("the run was begun with tokens "), "{}{}", run.out, run.err);
}
