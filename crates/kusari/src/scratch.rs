//! Files without a name, which end with the program: for what does not fit in memory.

use crate::{Error, Result};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// A file that nobody else can open: its name is removed as soon as it is there.
pub(crate) struct Scratch {
    file: fs::File,
    folder: PathBuf,
    length: u64,
    /// Where the name cannot be removed while the file is open.
    name: Option<PathBuf>,
}

impl Scratch {
    /// An empty file in `folder`.
    pub fn new(folder: &Path) -> Result<Scratch> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = folder.join(format!(".kusari-rows-{process}-{count}.tmp"));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|e| unkept(folder, e))?;
        let name = fs::remove_file(&path).err().map(|_| path);
        Ok(Scratch { file, folder: folder.to_path_buf(), length: 0, name })
    }
    /// Adds bytes at the end; tells where they begin.
    pub fn append(&mut self, bytes: &[u8]) -> Result<u64> {
        let at = self.length;
        self.file.write_all(bytes).map_err(|e| unkept(&self.folder, e))?;
        self.length += bytes.len() as u64;
        Ok(at)
    }
    /// The same file, to be read from its beginning.
    pub fn file(&self) -> Result<fs::File> {
        let same = self.file.try_clone().and_then(|mut file| io::Seek::rewind(&mut file).map(|()| file));
        same.map_err(|e| Error::io(&self.folder, e))
    }
    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        self.length
    }
    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
    /// So many bytes from `at` on.
    pub fn read(&self, at: u64, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.read_into(at, &mut bytes)?;
        Ok(bytes)
    }
    /// The bytes from `at` on.
    pub fn read_into(&self, at: u64, bytes: &mut [u8]) -> Result<()> {
        read_at(&self.file, at, bytes).map_err(|e| Error::io(&self.folder, e))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // Best effort: nothing depends on it any more.
            let _ = fs::remove_file(name);
        }
    }
}

/// What to do when the rows cannot be kept.
fn unkept(folder: &Path, error: io::Error) -> Error {
    let message = format!("{error}: what does not fit in memory is kept here; --cache-dir names another folder");
    Error::io(folder, io::Error::new(error.kind(), message))
}

#[cfg(unix)]
fn read_at(file: &fs::File, at: u64, bytes: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}
#[cfg(windows)]
fn read_at(file: &fs::File, mut at: u64, mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => (at, bytes) = (at + n as u64, &mut bytes[n..]),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_to_be_seen() {
        let folder = std::env::temp_dir().join(format!("kusari-scratch-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut file = Scratch::new(&folder).unwrap();
        assert_eq!((file.append(b"abc").unwrap(), file.append(b"def").unwrap(), file.len()), (0, 3, 6));
        assert_eq!(file.read(2, 3).unwrap(), b"cde");
        assert!(file.read(4, 3).is_err(), "beyond its end");
        #[cfg(unix)]
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        drop(file);
        fs::remove_dir(&folder).unwrap();
        let error = Scratch::new(&folder).err().unwrap().to_string();
        assert!(error.contains("--cache-dir"), "{error}");
    }
}
