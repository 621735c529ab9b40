//! Pictures: files of every format, folders, learning from them, model files.

use kusari::{
    Array, Dataset, Error,
    images::{Augment, Fit, ImageModel, Kind, Lesson, Part, Picture, Pictures, ReadOptions, Settings},
    random::Generator,
    serializers::{read_safetensors, write_safetensors},
    training::{extensions::Snapshot, triggers::iterations},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A folder that goes away.
struct Folder(PathBuf);
impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("kusari-images-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pictures").join(name)).unwrap()
}
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pictures");
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), sample(&name))).collect()
}

/// A BMP of one colour with a stripe: upright for `tall`, else level.
fn striped(tall: bool, size: usize, random: &mut Generator) -> Vec<u8> {
    let row = (3 * size).div_ceil(4) * 4;
    let mut bytes = b"BM".to_vec();
    for v in [54 + row * size, 0, 54, 40, size, size, 1 | 24 << 16, 0, row * size, 2835, 2835, 0, 0] {
        bytes.extend((v as u32).to_le_bytes());
    }
    let (at, ground) = (random.below(size - 2), random.below(60));
    for y in 0..size {
        let line = (0..size).flat_map(|x| {
            let on = (if tall { x } else { y }) == at;
            [ground + if on { 150 } else { 0 }, ground + random.below(20), ground].map(|v| v as u8)
        });
        let line: Vec<u8> = line.collect();
        bytes.extend(&line);
        bytes.extend(vec![0; row - 3 * size]);
    }
    bytes
}
/// A folder with `n` pictures of each of two classes.
fn stripes(name: &str, n: usize) -> Folder {
    let folder = Folder::new(name);
    let mut random = Generator::new(5);
    for i in 0..n {
        folder.write(&format!("level/{i}.bmp"), &striped(false, 10, &mut random));
        folder.write(&format!("tall/{i}.bmp"), &striped(true, 10, &mut random));
    }
    folder
}

