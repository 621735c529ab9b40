//! Models of tables, pictures and texts.
#![no_main]

libfuzzer_sys::fuzz_target!(init: kusari_fuzz::quiet(), |bytes: &[u8]| {
    kusari::set_max_memory(64 << 20);
    let _ = kusari::TrainedModel::from_bytes(bytes, "x.safetensors");
});
