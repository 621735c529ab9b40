//! Parquet files, written by `tools/reference/parquet_files.py`.

use super::shown;
use kusari::tables::{Kind, ReadOptions, Table, Values};

const ROWS: usize = 40;

fn bytes(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/parquet");
    std::fs::read(format!("{folder}/{name}.parquet")).unwrap()
}
fn read(bytes: Vec<u8>, options: &ReadOptions) -> Result<Table, String> {
    Table::from_bytes(bytes, "t.parquet", options).map_err(|e| e.to_string())
}
fn numbers(table: &Table, name: &str) -> Vec<f64> {
    match &table.column(name).unwrap().values {
        Values::Numbers(v) | Values::Dates(v, _) => v.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_type_is_read() {
    for name in ["none", "snappy", "gzip"] {
        let table = read(bytes(name), &ReadOptions::default()).unwrap();
        assert_eq!((table.rows(), table.source()), (ROWS, "t.parquet"), "{name}");
        assert_eq!(table.notices(), ["columns of lists or structures are left out: 'list.list.element'"], "{name}");
        let expect = |column: &str, value: fn(f64) -> f64| {
            for (i, v) in numbers(&table, column).into_iter().enumerate() {
                let wanted = if i % 7 == 3 && column != "whole" { f64::NAN } else { value(i as f64) };
                assert!(
                    (v - wanted).abs() < 1e-9 || (v.is_nan() && wanted.is_nan()),
                    "{name} {column} {i}: {v} {wanted}"
                );
            }
        };
        expect("whole", |i| i);
        expect("small", |i| i - 20.0);
        expect("unsigned", |i| 4e9 + i);
        expect("single", |i| i / 4.0);
        expect("double", |i| -i / 8.0);
        expect("truth", |i| (i % 2.0 == 0.0) as u8 as f64);
        expect("money", |i| (i - 20.0) / 4.0);
        expect("day", |i| 18262.0 + i);
        expect("time", |i| 18262.5 + i / 24.0);
        expect("nano", |i| 18262.5 + i / 24.0);
        assert!(shown(&table, "word").starts_with("鎖0|鎖1|鎖2|<missing>|鎖1|"), "{}", shown(&table, "word"));
        assert!(matches!(&table.column("day").unwrap().values, Values::Dates(..)));
    }
}

#[test]
fn columns_are_read_as_a_model_knows_them() {
    let kinds = [("whole".to_string(), Kind::Text), ("word".to_string(), Kind::Number)].into();
    let table = read(bytes("snappy"), &ReadOptions { kinds, ..ReadOptions::default() }).unwrap();
    assert!(shown(&table, "whole").starts_with("0|1|2|3|"));
    assert!(numbers(&table, "word").iter().all(|v| v.is_nan()));
}

#[test]
fn what_cannot_be_read_is_said() {
    let damaged = |bytes: Vec<u8>| read(bytes, &ReadOptions::default()).unwrap_err();
    let zstd = read(bytes("zstd"), &ReadOptions::default());
    match cfg!(feature = "zstd") {
        true => assert_eq!(zstd.unwrap().rows(), ROWS),
        false => assert!(zstd.unwrap_err().starts_with("t.parquet: it is compressed with zstd, which")),
    }
    assert!(damaged(b"PAR1".to_vec()).starts_with("t.parquet: the Parquet file is damaged: "));
    let whole = bytes("none");
    assert!(damaged(whole[..whole.len() - 20].to_vec()).starts_with("t.parquet: the Parquet file is damaged: "));
}
