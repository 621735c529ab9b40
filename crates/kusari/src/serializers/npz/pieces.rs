//! Arrays of an npz file piece by piece, for those that do not fit in memory.

use super::{LARGEST_RATIO, damaged, opened};
pub(crate) use crate::serializers::npy::Head;
use crate::{Array, Error, Result};
use kusari_array::Shape;
use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};
use zip::ZipArchive;

/// The shape of the array `key` in an npz file, if it is there; only its header is read.
///
/// ```
/// use kusari::{Array, serializers::{Entries, Value, npz_shape, write_npz}};
/// let file = std::env::temp_dir().join(format!("kusari-doc-shape-{}.npz", std::process::id()));
/// write_npz(&file, &Entries::from([("x".to_string(), Value::Array(Array::from_slice(&[2, 3], &[0f32; 6])))]))?;
/// assert_eq!(npz_shape(&file, "x")?.unwrap()[..], [2, 3]);
/// assert_eq!(npz_shape(&file, "t")?, None);
/// # std::fs::remove_file(&file).unwrap();
/// # Ok::<(), kusari::Error>(())
/// ```
///
/// # Errors
/// When the file cannot be read or is damaged, or what is there is no array of numbers.
pub fn npz_shape(path: impl AsRef<Path>, key: &str) -> Result<Option<Shape>> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    Ok(Pieces::open(file, path)?.head(key)?.map(|head| Shape::new(&head.shape)))
}

/// An npz file whose arrays are read piece by piece.
pub(crate) struct Pieces {
    archive: ZipArchive<BufReader<File>>,
    path: PathBuf,
}

impl Pieces {
    pub fn open(file: File, path: &Path) -> Result<Pieces> {
        Ok(Pieces { archive: opened(BufReader::new(file), path)?, path: path.to_path_buf() })
    }
    /// What the header of an array says, if there is one of this name.
    pub fn head(&mut self, key: &str) -> Result<Option<Head>> {
        self.array(key, |head, _| Ok(head))
    }
    /// Calls `each` with an array's header and with what reads its elements, if there is one of this name.
    fn array<T>(&mut self, key: &str, each: impl FnOnce(Head, &mut dyn Read) -> Result<T>) -> Result<Option<T>> {
        let Some(number) = self.archive.index_for_name(&format!("{key}.npy")) else { return Ok(None) };
        let unfit = |e: &dyn std::fmt::Display| Error::format(&self.path, format_args!("'{key}': {e}"));
        let mut file = self.archive.by_index(number).map_err(|e| damaged(&self.path, e))?;
        let size = file.size();
        if size > file.compressed_size().saturating_mul(LARGEST_RATIO).saturating_add(64) {
            return Err(unfit(&"it claims to be larger than its data can be"));
        }
        let mut file = (&mut file).take(size);
        let head = Head::read(&mut file).map_err(|e| unfit(&e))?;
        let expected = head.shape.iter().product::<usize>() as u64 * head.size() as u64;
        if file.limit() != expected {
            return Err(unfit(&format_args!("expected {expected} bytes of data, got {}", file.limit())));
        }
        each(head, &mut file).map(Some)
    }
    /// Calls `each` with one array of these shapes after another, made of the elements of the array `key` as they follow.
    pub fn each(
        &mut self,
        key: &str,
        shapes: impl Iterator<Item = Vec<usize>>,
        mut each: impl FnMut(Array) -> Result<()>,
    ) -> Result<()> {
        let path = self.path.clone();
        self.array(key, |head, mut file| {
            for shape in shapes {
                let array = head.array(&mut file, &shape);
                each(array.map_err(|e| Error::format(&path, format_args!("'{key}': {e}")))?)?;
            }
            Ok(())
        })
        .map(|_| ())
    }
}
