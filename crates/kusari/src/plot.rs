//! Charts as PNG files: curves of a training run, a ball on a slope, contour lines of a valley.
//!
//! The drawing is a hundred lines of polygons over `ab_glyph`'s exact-coverage rasteriser, so that lines and letters are
//! smooth, the build stays small and pure Rust, and a chart is the same bytes on every machine.
//!
//! ```
//! use kusari::plot::Chart;
//! let chart = Chart::new("loss").x_label("epoch").line("main/loss", [[1.0, 0.9], [2.0, 0.4], [3.0, 0.3]]);
//! assert!(chart.to_png().starts_with(b"\x89PNG"));
//! ```

mod axis;
mod canvas;
mod chart;
mod color;
mod contour;
pub(crate) mod png;
mod render;
mod series;
mod text;

pub use chart::Chart;
pub use color::Color;
pub use series::Series;
pub(crate) use series::Style;
