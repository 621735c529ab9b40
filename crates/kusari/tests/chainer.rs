//! Snapshots of Chainer 7.8.1 and for it: training goes on with the numbers with which Chainer itself goes on. What the
//! files hold stands in `tools/reference/trainer_snapshots.py`, which also has Chainer read those of kusari.

use crate::serialize::{Folder, same};
use kusari::{
    Array, DType, Layer, Optimizer, Parameter, Variable,
    datasets::TupleDataset,
    functions as F,
    iterators::SerialIterator,
    link,
    links::{BatchNormalization, Classifier, Convolution2D, Linear},
    optimizers, random,
    serializers::*,
    training::{StandardUpdater, Trainer, extensions::*, triggers::iterations},
};
use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

const RULES: [&str; 2] = ["MomentumSGD", "Adam"];
const TAKEN: u32 = 7;
const LAST: u32 = 17;

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/snapshots").join(name)
}
fn recorded(name: &str) -> Entries {
    read_npz(reference(name)).unwrap()
}
fn array(entries: &Entries, key: &str) -> Array {
    match &entries[key] {
        Value::Array(array) => array.clone(),
        other => panic!("{key} is {other:?}"),
    }
}

#[derive(Clone)]
pub struct Predictor {
    l1: Linear,
    bn: BatchNormalization,
    l2: Linear,
}
link!(Predictor { l1, bn, l2 });

impl Layer for Predictor {
    fn forward(&self, x: &Variable) -> Variable {
        self.l2.forward(&F::relu(&self.bn.forward(&self.l1.forward(x))))
    }
}

pub type Model = Classifier<Predictor>;

pub fn model() -> Model {
    let (l1, bn, l2) = (Linear::new(4, 6).nobias(), BatchNormalization::new(6), Linear::new(6, 3));
    Classifier::new(Predictor { l1, bn, l2 })
}
/// Whose sizes a file tells.
fn open_model() -> Model {
    let (l1, bn, l2) = (Linear::new(None, 6).nobias(), BatchNormalization::new(None), Linear::new(None, 3));
    Classifier::new(Predictor { l1, bn, l2 })
}
fn lazy() -> (Linear, Convolution2D) {
    (Linear::new(None, 2), Convolution2D::new(None, 2, 3))
}

/// The training of the recorded files.
pub fn trainer(rule: &str, model: &Model, stop: u32, out: &Path) -> Trainer {
    let data = recorded("data.npz");
    let orders: Vec<i64> = array(&data, "orders").to_vec();
    let dataset = TupleDataset::new(array(&data, "x"), array(&data, "t"));
    let once = SerialIterator::new(dataset.clone(), 10).once();
    let order = move |len: usize, _: u64, epoch: usize| -> Vec<usize> {
        orders[epoch * len..][..len].iter().map(|&i| i as usize).collect()
    };
    let batches = SerialIterator::new(dataset, 6).order_sampler(order);
    let mut optimizer: Box<dyn Optimizer> = match rule {
        "MomentumSGD" => Box::new(optimizers::MomentumSGD::new(0.2).momentum(0.8)),
        _ => Box::new(optimizers::Adam::new().alpha(0.05)),
    };
    optimizer.setup(model);
    let updater = StandardUpdater::new(batches, optimizer, model.clone());
    let mut trainer = Trainer::new(updater, iterations(stop), out);
    trainer.extend(Evaluator::new(once, model.clone()));
    trainer.extend(LogReport::new().every(iterations(3)));
    let entries = ["epoch", "iteration", "main/loss", "elapsed_time"];
    trainer.extend(PrintReport::new(entries).out(std::io::sink()));
    if rule == "MomentumSGD" {
        trainer.extend(ExponentialShift::new("lr", 0.8)).trigger(iterations(2));
    }
    trainer
}

/// Values are equal but for rounding.
fn close(got: &Array, expected: &Array, key: &str, tolerance: f64) {
    assert_eq!((got.shape(), got.dtype()), (expected.shape(), expected.dtype()), "{key}");
    let f64s = |array: &Array| array.cast(DType::F64).to_vec::<f64>();
    let pairs = f64s(got).into_iter().zip(f64s(expected));
    let worst = pairs.map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f64::max);
    let bound = if got.dtype().is_float() { tolerance } else { 0.0 };
    assert!(worst <= bound, "{key}: {worst}");
}

