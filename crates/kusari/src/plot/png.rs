//! An RGB image as a PNG file.

use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::Write;

/// The bytes of a PNG with 8 bits a channel: `pixels` row by row (PNG specification, W3C, third edition).
pub(crate) fn encode(width: usize, height: usize, pixels: &[[u8; 3]]) -> Vec<u8> {
    let mut header = [(width as u32).to_be_bytes(), (height as u32).to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]); // 8 bits, RGB, deflate, adaptive filters, not interlaced
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &compress(width, pixels));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// Every row is written as its difference from the row above, which is mostly zeros in a drawing.
fn compress(width: usize, pixels: &[[u8; 3]]) -> Vec<u8> {
    const UP: u8 = 2;
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(6));
    let mut above = vec![0; 3 * width];
    for row in pixels.chunks(width) {
        let row = row.as_flattened();
        let mut line = vec![UP];
        line.extend(row.iter().zip(&above).map(|(a, b)| a.wrapping_sub(*b)));
        zlib.write_all(&line).expect("writing to memory does not fail");
        above.copy_from_slice(row);
    }
    zlib.finish().expect("writing to memory does not fail")
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    file.extend(crc.sum().to_be_bytes());
}
