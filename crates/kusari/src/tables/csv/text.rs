//! The bytes of a file as text.

use crate::{Error, Result};
use std::path::Path;

/// UTF-8 text whose lines end with `\n` or `\r\n`.
pub(super) struct Text {
    bytes: Vec<u8>,
    start: usize,
}

/// What files that are no text begin with.
const OTHERS: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "an Excel workbook or another zip archive: save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it first"),
    (b"PAR1", "a Parquet file: save it as CSV"),
    (b"%PDF", "a PDF document, not a table"),
];

/// The beginning of a file that tells what it is, in bytes.
pub(super) const BEGINNING: usize = 65_536;
/// How UTF-16 begins, and how its pairs of bytes become numbers.
pub(super) const MARKS: [([u8; 2], fn([u8; 2]) -> u16); 2] =
    [([0xff, 0xfe], u16::from_le_bytes), ([0xfe, 0xff], u16::from_be_bytes)];

impl Text {
    /// The text in `bytes`: UTF-8, UTF-16 with a mark at its beginning, or else Windows-1252.
    pub fn decode(mut bytes: Vec<u8>, source: &Path, notices: &mut Vec<String>) -> Result<Text> {
        refuse_others(&bytes, source)?;
        for (mark, from) in MARKS {
            if bytes.starts_with(&mark) {
                let units = bytes[2..].chunks_exact(2).map(|pair| from([pair[0], pair[1]]));
                let chars = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
                bytes = chars.collect::<String>().into_bytes();
                notices.push("the file is UTF-16".to_string());
            }
        }
        let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if bytes[start..].iter().all(u8::is_ascii_whitespace) {
            return Err(Error::format(source, "the file is empty"));
        }
        refuse_zeros(&bytes, source)?;
        if let Err(e) = std::str::from_utf8(&bytes) {
            notices.push(format!("the file is not UTF-8 (byte {}); it was read as Windows-1252", e.valid_up_to()));
            bytes = bytes.iter().map(|&b| windows_1252(b)).collect::<String>().into_bytes();
        }
        if is_old_mac(&bytes) {
            bytes.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        Ok(Text { bytes, start })
    }
    /// The text, without a mark at its beginning.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// Refuses what begins as something else than a text.
pub(super) fn refuse_others(bytes: &[u8], source: &Path) -> Result<()> {
    match OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, what)) => Err(Error::format(source, format_args!("this is {what}"))),
        None => Ok(()),
    }
}
/// Refuses what has a byte 0 near its beginning.
pub(super) fn refuse_zeros(bytes: &[u8], source: &Path) -> Result<()> {
    match bytes.iter().take(BEGINNING).position(|&b| b == 0) {
        Some(at) => {
            let message = format!("this is not a text file: byte {at} is 0; kusari reads CSV and TSV");
            Err(Error::format(source, message))
        }
        None => Ok(()),
    }
}
/// Whether lines end as on the first Macs.
pub(super) fn is_old_mac(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(BEGINNING)];
    beginning.contains(&b'\r') && !beginning.contains(&b'\n')
}

/// Latin-1, with Windows' letters where that has control characters.
pub(super) fn windows_1252(byte: u8) -> char {
    const LETTERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => LETTERS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
