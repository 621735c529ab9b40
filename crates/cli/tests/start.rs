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
    let end = "--from first/model.safetensors\n--freeze blocks,position\n--clip 0.5\n--weight-decay 0\n";
    assert!(settings.ends_with(end), "{settings}");

    // What the model does not know it cannot go on with.
    fs::write(folder.0.join("other.txt"), "xyz zyx yyz? ".repeat(60)).unwrap();
    let run = kusari(&folder.0, &format!("train other.txt {SMALL} {FROM} --out third"));
    assert!(run.code == 1 && run.err.starts_with("kusari: the model does not know the character 'x'"), "{}", run.err);
    fs::write(folder.0.join("no"), "no model").unwrap();
    let run = kusari(&folder.0, &format!("train more.txt {SMALL} --from no --out fourth"));
    assert!(run.code == 1 && run.err.starts_with("kusari: no: the safetensors file is damaged"), "{}", run.err);
}

#[test]
fn tables_are_begun_anew() {
    let folder = Folder::new("start-table");
    let rows: String = (0..40).map(|i| format!("{i},{}\n", if i < 20 { "low" } else { "high" })).collect();
    fs::write(folder.0.join("t.csv"), format!("a,b\n{rows}")).unwrap();
    let tiny = "train t.csv --unit 4 --layer 1 --members 1 --epoch 3";
    let run = kusari(&folder.0, &format!("{tiny} --clip 0.1 --weight-decay 0.5 --optimizer sgd --out t2"));
    assert!(run.code == 0 && !run.out.contains("trained again"), "{}{}", run.out, run.err);
    for (arguments, message) in [
        ("--freeze nothing", "kusari: --freeze nothing: there is no parameter of this name; there are "),
        ("--from t.csv", "kusari: --from: a table's columns become numbers anew"),
    ] {
        let run = kusari(&folder.0, &format!("{tiny} {arguments} --out t3"));
        assert_eq!(run.code, 1, "{arguments}: {}", run.out);
        assert!(run.err.starts_with(message), "{arguments}:\n{}", run.err);
    }
}
