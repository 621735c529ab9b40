//! From a folder of pictures to predictions: train, predict, evaluate, inspect.

use super::{Folder, kusari, refused};
use std::{fs, path::Path};

/// A BMP of 8 × 8 pixels, dark with a bright upper half, or lower.
fn half(upper: bool, i: usize) -> Vec<u8> {
    let mut bytes = b"BM".to_vec();
    for v in [54 + 192, 0, 54, 40, 8, 8, 1 | 24 << 16, 0, 192, 2835, 2835, 0, 0u32] {
        bytes.extend(v.to_le_bytes());
    }
    // Rows are stored from below.
    let pixel = |at: usize| if (at / 8 >= 4) == upper { 200 } else { 20 + (at * 7 + i * 13) as u8 % 50 };
    bytes.extend((0..64).flat_map(|at| [pixel(at), pixel(at), 30]));
    bytes
}

fn halves(folder: &Path, n: usize) {
    for (class, upper) in [("up", true), ("down", false)] {
        fs::create_dir_all(folder.join(class)).unwrap();
        (0..n).for_each(|i| fs::write(folder.join(class).join(format!("{i:02}.bmp")), half(upper, i)).unwrap());
    }
}

const SMALL: &str = "--unit 4 --layer 1 --batch 8 --epoch 6 --lr 0.05 --augment colour";

