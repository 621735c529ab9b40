//! Folders of results: there, writable, and without an earlier run in them.

use kusari::{Error, Result};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

/// Makes a folder and tries whether files can be written there.
pub fn make(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if let Some(file) = folder.ancestors().find(|p| p.exists()).filter(|p| !p.is_dir()) {
        return Err(Error::io(file, std::io::Error::other("this is a file, not a folder")));
    }
    let unwritable = |e| Error::io(folder, e);
    fs::create_dir_all(folder).map_err(unwritable)?;
    let probe = folder.join(format!(".kusari-{}.tmp", std::process::id()));
    fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(unwritable)
}

/// Holds a folder: no second run can write there while it lives. The system lets go of it when the process ends.
pub struct Lock(#[allow(dead_code)] File);

/// Takes hold of a folder, or says that another run has it.
fn lock(folder: &Path) -> Result<Lock> {
    let path = folder.join(".lock");
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|e| Error::io(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            let message = "another run is writing there: wait for its end, or choose another folder as --out";
            Err(Error::state(folder.display(), message))
        }
        // A file system without locks.
        Err(TryLockError::Error(_)) => Ok(Lock(file)),
    }
}

/// Makes the folder ready, or says why it cannot be, before any time is spent on training. Unless it `goes_on`, an
/// earlier run in it is moved to the next free of `FOLDER.1`, `FOLDER.2`, …, whose name is returned.
pub fn prepare(out: &Path, goes_on: bool) -> Result<(Lock, Option<PathBuf>)> {
    let run = ["log", "model.safetensors", "settings"];
    let mut moved = None;
    if !goes_on && run.iter().any(|f| out.join(f).exists()) {
        let _held = lock(out)?;
        moved = Some(aside(out)?);
    }
    make(out)?;
    Ok((lock(out)?, moved))
}

fn aside(out: &Path) -> Result<PathBuf> {
    let unnamed =
        || Error::io(out, std::io::Error::other("there is a run in this folder, and it cannot be moved aside"));
    let name = out.file_name().ok_or_else(unnamed)?.to_string_lossy().into_owned();
    let numbered = (1u32..).map(|n| out.with_file_name(format!("{name}.{n}")));
    let free = numbered.into_iter().find(|p| fs::symlink_metadata(p).is_err()).ok_or_else(unnamed)?;
    fs::rename(out, &free).map_err(|e| Error::io(out, e))?;
    Ok(free)
}
