//! The formats that are read: whole files of each, and what reads them.

use flate2::{Compression, write::GzEncoder};
use kusari::{
    Array, DType, Optimizer, Parameter, TrainedModel,
    datasets::{Images, TupleDataset, load_mnist},
    functions as F,
    images::{self, Picture},
    iterators::SerialIterator,
    link,
    links::Linear,
    optimizers::Adam,
    random,
    serializers::{Entries, Value, npz_bytes, npz_from_bytes, safetensors_bytes, safetensors_from_bytes},
    tables::{Lesson, ReadOptions, Rows, Settings, Table, TableModel, Target, shuffled_rows},
    text::{self, Generate, Kind},
    training::{StandardUpdater, Trainer, triggers::iterations},
};
use std::{
    fs,
    io::{Cursor, Read, Write},
    path::PathBuf,
    sync::OnceLock,
};

/// A format: whole files, and whether one is read.
pub struct Format {
    pub name: &'static str,
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// What is put around the mutated bytes.
    pub wrap: Option<fn(&[u8]) -> Vec<u8>>,
    pub read: fn(&[u8]) -> bool,
    /// Why it is not.
    pub message: fn(&[u8]) -> Option<String>,
}

macro_rules! formats {
    ($($name:ident: $seeds:expr, $wrap:expr;)*) => {
        pub const ALL: &[Format] = &[$(Format {
            name: stringify!($name),
            seeds: $seeds,
            wrap: $wrap,
            read: |bytes| $name(bytes).is_ok(),
            message: |bytes| $name(bytes).err().map(|e| e.to_string()),
        }),*];
    };
}
formats! {
    npz: || vec![npz_bytes(&entries()), include_bytes!("../reference/chainer_mlp_output.npz").to_vec()], None;
    npy: || npy_files(), Some(zipped);
    safetensors: || vec![safetensors_bytes(&entries(), "{\"a\": 1}").expect("entries can be written")], None;
    idx: || vec![idx_bytes()], None;
    idx_gz: || vec![gzipped(&idx_bytes())], None;
    idx_in_gz: || vec![idx_bytes()], Some(gzipped);
    csv: || csv_texts().map(|text| text.as_bytes().to_vec()).to_vec(), None;
    parquet: || vec![parquet_bytes!("snappy"), parquet_bytes!("gzip"), parquet_bytes!("none")], None;
    snapshot: || vec![snapshot_bytes()], None;
    snapshot_entry: || snapshot_files().iter().enumerate().map(|(i, (_, file))| [&[i as u8][..], file].concat()).collect(), Some(with_entry);
    chainer_snapshot: || vec![include_bytes!("../reference/snapshots/chainer_Adam.npz").to_vec()], None;
    png: || pictures(".png"), None;
    jpeg: || pictures(".jpg"), None;
    gif: || pictures(".gif"), None;
    webp: || pictures(".webp"), None;
    bmp: || pictures(".bmp"), None;
    model: || vec![model_bytes()], None;
    description: || vec![model_parts().1.as_bytes().to_vec()], Some(described);
    text_model: || text_models().to_vec(), None;
    text_description: || text_models().iter().enumerate().map(|(i, _)| [&[i as u8][..], text_parts(i).1.as_bytes()].concat()).collect(), Some(text_described);
    image_description: || vec![image_parts().1.as_bytes().to_vec()], Some(image_described);
}

type Outcome = kusari::Result<()>;

/// A folder of this process.
pub fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kusari-hostile-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder can be made");
    folder
}

fn entries() -> Entries {
    let mut entries = Entries::new();
    let array = Array::from_vec(&[2, 3], vec![1.0f32, -2.0, 3.5, f32::NAN, 0.0, 1e30]);
    entries.insert("predictor/l1/W".to_string(), Value::Array(array.clone()));
    entries.insert("t".to_string(), Value::Array(array.cast(DType::I64)));
    entries.insert("flag".to_string(), Value::Array(Array::zeros(&[0, 4], DType::Bool)));
    entries.insert("name".to_string(), Value::Text("鎖 chain".to_string()));
    entries.insert("b".to_string(), Value::None);
    entries
}

