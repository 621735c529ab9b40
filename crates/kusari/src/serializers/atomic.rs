//! Replacing a file as a whole: the only place that writes result files.

use crate::{Error, Result};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

/// How the names of files end that are still being written; they begin with a dot and the name to be.
const TEMPORARY: &str = ".tmp";

/// Writes `path` so that at any moment, also after a power failure, it is either the old file or the new one: into a
/// temporary file of the same folder, which is synced and renamed; then the folder is synced.
///
/// # Errors
/// When the folder cannot be written or `write` fails; the old file is then as it was.
pub fn replace_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    replace(path, write, |_| Ok(()))
}

/// [`replace_file`] with these bytes, which are read back and compared before they take the old file's place.
///
/// # Errors
/// When the folder cannot be written or what was written differs; the old file is then as it was.
pub fn replace_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let check = |written: &Path| match fs::read(written) {
        Ok(read) if read == bytes => Ok(()),
        Ok(_) => Err(Error::format(path, "what was written could not be read back unchanged")),
        Err(e) => Err(Error::io(path, e)),
    };
    replace(path, |file| file.write_all(bytes), check)
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    check: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "this is not the name of a file");
    let name = path.file_name().ok_or_else(|| Error::io(path, invalid()))?.to_string_lossy();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!(".{name}.{}-{count}{TEMPORARY}", std::process::id()));
    let result = fill(&temporary, write)
        .map_err(|e| Error::io(path, e))
        .and_then(|()| check(&temporary))
        .and_then(|()| fs::rename(&temporary, path).and_then(|()| sync(folder)).map_err(|e| Error::io(path, e)));
    if result.is_err() {
        // Best effort: the error that matters is the one returned.
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// Removes what interrupted writes of files with names that begin with `before` have left in a folder.
///
/// # Errors
/// When it cannot be read or a file not be removed.
pub(crate) fn remove_unfinished(folder: &Path, before: &str) -> Result<()> {
    let before = format!(".{before}");
    for entry in fs::read_dir(folder).map_err(|e| Error::io(folder, e))?.flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&before) && name.ends_with(TEMPORARY)) {
            fs::remove_file(entry.path()).map_err(|e| Error::io(entry.path(), e))?;
        }
    }
    Ok(())
}

fn fill(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    write(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}