#[test]
fn every_format_is_read_upright_and_on_white() {
    for (name, bytes) in samples() {
        let picture = Picture::from_bytes(&bytes, &name).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!([picture.width(), picture.height()], [16, 12], "{name}");
        let grey = name.starts_with("grey") || name.starts_with("bits");
        let expected: [[u8; 3]; 4] = match &*name {
            "bits.png" => [[0; 3], [0; 3], [255; 3], [255; 3]],
            _ if grey => [40, 100, 160, 220].map(|v| [v; 3]),
            _ => [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]],
        };
        assert_eq!(picture.is_grey(), grey, "{name}");
        let picture = picture.with_channels(3);
        for (i, expected) in expected.iter().enumerate() {
            let (x, y) = (4 + 8 * (i % 2), 3 + 6 * (i / 2));
            let at = 3 * (y * 16 + x);
            let got = &picture.pixels()[at..at + 3];
            let near = got.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 12);
            assert!(near, "{name}: {got:?} at ({x}, {y}), expected {expected:?}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let message = |bytes: &[u8]| Picture::from_bytes(bytes, "a.png").err().map_or(String::new(), |e| e.to_string());
    let formats = "a.png: expected a PNG, JPEG, GIF, WebP or BMP file; ";
    assert_eq!(message(b""), "a.png: the file is empty");
    assert_eq!(message(b"hello"), format!("{formats}it is none of them"));
    assert_eq!(message(b"II*\0...."), format!("{formats}it is TIFF"));
    assert_eq!(message(b"\0\0\0\x18ftypheic"), format!("{formats}it seems to be HEIC or AVIF"));
    let mut large = sample("rgb.png");
    large[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let crc = {
        let mut crc = flate2::Crc::new();
        crc.update(&large[12..29]);
        crc.sum()
    };
    large[29..33].copy_from_slice(&crc.to_be_bytes());
    assert_eq!(message(&large), "a.png: expected at most 67108864 pixels, got 65536 × 65536");
    let mut large = sample("rgb.gif");
    large[6..10].fill(0xff);
    assert_eq!(message(&large), "a.png: expected at most 67108864 pixels, got 65535 × 65535");
    for name in ["rgb.png", "rgb.jpg", "rgb.gif", "lossy.webp", "rgb.bmp", "progressive.jpg"] {
        let bytes = sample(name);
        let text = message(&bytes[..bytes.len() * 2 / 3]);
        assert!(text.starts_with("a.png: the ") && text.contains("damaged"), "{name} cut short: '{text}'");
    }
    assert!(matches!(Picture::open("missing.png"), Err(Error::Io { .. })));
}

#[test]
fn folders_are_read_and_what_is_left_out_is_said() {
    let folder = Folder::new("mixed");
    // Names do not matter, contents do; sizes and colours may differ.
    folder.write("10/wrong.png", &sample("rgb.jpg"));
    folder.write("10/deeper/still/grey.dat", &sample("grey.png"));
    folder.write("9/a.webp", &sample("lossy.webp"));
    folder.write("9/large.bmp", &striped(true, 50, &mut Generator::new(0)));
    folder.write("9/notes.txt", b"not a picture");
    folder.write("9/cut.jpg", &sample("rgb.jpg")[..300]);
    folder.write("9/.hidden", b"");
    folder.write("loose.png", &sample("rgb.png"));
    fs::create_dir_all(folder.0.join("empty")).unwrap();
    let pictures = Pictures::read(&folder.0, &ReadOptions::default()).unwrap();
    assert_eq!(pictures.classes(), ["9", "10"], "numbers by their size");
    assert_eq!((pictures.len(), pictures.size()), (4, 12), "the largest of one picture of each class");
    let notices = pictures.notices().join("\n").replace(&folder.0.display().to_string(), "F");
    for text in [
        "F/empty: the folder is empty",
        "F: 1 file beside the sub-folders left out",
        "left out:\nF/9/cut.jpg: the JPEG is damaged: ",
        "F/9/notes.txt: expected a PNG, JPEG, GIF, WebP or BMP file; it is none of them",
    ] {
        assert!(notices.contains(text), "no '{text}' in\n{notices}");
    }
    assert!(!notices.contains("hidden"));
    let padded = ReadOptions { size: Some(20), fit: Fit::Pad, memory: 0 };
    let padded = Pictures::read(&folder.0, &padded).unwrap();
    assert_eq!(padded.get(1).unwrap().pixels().len(), 3 * 400);
    assert_eq!(padded.get(1).unwrap().pixels()[..60], [0; 60], "black above");

    let refused = |name: &str| Pictures::read(folder.0.join(name), &ReadOptions::default()).unwrap_err().to_string();
    assert!(refused("9").ends_with("9: expected a sub-folder for each class with its pictures, got none"));
    fs::create_dir_all(folder.0.join("bad/a")).unwrap();
    folder.write("bad/a/1.png", b"nothing");
    assert!(refused("bad").contains("bad: there is no picture that can be read; "), "{}", refused("bad"));
    assert!(refused("nowhere").contains("nowhere: No such file"));
}

#[test]
fn parts_are_taken_from_folders_or_held_out_by_class() {
    let folder = Folder::new("parts");
    for (part, n) in [("Train", 5), ("val", 2), ("test", 1)] {
        for class in ["a", "b"] {
            (0..n).for_each(|i| folder.write(&format!("{part}/{class}/{i}.png"), &sample("rgb.png")));
        }
    }
    let pictures = Pictures::read(&folder.0, &ReadOptions::default()).unwrap();
    assert_eq!(pictures.classes(), ["a", "b"]);
    assert_eq!(pictures.parts(0.2, 0.5, 0).map(|part| part.len()), [10, 4, 2]);
    let train = Pictures::read(folder.0.join("Train"), &ReadOptions::default()).unwrap();
    let [learnt, valid, test] = train.parts(0.2, 0.2, 3);
    for part in [&valid, &test] {
        assert_eq!(part.iter().map(|&i| train.label(i)).collect::<Vec<_>>(), [0, 1], "one of each class");
    }
    let mut all = [&learnt[..], &valid, &test].concat();
    all.sort_unstable();
    assert_eq!(all, (0..10).collect::<Vec<_>>());
    assert_ne!(train.parts(0.2, 0.2, 4), [learnt, valid, test], "the seed decides");
    folder.write("val/c/0.png", &sample("rgb.png"));
    let error = Pictures::read(&folder.0, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.ends_with("the class 'c' has no picture to learn from"), "{error}");
}

fn quick() -> Settings {
    Settings {
        units: Some(4),
        layers: Some(1),
        epochs: Some(25),
        batch: Some(8),
        lr: Some(0.03),
        ..Settings::default()
    }
}
/// The parameters of a model, as text.
fn weights(model: &ImageModel) -> String {
    format!("{:?}", kusari::Link::params(model.network()).iter().map(|p| p.array().to_vec::<f32>()).collect::<Vec<_>>())
}

#[test]
fn stripes_are_learnt_whatever_the_workers_and_the_memory() {
    let folder = stripes("learn", 30);
    let learn = |workers: usize, memory: usize| {
        let pictures = Pictures::read(&folder.0, &ReadOptions { memory, ..ReadOptions::default() }).unwrap();
        let settings = Settings { workers: Some(workers), ..quick() };
        Lesson::new(pictures, &settings).unwrap().run(folder.0.join("../kusari-images-result")).unwrap()
    };
    let (model, other) = (learn(1, 1 << 20), learn(3, 0));
    assert!(weights(&model) == weights(&other));
    assert_eq!(model.training(), other.training());
    let accuracy = model.training()["validation"]["accuracy"].as_f64().unwrap();
    assert!(accuracy >= 0.9, "{accuracy}");

    // In a file and back.
    let file = folder.0.join("model.safetensors");
    model.save(&file).unwrap();
    let loaded = kusari::load(&file).unwrap().images().unwrap();
    let pictures = Arc::new(Pictures::read(&folder.0, &loaded.read_options()).unwrap());
    let (a, b) = (model.predict(&pictures).unwrap(), loaded.predict(&pictures).unwrap());
    assert!(a == b && a.rows() == 60);
    assert_eq!(loaded.describe(), model.describe());
    let memory: Vec<Picture> = (0..60).map(|i| Picture::open(pictures.file(i)).unwrap()).collect();
    assert!(loaded.predict_pictures(&memory).unwrap() == a);
    let scores = loaded.evaluate(&pictures).unwrap();
    assert!(scores.main().1 >= 0.9);

    // A description that names sizes which the file does not have is refused before anything is made.
    let (entries, description) = read_safetensors(&file).unwrap();
    let hostile = description.replace("\"units\":4", "\"units\":1000000");
    write_safetensors(&file, &entries, &hostile).unwrap();
    let message = kusari::load(&file).err().unwrap().to_string();
    assert!(message.contains("for its network, got"), "{message}");
}

#[test]
fn every_kind_learns_a_step_and_senseless_settings_are_refused() {
    let folder = stripes("kinds", 4);
    let pictures = Arc::new(Pictures::read(&folder.0, &ReadOptions::default()).unwrap());
    for kind in Kind::ALL {
        let settings = Settings { kind, epochs: Some(1), ..quick() };
        let lesson = Lesson::new(pictures.clone(), &settings).unwrap();
        lesson.run(&folder.0).unwrap();
    }
    let refused = |settings: Settings| Lesson::new(pictures.clone(), &settings).err().unwrap().to_string();
    let deep = refused(Settings { layers: Some(5), ..quick() });
    assert_eq!(deep, "cnn: expected 1 to 3 halvings of 10 pixels a side, got 5");
    let one = Pictures::read_parts(&[(&folder.0, Part::Train)], &ReadOptions::default());
    assert_eq!(one.unwrap().len(), 8);
    fs::remove_dir_all(folder.0.join("tall")).unwrap();
    let pictures = Pictures::read(&folder.0, &ReadOptions::default()).unwrap();
    let message = Lesson::new(pictures, &quick()).err().unwrap().to_string();
    assert!(message.ends_with("there is only one class, 'level': there is nothing to learn"), "{message}");
}

#[test]
fn a_resumed_training_is_the_same_also_within_an_epoch() {
    let folder = stripes("resume", 12);
    let pictures = Arc::new(Pictures::read(&folder.0, &ReadOptions::default()).unwrap());
    let settings = Settings { epochs: Some(3), workers: Some(2), ..quick() };
    let run = |from: Option<&str>| {
        let lesson = Lesson::new(pictures.clone(), &settings).unwrap();
        let mut trainer = lesson.trainer(&folder.0);
        trainer.extend(Snapshot::new("snapshot_{iteration}")).trigger(iterations(4));
        from.map_or(Ok(()), |file| trainer.load(folder.0.join(file))).unwrap();
        trainer.run().unwrap();
        weights(&lesson.finish(&trainer))
    };
    let whole = run(None);
    assert!(run(Some("snapshot_4")) == whole);
}

#[test]
fn samples_are_normalised_and_changed_by_their_key_only() {
    let folder = stripes("samples", 6);
    let pictures = Pictures::read(&folder.0, &ReadOptions::default()).unwrap();
    let lesson = Lesson::new(pictures, &Settings { augment: Augment::PHOTOS, valid: 0.0, ..quick() }).unwrap();
    let samples = lesson.samples(Part::Train);
    let all: Vec<usize> = (0..samples.len()).collect();
    let values = samples.batch(&all).unwrap().x.array().to_vec::<f32>();
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    assert!(mean.abs() < 1e-3, "{mean}");
    let (x, t) = samples.get(7).unwrap();
    assert_eq!((&x.shape()[..], t), (&[3, 10, 10][..], 1));
}

#[test]
fn arrays_are_pictures_in_three_layouts() {
    let of = |shape: &[usize], values: &[f32], t: &[i32]| {
        let (x, t) = (Array::from_slice(shape, values), Array::from_slice(&[t.len()], t));
        Pictures::from_arrays("a.npz", &[(&x, &t, Part::Train)]).map_err(|e| e.to_string())
    };
    let values: Vec<f32> = (0..12).map(|v| v as f32 / 11.0).collect();
    let grey = of(&[3, 2, 2], &values, &[7, -1, 7]).unwrap();
    assert_eq!((grey.classes(), grey.label(0), grey.label(1)), (&["-1".to_string(), "7".to_string()][..], 1, 0));
    assert_eq!(grey.get(0).unwrap().pixels(), [0, 23, 46, 70]);
    let first = of(&[1, 3, 2, 2], &values, &[0]).unwrap();
    let last = of(&[1, 2, 2, 3], &values, &[0]).unwrap();
    assert_eq!(first.get(0).unwrap().pixels()[..3], [0, 93, 185]);
    assert_eq!(last.get(0).unwrap().pixels()[..3], [0, 23, 46]);
    for (shape, values, t, message) in [
        (&[2, 6][..], &values, &[0, 1][..], "with 1 or 3 channels, got shape (2, 6)"),
        (
            &[3, 2, 2],
            &vec![300.0; 12],
            &[0, 1, 2],
            "expected pictures with values from 0 to 1 or to 255, got 300 to 300",
        ),
        (&[3, 2, 2], &vec![f32::NAN; 12], &[0, 1, 2], "expected pictures with values"),
        (&[3, 2, 2], &values, &[0, 1], "expected a class for each of 3 pictures, got shape (2,)"),
    ] {
        let error = of(shape, values, t).unwrap_err();
        assert!(error.starts_with("a.npz: ") && error.contains(message), "{error}");
    }
}