/// The sample pictures of a format.
fn pictures(ending: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/pictures");
    let files = fs::read_dir(folder).expect("the samples are there").map(|entry| entry.expect("a file").path());
    let mut files: Vec<PathBuf> = files.filter(|file| file.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}
fn picture(bytes: &[u8]) -> Outcome {
    Picture::from_bytes(bytes, "x").map(|_| ())
}
fn png(bytes: &[u8]) -> Outcome {
    picture(bytes)
}
fn jpeg(bytes: &[u8]) -> Outcome {
    picture(bytes)
}
fn gif(bytes: &[u8]) -> Outcome {
    picture(bytes)
}
fn webp(bytes: &[u8]) -> Outcome {
    picture(bytes)
}
fn bmp(bytes: &[u8]) -> Outcome {
    picture(bytes)
}

fn npz(bytes: &[u8]) -> Outcome {
    npz_from_bytes(bytes, "x.npz").map(|_| ())
}
fn npy(bytes: &[u8]) -> Outcome {
    if bytes.starts_with(b"PK") { npz(bytes) } else { npz(&zipped(bytes)) }
}
fn npy_files() -> Vec<Vec<u8>> {
    unpacked(&npz_bytes(&entries())).into_iter().map(|(_, file)| file).collect()
}
/// Names and contents of the files in an archive.
fn unpacked(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let count = archive.len();
    let read = |i| {
        let mut file = archive.by_index(i).expect("an entry");
        let (name, mut bytes) = (file.name().expect("a name").into_owned(), Vec::new());
        file.read_to_end(&mut bytes).expect("memory");
        (name, bytes)
    };
    (0..count).map(read).collect()
}
/// An archive of such files: its checksums fit what has been changed.
fn packed<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
        archive.write_all(contents).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}
fn zipped(file: &[u8]) -> Vec<u8> {
    packed([("x.npy", file)].into_iter())
}

fn safetensors(bytes: &[u8]) -> Outcome {
    safetensors_from_bytes(bytes, "x.safetensors").map(|_| ())
}

fn idx_bytes() -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 3];
    bytes.extend(0..30);
    bytes
}
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    file.write_all(bytes).expect("memory");
    file.finish().expect("memory")
}
/// Images, with whole labels beside them.
fn idx(bytes: &[u8]) -> Outcome {
    let folder = folder();
    let file = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("a file can be written");
    let labels = [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 3, 4];
    for part in ["train", "t10k"] {
        file(&format!("{part}-images-idx3-ubyte"), bytes);
        file(&format!("{part}-labels-idx1-ubyte"), &labels);
    }
    load_mnist(&folder, Images::default()).map(|_| ())
}
fn idx_gz(bytes: &[u8]) -> Outcome {
    idx(bytes)
}
fn idx_in_gz(bytes: &[u8]) -> Outcome {
    idx(bytes)
}

fn csv_texts() -> [&'static str; 4] {
    [
        "length,colour,born,price\n1.5,red,2020-01-02,3\n2.5,\"dark, \"\"blue\"\"\",2021-03-04,\n-1e3,,NA,7\n4,red,1999-12-31,8\n",
        "a;b;c\r\n1,5;x;y\r\n2,5;x;z\r\n3,5;y;y\r\n",
        "\u{feff}x\ty\n1\t2\n3\t4\n5\t6\n",
        "1,2,0\n2,3,1\n3,4,0\n4,5,1\n5,6,0\n6,7,1\n7,8,0\n8,9,1\n",
    ]
}
/// Read, understood, and made ready to train on.
fn csv(bytes: &[u8]) -> Outcome {
    let table = Table::from_bytes(bytes.to_vec(), "x.csv", &ReadOptions::default())?;
    let settings = Settings::default();
    let (target, _) = Target::find(&table, &settings)?;
    let rows = shuffled_rows(&table, &target, 0)?;
    let (valid, train) = rows.split_at(rows.len() / 4);
    Lesson::with(target, train, valid, &settings).map(|_| ())
}

macro_rules! parquet_bytes {
    ($name:literal) => {
        include_bytes!(concat!("../reference/parquet/", $name, ".parquet")).to_vec()
    };
}
use parquet_bytes;
fn parquet(bytes: &[u8]) -> Outcome {
    csv(bytes)
}

#[derive(Clone)]
struct Net {
    line: Linear,
    w: Parameter,
}
link!(Net { line, w });

