//! A seal on a zip archive: a checksum of all of it, in the comment at its end, which other programs pass over.
//!
//! The archive's own checksums cover what its files hold, but not their names and sizes.

use flate2::Crc;
use std::io::{self, Read, Seek, SeekFrom};

const WORDS: &[u8] = b"kusari crc32 ";
/// Bytes of the comment: the words and eight hexadecimal digits.
const COMMENT: usize = WORDS.len() + 8;

/// Seals an archive without a comment.
pub(super) fn seal(archive: &mut Vec<u8>) {
    let mut sum = Crc::new();
    sum.update(archive);
    let length = archive.len() - 2;
    archive[length..].copy_from_slice(&(COMMENT as u16).to_le_bytes());
    archive.extend_from_slice(WORDS);
    archive.extend_from_slice(format!("{:08x}", sum.sum()).as_bytes());
}

/// Whether an archive is as it was when it was sealed; one without a seal passes. Ends at its start.
pub(super) fn unbroken(archive: &mut (impl Read + Seek)) -> io::Result<bool> {
    let size = archive.seek(SeekFrom::End(0))?;
    let mut comment = [0; COMMENT];
    let Some(body) = size.checked_sub(COMMENT as u64 + 2) else {
        archive.rewind()?;
        return Ok(true);
    };
    archive.seek(SeekFrom::End(-(COMMENT as i64)))?;
    archive.read_exact(&mut comment)?;
    archive.rewind()?;
    let Some(digits) = comment.strip_prefix(WORDS) else { return Ok(true) };
    let (mut sum, mut rest, mut piece) = (Crc::new(), body, vec![0; 1 << 16]);
    while rest > 0 {
        let n = rest.min(piece.len() as u64) as usize;
        archive.read_exact(&mut piece[..n])?;
        sum.update(&piece[..n]);
        rest -= n as u64;
    }
    let mut length = [0; 2];
    archive.read_exact(&mut length)?;
    // The length of the comment, which was none when it was sealed.
    sum.update(&[0, 0]);
    archive.rewind()?;
    Ok(length == (COMMENT as u16).to_le_bytes() && digits == format!("{:08x}", sum.sum()).as_bytes())
}
