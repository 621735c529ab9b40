//! CSV, TSV and Parquet files: read, their target found.
#![no_main]
use kusari::tables::{ReadOptions, Settings, Table, Target};

libfuzzer_sys::fuzz_target!(init: kusari_fuzz::quiet(), |bytes: &[u8]| {
    kusari::set_max_memory(64 << 20);
    if let Ok(table) = Table::from_bytes(bytes.to_vec(), "x.csv", &ReadOptions::default()) {
        let _ = Target::find(&table, &Settings::default());
    }
});
