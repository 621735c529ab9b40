//! npz files: archives of arrays.
#![no_main]

libfuzzer_sys::fuzz_target!(init: kusari_fuzz::quiet(), |bytes: &[u8]| {
    kusari::set_max_memory(64 << 20);
    let _ = kusari::serializers::npz_from_bytes(bytes, "x.npz");
});
