//! GIF: the first picture.

use super::{Layout, MOST_PIXELS, Picture, check, damaged, picture};
use gif::{ColorOutput, DecodeOptions, MemoryLimit};
use std::num::NonZero;

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let wrong = |e| damaged("GIF")(&e);
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.set_memory_limit(NonZero::new(4 * MOST_PIXELS as u64).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes));
    let mut decoder = options.read_info(bytes).map_err(wrong)?;
    let (width, height) = (decoder.width() as usize, decoder.height() as usize);
    let count = check(width, height)?;
    let frame = decoder.read_next_frame().map_err(wrong)?.ok_or("the GIF has no picture in it")?;
    let (w, left, top) = (frame.width as usize, frame.left as usize, frame.top as usize);
    if (w, frame.height as usize, left, top) == (width, height, 0, 0) {
        return picture(width, height, Layout::Rgba, frame.buffer.to_vec());
    }
    // A first picture that does not fill the screen lies on nothing.
    let mut screen = vec![0; 4 * count];
    let visible = w.min(width.saturating_sub(left));
    for (row, line) in (top..height).zip(frame.buffer.chunks_exact(4 * w.max(1))) {
        screen[4 * (row * width + left)..][..4 * visible].copy_from_slice(&line[..4 * visible]);
    }
    picture(width, height, Layout::Rgba, screen)
}
