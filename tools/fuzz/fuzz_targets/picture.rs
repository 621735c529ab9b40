//! PNG, JPEG, GIF, WebP and BMP.
#![no_main]

libfuzzer_sys::fuzz_target!(init: kusari_fuzz::quiet(), |bytes: &[u8]| {
    kusari::set_max_memory(64 << 20);
    let _ = kusari::images::Picture::from_bytes(bytes, "x");
});
