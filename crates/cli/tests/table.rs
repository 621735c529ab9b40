//! From a table to predictions: train, predict, evaluate, inspect.

use super::{Folder, kusari, refused};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Rows of a table that a network learns in a moment: the class depends on `x` and `kind`.
fn toy(rows: usize) -> String {
    let mut text = String::from("x,kind,y,class\n");
    for i in 0..rows {
        let (x, kind) = ((i * 37 % rows) as f64 / rows as f64, ["a", "b"][i % 2]);
        let class = if (x > 0.5) == (kind == "a") { "yes" } else { "no" };
        text += &format!("{x},{kind},{},{class}\n", 3.0 * x + if kind == "a" { 10.0 } else { 0.0 });
    }
    text
}

/// Trains in a folder; the run must succeed.
fn train(folder: &Path, arguments: &str) -> String {
    let run = kusari(folder, &format!("train {arguments}"));
    assert_eq!(run.code, 0, "{arguments}:\n{}{}", run.out, run.err);
    run.out
}

/// The number behind a word.
fn after(text: &str, word: &str) -> f64 {
    let rest = text.split(word).nth(1).unwrap_or_else(|| panic!("no '{word}' in\n{text}"));
    rest.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("no number in {rest}"))
}

#[test]
fn iris_from_the_file_to_predictions() {
    let folder = Folder::new("iris");
    let iris = data("iris.csv");
    let out = train(&folder.0, &format!("{} --test 0.2 --seed 1 --members 2 --epoch 30 --lr 0.01", iris.display()));
    let said = "150 rows, 5 columns · target: 'species', the last column · classification: 3 different texts\n";
    for text in
        [said, "96 rows for training, 24 for validation, 30 for testing", "trained again on all 120 rows", "setosa"]
    {
        assert!(out.contains(text), "no '{text}' in\n{out}");
    }
    assert!(after(&out, "test: accuracy ") >= 0.9, "{out}");
    let result = folder.0.join("result");
    for picture in ["loss.png", "accuracy.png"] {
        assert!(fs::read(result.join(picture)).unwrap().starts_with(b"\x89PNG"));
    }
    let log = kusari::training::log_from_json(&fs::read_to_string(result.join("log")).unwrap()).unwrap();
    assert!(log.last().unwrap().get("validation/main/accuracy").unwrap() > 0.8);

    let page = fs::read_to_string(result.join("report.html")).unwrap();
    for text in
        ["<h1>iris.csv</h1>", "On the 30 test rows: accuracy ", "id=\"worst-mistakes\"", "<td>sepal_length</td>"]
    {
        assert!(page.contains(text), "no '{text}' in\n{page}");
    }
    assert!(page.contains("--test 0.2 --seed 1 --members 2 --epoch 30 --lr 0.01</pre>"), "{page}");

    let predict = |input: &str| {
        let run = kusari(&folder.0, &format!("predict result/model.safetensors {input}"));
        assert_eq!((run.code, &*run.err), (0, ""), "{}", run.out);
        run.out
    };
    let predicted = predict(iris.to_str().unwrap());
    let lines: Vec<&str> = predicted.lines().collect();
    assert_eq!(lines[0], "species,P(setosa),P(versicolor),P(virginica)");
    assert_eq!(lines.len(), 151);
    assert!(lines[1].starts_with("setosa,0.9"), "{}", lines[1]);

    // Other order, another column, no target, semicolons and decimal commas: the same predictions.
    let text = fs::read_to_string(&iris).unwrap();
    let reordered = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers = if line.starts_with('s') { cells.join("\t") } else { cells.join("\t").replace('.', ",") };
        let c: Vec<&str> = numbers.split('\t').collect();
        format!("{};{};note;{};{}", c[3], c[0], c[2], c[1])
    };
    let other: Vec<String> = text.lines().map(reordered).collect();
    fs::write(folder.0.join("other.csv"), other.join("\r\n")).unwrap();
    assert_eq!(predict("other.csv"), predicted);

    // And in a program.
    let model = kusari::load(result.join("model.safetensors")).unwrap().table().unwrap();
    let mut csv = Vec::new();
    model.predict(&model.read(&iris).unwrap()).unwrap().write_csv(&mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), predicted);

    let run = kusari(&folder.0, &format!("evaluate result/model.safetensors {}", iris.display()));
    assert!(after(&run.out, "accuracy ") > 0.95, "{}", run.out);
    assert!(run.out.contains("rows: true class, columns: predicted class"), "{}", run.out);
    let run = kusari(&folder.0, &format!("evaluate result/model.safetensors {} --json", iris.display()));
    assert!(run.out.starts_with("{\"accuracy\":0.9") && run.out.contains("\"confusion\":[[50,0,0],"), "{}", run.out);
    let run = kusari(&folder.0, "inspect result/model.safetensors");
    for text in ["classification of 'species' from 4 numbers", "members/0/0/W", "best epoch: ", "source: iris.csv"] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
}