/// Goes on to the end and compares losses and all of the updater's values with those of Chainer.
fn goes_on_as_chainer(mut trainer: Trainer, expected: &Entries) {
    let losses = Arc::new(Mutex::new(Vec::new()));
    let kept = losses.clone();
    trainer.extend(move |trainer: &mut Trainer| -> kusari::Result<()> {
        kept.lock().unwrap().push(trainer.observation().get("main/loss").unwrap() as f32);
        Ok(())
    });
    assert_eq!(trainer.progress().iteration, TAKEN as usize);
    assert_eq!((trainer.progress().epoch, trainer.progress().epoch_detail), (2, 2.1));
    trainer.run().unwrap();
    let losses = losses.lock().unwrap();
    close(&Array::from_slice(&[losses.len()], &losses), &array(expected, "losses"), "losses", 1e-5);
    let state = collect(|s| trainer.serialize(s)).unwrap();
    assert_eq!(expected.keys().filter(|key| *key != "losses" && !state.contains_key(*key)).count(), 0);
    for key in expected.keys().filter(|key| *key != "losses") {
        close(&array(&state, key), &array(expected, key), key, 1e-5);
    }
    let log = trainer.extension::<LogReport>("LogReport").unwrap().log().to_vec();
    assert_eq!(log.iter().map(|row| row.iteration).collect::<Vec<_>>(), [3, 6, 9, 12, 15]);
}

#[test]
fn a_snapshot_of_chainers_trainer_goes_on_with_chainers_numbers() {
    let folder = Folder::new("from-chainer");
    for rule in RULES {
        let mut trainer = trainer(rule, &open_model(), LAST, &folder.0);
        let left = trainer.load_chainer(reference(&format!("chainer_{rule}.npz"))).unwrap();
        let plot = if rule == "Adam" { "extension_triggers/PlotReport, " } else { "" };
        let plot_rows = if rule == "Adam" { ", extensions/PlotReport" } else { "" };
        assert_eq!(
            left.to_string(),
            format!(
                "not carried over: {plot}extension_triggers/_Snapshot{plot_rows}; not in the file and left as they were: \
                 observation, random/counter, random/seed, updater/iterator:main/seed"
            )
        );
        let log = trainer.extension::<LogReport>("LogReport").unwrap().log().to_vec();
        assert!(log.len() == 2 && log.iter().all(|row| row.elapsed_time > 0.0 && row.get("main/loss") > Some(0.0)));
        goes_on_as_chainer(trainer, &recorded(&format!("chainer_{rule}_continued.npz")));
    }
}

