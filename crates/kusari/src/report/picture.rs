//! Small pictures in a report.

use super::{base64, html::escape};
use crate::plot::png;

/// From this width on, enlarged pixels are smoothed.
const SMOOTH: usize = 64;

/// A small picture with a line under it.
#[derive(Clone, Debug)]
pub struct Picture {
    png: Vec<u8>,
    width: usize,
    caption: String,
}

impl Picture {
    /// `pixels` row by row, red, green and blue each.
    ///
    /// # Panics
    /// When they are not as many as `width` and `height` say, or none.
    pub fn rgb(width: usize, height: usize, pixels: &[[u8; 3]]) -> Picture {
        assert!(pixels.len() == width * height && width > 0, "Picture: {} pixels, {width} × {height}", pixels.len());
        Picture { png: png::encode(width, height, pixels), width, caption: String::new() }
    }
    /// `pixels` row by row, 0 is black.
    ///
    /// # Panics
    /// As [`rgb`](Picture::rgb).
    pub fn gray(width: usize, height: usize, pixels: &[u8]) -> Picture {
        Picture::rgb(width, height, &pixels.iter().map(|&v| [v; 3]).collect::<Vec<_>>())
    }
    /// The line under it.
    pub fn caption(self, text: impl Into<String>) -> Picture {
        Picture { caption: text.into(), ..self }
    }
    pub(super) fn to_html(&self) -> String {
        let (caption, data) = (escape(&self.caption), base64::encode(&self.png));
        let class = if self.width >= SMOOTH { " class=\"smooth\"" } else { "" };
        format!(
            "<figure><img{class} alt=\"{caption}\" src=\"data:image/png;base64,{data}\"><figcaption>{caption}</figcaption></figure>\n"
        )
    }
}