#[test]
fn a_regression_has_errors_in_the_units_of_its_target() {
    let folder = Folder::new("regression");
    fs::write(folder.0.join("toy.csv"), toy(300)).unwrap();
    let out = train(&folder.0, "toy.csv --target y --ignore class --test 0.2 --members 1 --epoch 60 --lr 0.01");
    assert!(out.contains("target: 'y' · regression: numbers"), "{out}");
    assert!(after(&out, "test: R² ") > 0.99, "{out}");
    let run = kusari(&folder.0, "evaluate result/model.safetensors toy.csv --json");
    assert!(run.out.contains("\"rmse\":0."), "{}", run.out);
    let new = "kind,x\na,0.5\nzebra,0.5\n,0.5\nb,much\n";
    fs::write(folder.0.join("new.csv"), new).unwrap();
    let run = kusari(&folder.0, "predict result/model.safetensors new.csv");
    assert_eq!(run.err, "new.csv: column 'x': one cell that is no number ('much') counted as missing\n");
    let values: Vec<f64> = run.out.lines().skip(1).map(|l| l.parse().unwrap()).collect();
    assert!((values[0] - 11.5).abs() < 0.5, "{values:?}");
    // A category that was never seen lies between those that were.
    assert!((values[1] - 6.5).abs() < 3.0 && values[1] == values[2], "{values:?}");
}

#[test]
fn same_bytes_on_any_number_of_threads() {
    let folder = Folder::new("table-threads");
    fs::write(folder.0.join("toy.csv"), toy(3000)).unwrap();
    let model = |arguments: &str| {
        train(&folder.0, &format!("toy.csv --epoch 3 --members 2 {arguments}"));
        fs::read(folder.0.join("result/model.safetensors")).unwrap()
    };
    let one = model("--threads 1");
    assert!(one == model("--threads 2"), "one and two threads give different models");
    let predict = || kusari(&folder.0, "predict result/model.safetensors toy.csv").out;
    let predicted = predict();
    model("--folds 2");
    assert!(predicted == predict(), "folds change the model that is kept");
    assert!(one != model("--seed 1"));
}

#[test]
fn an_interrupted_training_goes_on_to_the_same_bytes() {
    let folder = Folder::new("table-resume");
    fs::write(folder.0.join("toy.csv"), toy(300)).unwrap();
    let model = |out: &str, arguments: &str| {
        train(&folder.0, &format!("toy.csv --members 2 --unit 16 --out {out} {arguments}"));
        fs::read(folder.0.join(out).join("model.safetensors")).unwrap()
    };
    let whole = model("whole", "--epoch 4");
    let part = model("part", "--epoch 2 --every 3 iterations");
    assert!(part != whole && model("part", "--epoch 4 --resume") == whole);
}

