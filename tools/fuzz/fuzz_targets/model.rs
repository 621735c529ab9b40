//! Models of tables.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    kusari::set_max_memory(64 << 20);
    let _ = kusari::tables::TableModel::from_bytes(bytes, "x.safetensors");
});
