//! From a chart to pixels: title, legend, grid, surface, series.

use super::{
    axis::Axis,
    canvas::{Canvas, Point, Rect},
    chart::Chart,
    color::Color,
    contour::Grid,
    series::{Series, Style},
    text::{self, Align},
};

const MARGIN: f32 = 36.0;
const TITLE: f32 = 26.0;
const TEXT: f32 = 17.0;
/// How opaque a band is.
const BAND: f32 = 0.9;
/// Contour lines between the lowest and the highest place.
const LEVELS: f64 = 18.0;

/// Axes laid over a rectangle of pixels.
struct Frame {
    axes: [Axis; 2],
    area: Rect,
}

impl Frame {
    fn pixel(&self, p: [f64; 2]) -> Point {
        self.at([self.axes[0].share(p[0]), self.axes[1].share(p[1])])
    }
    fn at(&self, share: [f64; 2]) -> Point {
        let Rect { left, top, right, bottom } = self.area;
        let far = |s: f64| s.clamp(-50.0, 50.0) as f32;
        [left + far(share[0]) * (right - left), bottom - far(share[1]) * (bottom - top)]
    }
    /// The stretches of a line between values that are not finite.
    fn stretches(&self, points: &[[f64; 2]]) -> Vec<Vec<Point>> {
        let finite = |p: &[f64; 2]| self.axes[0].share(p[0]).is_finite() && self.axes[1].share(p[1]).is_finite();
        let pieces = points.split(|p| !finite(p)).filter(|s| !s.is_empty());
        pieces.map(|s| s.iter().map(|p| self.pixel(*p)).collect()).collect()
    }
}

/// Draws the whole chart.
pub(crate) fn draw(chart: &Chart) -> Canvas {
    let mut canvas = Canvas::new(chart.size[0], chart.size[1]);
    let colors = colors(&chart.series);
    let top = header(&mut canvas, chart, &colors);
    let axes = chart.axes();
    let rows = ((chart.size[1] as f32 - top) / 75.0).max(3.0) as usize;
    let widest = axes[1].marks(rows).iter().map(|(_, l)| text::width(l, TEXT)).fold(0.0, f32::max);
    let foot = if chart.x_label.is_empty() { 0.0 } else { TEXT * 1.7 };
    let [width, height] = chart.size.map(|n| n as f32);
    let area = Rect { left: MARGIN + widest + 10.0, top, right: width - MARGIN, bottom: height - MARGIN - foot };
    let frame = Frame { axes, area };
    if let Some(f) = &chart.surface {
        surface(&mut canvas, &frame, f);
    }
    grid(&mut canvas, chart, &frame, rows);
    canvas.clip =
        Rect { left: area.left - 1.0, top: area.top - 1.0, right: area.right + 1.0, bottom: area.bottom + 1.0 };
    for (series, color) in chart.series.iter().zip(colors) {
        match series.style {
            Style::Line => line(&mut canvas, &frame, series, color),
            Style::Dots => dots(&mut canvas, &frame, series, color),
            Style::Path => path(&mut canvas, &frame, series),
            Style::Band => band(&mut canvas, &frame, series, color),
        }
    }
    canvas.unclip();
    canvas
}

/// Series without a colour of their own take the next of the palette.
fn colors(series: &[Series]) -> Vec<Color> {
    let mut next = 0;
    let mut choose = |s: &Series| {
        s.color.unwrap_or_else(|| {
            next += 1;
            Color::nth(next - 1)
        })
    };
    series.iter().map(&mut choose).collect()
}

/// Title, legend and the vertical axis' label above the plot; returns where the plot begins.
fn header(canvas: &mut Canvas, chart: &Chart, colors: &[Color]) -> f32 {
    let mut y = MARGIN - 10.0;
    for (line, size, color) in [(&chart.title, TITLE, Color::INK), (&chart.subtitle, TEXT, Color::GREY)] {
        if !line.is_empty() {
            y += size * 1.4;
            canvas.text(line, [MARGIN, y], Align::Left, size, color);
        }
    }
    let named: Vec<_> = chart.series.iter().zip(colors).filter(|(s, _)| !s.label.is_empty()).collect();
    let mut x = MARGIN;
    for (i, (series, color)) in named.iter().enumerate() {
        let width = 34.0 + text::width(&series.label, TEXT);
        if i == 0 || x + width > canvas.width as f32 - MARGIN {
            (x, y) = (MARGIN, y + TEXT * 1.8);
        }
        swatch(canvas, series, **color, [x, y - TEXT * 0.36]);
        canvas.text(&series.label, [x + 34.0, y], Align::Left, TEXT, Color::INK);
        x += width + 28.0;
    }
    if !chart.y_label.is_empty() {
        y += TEXT * 1.9;
        canvas.text(&chart.y_label, [MARGIN, y], Align::Left, TEXT, Color::GREY);
    }
    y + TEXT
}

fn swatch(canvas: &mut Canvas, series: &Series, color: Color, [x, y]: Point) {
    match series.style {
        Style::Line => canvas.line(&[[x + 2.0, y], [x + 24.0, y]], 3.5, color, 1.0),
        Style::Dots => canvas.disc([x + 13.0, y], 5.0, color, 1.0),
        Style::Band => canvas.line(&[[x + 4.0, y], [x + 22.0, y]], 11.0, color, BAND),
        Style::Path => {
            for i in 0..3 {
                let color = Color::START.mix(Color::END, i as f64 / 2.0);
                canvas.disc([x + 3.0 + 10.0 * i as f32, y], 4.5, color, 1.0);
            }
        }
    }
}