#[test]
fn folds_repetitions_and_files_of_their_own() {
    let folder = Folder::new("folds");
    fs::write(folder.0.join("toy.csv"), toy(120)).unwrap();
    fs::write(folder.0.join("more.csv"), toy(40)).unwrap();
    let out = train(&folder.0, "toy.csv --ignore y --epoch 3 --members 1 --folds 3 --repeat 2");
    assert!(
        out.contains("round 2, fold 3 of 3: accuracy ") && out.contains("mean ± sd on held-out rows: accuracy "),
        "{out}"
    );
    let out = train(&folder.0, "toy.csv --ignore y --epoch 2 --members 1 --repeat 2 --valid more.csv --test more.csv");
    assert!(
        out.contains("round 2 of 2: ") && out.contains("120 rows for training, 40 for validation, 40 for testing"),
        "{out}"
    );
}

#[test]
fn several_columns_of_0_and_1_are_labels() {
    let folder = Folder::new("labels");
    let rows: String =
        (0..200).map(|i| format!("{},{},{},{}\n", i, i % 7, u8::from(i > 99), u8::from(i % 7 > 3))).collect();
    fs::write(folder.0.join("t.csv"), format!("a,b,high,odd\n{rows}")).unwrap();
    let out = train(&folder.0, "t.csv --target high,odd --members 1 --epoch 40 --lr 0.01");
    assert!(out.contains("target: 'high', 'odd' · multi-label: several targets"), "{out}");
    let run = kusari(&folder.0, "predict result/model.safetensors t.csv");
    assert!(run.out.starts_with("high,P(high),odd,P(odd)\n0,0.0"), "{}", run.out);
    let run = kusari(&folder.0, "evaluate result/model.safetensors t.csv");
    assert!(after(&run.out, "accuracy ") > 0.95, "{}", run.out);
}

#[test]
fn rare_classes_count_as_much_when_asked() {
    let folder = Folder::new("weights");
    let rows: String = (0..200).map(|i| format!("{},{}\n", i, if i % 10 == 0 { "rare" } else { "usual" })).collect();
    fs::write(folder.0.join("t.csv"), format!("a,class\n{rows}")).unwrap();
    let out = train(&folder.0, "t.csv --epoch 2 --class-weights balanced");
    assert!(out.contains("weights of the classes: rare 5.00, usual 0.56\n"), "{out}");
}