fn trainer() -> Trainer {
    random::seed(1);
    let net = Net { line: Linear::new(2, 3), w: Parameter::new(kusari::array![1.0f32]) };
    let mut adam = Adam::default();
    adam.setup(&net);
    let x = Array::from_vec(&[6, 2], (0..12).map(|v| v as f32).collect());
    let t = Array::from_vec(&[6], vec![0i32, 1, 2, 0, 1, 2]);
    let batches = SerialIterator::new(TupleDataset::new(x, t), 2);
    let updater = StandardUpdater::with_loss(batches, adam, net, |net: &Net, batch: &kusari::Batch| {
        F::softmax_cross_entropy(&(net.line.forward(&batch.x) * &net.w), &batch.t)
    });
    Trainer::new(updater, iterations(4), folder())
}
fn snapshot_bytes() -> Vec<u8> {
    let mut trainer = trainer();
    trainer.run().expect("a small training runs");
    let path = folder().join("snapshot");
    trainer.save(&path).expect("a snapshot can be written");
    fs::read(path).expect("a snapshot can be read")
}
/// Names and contents of the files in a snapshot.
fn snapshot_files() -> &'static [(String, Vec<u8>)] {
    static FILES: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    FILES.get_or_init(|| unpacked(&snapshot_bytes()))
}
/// A snapshot in which the file that the first byte names holds the others.
fn with_entry(bytes: &[u8]) -> Vec<u8> {
    let files = snapshot_files();
    let (which, contents) = bytes.split_first().unwrap_or((&0, &[]));
    let which = *which as usize % files.len();
    let changed = files
        .iter()
        .enumerate()
        .map(|(i, (name, file))| (name.as_str(), if i == which { contents } else { &file[..] }));
    packed(changed)
}
fn snapshot_entry(bytes: &[u8]) -> Outcome {
    if bytes.starts_with(b"PK") { snapshot(bytes) } else { snapshot(&with_entry(bytes)) }
}
fn snapshot(bytes: &[u8]) -> Outcome {
    let path = folder().join("snapshot");
    fs::write(&path, bytes).expect("a file can be written");
    trainer().load(&path)
}
/// A model and optimiser of the shapes in the snapshot of Chainer's.
fn chainer_snapshot(bytes: &[u8]) -> Outcome {
    let path = folder().join("chainer");
    fs::write(&path, bytes).expect("a file can be written");
    crate::chainer::trainer("Adam", &crate::chainer::model(), 9, &folder()).load_chainer(&path).map(|_| ())
}

fn model_bytes() -> Vec<u8> {
    let table = Table::from_bytes(csv_texts()[3].into(), "x.csv", &ReadOptions::default()).expect("a table");
    let settings = Settings { units: 4, layers: Some(1), members: Some(1), epochs: Some(1), ..Settings::default() };
    let (target, _) = Target::find(&table, &settings).expect("a target");
    let rows: Vec<u32> = (0..table.rows() as u32).collect();
    let lesson = Lesson::with(target, Rows::new(&table, &rows[2..]), Rows::new(&table, &rows[..2]), &settings);
    let path = folder().join("model.safetensors");
    lesson.expect("a lesson").model().save(&path).expect("a model can be written");
    fs::read(path).expect("a model can be read")
}
/// The arrays and the description of a model.
fn model_parts() -> &'static (Entries, String) {
    static PARTS: OnceLock<(Entries, String)> = OnceLock::new();
    PARTS.get_or_init(|| safetensors_from_bytes(&model_bytes(), "x.safetensors").expect("a model can be read"))
}
/// The model with this description.
fn described(description: &[u8]) -> Vec<u8> {
    safetensors_bytes(&model_parts().0, &String::from_utf8_lossy(description)).expect("a model can be written")
}
fn description(bytes: &[u8]) -> Outcome {
    if bytes.starts_with(b"{") { model(&described(bytes)) } else { model(bytes) }
}
fn model(bytes: &[u8]) -> Outcome {
    let model = TableModel::from_bytes(bytes, "x.safetensors")?;
    let table = Table::from_bytes(csv_texts()[3].into(), "x.csv", &model.read_options())?;
    model.predict(&table).map(|_| ())
}

