//! npz files: a zip archive of `.npy` files, one an entry, as `numpy.savez_compressed` and Chainer write them.

mod pieces;

use super::{Entries, npy, replace_bytes, seal};
use crate::{Error, Result, memory};
pub use pieces::npz_shape;
pub(crate) use pieces::{Head, Pieces};
use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek, Write},
    path::Path,
};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Deflate cannot shrink anything by more than this factor: an entry that claims more is damaged or hostile.
const LARGEST_RATIO: u64 = 1032;

/// Writes an npz file; the same entries give the same bytes. The file is read back and compared before it replaces an
/// old one.
///
/// # Errors
/// When the file cannot be written.
pub fn write_npz(path: impl AsRef<Path>, entries: &Entries) -> Result<()> {
    replace_bytes(path.as_ref(), &npz_bytes(entries))
}

/// Writes a snapshot: an npz file, not compressed, since weights hardly shrink, with a checksum of the whole.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write_snapshot(path: &Path, entries: &Entries) -> Result<()> {
    let mut archive = archive(entries, CompressionMethod::Stored);
    seal::seal(&mut archive);
    replace_bytes(path, &archive)
}

/// The bytes of the npz file that holds `entries`.
pub fn npz_bytes(entries: &Entries) -> Vec<u8> {
    archive(entries, CompressionMethod::Deflated)
}

fn archive(entries: &Entries, method: CompressionMethod) -> Vec<u8> {
    let write = || -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (key, value) in entries {
            let file = npy::encode(value);
            let options = SimpleFileOptions::default()
                .compression_method(method)
                .last_modified_time(DateTime::default()) // fixed: the same state gives the same bytes
                .large_file(file.len() >= u32::MAX as usize);
            archive.start_file(format!("{key}.npy"), options)?;
            archive.write_all(&file)?;
        }
        Ok(archive.finish()?.into_inner())
    };
    write().expect("writing to memory does not fail")
}

/// Reads an npz file.
///
/// # Errors
/// When it cannot be read, is damaged, or holds something other than numbers, text and Chainer's `None`.
pub fn read_npz(path: impl AsRef<Path>) -> Result<Entries> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    read(BufReader::new(file), path)
}

/// Reads the bytes of an npz file; `path` names it in messages.
///
/// # Errors
/// As [`read_npz`].
pub fn npz_from_bytes(bytes: &[u8], path: impl AsRef<Path>) -> Result<Entries> {
    read(Cursor::new(bytes), path.as_ref())
}

fn damaged(path: &Path, e: impl std::fmt::Display) -> Error {
    Error::format(path, format_args!("the npz file is damaged: {e}"))
}

/// The archive in a file, if its checksum, if it has one, is right.
fn opened<R: Read + Seek>(mut file: R, path: &Path) -> Result<ZipArchive<R>> {
    if !seal::unbroken(&mut file).map_err(|e| Error::io(path, e))? {
        return Err(damaged(path, "its checksum is not that of its contents"));
    }
    ZipArchive::new(file).map_err(|e| damaged(path, e))
}

fn read(file: impl Read + Seek, path: &Path) -> Result<Entries> {
    let damaged = |e: &dyn std::fmt::Display| damaged(path, e);
    let mut archive = opened(file, path)?;
    let mut entries = Entries::new();
    let mut total = 0u64;
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).map_err(|e| damaged(&e))?;
        let name = file.name().map_err(|e| damaged(&e))?.into_owned();
        let key = name.strip_suffix(".npy").unwrap_or(&name).to_string();
        let unfit = |e: &dyn std::fmt::Display| Error::format(path, format_args!("'{key}': {e}"));
        let size = file.size();
        if size > file.compressed_size().saturating_mul(LARGEST_RATIO).saturating_add(64) {
            return Err(unfit(&"it claims to be larger than its data can be"));
        }
        total = total.saturating_add(size);
        memory::allow(path, total)?;
        let bytes = read_all(&mut file, size).map_err(|e| unfit(&e))?;
        let value = npy::decode(&bytes).map_err(|e| unfit(&e))?;
        drop(file);
        if entries.insert(key.clone(), value).is_some() {
            return Err(Error::format(path, format_args!("'{key}': it is there twice")));
        }
    }
    Ok(entries)
}

/// All of an entry that says to have `size` bytes; memory grows with what is really there.
fn read_all(file: &mut impl Read, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size.min(1 << 20) as usize);
    file.take(size.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("expected {size} bytes, got {}", bytes.len())));
    }
    Ok(bytes)
}