#[test]
fn a_folder_becomes_a_model_and_new_pictures_predictions() {
    let folder = Folder::new("photos");
    halves(&folder.0.join("photos"), 20);
    fs::write(folder.0.join("photos/up/cut.jpg"), b"\xff\xd8\xff\xe0").unwrap();
    let run = kusari(&folder.0, &format!("train photos --test 0.2 {SMALL} --class-weights balanced"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for text in [
        "left out:\nphotos/up/cut.jpg: the JPEG is damaged",
        "photos: 40 pictures of 2 classes as 8 × 8, read in ",
        "batch 8 · 24 pictures for training, 8 for validation, 8 for testing\nchanged at random: colour\n",
        "weights of the classes: down 1.00, up 1.00",
        "best epoch: ",
        "test: accuracy 1.000",
    ] {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }
    let page = fs::read_to_string(folder.0.join("result/report.html")).unwrap();
    assert!(page.contains("8 × 8, coloured") && page.contains("On the 8 test pictures"));

    let model = "result/model.safetensors";
    fs::create_dir_all(folder.0.join("new")).unwrap();
    fs::copy(folder.0.join("photos/up/00.bmp"), folder.0.join("new/a, b.png")).unwrap();
    fs::write(folder.0.join("new/note"), "no picture").unwrap();
    let run = kusari(&folder.0, &format!("predict {model} new photos/down/01.bmp"));
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines[0], "file,class,P(down),P(up)");
    assert!(lines[1].starts_with("\"new/a, b.png\",up,0.") && lines[2].starts_with("photos/down/01.bmp,down,"));
    assert!(run.err.contains("new/note: expected a PNG, JPEG, GIF, WebP or BMP file"), "{}", run.err);

    let standard_input = fs::File::open(folder.0.join("photos/up/03.bmp")).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kusari"));
    let output = command.current_dir(&folder.0).args(["predict", model, "-"]).stdin(standard_input).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\n-,up,0."));

    let run = kusari(&folder.0, &format!("evaluate {model} photos --json"));
    let scores: String = run.out.split_whitespace().collect();
    assert!(scores.contains("\"accuracy\":1.0") && scores.contains("[[20,0],[0,20]]"), "{}{}", run.out, run.err);
    let run = kusari(&folder.0, &format!("inspect {model}"));
    for text in
        ["classification of coloured pictures of 8 × 8 pixels (crop)", "classes: 'down', 'up'", "augment: colour"]
    {
        assert!(run.out.contains(text), "no '{text}' in\n{}", run.out);
    }

    let run = kusari(&folder.0, &format!("export {model} --onnx photos.onnx"));
    assert!(run.code == 0 && run.out.starts_with("photos.onnx: "), "{}", run.err);

    fs::write(folder.0.join("t.csv"), "a,b\n1,2\n").unwrap();
    for (arguments, message) in [
        (format!("predict {model} t.csv"), "there is no picture that can be read"),
        (format!("predict {model} nowhere.png"), "nowhere.png: No such file"),
        (format!("evaluate {model} new"), "new: expected a sub-folder for each class with its pictures, got none"),
        ("train new".to_string(), "new: expected a sub-folder for each class with its pictures, got none"),
        ("train photos --layer 9".to_string(), "cnn: expected 1 to 3 halvings of 8 pixels a side, got 9"),
        ("train mnist --size 32".to_string(), "--size: this option is for picture files only; leave it out"),
        ("train photos --folds 3".to_string(), "--folds: this option is for tables only; leave it out"),
        ("train t.csv --fit pad".to_string(), "--fit: this option is for pictures only; leave it out"),
        (
            "train mnist --valid photos".to_string(),
            "--valid: expected a share: another file or folder goes with a folder of pictures only",
        ),
    ] {
        let run = kusari(&folder.0, &arguments);
        assert!(run.code == 1 && run.err.contains(message), "{arguments}: {}", run.err);
    }
    refused(
        &folder.0,
        &[
            (
                "train photos --augment turn",
                "error: invalid value 'turn' for '--augment <NAME,…>': expected none, or some of flip, shift, rotate, crop, colour with commas\n",
            ),
            ("train photos --size 4", "error: invalid value '4' for '--size <N>': 4 is not in 8..=2048\n"),
        ],
    );
}

#[test]
fn a_run_on_pictures_goes_on_to_the_same_bytes_with_any_workers() {
    let folder = Folder::new("photos-resume");
    halves(&folder.0.join("photos"), 20);
    let train = |more: &str| {
        let run = kusari(&folder.0, &format!("train photos {SMALL} --every 3iteration --keep 9 {more}"));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        run.out
    };
    train("--workers 1 --threads 1 --out whole");
    // The folder as it is after a kill in the second epoch.
    fs::create_dir_all(folder.0.join("killed")).unwrap();
    for file in ["settings", "snapshot_iter_6"] {
        fs::copy(folder.0.join("whole").join(file), folder.0.join("killed").join(file)).unwrap();
    }
    let out = train("--workers 3 --cache 0 --resume --out killed");
    assert!(out.contains("going on from killed/snapshot_iter_6, iteration 6\n"), "{out}");
    let [a, b] = ["whole", "killed"].map(|out| fs::read(folder.0.join(out).join("model.safetensors")).unwrap());
    assert!(a == b);
}

#[test]
fn a_model_of_digits_reads_pictures_and_is_evaluated_by_name() {
    let folder = Folder::new("digit");
    let run = kusari(&folder.0, "train mnist --epoch 1 --unit 16 --lr 0.01 --augment none");
    assert_eq!(run.code, 0, "{}", run.err);
    let run = kusari(&folder.0, "evaluate result/model.safetensors mnist");
    assert!(run.out.starts_with("accuracy 0.") && run.out.contains("rows: true class"), "{}{}", run.out, run.err);
    fs::write(folder.0.join("digit.bmp"), half(true, 0)).unwrap();
    let run = kusari(&folder.0, "predict result/model.safetensors digit.bmp");
    assert!(run.out.starts_with("file,class,P(0),P(1),") && run.out.contains("\ndigit.bmp,"), "{}{}", run.out, run.err);
}

#[test]
fn npz_files_hold_rows_or_pictures() {
    use kusari::{
        Array,
        serializers::{Value, write_npz},
    };
    let folder = Folder::new("npz");
    let write = |name: &str, shape: &[usize], wave: &dyn Fn(usize) -> f32, t: &dyn Fn(usize) -> i32| {
        let n: usize = shape.iter().product();
        let x = Array::from_vec(shape, (0..n).map(wave).collect::<Vec<_>>());
        let t = Array::from_vec(&[shape[0]], (0..shape[0]).map(t).collect::<Vec<_>>());
        let entries = [("x", x), ("t", t)].map(|(name, array)| (name.to_string(), Value::Array(array)));
        write_npz(folder.0.join(name), &entries.into_iter().collect()).unwrap();
    };
    let class = |i: usize| i as i32 % 2;
    write("rows.npz", &[60, 2], &|at| (at / 2 % 2) as f32 + (at % 7) as f32 / 10.0, &class);
    write("pictures.npz", &[40, 1, 8, 8], &|at| if (at % 64 < 32) == (at / 64 % 2 == 0) { 0.9 } else { 0.1 }, &class);
    for (file, options, said) in [
        ("rows.npz", "--members 1 --epoch 20 --lr 0.05", "60 rows, 3 columns · target: 't', the last column"),
        ("pictures.npz", SMALL, "pictures.npz: 40 pictures of 2 classes as 8 × 8"),
    ] {
        let run = kusari(&folder.0, &format!("train {file} {options}"));
        assert!(run.code == 0 && run.out.contains(said), "{}{}", run.out, run.err);
        let run = kusari(&folder.0, &format!("evaluate result/model.safetensors {file}"));
        assert!(run.out.starts_with("accuracy 1.000"), "{file}: {}{}", run.out, run.err);
    }
    let run = kusari(&folder.0, "train pictures.npz --valid pictures.npz");
    assert!(run.code == 1 && run.err.contains("--valid: expected a share"), "{}", run.err);
    let run = kusari(&folder.0, "train mnist --valid 0.1");
    assert!(run.code == 1 && run.err.contains("--valid: these data have a part of their own"), "{}", run.err);
}