/// Every file trains or says why not.
#[test]
fn wild_files_train_or_say_why_not() {
    let folder = Folder::new("wild");
    let rows = |n: usize, row: &dyn Fn(usize) -> String| (0..n).map(row).collect::<String>();
    let plain = rows(40, &|i| format!("{},{}\n", i, i % 2));
    let wide = {
        let names: Vec<String> = (0..10_000).map(|c| format!("c{c}")).collect();
        let row = |i: usize| (0..10_000).map(|c| ((i * (c + 3)) % 7).to_string()).collect::<Vec<_>>().join(",") + "\n";
        format!("{},class\n", names.join(","))
            + &rows(12, &|i| row(i).trim_end().to_string() + if i % 2 == 0 { ",a\n" } else { ",b\n" })
    };
    let trains: &[(&str, String, &str)] = &[
        ("BOM, CRLF", format!("\u{feff}a,b\r\n{}", plain.replace('\n', "\r\n")), "40 rows, 2 columns"),
        (
            "semicolons",
            format!("a;b\n{}", rows(40, &|i| format!("{},5;{}\n", i, i % 2))),
            "classification: 2 different integers",
        ),
        ("tabs", format!("a\tb\n{}", plain.replace(',', "\t")), "40 rows, 2 columns"),
        ("no header", plain.clone(), "target: 'column2', the last column"),
        ("quotes", format!("\"a, b\",\"c\"\n{plain}"), "target: 'c'"),
        (
            "missing",
            format!(
                "a,b\n{}",
                rows(40, &|i| format!("{},{}\n", if i % 3 == 0 { "NA".into() } else { i.to_string() }, i % 2))
            ),
            "32 rows for training, 8 for validation",
        ),
        ("a target is missing", format!("a,b\n7,\n8,NaN\n{plain}"), "2 rows without a target are left out"),
        (
            "all missing",
            format!("a,z,b\n{}", rows(40, &|i| format!("{},,{}\n", i, i % 2))),
            "left out, no value in any row: 'z'\n",
        ),
        (
            "constant",
            format!("a,z,b\n{}", rows(40, &|i| format!("{},7,{}\n", i, i % 2))),
            "left out, the same in all rows: 'z'\n",
        ),
        (
            "duplicates",
            format!("a,a,b\n{}", rows(40, &|i| format!("{i},{i},{}\n", i % 2))),
            "columns of one name were renamed: 'a_2'\n",
        ),
        (
            "free text",
            format!("a,t,b\n{}", rows(40, &|i| format!("{i},letter {i},{}\n", i % 2))),
            "left out, free text: 't'\n",
        ),
        (
            "keys",
            format!("id,a,b\n{}", rows(40, &|i| format!("{},{i},{}\n", i * 7, i % 2))),
            "left out, it only numbers the rows: 'id'\n",
        ),
        (
            "dates",
            format!("d,b\n{}", rows(40, &|i| format!("2024-01-{:02},{}\n", i % 28 + 1, i % 2))),
            "classification",
        ),
        ("many categories", format!("k,b\n{}", rows(400, &|i| format!("k{},{}\n", i % 50, i % 2))), "classification"),
        ("10,000 columns", wide, "12 rows, 10001 columns"),
        ("four rows", "a,b\n1,x\n2,y\n3,x\n4,y\n".into(), "3 rows for training, 1 for validation"),
        ("a class of one row", format!("a,b\n{}5,2\n", plain), "3 different integers"),
    ];
    for (name, text, said) in trains {
        fs::write(folder.0.join("t.csv"), text).unwrap();
        let run = kusari(&folder.0, "train t.csv --epoch 1 --members 1 --unit 8 --out r");
        assert_eq!(run.code, 0, "{name}:\n{}{}", run.out, run.err);
        assert!(run.out.contains(said), "{name}: no '{said}' in\n{}", run.out);
        let run = kusari(&folder.0, "predict r/model.safetensors t.csv");
        assert_eq!(run.code, 0, "{name}:\n{}", run.err);
    }
    let refuses: &[(&str, String, &str, &str)] = &[
        ("empty", String::new(), "", "t.csv: the file is empty"),
        ("header only", "a,b\n".into(), "", "t.csv: there is no row below the header"),
        (
            "ragged",
            format!("a,b\n{plain}1,2,3\n{plain}"),
            "",
            "t.csv: line 42: expected 2 cells separated by ',', got 3 cells",
        ),
        (
            "one class",
            format!("a,b\n{}", rows(40, &|i| format!("{i},x\n"))),
            "",
            "t.csv: the target 'b' has only one class, 'x': there is nothing to learn",
        ),
        (
            "constant target",
            format!("a,b\n{}", rows(40, &|i| format!("{i},1.5\n"))),
            "",
            "t.csv: the target 'b' is 1.5 everywhere: there is nothing to learn",
        ),
        (
            "target all missing",
            format!("a,b\n{}", rows(40, &|i| format!("{i},\n"))),
            "",
            "t.csv: the target 'b' has no value in any row",
        ),
        (
            "only the target",
            format!("b\n{}", rows(40, &|i| format!("{i}\n"))),
            "",
            "t.csv: there is no column to learn from: the target is its only one",
        ),
        (
            "nothing left",
            format!("z,b\n{}", rows(40, &|i| format!("7,{}\n", i % 2))),
            "",
            "t.csv: there is no column to learn from: left out, the same in all rows: 'z'",
        ),
        (
            "one row",
            "a,b\n1,x\n2,\n".into(),
            "--task classification",
            "t.csv: the target 'b' has only one class, 'x': there is nothing to learn",
        ),
        (
            "two rows",
            "a,b\n1,x\n2,y\n".into(),
            "",
            "t.csv: there is no column to learn from: left out, the same in all rows: 'a'",
        ),
        (
            "no such target",
            format!("a,b\n{plain}"),
            "--target c",
            "t.csv: there is no column 'c'; its columns are 'a', 'b'",
        ),
        (
            "no such column",
            format!("a,b\n{plain}"),
            "--ignore c",
            "t.csv: there is no column 'c'; its columns are 'a', 'b'",
        ),
        (
            "texts",
            format!("a,b\n{}", rows(40, &|i| format!("{i},x{}\n", i % 2))),
            "--task regression",
            "t.csv: regression needs numbers; the target 'b' holds texts",
        ),
        (
            "free text target",
            format!("a,b\n{}", rows(1200, &|i| format!("{i},x{i}\n"))),
            "",
            "t.csv: the target 'b' has more than 1000 different values: too many classes",
        ),
        (
            "no labels",
            format!("a,b\n{}", rows(40, &|i| format!("{i},{i}\n"))),
            "--task multi-label",
            "t.csv: multi-label targets hold 0 and 1; 'b' holds '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11' and 28 more",
        ),
        (
            "zip",
            "PK\u{3}\u{4}".into(),
            "",
            "t.csv: this is an Excel workbook or another zip archive: save the sheet as CSV",
        ),
        (
            "cnn",
            format!("a,b\n{plain}"),
            "--model cnn",
            "--model cnn: a convolutional network needs images; for a table leave --model out",
        ),
    ];
    for (name, text, options, message) in refuses {
        fs::write(folder.0.join("t.csv"), text).unwrap();
        let run = kusari(&folder.0, &format!("train t.csv {options} --epoch 1 --out none"));
        assert_eq!((run.code, &*run.err), (1, &*format!("kusari: {message}\n")), "{name}:\n{}", run.out);
        assert!(!folder.0.join("none").exists(), "{name}: a refused file leaves no folder");
    }
}

