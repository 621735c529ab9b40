//! WebP.

use super::{Layout, MOST_PIXELS, Picture, check, damaged, exif, picture};
use image_webp::WebPDecoder;
use std::io::Cursor;

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let wrong = |e| damaged("WebP")(&e);
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(wrong)?;
    decoder.set_memory_limit(4 * MOST_PIXELS);
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    check(width, height)?;
    let orientation = decoder.exif_metadata().ok().flatten().map_or(1, |exif: Vec<u8>| exif::orientation(&exif));
    let size = decoder.output_buffer_size().ok_or("the WebP is damaged: its size is not known")?;
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(wrong)?;
    let layout = if decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    Ok(picture(width, height, layout, pixels)?.oriented(orientation))
}
