//! Files: what is written is read back, what Chainer and NumPy write is read, what is damaged is refused.

use kusari::{
    Array, DType, Error, Layer, Result, Variable, functions as F, inference_mode, link, links as L, no_backprop_mode,
    serializers::*,
};
use std::path::{Path, PathBuf};

/// A folder of its own for a test, removed at the end.
pub struct Folder(pub PathBuf);
impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("kusari-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const DTYPES: [DType; 8] =
    [DType::Bool, DType::U8, DType::I32, DType::I64, DType::F16, DType::BF16, DType::F32, DType::F64];

fn sample() -> Entries {
    let mut entries = Entries::new();
    let numbers = Array::from_slice(&[2, 3], &[0.0f64, 1.0, 2.5, -3.0, 100.0, 0.125]);
    for dtype in DTYPES {
        entries.insert(format!("all/{}", dtype.name()), Value::Array(numbers.cast(dtype)));
    }
    entries.insert("empty".into(), Value::Array(Array::zeros(&[0, 3], DType::F32)));
    entries.insert("scalar".into(), Value::Array(Array::scalar(7.0, DType::I64)));
    entries.insert("transposed".into(), Value::Array(numbers.t()));
    entries.insert("none".into(), Value::None);
    entries.insert("extensions/LogReport/_log".into(), Value::Text("[{\"größe\": 1}]".into()));
    entries
}

pub fn same(a: &Entries, b: &Entries) -> bool {
    let equal = |a: &Value, b: &Value| match (a, b) {
        (Value::None, Value::None) => true,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => {
            a.shape() == b.shape() && a.dtype() == b.dtype() && a.to_bytes() == b.to_bytes()
        }
        _ => false,
    };
    a.len() == b.len() && a.iter().zip(b).all(|((ka, va), (kb, vb))| ka == kb && equal(va, vb))
}

#[test]
fn both_formats_give_back_what_was_written() {
    let (folder, entries) = (Folder::new("formats"), sample());
    let (npz, tensors) = (folder.file("a.npz"), folder.file("a.safetensors"));
    write_npz(&npz, &entries).unwrap();
    assert!(same(&read_npz(&npz).unwrap(), &entries));
    write_safetensors(&tensors, &entries, "{\"classes\": 10}").unwrap();
    let (read, metadata) = read_safetensors(&tensors).unwrap();
    assert!(same(&read, &entries) && metadata == "{\"classes\": 10}");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 2, "temporary files are left");
}

#[test]
fn the_same_entries_give_the_same_bytes() {
    assert_eq!(npz_bytes(&sample()), npz_bytes(&sample()));
    assert_eq!(safetensors_bytes(&sample(), "m").unwrap(), safetensors_bytes(&sample(), "m").unwrap());
}

#[test]
fn damaged_files_are_refused_without_a_panic() {
    let entries = sample();
    let files = [npz_bytes(&entries), safetensors_bytes(&entries, "about").unwrap()];
    let read = |i: usize, bytes: &[u8]| match i {
        0 => npz_from_bytes(bytes, "file.npz"),
        _ => safetensors_from_bytes(bytes, "file.safetensors").map(|(entries, _)| entries),
    };
    let mut state = 1u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % n
    };
    for (i, file) in files.iter().enumerate() {
        for n in 0..file.len() {
            assert!(read(i, &file[..n]).is_err(), "format {i} cut to {n} of {} bytes was read", file.len());
        }
        let mut accepted = 0;
        for _ in 0..3000 {
            let mut bytes = file.clone();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                bytes[at] = [random(256) as u8, 0, 255, bytes[at] ^ 1][random(4)];
            }
            // Bytes without meaning, such as a time in the archive, may differ; values may not, unless renamed.
            match read(i, &bytes) {
                Ok(read) => accepted += usize::from(!same(&read, &entries)),
                Err(Error::Format { path, message }) => {
                    assert!(!message.is_empty() && path.to_string_lossy().starts_with("file."))
                }
                Err(other) => panic!("expected a format error, got {other}"),
            }
        }
        assert!(accepted < 150, "format {i}: {accepted} of 3000 damaged files gave other values");
    }
}

#[derive(Clone)]
struct Predictor {
    l1: L::Linear,
    bn: L::BatchNormalization,
    l2: L::Linear,
}
link!(Predictor { l1, bn, l2 });

