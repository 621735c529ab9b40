//! BMP.

use super::{Layout, MOST_PIXELS, Picture, check, picture};
use zune_bmp::{
    BmpDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let wrong = |e| format!("the BMP is damaged: {e:?}");
    let options =
        DecoderOptions::default().set_strict_mode(true).set_max_width(MOST_PIXELS).set_max_height(MOST_PIXELS);
    let mut decoder = BmpDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(wrong)?;
    let (width, height) = decoder.dimensions().ok_or("the BMP is damaged: it has no size")?;
    check(width, height)?;
    let mut pixels = decoder.decode().map_err(wrong)?;
    let layout = match decoder.colorspace() {
        Some(ColorSpace::Luma) => Layout::Grey,
        Some(ColorSpace::RGBA) => Layout::Rgba,
        _ => Layout::Rgb,
    };
    // Many programs leave the fourth byte 0 and mean nothing by it.
    if layout == Layout::Rgba && pixels.chunks_exact(4).all(|p| p[3] == 0) {
        pixels.chunks_exact_mut(4).for_each(|p| p[3] = 255);
    }
    picture(width, height, layout, pixels)
}
