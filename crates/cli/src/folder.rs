//! Folders of results: there, writable, and without an earlier run in them.

use kusari::{Error, Result};
use std::{
    fs,
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

/// Makes the folder ready, or says why it cannot be, before any time is spent on training. An earlier run in it is
/// moved to the next free of `FOLDER.1`, `FOLDER.2`, …, whose name is returned.
pub fn prepare(out: &Path) -> Result<Option<PathBuf>> {
    let moved =
        if ["log", "model.safetensors"].iter().any(|f| out.join(f).exists()) { Some(aside(out)?) } else { None };
    make(out)?;
    Ok(moved)
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
