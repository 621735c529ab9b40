//! Picture files: PNG, JPEG, GIF, WebP and BMP, told apart by their contents.

mod bmp;
mod exif;
mod gif;
mod jpeg;
mod png;
mod webp;

use super::Picture;
use crate::{Error, Result, decoding, memory};
use std::path::Path;

/// A picture may have so many pixels.
pub(super) const MOST_PIXELS: usize = 1 << 26;
/// What a decoder may take of memory for each pixel.
const BYTES: u64 = 8;

impl Picture {
    /// The picture in a file, upright as its Exif data say, on white where it is transparent, of an animation the first.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, no PNG, JPEG, GIF, WebP or BMP, or has more than 64 million pixels or than
    /// [`max_memory`](crate::max_memory) allows at 8 bytes each.
    pub fn open(path: impl AsRef<Path>) -> Result<Picture> {
        let path = path.as_ref();
        Picture::from_bytes(&memory::read(path, 1)?, path)
    }
    /// The picture in the bytes of a file; `path` names it in messages.
    ///
    /// # Errors
    /// As [`open`](Picture::open).
    pub fn from_bytes(bytes: &[u8], path: impl AsRef<Path>) -> Result<Picture> {
        decoding::decode("the picture", || decode(bytes)).map_err(|message| Error::format(path.as_ref(), message))
    }
}

/// The picture, or what is wrong with it.
fn decode(bytes: &[u8]) -> Result<Picture, String> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => png::decode(bytes),
        [0xff, 0xd8, 0xff, ..] => jpeg::decode(bytes),
        [b'G', b'I', b'F', b'8', ..] => gif::decode(bytes),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::decode(bytes),
        [b'B', b'M', ..] => bmp::decode(bytes),
        [] => Err("the file is empty".to_string()),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Err(other("it seems to be HEIC or AVIF")),
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => Err(other("it is TIFF")),
        _ => Err(other("it is none of them")),
    }
}

fn other(what: &str) -> String {
    format!("expected a PNG, JPEG, GIF, WebP or BMP file; {what}")
}

/// What a decoder says, as a message.
fn damaged(kind: &str) -> impl Fn(&dyn std::fmt::Display) -> String + '_ {
    move |e| format!("the {kind} is damaged: {e}")
}

/// The number of pixels, if it is not too large, before anything of that size is made.
fn check(width: usize, height: usize) -> Result<usize, String> {
    match width.checked_mul(height) {
        Some(0) => Err("the picture has no pixels".to_string()),
        Some(n) if n <= MOST_PIXELS => memory::allowed(BYTES * n as u64).map(|()| n),
        _ => Err(format!("expected at most {MOST_PIXELS} pixels, got {width} × {height}")),
    }
}

/// How the channels of a pixel lie side by side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Grey = 1,
    GreyAlpha = 2,
    Rgb = 3,
    Rgba = 4,
}

/// A picture of these bytes, on white where it is transparent.
fn picture(width: usize, height: usize, layout: Layout, bytes: Vec<u8>) -> Result<Picture, String> {
    if bytes.len() != check(width, height)? * layout as usize {
        return Err(format!("the picture is damaged: {} bytes for {width} × {height} pixels", bytes.len()));
    }
    let over = |v: u8, alpha: u8| ((v as u32 * alpha as u32 + 255 * (255 - alpha as u32) + 127) / 255) as u8;
    let (channels, pixels) = match layout {
        Layout::Grey => (1, bytes),
        Layout::GreyAlpha => (1, bytes.chunks_exact(2).map(|p| over(p[0], p[1])).collect()),
        Layout::Rgb => (3, bytes),
        Layout::Rgba => (3, bytes.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|v| over(v, p[3]))).collect()),
    };
    Ok(Picture { width, height, channels, pixels })
}
