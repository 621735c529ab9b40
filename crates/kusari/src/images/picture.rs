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
}

/// How light a colour is.
pub(super) fn luma([r, g, b]: [u8; 3]) -> u8 {
    ((299 * r as u32 + 587 * g as u32 + 114 * b as u32 + 500) / 1000) as u8
}
