//! What a chart shows: lines, dots, bands, and paths that fade from first to last.

use super::color::Color;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Line,
    Dots,
    Path,
    /// The lower ends, then as many upper ends.
    Band,
}

/// Points and how they are drawn.
#[derive(Clone)]
pub struct Series {
    pub(crate) points: Vec<[f64; 2]>,
    pub(crate) style: Style,
    pub(crate) label: String,
    pub(crate) color: Option<Color>,
    pub(crate) width: f32,
}

impl Series {
    fn new(style: Style, points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        let (points, label) = (points.into_iter().collect(), String::new());
        Series { points, style, label, color: None, width: 2.5 }
    }
    /// A line through the points, with a gap where a value is not finite; few points get a dot each.
    pub fn line(points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        Series::new(Style::Line, points)
    }
    /// Dots that are not joined.
    pub fn dots(points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        Series::new(Style::Dots, points)
    }
    /// The way of a ball: joined, with arrows, going from pale to strong from the first point to the last.
    pub fn path(points: impl IntoIterator<Item = [f64; 2]>) -> Series {
        Series::new(Style::Path, points)
    }
    /// A strip from the second to the third number above the first.
    pub fn band(ends: impl IntoIterator<Item = [f64; 3]>) -> Series {
        let ends: Vec<[f64; 3]> = ends.into_iter().filter(|e| e.iter().all(|v| v.is_finite())).collect();
        let (lower, upper) = (ends.iter().map(|e| [e[0], e[1]]), ends.iter().map(|e| [e[0], e[2]]));
        Series::new(Style::Band, lower.chain(upper))
    }
    /// The name in the legend.
    pub fn label(mut self, label: impl Into<String>) -> Series {
        self.label = label.into();
        self
    }
    /// A colour of choice instead of the next one.
    pub fn color(mut self, color: Color) -> Series {
        self.color = Some(color);
        self
    }
    /// The width of the line in pixels.
    pub fn width(mut self, width: f32) -> Series {
        self.width = width;
        self
    }
}
