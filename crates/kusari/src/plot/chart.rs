//! A chart: what is to be drawn, collected before anything is drawn.

use super::{axis::Axis, png, series::Series};
use crate::error::Result;
use std::path::Path;

/// A function of two coordinates.
pub(crate) type Height = Box<dyn Fn(f64, f64) -> f64 + Send + Sync>;

/// Lines, dots and contour lines over two axes, with a title and a legend above them.
pub struct Chart {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) log_x: bool,
    pub(crate) log_y: bool,
    pub(crate) x_range: Option<[f64; 2]>,
    pub(crate) y_range: Option<[f64; 2]>,
    pub(crate) series: Vec<Series>,
    pub(crate) surface: Option<Height>,
    pub(crate) size: [usize; 2],
}

impl Chart {
    /// An empty chart, 1200 pixels wide and 750 high.
    pub fn new(title: impl Into<String>) -> Chart {
        Chart {
            title: title.into(),
            subtitle: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            log_x: false,
            log_y: false,
            x_range: None,
            y_range: None,
            series: Vec::new(),
            surface: None,
            size: [1200, 750],
        }
    }
    /// A line of text under the title.
    pub fn subtitle(mut self, text: impl Into<String>) -> Chart {
        self.subtitle = text.into();
        self
    }
    /// What the horizontal axis counts.
    pub fn x_label(mut self, text: impl Into<String>) -> Chart {
        self.x_label = text.into();
        self
    }
    /// What the vertical axis measures.
    pub fn y_label(mut self, text: impl Into<String>) -> Chart {
        self.y_label = text.into();
        self
    }
    /// Powers of ten at equal distances on the horizontal axis; values that are not positive are left out.
    pub fn log_x(mut self, on: bool) -> Chart {
        self.log_x = on;
        self
    }
    /// Powers of ten at equal distances on the vertical axis; values that are not positive are left out.
    pub fn log_y(mut self, on: bool) -> Chart {
        self.log_y = on;
        self
    }
    /// The range of the horizontal axis, instead of that of the points.
    pub fn x_range(mut self, low: f64, high: f64) -> Chart {
        self.x_range = Some([low, high]);
        self
    }
    /// The range of the vertical axis, instead of that of the points.
    pub fn y_range(mut self, low: f64, high: f64) -> Chart {
        self.y_range = Some([low, high]);
        self
    }
    /// Width and height in pixels.
    pub fn size(mut self, width: usize, height: usize) -> Chart {
        self.size = [width.max(240), height.max(180)];
        self
    }
    /// Draws a series over those before it.
    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, series: Series) -> Chart {
        self.series.push(series);
        self
    }
    /// Draws a named line.
    pub fn line(self, label: impl Into<String>, points: impl IntoIterator<Item = [f64; 2]>) -> Chart {
        self.add(Series::line(points).label(label))
    }
    /// Draws a function of both coordinates under everything else: shades and contour lines, whose levels grow evenly
    /// in the logarithm of the height above the lowest place in view.
    pub fn surface(mut self, height: impl Fn(f64, f64) -> f64 + Send + Sync + 'static) -> Chart {
        self.surface = Some(Box::new(height));
        self
    }

    pub(crate) fn axes(&self) -> [Axis; 2] {
        let values = |i: usize| self.series.iter().flat_map(move |s| s.points.iter().map(move |p| p[i]));
        let axis = |i, range: Option<[f64; 2]>, log, margin| match range {
            Some([low, high]) => Axis::between(low, high, log),
            None => Axis::around(values(i), log, margin),
        };
        [axis(0, self.x_range, self.log_x, 0.02), axis(1, self.y_range, self.log_y, 0.06)]
    }

    /// The picture as the bytes of a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        let canvas = super::render::draw(self);
        png::encode(canvas.width, canvas.height, &canvas.pixels)
    }

    /// Writes the picture to a PNG file, whole or not at all: under a temporary name, synced, then renamed.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        crate::serializers::replace_file(path.as_ref(), |file| file.write_all(&self.to_png()))
    }
}
