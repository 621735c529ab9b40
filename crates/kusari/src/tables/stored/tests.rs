//! Columns in files hold what columns in memory do.

use crate::{
    Result,
    random::Generator,
    tables::{ReadOptions, Table, Values, csv, parquet},
};
use std::{
    env,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// A file that is removed at the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, bytes: &[u8]) -> Temporary {
        let path = env::temp_dir().join(format!("kusari-stored-{}-{name}", std::process::id()));
        fs::write(&path, bytes).unwrap();
        Temporary(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The table, in blocks that are as short as they may be.
fn stored(path: &Path) -> Result<Table> {
    csv::store(&File::open(path).unwrap(), &ReadOptions::default(), path, &env::temp_dir(), 64)
}

fn bits(values: &Values) -> (Vec<u64>, Vec<String>) {
    match values {
        Values::Numbers(v) | Values::Dates(v, _) => (v.iter().map(|v| v.to_bits()).collect(), Vec::new()),
        Values::Words(words) => (words.codes.iter().map(|&c| u64::from(c)).collect(), words.words.to_vec()),
        Values::Various | Values::Stored(_) => (Vec::new(), Vec::new()),
    }
}

/// Both tables hold the same, whole columns and single rows.
fn agree(stored: &Table, memory: &Table, what: &str) {
    assert_eq!((stored.names(), stored.rows()), (memory.names(), memory.rows()), "{what}");
    assert_eq!(stored.notices(), memory.notices(), "{what}");
    let rows: Vec<u32> = (0..stored.rows() as u32).rev().step_by(3).chain([0, 1]).collect();
    let (picked, at) = stored.picked(&rows, &stored.names()).unwrap();
    assert_eq!(at.len(), rows.len());
    for (name, column) in memory.names().into_iter().zip(memory.columns()) {
        assert_eq!(stored.column(name).unwrap().values.kind(), column.values.kind(), "{what}, {name}");
        let (all, words) = bits(&column.values);
        assert_eq!(bits(&stored.values(name).unwrap()), (all.clone(), words.clone()), "{what}, {name}");
        let some = if all.is_empty() { Vec::new() } else { rows.iter().map(|&row| all[row as usize]).collect() };
        assert_eq!(bits(&picked.values(name).unwrap()), (some, words), "{what}, {name}");
    }
}

/// Rows of numbers, dates, texts, junk and things missing; `late` turns out to hold texts, `free` too many of them.
fn rows(n: usize) -> String {
    let mut text = String::from("n,day,kind,note,late,junk,free,n\n");
    for i in 0..n {
        let day = format!("2024-{:02}-{:02}", i % 12 + 1, i % 28 + 1);
        let kind = ["ash", "oak", "", "NA"][i % 4];
        let note = ["plain", "\"a, \"\"b\"\"\nc\"", " \"q\" "][i % 3];
        let late = if i < n / 2 { "1" } else { "one" };
        let junk = if i % 500 == 400 { "much" } else { "2.5" };
        let missing = if i % 7 == 0 { "?".to_string() } else { format!("{}.25", i % 1000) };
        text += &format!("{missing},{day},{kind},{note},{late},{junk},{i}x,{i}\n");
    }
    text
}

#[test]
fn a_file_in_blocks_is_the_same_table() {
    let text = rows(2500);
    let latin: Vec<u8> = text.replace("ash", "\u{e9}").chars().map(|c| c as u8).collect();
    let trees = text.replace("oak", "\u{1f333}");
    let utf16: Vec<u8> = b"\xff\xfe".iter().copied().chain(trees.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let cases = [
        // More texts in one column than are kept.
        ("long", rows(66_000).into_bytes()),
        ("bom, crlf, no newline at the end", format!("\u{feff}{}", text.replace('\n', "\r\n").trim_end()).into_bytes()),
        ("old Macs", text.replace("\"\"b\"\"\nc", "b").replace('\n', "\r").into_bytes()),
        ("semicolons, decimal commas", text.replace(',', ";").replace('.', ",").into_bytes()),
        ("Windows-1252", latin),
        ("UTF-16", utf16),
        ("no header", text.as_bytes()[text.find('\n').unwrap() + 1..].to_vec()),
        ("few rows", b"a,b\n1,x\n2,\"y\nz\"\n".to_vec()),
    ];
    for (name, bytes) in cases {
        let file = Temporary::new("case", &bytes);
        let memory = Table::from_bytes(bytes, &file.0, &ReadOptions::default()).unwrap();
        agree(&stored(&file.0).unwrap(), &memory, name);
    }
}

#[test]
fn damaged_files_are_read_alike() {
    let text = rows(1500).into_bytes();
    let mut random = Generator::new(1);
    let mut read = 0;
    for i in 0..60 {
        let mut bytes = text.clone();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] = b"\",;\n\r\t|.-0 \xff\xc3aE/:"[random.below(17)],
                1 => drop(bytes.drain(at..at + random.below(3).min(bytes.len() - at))),
                _ => bytes.insert(at, b"\"\n"[random.below(2)]),
            }
        }
        let file = Temporary::new("damaged", &bytes);
        match (stored(&file.0), Table::from_bytes(bytes, &file.0, &ReadOptions::default())) {
            (Ok(stored), Ok(memory)) => {
                agree(&stored, &memory, &format!("mutation {i}"));
                read += 1;
            }
            (Err(stored), Err(memory)) => assert_eq!(stored.to_string(), memory.to_string(), "mutation {i}"),
            (stored, memory) => panic!("mutation {i}: in a file {:?}, in memory {:?}", stored.err(), memory.err()),
        }
    }
    assert!((6..54).contains(&read), "{read} of 60 could be read");
}

