//! What the fuzz targets share.

/// Reports only panics that end a target: those of foreign decoders become messages, and the fuzzer would end at each.
pub fn quiet() {
    std::panic::set_hook(Box::new(|panic| {
        if !kusari::is_decoding() {
            eprintln!("{panic}");
        }
    }));
}