#[test]
fn new_data_that_do_not_fit_are_refused() {
    let folder = Folder::new("unfit");
    fs::write(folder.0.join("toy.csv"), toy(60)).unwrap();
    train(&folder.0, "toy.csv --ignore y --epoch 1 --members 1");
    let write = |name: &str, text: &str| fs::write(folder.0.join(name), text).unwrap();
    write("lacks.csv", "x,colour\n1,red\n");
    write("class.csv", "x,kind,class\n1,a,maybe\n");
    write("none.csv", "x,kind,class\n1,a,\n");
    write("text.safetensors", "not a model");
    let cases = [
        (
            "predict result/model.safetensors lacks.csv",
            "lacks.csv: the model needs columns that are missing: 'kind'; there are 'x', 'colour'",
        ),
        (
            "evaluate result/model.safetensors class.csv",
            "class.csv: 'maybe' in 'class' is none of the model's classes 'no', 'yes'",
        ),
        ("evaluate result/model.safetensors none.csv", "none.csv: no row has a value of the target 'class'"),
        (
            "evaluate result/model.safetensors lacks.csv",
            "lacks.csv: there is no column 'class'; its columns are 'x', 'colour'",
        ),
        ("predict text.safetensors toy.csv", "text.safetensors: the safetensors file is damaged: header too large"),
    ];
    for (arguments, message) in cases {
        let run = kusari(&folder.0, arguments);
        assert_eq!(run.code, 1, "{arguments}");
        assert!(run.err.starts_with(&format!("kusari: {message}")), "{arguments}:\n{}", run.err);
    }
    let missing = kusari(&folder.0, "predict no.safetensors toy.csv").err;
    assert!(missing.starts_with("kusari: no.safetensors: No such file"), "{missing}");
    let cases = [
        (
            "train no.csv",
            "error: invalid value 'no.csv' for '<DATA>': there is no file of this name, and the names of built-in data are: mnist, shakespeare\n",
        ),
        (
            "train toy.csv --valid 1.5",
            "error: invalid value '1.5' for '--valid <SHARE|FILE>': expected a share between 0 and 1, such as 0.2, or a file\n",
        ),
        (
            "train toy.csv --test no.csv",
            "error: invalid value 'no.csv' for '--test <SHARE|FILE>': there is no file of this name; expected a share such as 0.2, or a file\n",
        ),
        ("train toy.csv --folds 1", "error: invalid value '1' for '--folds <K>': 1 is not in 2..=1000\n"),
    ];
    refused(&folder.0, &cases);
}
