//! Going on from a trained model, and how gradients are applied.

use super::{Folder, kusari};
use kusari::serializers::{Entries, Value, read_safetensors};
use std::fs;

fn entries(folder: &Folder, run: &str) -> Entries {
    read_safetensors(folder.0.join(run).join("model.safetensors")).unwrap().0
}
fn same(a: &Entries, b: &Entries, key: &str) -> bool {
    matches!((&a[key], &b[key]), (Value::Array(a), Value::Array(b)) if a.same(b))
}

const SMALL: &str = "--width 8 --layer 1 --head 2 --length 16 --batch 4 --iteration 5";
const FROM: &str = "--from first/model.safetensors";

#[test]
fn a_trained_model_is_gone_on_from() {
    let folder = Folder::new("start");
    fs::write(folder.0.join("cats.txt"), "the cat sat on the mat. ".repeat(30)).unwrap();
    fs::write(folder.0.join("more.txt"), "a cat sat on that mat. the ".repeat(30)).unwrap();
    assert_eq!(kusari(&folder.0, &format!("train cats.txt {SMALL} --out first")).code, 0);
    let how = "--freeze blocks,position --clip 0.5 --weight-decay 0";
    let run = kusari(&folder.0, &format!("train more.txt {SMALL} {FROM} {how} --out second"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for text in [
        "first/model.safetensors: 22 parameters taken over",
        "blocks: 16 parameters stay",
        "position: 1 parameters stay",
    ] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
    let (first, second) = (entries(&folder, "first"), entries(&folder, "second"));
    assert!(same(&first, &second, "blocks/0/up/W") && same(&first, &second, "position"));
    assert!(!same(&first, &second, "head/W"));
    let settings = fs::read_to_string(folder.0.join("second/settings")).unwrap();
    let end = "--freeze blocks,position\n--clip 0.5\n--weight-decay 0\n";
    assert!(settings.contains("--from model.safetensors, ") && settings.ends_with(end), "{settings}");
    // The folder of the model is moved aside for the run, and another model in its place is noticed.
    let run = kusari(&folder.0, &format!("train more.txt {SMALL} {FROM} --every 2iterations --out first"));
    assert!(run.code == 0 && run.out.contains("was moved to first.1"), "{}{}", run.out, run.err);
    let resumed = |from: &str| kusari(&folder.0, &format!("train more.txt {SMALL} --from {from} --out first --resume"));
    assert_eq!(resumed("first.1/model.safetensors").code, 0);
    let run = resumed("second/model.safetensors");
    assert!(run.code == 1 && run.err.contains("begun with --from model.safetensors, "), "{}", run.err);

    // What the model does not know it cannot go on with.
    fs::write(folder.0.join("other.txt"), "xyz zyx yyz? ".repeat(60)).unwrap();
    let run = kusari(&folder.0, &format!("train other.txt {SMALL} {FROM} --out third"));
    assert!(
        run.code == 1 && run.err.starts_with("kusari: other.txt: the model does not know the character 'x'"),
        "{}",
        run.err
    );
    fs::write(folder.0.join("no"), "no model").unwrap();
    let run = kusari(&folder.0, &format!("train more.txt {SMALL} --from no --out fourth"));
    assert!(run.code == 1 && run.err.starts_with("kusari: no: the safetensors file is damaged"), "{}", run.err);
}

#[test]
fn every_training_of_a_table_is_prepared() {
    let folder = Folder::new("start-table");
    let rows: String = (0..40).map(|i| format!("{i},{}\n", if i < 20 { "low" } else { "high" })).collect();
    fs::write(folder.0.join("t.csv"), format!("a,b\n{rows}")).unwrap();
    let tiny = "train t.csv --unit 4 --layer 1 --members 1 --epoch 3";
    let run = kusari(&folder.0, &format!("{tiny} --clip 0.1 --weight-decay 0.5 --optimizer sgd --out t2"));
    assert!(run.code == 0 && run.out.contains("trained again"), "{}{}", run.out, run.err);
    // All trainings are like the one whose model is kept: with such a decay no weight is left.
    let gone = |out: &str| match &entries(&folder, out)["members/0/0/W"] {
        Value::Array(w) => w.to_vec::<f32>().iter().all(|w| w.abs() < 0.01),
        _ => false,
    };
    let run = kusari(&folder.0, &format!("{tiny} --weight-decay 990 --folds 2 --out gone"));
    let even = |line: &str| line.contains("log loss 0.69");
    assert!(run.out.lines().filter(|line| line.starts_with("fold")).all(even) && gone("gone"), "{}", run.out);
    assert!(!gone("t2"));
    let run = kusari(&folder.0, &format!("{tiny} --batch 4 --accumulate 3 --average --out t4"));
    assert!(run.code == 0 && run.out.contains("batch 3 × 4"), "{}{}", run.out, run.err);
    let settings = fs::read_to_string(folder.0.join("t4/settings")).unwrap();
    assert!(settings.ends_with("--average 0.999\n--accumulate 3\n"), "{settings}");
    for (arguments, message) in [
        ("--freeze nothing", "kusari: --freeze nothing: there is no parameter of this name; there are "),
        ("--recompute", "kusari: recompute: a table's network has no blocks"),
        (
            "--batch 8 --accumulate 5",
            "kusari: accumulate: expected at most 4 minibatches of 8, as there are 32 samples",
        ),
    ] {
        let run = kusari(&folder.0, &format!("{tiny} {arguments} --out t3"));
        assert_eq!(run.code, 1, "{arguments}: {}", run.out);
        assert!(run.err.starts_with(message), "{arguments}:\n{}", run.err);
    }
}

#[test]
fn a_table_goes_on_with_columns_and_weights_of_a_model() {
    let folder = Folder::new("start-from-table");
    let rows = |from: usize, colours: [&str; 3]| -> String {
        let row = |i: usize| format!("{i},{},{}\n", colours[i % 3], if i % 40 < 20 { "low" } else { "high" });
        (from..from + 60).map(row).collect()
    };
    let write = |name: &str, text: String| fs::write(folder.0.join(name), text).unwrap();
    write("old.csv", format!("size,colour,class\n{}", rows(0, ["red", "green", "blue"])));
    // Other statistics, columns in another order with one more, an unseen category, one class of the two.
    let other = rows(1000, ["red", "green", "brown"]).replace("high", "low");
    let other = other.lines().enumerate().map(|(i, line)| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{},{},{},{}\n", cells[2], i % 7, cells[1], cells[0])
    });
    write("new.csv", format!("class,more,colour,size\n{}", other.collect::<String>()));
    let sizes = "--unit 4 --layer 1 --members 2";
    assert_eq!(kusari(&folder.0, &format!("train old.csv {sizes} --epoch 4 --out first")).code, 0);
    let run = kusari(&folder.0, &format!("train new.csv {FROM} --freeze members/0 --epoch 2 --folds 2 --out second"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for text in [
        "target: 'class' · classification: as the model",
        "left out, as the model does not know them: 'more'",
        "first/model.safetensors: 8 parameters taken over",
        "members/0: 4 parameters stay",
        "trained again on all 60 rows",
    ] {
        assert!(run.out.matches(text).count() == 1, "no '{text}', or more than one, in\n{}", run.out);
    }
    let (first, second) = (entries(&folder, "first"), entries(&folder, "second"));
    assert!(same(&first, &second, "members/0/0/W") && !same(&first, &second, "members/1/0/W"));
    let inputs = |run: &str| {
        let text = read_safetensors(folder.0.join(run).join("model.safetensors")).unwrap().1;
        let part = |name: &str| text.split(&format!("\"{name}\":")).nth(1).unwrap()[..90].to_string();
        (part("inputs"), part("target"))
    };
    assert_eq!(inputs("first"), inputs("second"));
    // Without a step it predicts what the model does.
    let predict = |run: &str| kusari(&folder.0, &format!("predict {run}/model.safetensors old.csv")).out;
    assert_eq!(kusari(&folder.0, &format!("train new.csv {FROM} --freeze members --epoch 1 --out third")).code, 0);
    assert!(predict("first") == predict("third") && predict("first") != predict("second"));

    write("less.csv", "size,class\n1,low\n2,high\n3,low\n".to_string());
    write("no-target.csv", "size,colour\n1,red\n2,red\n".to_string());
    write("classes.csv", "size,colour,class\n1,red,low\n2,red,huge\n".to_string());
    fs::write(folder.0.join("cats.txt"), "the cat sat on the mat. ".repeat(30)).unwrap();
    assert_eq!(kusari(&folder.0, &format!("train cats.txt {SMALL} --out cats")).code, 0);
    for (arguments, message) in [
        ("less.csv", "kusari: less.csv: the model needs columns that are missing: 'colour'; there are 'size', 'class'"),
        ("no-target.csv", "kusari: no-target.csv: there is no column 'class'; its columns are 'size', 'colour'"),
        ("classes.csv", "kusari: classes.csv: 'huge' in 'class' is none of the model's classes 'high', 'low'"),
        ("new.csv --target size", "kusari: new.csv: the model predicts 'class', not 'size': leave --target out"),
        ("new.csv --task regression", "kusari: new.csv: the model predicts 'class' by classification, not by regr"),
        ("new.csv --unit 9", "kusari: --unit: with --from columns and network are those of the model; leave it out"),
    ] {
        let run = kusari(&folder.0, &format!("train {arguments} {FROM} --out fourth"));
        assert!(run.code == 1 && run.err.starts_with(message), "{arguments}: {}{}", run.out, run.err);
    }
    let run = kusari(&folder.0, "train new.csv --from cats/model.safetensors --out fourth");
    assert_eq!((run.code, &*run.err), (1, "kusari: --from: this model is for texts, not for tables\n"));
}

#[test]
fn layers_compute_in_bf16() {
    let folder = Folder::new("start-bf16");
    let rows: String = (0..60).map(|i| format!("{},{}\n", i % 30, if i % 30 < 15 { "low" } else { "high" })).collect();
    fs::write(folder.0.join("t.csv"), format!("a,b\n{rows}")).unwrap();
    fs::write(folder.0.join("cats.txt"), "the cat sat on the mat. ".repeat(30)).unwrap();
    let table = "train t.csv --unit 8 --members 2 --epoch 4 --every 2iterations";
    let text = format!("train cats.txt {SMALL} --every 2iterations");
    for (name, command) in [("t", table), ("c", &text)] {
        let run = |more: &str| kusari(&folder.0, &format!("{command} {more}"));
        for dtype in ["f32", "bf16"] {
            let run = run(&format!("--dtype {dtype} --out {name}-{dtype}"));
            assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        }
        let [single, half] = ["f32", "bf16"].map(|dtype| entries(&folder, &format!("{name}-{dtype}")));
        assert!(single.keys().eq(half.keys()) && single.keys().any(|key| !same(&single, &half, key)));
        for value in half.values() {
            assert!(matches!(value, Value::Array(a) if a.dtype() != kusari::DType::BF16));
        }
        // A run goes on as it was begun.
        let other = run(&format!("--dtype f32 --out {name}-bf16 --resume"));
        assert!(other.code == 1 && other.err.contains("--dtype bf16"), "{}{}", other.out, other.err);
    }
    let wrong = kusari(&folder.0, &format!("{table} --dtype f16"));
    assert!(wrong.code == 2 && wrong.err.contains("[possible values: f32, bf16]"), "{}", wrong.err);
}
