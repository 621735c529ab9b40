//! From a text to a text: train, generate, evaluate, inspect, and what is refused.

use super::{Folder, kusari};
use std::fs;

const SMALL: &str = "--width 8 --layer 1 --head 2 --length 16 --batch 4 --iteration 12";

#[test]
fn a_training_shorter_than_an_epoch_is_logged_and_evaluated() {
    let folder = Folder::new("short");
    fs::write(folder.0.join("cats.txt"), "the cat sat on the mat. ".repeat(40)).unwrap();
    let run = kusari(
        &folder.0,
        &format!("train cats.txt {SMALL} --iteration 4 --out short").replacen(" --iteration 12", "", 1),
    );
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for file in ["log", "loss.png", "accuracy.png"] {
        assert!(folder.0.join("short").join(file).exists(), "{file}");
    }
    let log = fs::read_to_string(folder.0.join("short/log")).unwrap();
    assert_eq!(log.matches("\"main/loss\"").count(), 4, "{log}");
    assert!(log.matches("validation/main/loss").count() >= 1, "{log}");
    let refused = kusari(&folder.0, "train cats.txt --layer 0 --out none");
    assert!(refused.code != 0 && refused.err.contains("at least 1 as number of layers"), "{}", refused.err);
}

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
        (format!("train cats.txt --valid empty.txt {SMALL}"), "kusari: empty.txt: expected at least 2 tokens, got 0"),
        (format!("train cats.txt --from {model} --test t.csv {SMALL}"), "kusari: t.csv: the model does not know the"),
        (
            format!("train cats.txt --valid 0.6 --test 0.5 {SMALL}"),
            "kusari: cats.txt: the text is too short: expected more",
        ),
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

#[test]
fn texts_are_held_out_as_shares_or_files() {
    let folder = Folder::new("text-parts");
    let write = |name: &str, text: String| fs::write(folder.0.join(name), text).unwrap();
    write("cats.txt", "the cat sat on the mat. ".repeat(40));
    write("dogs.txt", "the dog sat on the log. ".repeat(10));
    write("ants.txt", "ants! ".repeat(10));
    let run = kusari(&folder.0, &format!("train cats.txt --valid 0.1 --test 0.2 {SMALL} --out shares"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for text in ["672 tokens for training, 96 held out, 192 for testing", "held out: loss ", "test: loss "] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
    let files = format!("train cats.txt --valid dogs.txt --test ants.txt {SMALL} --every 5iterations --out files");
    let run = kusari(&folder.0, &files);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    // The letters of all three are known.
    for text in ["15 different tokens · 960 tokens for training, 240 held out, 60 for testing", "test: loss "] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
    // Both scores are those of the files.
    for (name, file) in [("held out", "dogs.txt"), ("test", "ants.txt")] {
        let evaluated = kusari(&folder.0, &format!("evaluate files/model.safetensors {file}")).out;
        let line = run.out.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap();
        let loss = line.split(" · ").next().unwrap();
        assert!(evaluated.contains(loss), "{line} {evaluated}");
    }
    let inspected = kusari(&folder.0, "inspect files/model.safetensors").out;
    assert!(inspected.contains("test tokens: 60") && inspected.contains("test: {"), "{inspected}");
    assert_eq!(kusari(&folder.0, &format!("{files} --resume")).code, 0);
    write("ants.txt", "anta! ".repeat(10));
    let run = kusari(&folder.0, &format!("{files} --resume"));
    assert!(run.code == 1 && run.err.contains("--test ants.txt, 60 bytes, checksum "), "{}", run.err);
}
