//! safetensors files.
#![no_main]

libfuzzer_sys::fuzz_target!(init: kusari_fuzz::quiet(), |bytes: &[u8]| {
    let _ = kusari::serializers::safetensors_from_bytes(bytes, "x.safetensors");
});