fn grid(canvas: &mut Canvas, chart: &Chart, frame: &Frame, rows: usize) {
    let Rect { left, top, right, bottom } = frame.area;
    let (grid, opacity) = if chart.surface.is_some() { (Color::WHITE, 0.35) } else { (Color::GRID, 1.0) };
    for (value, label) in frame.axes[1].marks(rows) {
        let y = frame.at([0.0, frame.axes[1].share(value)])[1].round() + 0.5;
        canvas.line(&[[left, y], [right, y]], 1.0, grid, opacity);
        canvas.text(&label, [left - 10.0, y + TEXT * 0.36], Align::Right, TEXT, Color::GREY);
    }
    let columns = ((right - left) / 110.0).max(2.0) as usize;
    for (value, label) in frame.axes[0].marks(columns) {
        let x = frame.at([frame.axes[0].share(value), 0.0])[0].round() + 0.5;
        canvas.line(&[[x, top], [x, bottom]], 1.0, grid, opacity);
        canvas.text(&label, [x, bottom + TEXT * 1.45], Align::Centre, TEXT, Color::GREY);
    }
    canvas.line(&[[left, bottom + 0.5], [right, bottom + 0.5]], 1.4, Color::GREY.mix(Color::WHITE, 0.3), 1.0);
    let under = [(left + right) / 2.0, bottom + TEXT * 3.0];
    canvas.text(&chart.x_label, under, Align::Centre, TEXT, Color::GREY);
}

fn line(canvas: &mut Canvas, frame: &Frame, series: &Series, color: Color) {
    for stretch in frame.stretches(&series.points) {
        canvas.line(&stretch, series.width, color, 1.0);
        if series.points.len() <= 40 {
            for p in stretch {
                canvas.disc(p, series.width * 1.7, color, 1.0);
            }
        }
    }
}

fn dots(canvas: &mut Canvas, frame: &Frame, series: &Series, color: Color) {
    for p in frame.stretches(&series.points).concat() {
        canvas.disc(p, 6.5, Color::WHITE, 1.0);
        canvas.disc(p, 5.0, color, 1.0);
    }
}

fn band(canvas: &mut Canvas, frame: &Frame, series: &Series, color: Color) {
    let pixels: Vec<Point> = series.points.iter().map(|p| frame.pixel(*p)).collect();
    let (lower, upper) = pixels.split_at(pixels.len() / 2);
    let between = lower.windows(2).zip(upper.windows(2));
    let pieces: Vec<Vec<Point>> = between.map(|(l, u)| vec![l[0], l[1], u[1], u[0]]).collect();
    canvas.fill(&pieces, color, BAND);
}

fn path(canvas: &mut Canvas, frame: &Frame, series: &Series) {
    let points = frame.stretches(&series.points).concat();
    let last = points.len().max(2) - 1;
    // Colours follow the square root, so that the first steps, which are the long ones, can be told apart.
    let color = |i: usize| Color::START.mix(Color::END, (i as f64 / last as f64).sqrt());
    for (i, p) in points.windows(2).enumerate() {
        canvas.line(p, 1.6, color(i), 0.8);
        if (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1]) > 30.0 {
            canvas.arrow(p[0], p[1], 12.0, color(i), 1.0);
        }
    }
    let mut before = [f32::MIN; 2];
    for (i, &p) in points.iter().enumerate() {
        let end = i == 0 || i == last;
        // Balls that would lie on each other are left out.
        if !end && (p[0] - before[0]).hypot(p[1] - before[1]) < 5.0 {
            continue;
        }
        before = p;
        let radius = if end { 8.0 } else { 5.5 };
        canvas.disc(p, radius + 1.5, Color::WHITE, 1.0);
        canvas.disc(p, radius, color(i), 1.0);
    }
}

fn surface(canvas: &mut Canvas, frame: &Frame, height: &dyn Fn(f64, f64) -> f64) {
    let Rect { left, top, right, bottom } = frame.area;
    let (columns, rows) = ((right - left) as usize, (bottom - top) as usize);
    let at = |x, y| height(frame.axes[0].value(x), frame.axes[1].value(y));
    let mut grid = Grid::new(columns / 4, rows / 4, at);
    let (low, high) = grid.heights.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    grid.heights.iter_mut().for_each(|v| *v = ((*v - low) / (high - low) * 1e4).ln_1p() / 1e4f64.ln_1p());
    let band = |v: f64| (v * 2.0 * LEVELS).floor() / (2.0 * LEVELS);
    let (deep, flat) = (Color(58, 104, 160), Color(238, 243, 248));
    for i in 0..columns * rows {
        let (x, y) = (i % columns, i / columns);
        let height = grid.between(x as f64 / (columns - 1) as f64, y as f64 / (rows - 1) as f64);
        canvas.blend(left as usize + x, bottom as usize - 1 - y, deep.mix(flat, band(height)), 1.0);
    }
    for level in 1..LEVELS as usize {
        let pixels: Vec<_> = grid.contour(level as f64 / LEVELS).into_iter().map(|s| s.map(|p| frame.at(p))).collect();
        canvas.segments(&pixels, 1.1, Color(40, 70, 110), 0.38);
    }
}