/// Writes what kusari writes for Chainer to read, or, unless it is to be recorded, compares it with what was recorded.
fn written(name: &str, entries: &Entries, write: impl Fn(&Path)) {
    if let Ok(folder) = std::env::var("KUSARI_RECORD") {
        return write(&Path::new(&folder).join(name));
    }
    let before = recorded(name);
    assert_eq!(entries.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{name}");
    for (key, value) in entries {
        match (value, &before[key]) {
            (Value::Array(got), Value::Array(before)) => close(got, before, key, 1e-4),
            (Value::None, Value::None) | (Value::Text(_), Value::Text(_)) => {}
            (got, before) => panic!("{name}: {key}: {before:?} was recorded, and {got:?} is written"),
        }
    }
}

#[test]
fn chainer_goes_on_with_our_snapshots_with_our_numbers() {
    let folder = Folder::new("for-chainer");
    for rule in RULES {
        random::seed(12);
        let model = model();
        let mut first = trainer(rule, &model, TAKEN, &folder.0);
        first.run().unwrap();
        let name = format!("kusari_{rule}.npz");
        let entries = collect(|s| first.serialize(s)).unwrap();
        let snapshot = folder.file("snapshot");
        first.save(&snapshot).unwrap();
        written(&name, &entries, |path| assert!(fs::copy(&snapshot, path).unwrap() > 0));
        if rule == "Adam" {
            let values = collect(|s| serialize_link(&model, s)).unwrap();
            written("kusari_model.npz", &values, |path| save_npz(path, &model).unwrap());
        }
        if std::env::var("KUSARI_RECORD").is_err() {
            let mut second = trainer(rule, &open_model(), LAST, &folder.0);
            second.load(reference(&name)).unwrap();
            goes_on_as_chainer(second, &recorded(&format!("kusari_{rule}_continued.npz")));
        }
    }
    let mut unused = optimizers::Adam::new();
    unused.setup(&model());
    let entries = collect(|s| unused.serialize(s)).unwrap();
    written("kusari_optimizer.npz", &entries, |path| write_npz(path, &entries).unwrap());
    let values = collect(|s| serialize_link(&lazy(), s)).unwrap();
    written("kusari_lazy.npz", &values, |path| save_npz(path, &lazy()).unwrap());
}

/// An archive with one object array: its shape, and what has been pickled.
fn object_array(shape: &str, pickle: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|O', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("0/W.npy", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&[b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), pickle].concat()).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn of_pickles_only_the_exact_bytes_of_none_are_taken() {
    let values = recorded("chainer_lazy.npz");
    assert!(same(&values, &recorded("kusari_lazy.npz")), "ours are Chainer's");
    let model = lazy();
    load_npz(reference("chainer_lazy.npz"), &model).unwrap();
    assert!(!model.0.w().is_initialized() && model.0.b().is_some_and(Parameter::is_initialized));

    // The pickle, out of the file that Chainer wrote.
    let mut archive = zip::ZipArchive::new(fs::File::open(reference("chainer_lazy.npz")).unwrap()).unwrap();
    let mut file = Vec::new();
    std::io::copy(&mut archive.by_name("0/W.npy").unwrap(), &mut file).unwrap();
    let none = &file[file.iter().position(|&byte| byte == b'\n').unwrap() + 1..];
    let read = |shape: &str, pickle: &[u8]| npz_from_bytes(&object_array(shape, pickle), "strange.npz");
    assert!(matches!(read("()", none).unwrap()["0/W"], Value::None));
    let refused = |shape: &str, pickle: &[u8]| {
        let message = read(shape, pickle).unwrap_err().to_string();
        assert_eq!(message, "strange.npz: '0/W': it holds Python objects, which are not read");
    };
    refused("(1,)", none);
    refused("()", &[none, b"."].concat());
    refused("()", &none[..none.len() - 1]);
    refused("()", b"cposix\nsystem\n(S'true'\ntR.");
    for at in 0..none.len() {
        let mut other = none.to_vec();
        other[at] ^= 1;
        refused("()", &other);
    }
}

#[test]
fn a_damaged_snapshot_of_chainers_ends_in_a_message() {
    let folder = Folder::new("damaged-chainer");
    let path = folder.file("snapshot");
    let load = |rule: &str, bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let result = trainer(rule, &model(), LAST, &folder.0).load_chainer(&path);
        result.map_err(|e| e.to_string().replace(&*path.to_string_lossy(), "snapshot"))
    };
    let whole = fs::read(reference("chainer_Adam.npz")).unwrap();
    for length in (0..whole.len()).step_by(97) {
        assert!(load("Adam", &whole[..length]).unwrap_err().starts_with("snapshot: the npz file is damaged: "));
    }
    let change = |key: &str, value: Option<Value>| {
        let mut entries = recorded("chainer_Adam.npz");
        entries.remove(key).unwrap();
        value.map(|value| entries.insert(key.to_string(), value));
        load("Adam", &npz_bytes(&entries)).map_or_else(|message| message, |left| left.to_string())
    };
    let number = |n: i64| Some(Value::Array(Array::from_slice(&[], &[n])));
    let w = "updater/model:main/predictor/l1/W";
    assert_eq!(change(w, None), format!("snapshot: there is no '{w}' in it"));
    let flat = Some(Value::Array(Array::from_slice(&[24], &[0.0f32; 24])));
    let expected = format!("snapshot: '{w}': expected an array of shape (6, 4), got float32 of shape (24,)");
    assert_eq!(change(w, flat), expected);
    let position = "updater/iterator:main/current_position";
    assert_eq!(change(position, number(20)), format!("snapshot: '{position}': expected a number below 20, got 20"));
    assert_eq!(change(position, number(-1)), format!("snapshot: '{position}': expected a count, got -1"));
    let order = Some(Value::Array(Array::from_slice(&[2], &[0i64, 20])));
    let key = "updater/iterator:main/order";
    assert_eq!(change(key, order), format!("snapshot: '{key}': expected samples' numbers below 20, got 20"));
    let log = "extensions/LogReport/_log";
    let message = change(log, Some(Value::Text("[{".to_string())));
    assert!(message.starts_with(&format!("snapshot: '{log}': expected rows as JSON, got ")), "{message}");
    // Python's JSON, in which NaN is a number.
    let rows = r#"[{"a\"NaN": NaN, "b": -Infinity, "Infinity": 1.0, "epoch": 0, "iteration": 3, "elapsed_time": 1.5}]"#;
    assert!(change(log, Some(Value::Text(rows.to_string()))).starts_with("not carried over: "));
    // Another optimiser's.
    let message = load("MomentumSGD", &whole).unwrap_err();
    assert!(message.starts_with("snapshot: it is the snapshot of another model or optimiser: "), "{message}");
    let message = load("Adam", &fs::read(reference("chainer_MomentumSGD.npz")).unwrap()[..]).unwrap_err();
    assert!(message.ends_with("/m' in it"), "{message}");
}