/// Models of all kinds of networks, of characters and of byte pairs.
fn text_models() -> &'static [Vec<u8>] {
    static MODELS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let make = |(kind, vocabulary)| {
        let (width, layers) = (Some(4), Some(1));
        let settings = text::Settings { vocabulary, width, layers, heads: 2, length: 6, ..text::Settings::new(kind) };
        let lesson =
            text::Lesson::new("x.txt", &"the cat, the hat: größe 鎖\n".repeat(4), &settings).expect("a lesson");
        let path = folder().join("text.safetensors");
        lesson.model().save(&path).expect("a model can be written");
        fs::read(path).expect("a model can be read")
    };
    let kinds = [(Kind::Gpt, None), (Kind::Lstm, Some(258)), (Kind::Gru, None)];
    MODELS.get_or_init(|| kinds.into_iter().map(make).collect())
}
/// The arrays and the description of one of them.
fn text_parts(which: usize) -> &'static (Entries, String) {
    static PARTS: OnceLock<Vec<(Entries, String)>> = OnceLock::new();
    let part = |file: &Vec<u8>| safetensors_from_bytes(file, "x.safetensors").expect("a model can be read");
    let parts = PARTS.get_or_init(|| text_models().iter().map(part).collect());
    &parts[which % parts.len()]
}
/// The model that the first byte names, with this description.
fn text_described(bytes: &[u8]) -> Vec<u8> {
    let (which, description) = bytes.split_first().unwrap_or((&0, &[]));
    let entries = &text_parts(*which as usize).0;
    safetensors_bytes(entries, &String::from_utf8_lossy(description)).expect("a model can be written")
}
fn text_description(bytes: &[u8]) -> Outcome {
    if bytes.get(1) == Some(&b'{') { text_model(&text_described(bytes)) } else { text_model(bytes) }
}
/// Read, measured on a text, and gone on with.
fn text_model(bytes: &[u8]) -> Outcome {
    let model = TrainedModel::from_bytes(bytes, "x.safetensors")?.text()?;
    model.describe();
    model.measure("the hat")?;
    let how = Generate { length: 8, ..Generate::default() };
    model.generate("the cat", &how).map(|_| ())
}

/// The arrays and the description of a model of pictures.
fn image_parts() -> &'static (Entries, String) {
    static PARTS: OnceLock<(Entries, String)> = OnceLock::new();
    PARTS.get_or_init(|| {
        let (x, t) = (Array::zeros(&[4, 8, 8], DType::F32), Array::from_vec(&[4], vec![0i32, 1, 0, 1]));
        let pictures = images::Pictures::from_arrays("x", &[(&x, &t, images::Part::Train)]).expect("pictures");
        let settings = images::Settings { units: Some(2), ..images::Settings::default() };
        let path = folder().join("images.safetensors");
        images::Lesson::new(pictures, &settings)
            .expect("a lesson")
            .model()
            .save(&path)
            .expect("a model can be written");
        safetensors_from_bytes(&fs::read(path).expect("a file"), "x.safetensors").expect("a model can be read")
    })
}
fn image_described(description: &[u8]) -> Vec<u8> {
    safetensors_bytes(&image_parts().0, &String::from_utf8_lossy(description)).expect("a model can be written")
}
fn image_description(bytes: &[u8]) -> Outcome {
    let described = if bytes.starts_with(b"{") { image_described(bytes) } else { bytes.to_vec() };
    let model = TrainedModel::from_bytes(&described, "x.safetensors")?.images()?;
    let picture = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/pictures/rgb.png");
    model.predict_files(&[picture], |_| {}).map(|_| ())
}

/// Small files that claim to be large: format, file, and what the message has in it.
pub fn bombs() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let header = |lengths: [u32; 3]| {
        let lengths = lengths.iter().flat_map(|n| n.to_be_bytes());
        [0, 0, 8, 3].into_iter().chain(lengths).collect::<Vec<u8>>()
    };
    let huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 1), }";
    let mut npy_file = b"\x93NUMPY\x01\x00".to_vec();
    npy_file.extend((huge.len() as u16).to_le_bytes());
    npy_file.extend(huge.bytes());
    let tensors = "{\"x\":{\"dtype\":\"F32\",\"shape\":[1073741824,1073741824],\"data_offsets\":[0,4]}}";
    let mut safetensors_file = (tensors.len() as u64).to_le_bytes().to_vec();
    safetensors_file.extend(tensors.bytes());
    safetensors_file.extend([0; 4]);
    let mut length_only = u64::MAX.to_le_bytes().to_vec();
    length_only.extend([b'{'; 100]);
    let zeros = zipped(&vec![0; 100 << 20]);
    vec![
        ("idx", header([u32::MAX, 60000, 60000]), "of memory"),
        ("idx_in_gz", gzipped(&header([100_000, 1000, 1000])), "of memory"),
        ("npy", zipped(&npy_file), "too large"),
        ("npz", zeros, "of memory"),
        ("safetensors", safetensors_file, "damaged"),
        ("safetensors", length_only, "damaged"),
    ]
}
