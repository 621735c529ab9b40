//! A picture in memory.

use crate::{Error, Result};

/// A picture of 8 bits a channel, row by row from the top, the channels of a pixel side by side: grey, or red, green, blue.
///
/// ```
/// use kusari::images::Picture;
/// let grey = Picture::new(2, 1, 1, vec![0, 255])?;
/// assert_eq!(grey.with_channels(3).pixels(), [0, 0, 0, 255, 255, 255]);
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
    pub(super) pixels: Vec<u8>,
}

impl Picture {
    /// A picture of these pixels, with 1 or 3 channels.
    ///
    /// # Errors
    /// When there are no pixels, or not as many as the sizes say.
    pub fn new(width: usize, height: usize, channels: usize, pixels: Vec<u8>) -> Result<Picture> {
        let count = width.checked_mul(height).and_then(|n| n.checked_mul(channels));
        if !matches!(channels, 1 | 3) || pixels.is_empty() || count != Some(pixels.len()) {
            let got = format!("{} bytes for {width} × {height} pixels of {channels} channels", pixels.len());
            return Err(Error::invalid("Picture", "all bytes of at least one pixel of 1 or 3 channels", got));
        }
        Ok(Picture { width, height, channels, pixels })
    }
    /// The number of columns.
    pub fn width(&self) -> usize {
        self.width
    }
    /// The number of rows.
    pub fn height(&self) -> usize {
        self.height
    }
    /// The number of channels: 1 or 3.
    pub fn channels(&self) -> usize {
        self.channels
    }
    /// All bytes.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
    /// The same picture, grey for 1 channel, coloured for 3. Grey is how light a colour is: `0.299 r + 0.587 g + 0.114 b`.
    pub fn with_channels(&self, channels: usize) -> Picture {
        let pixels = match (self.channels, channels) {
            (1, 3) => self.pixels.iter().flat_map(|&v| [v; 3]).collect(),
            (3, 1) => self.pixels.chunks_exact(3).map(|p| luma([p[0], p[1], p[2]])).collect(),
            _ => return self.clone(),
        };
        Picture { channels, pixels, ..*self }
    }
    /// Whether no pixel has a colour.
    pub fn is_grey(&self) -> bool {
        self.channels == 1 || self.pixels.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2])
    }
    /// The picture with rows and columns exchanged or turned, as the number in an Exif tag asks for (1: as it is).
    pub(super) fn oriented(self, orientation: u8) -> Picture {
        if !(2..=8).contains(&orientation) {
            return self;
        }
        let (w, h, n) = (self.width, self.height, self.channels);
        let [width, height] = if orientation >= 5 { [h, w] } else { [w, h] };
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..height {
            for x in 0..width {
                let (column, row) = match orientation {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    _ => (w - 1 - y, x),
                };
                let at = (row * w + column) * n;
                pixels.extend_from_slice(&self.pixels[at..at + n]);
            }
        }
        Picture { width, height, channels: n, pixels }
    }
}

/// How light a colour is.
pub(super) fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((299 * r as u32 + 587 * g as u32 + 114 * b as u32 + 500) / 1000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eight_orientations_are_those_of_exif() {
        // How the letters ab/cd/ef must be stored to be shown so.
        let shown = Picture::new(2, 3, 1, b"abcdef".to_vec()).unwrap();
        let stored: [(u8, usize, &[u8]); 8] = [
            (1, 2, b"abcdef"),
            (2, 2, b"badcfe"),
            (3, 2, b"fedcba"),
            (4, 2, b"efcdab"),
            (5, 3, b"acebdf"),
            (6, 3, b"bdface"),
            (7, 3, b"fdbeca"),
            (8, 3, b"ecafdb"),
        ];
        for (orientation, width, pixels) in stored {
            let picture = Picture::new(width, 6 / width, 1, pixels.to_vec()).unwrap();
            assert_eq!(picture.oriented(orientation), shown, "orientation {orientation}");
        }
    }
}
