//! Saving and loading: one method, `serialize`, visits an object's values under keys and works in both directions, as
//! in Chainer; npz and safetensors are the files.
//!
//! ```
//! use kusari::{Array, DType, serializers::{self, LoadOptions}};
//! # fn main() -> kusari::Result<()> {
//! # let folder = std::env::temp_dir().join(format!("kusari-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("state.npz");
//! let (mut t, mut m) = (3, Array::ones(&[2], DType::F32));
//! let entries = serializers::collect(|s| {
//!     s.count("t", &mut t)?;
//!     s.within("l1", |s| s.array("m", &mut m)) // its key is `l1/m`
//! })?;
//! serializers::write_npz(&path, &entries)?;
//!
//! let read = serializers::read_npz(&path)?;
//! serializers::restore(&read, &path, &LoadOptions::default(), |s| s.count("t", &mut t))?;
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok(())
//! # }
//! ```

mod atomic;
mod checksum;
mod dictionary;
mod elements;
mod link;
mod npy;
mod npz;
mod safetensors;
mod seal;
mod serializer;

pub use crate::memory::read_file;
pub(crate) use atomic::remove_unfinished;
pub use atomic::{replace_bytes, replace_file};
pub use checksum::{checksum, file_checksum};
pub use dictionary::{DictionaryDeserializer, DictionarySerializer, Entries, LoadOptions, collect, restore};
pub use link::{
    load_npz, load_npz_with, load_safetensors, load_safetensors_with, save_npz, save_safetensors, serialize_link,
};
pub(crate) use npz::write_snapshot;
pub(crate) use npz::{Head as ArrayHead, Pieces as NpzPieces};
pub use npz::{npz_bytes, npz_from_bytes, npz_shape, read_npz, write_npz};
pub use safetensors::{read_safetensors, safetensors_bytes, safetensors_from_bytes, write_safetensors};
pub use serializer::{Serializer, Value};
