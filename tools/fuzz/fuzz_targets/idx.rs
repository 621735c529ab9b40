//! MNIST's files, gzipped or not.
#![no_main]
use kusari::datasets::{Images, load_mnist};

libfuzzer_sys::fuzz_target!(init: kusari_fuzz::quiet(), |bytes: &[u8]| {
    kusari::set_max_memory(64 << 20);
    let folder = std::env::temp_dir().join(format!("kusari-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
        std::fs::write(folder.join(format!("{name}-ubyte")), bytes).unwrap();
    }
    let _ = load_mnist(&folder, Images::default());
});
