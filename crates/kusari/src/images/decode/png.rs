//! PNG.

use super::{Layout, MOST_PIXELS, Picture, check, damaged, exif, picture};
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let wrong = |e| damaged("PNG")(&e);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 8 * MOST_PIXELS });
    // Palettes and bits become 8 bits a channel.
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(wrong)?;
    let (width, height) = (header.width as usize, header.height as usize);
    check(width, height)?;
    let mut reader = decoder.read_info().map_err(wrong)?;
    let size = reader.output_buffer_size().ok_or("the PNG is damaged: its size is not known")?;
    let mut pixels = vec![0; size];
    let output = reader.next_frame(&mut pixels).map_err(wrong)?;
    pixels.truncate(output.buffer_size());
    let layout = match output.color_type {
        ColorType::Grayscale => Layout::Grey,
        ColorType::GrayscaleAlpha => Layout::GreyAlpha,
        ColorType::Rgb => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
        ColorType::Indexed => return Err("the PNG is damaged: its palette is missing".to_string()),
    };
    let orientation = reader.info().exif_metadata.as_deref().map_or(1, exif::orientation);
    Ok(picture(width, height, layout, pixels)?.oriented(orientation))
}