#[test]
fn groups_of_parquet_rows_are_the_same_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/parquet/snappy.parquet");
    let bytes = fs::read(&path).unwrap();
    let reader = ::parquet::file::reader::SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let stored = parquet::store(&reader, &path, &ReadOptions::default(), &env::temp_dir()).unwrap();
    agree(&stored, &Table::from_bytes(bytes, &path, &ReadOptions::default()).unwrap(), "parquet");
}

/// The bytes of an npz file with these arrays of f32.
fn npz_of(method: zip::CompressionMethod, arrays: &[(&str, &str, &[f32])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, about, values) in arrays {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        let header = format!("{{'descr': '<f4', {about}, }}\n");
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let parts = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), &bytes];
        archive.write_all(&parts.concat()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn arrays_in_pieces_are_the_same_table() {
    let rows = 30_000;
    let x: Vec<f32> = (0..3 * rows).map(|i| i as f32 * 0.5).collect();
    let t: Vec<f32> = (0..rows).map(|i| (i % 7) as f32).collect();
    let shape = |fortran: &str| format!("'fortran_order': {fortran}, 'shape': ({rows}, 3)");
    let single = format!("'fortran_order': False, 'shape': ({rows},)");
    for (name, method, fortran) in [
        ("stored", zip::CompressionMethod::Stored, "False"),
        ("deflated", zip::CompressionMethod::Deflated, "False"),
        ("columns", zip::CompressionMethod::Stored, "True"),
    ] {
        let bytes = npz_of(method, &[("x", &shape(fortran), &x), ("y", &single, &t)]);
        let file = Temporary::new(&format!("{name}.npz"), &bytes);
        let options = ReadOptions { stream: true, ..ReadOptions::default() };
        let mut stored = Table::open(&file.0, &options, env::temp_dir()).unwrap();
        assert!(stored.is_stored() && stored.notices()[0].contains("its rows are read from"), "{name}");
        stored.notices.clear();
        agree(&stored, &Table::from_bytes(bytes, &file.0, &options).unwrap(), name);
    }
    for (arrays, message) in [
        (vec![("y", &*single, &t[..])], "x"),
        (vec![("x", &*single, &t[..]), ("t", "'fortran_order': False, 'shape': (5,)", &t[..5])], "as many targets"),
        (vec![("x", &*single, &t[..9])], "expected 120000 bytes of data, got 36"),
        (vec![("x", "'fortran_order': False, 'shape': (5, 1, 1)", &t[..5])], "(rows, columns)"),
    ] {
        let file = Temporary::new("wrong.npz", &npz_of(zip::CompressionMethod::Stored, &arrays));
        let options = ReadOptions { stream: true, ..ReadOptions::default() };
        let error = Table::open(&file.0, &options, env::temp_dir()).err().unwrap().to_string();
        assert!(error.contains(message), "{error}");
    }
}
