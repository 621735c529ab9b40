//! How much memory the contents of a file may take: files from strangers claim what they like.

mod shares;

use crate::{Error, Result};
pub(crate) use shares::{A_PARAMETER, Share, is_free, left, take, taken, told};
use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// 0: not set yet.
static LIMIT: AtomicU64 = AtomicU64::new(0);
/// What is assumed where the system does not tell how much memory there is.
const UNKNOWN: u64 = 8 << 30;

/// The most memory, in bytes, that the contents of one file may take (default: half of the machine's).
pub fn max_memory() -> u64 {
    match LIMIT.load(Relaxed) {
        0 => {
            let limit = (machine().unwrap_or(UNKNOWN) / 2).max(1);
            LIMIT.store(limit, Relaxed);
            limit
        }
        limit => limit,
    }
}

/// Sets how much memory, in bytes, the contents of one file may take. What a file says of its size is compared with it
/// before memory is asked for.
///
/// ```
/// kusari::set_max_memory(4 << 30);
/// assert_eq!(kusari::max_memory(), 4 << 30);
/// ```
pub fn set_max_memory(bytes: u64) {
    LIMIT.store(bytes.max(1), Relaxed);
}

/// The memory of the machine, or of the group that this process may use.
fn machine() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let total = kilobytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(group.map_or(total, |group: u64| group.min(total)))
}

/// Refuses contents of so many bytes if they are more than may be taken.
pub(crate) fn allow(path: &Path, bytes: u64) -> Result<()> {
    allowed(bytes).map_err(|message| Error::format(path, message))
}
/// What is wrong with contents of so many bytes, if they are more than may be taken.
pub(crate) fn allowed(bytes: u64) -> Result<(), String> {
    let limit = max_memory();
    if bytes <= limit {
        return Ok(());
    }
    Err(format!(
        "its contents take {} of memory, and {} may be taken: raise the limit with --max-memory, or \
         kusari::set_max_memory in a program",
        size(bytes),
        size(limit)
    ))
}

/// A number of bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        ..10_000 => return format!("{bytes} bytes"),
        10_000..10_000_000 => (1e3, "kB"),
        10_000_000..10_000_000_000 => (1e6, "MB"),
        _ => (1e9, "GB"),
    };
    format!("{:.0} {name}", bytes as f64 / unit)
}

/// All bytes of a file whose contents take `times` as much memory.
///
/// # Errors
/// When it cannot be read, or is too large for the memory that may be taken.
pub(crate) fn read(path: &Path, times: u64) -> Result<Vec<u8>> {
    read_open(File::open(path).map_err(|e| Error::io(path, e))?, path, times)
}
/// [`read`] of a file that is open already.
pub(crate) fn read_open(file: File, path: &Path, times: u64) -> Result<Vec<u8>> {
    let failed = |e| Error::io(path, e);
    let length = file.metadata().map_err(failed)?.len();
    allow(path, length.saturating_mul(times))?;
    // Some files, such as pipes, do not tell how long they are.
    let most = max_memory() / times.max(1);
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    allow(path, (bytes.len() as u64).saturating_mul(times))?;
    Ok(bytes)
}

/// All bytes of a file of arrays; see [`max_memory`].
///
/// # Errors
/// When it cannot be read, or its contents take more memory than they may.
pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    read(path.as_ref(), ARRAYS)
}
/// The bytes of arrays are there twice while they are read.
const ARRAYS: u64 = 2;