impl Layer for Predictor {
    fn forward(&self, x: &Variable) -> Variable {
        self.l2.forward(&F::relu(&self.bn.forward(&self.l1.forward(x))))
    }
}

#[test]
fn a_model_of_chainer_computes_the_same_here() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let path = reference.join("chainer_mlp.npz");
    // Without sizes: the file tells them.
    let (l1, l2) = (L::Linear::new(None, 6), L::Linear::new(None, 3));
    let model = L::Classifier::new(Predictor { l1, bn: L::BatchNormalization::new(None), l2 });
    load_npz(&path, &model).unwrap();
    assert_eq!(model.predictor.bn.n.get().item(), 3.0);

    let outputs = read_npz(reference.join("chainer_mlp_output.npz")).unwrap();
    let output = |key: &str| match &outputs[key] {
        Value::Array(array) => array.clone(),
        other => panic!("{key} is {other:?}"),
    };
    let close = |y: &Variable, key: &str| {
        let (y, expected) = (y.array().to_vec::<f32>(), output(key).to_vec::<f32>());
        let worst = y.iter().zip(&expected).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f32::max);
        assert!(y.len() == expected.len() && worst < 1e-5, "{key}: {worst}");
    };
    let (x, t) = (Variable::constant(output("x")), Variable::constant(output("t")));
    {
        let _guard = inference_mode();
        close(&model.predictor.forward(&x), "y");
        close(&model.forward(&x, &t), "loss");
    }
    let written = collect(|s| serialize_link(&model, s)).unwrap();
    assert!(same(&written, &read_npz(&path).unwrap()), "written again, the file holds the same");
    let _guard = no_backprop_mode();
    close(&model.predictor.forward(&x), "y_train");

    // A part of the file, as Chainer's inference scripts load it.
    let alone = L::Linear::new(4, 6);
    let options = LoadOptions { path: "predictor/l1/".into(), ..LoadOptions::default() };
    load_npz_with(&path, &alone, &options).unwrap();
    assert_eq!(alone.w().array().to_bytes(), model.predictor.l1.w().array().to_bytes());
    let error = load_npz(&path, &L::Classifier::new(L::Linear::new(4, 6))).unwrap_err().to_string();
    assert!(error.ends_with("chainer_mlp.npz: there is no 'predictor/W' in it"), "{error}");
}

#[test]
fn options_and_messages_of_loading() {
    let (mut a, mut b) = (Array::ones(&[2], DType::F32), Array::ones(&[3], DType::F32));
    let entries = collect(|s| s.array("l/W", &mut a)).unwrap();
    let file = Path::new("m.npz");
    let default = LoadOptions::default();
    let message = |options: &LoadOptions, visit: &mut dyn FnMut(&mut dyn Serializer) -> Result<()>| {
        restore(&entries, file, options, |s| visit(s)).map_or_else(|e| e.to_string(), |()| String::new())
    };
    assert_eq!(message(&default, &mut |s| s.array("l/b", &mut b)), "m.npz: there is no 'l/b' in it");
    assert_eq!(
        message(&default, &mut |s| s.array("l/W", &mut b)),
        "m.npz: 'l/W': expected an array of shape (3,), got float32 of shape (2,)"
    );
    assert_eq!(
        message(&default, &mut |s| s.text("l/W", &mut String::new())),
        "m.npz: 'l/W': expected text, got float32 of shape (2,)"
    );
    let lenient = LoadOptions { strict: false, ..default.clone() };
    assert_eq!(message(&lenient, &mut |s| s.array("l/b", &mut b)), "");
    let ignoring = LoadOptions { ignore_names: vec!["l".into()], ..default };
    assert_eq!(message(&ignoring, &mut |s| s.array("l/W", &mut b)), "");
    assert_eq!(b.to_vec::<f32>(), [1.0; 3]);
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = Folder::new("atomic");
    let path = folder.file("model");
    replace_bytes(&path, b"old").unwrap();
    let failure = replace_file(&path, |file| {
        file.write_all(b"half")?;
        Err(std::io::Error::other("disk full"))
    });
    assert_eq!(failure.unwrap_err().to_string(), format!("{}: disk full", path.display()));
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1, "temporary files are left");
    assert!(write_npz(folder.file("no/such/folder.npz"), &Entries::new()).is_err());
}
