//! Checksums, by which contents are told to be the same.

use crate::{Error, Result};
use flate2::Crc;
use std::{fs::File, io::Read, path::Path};

/// Bytes that are read at once.
const PIECE: usize = 1 << 18;

/// The CRC-32 of bytes.
///
/// ```
/// assert_eq!(kusari::serializers::checksum(b"123456789"), 0xcbf43926);
/// ```
pub fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The CRC-32 of a file's bytes, which are read in pieces.
///
/// # Errors
/// When it cannot be read.
pub fn file_checksum(path: impl AsRef<Path>) -> Result<u32> {
    let path = path.as_ref();
    let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
    let (mut crc, mut piece) = (Crc::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(crc.sum()),
            Ok(n) => crc.update(&piece[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(Error::io(path, e)),
        }
    }
}
