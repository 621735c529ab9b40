//! JPEG.

use super::{Layout, MOST_PIXELS, Picture, check, damaged, exif, picture};
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, String> {
    // A file that ends too early is damaged, not grey in its lower part; bytes that nobody reads do no harm.
    match decode_with(bytes, true) {
        Err(message) if message.contains("Extra bytes between headers") => decode_with(bytes, false),
        decoded => decoded,
    }
}

fn decode_with(bytes: &[u8], strict: bool) -> Result<Picture, String> {
    let wrong = |e| damaged("JPEG")(&e);
    let options =
        DecoderOptions::default().set_strict_mode(strict).set_max_width(MOST_PIXELS).set_max_height(MOST_PIXELS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(wrong)?;
    let info = decoder.info().ok_or("the JPEG is damaged: it has no size")?;
    let (width, height) = (info.width as usize, info.height as usize);
    check(width, height)?;
    let (space, layout) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, Layout::Grey),
        _ => (ColorSpace::RGB, Layout::Rgb),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(wrong)?;
    let orientation = decoder.exif().map_or(1, |exif| exif::orientation(exif));
    Ok(picture(width, height, layout, pixels)?.oriented(orientation))
}
