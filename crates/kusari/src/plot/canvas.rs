//! A surface of pixels that takes convex pieces, and lines and discs made of them, with smooth edges.

use super::color::Color;
use ab_glyph_rasterizer::{Rasterizer, point};

/// A position in pixels, from the upper left corner.
pub(crate) type Point = [f32; 2];

/// A rectangle: upper left and lower right corner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rect {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

/// Pixels, and the rectangle outside which nothing is painted.
pub(crate) struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[u8; 3]>,
    pub clip: Rect,
}

impl Canvas {
    /// White paper.
    pub fn new(width: usize, height: usize) -> Canvas {
        let clip = Rect { left: 0.0, top: 0.0, right: width as f32, bottom: height as f32 };
        Canvas { width, height, pixels: vec![[255; 3]; width * height], clip }
    }

    /// Allows painting everywhere again.
    pub fn unclip(&mut self) {
        self.clip = Rect { left: 0.0, top: 0.0, right: self.width as f32, bottom: self.height as f32 };
    }

    /// Lays `color` over one pixel; `cover` (0 to 1) of the pixel is covered.
    pub fn blend(&mut self, x: usize, y: usize, color: Color, cover: f32) {
        if x < self.width && y < self.height {
            let pixel = &mut self.pixels[y * self.width + x];
            let old = Color(pixel[0], pixel[1], pixel[2]);
            let Color(r, g, b) = old.mix(color, cover as f64);
            *pixel = [r, g, b];
        }
    }

    /// Paints the union of convex polygons.
    pub fn fill(&mut self, pieces: &[Vec<Point>], color: Color, opacity: f32) {
        let pieces: Vec<_> = pieces.iter().map(|p| clipped(p, self.clip)).filter(|p| p.len() > 2).collect();
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for p in pieces.iter().flatten() {
            low = [low[0].min(p[0]), low[1].min(p[1])];
            high = [high[0].max(p[0]), high[1].max(p[1])];
        }
        if pieces.is_empty() {
            return;
        }
        let [x0, y0] = [low[0].floor(), low[1].floor()];
        let mut area = Rasterizer::new((high[0] - x0).ceil() as usize + 1, (high[1] - y0).ceil() as usize + 1);
        for piece in &pieces {
            let corner = |i: usize| point(piece[i % piece.len()][0] - x0, piece[i % piece.len()][1] - y0);
            // One orientation for all: then overlaps add up to a full cover instead of cancelling.
            for i in 0..piece.len() {
                if orientation(piece) > 0.0 {
                    area.draw_line(corner(i), corner(i + 1));
                } else {
                    area.draw_line(corner(i + 1), corner(i));
                }
            }
        }
        area.for_each_pixel_2d(|x, y, cover| {
            if cover > 0.0 {
                self.blend(x as usize + x0 as usize, y as usize + y0 as usize, color, cover.min(1.0) * opacity);
            }
        });
    }

    /// Paints a disc.
    pub fn disc(&mut self, centre: Point, radius: f32, color: Color, opacity: f32) {
        self.fill(&[round(centre, radius)], color, opacity);
    }

    /// Paints a line through `points` with round joints.
    pub fn line(&mut self, points: &[Point], width: f32, color: Color, opacity: f32) {
        let mut pieces: Vec<Vec<Point>> = points.windows(2).filter_map(|p| bar(p[0], p[1], width)).collect();
        // A joint shows where the line bends, and at its ends.
        let straight =
            |a, b, c| direction(a, b).0.iter().zip(direction(b, c).0).map(|(p, q)| p * q).sum::<f32>() > 0.99;
        let smooth = |i: usize| i > 0 && i + 1 < points.len() && straight(points[i - 1], points[i], points[i + 1]);
        pieces.extend((0..points.len()).filter(|&i| width > 1.5 && !smooth(i)).map(|i| round(points[i], width / 2.0)));
        self.fill(&pieces, color, opacity);
    }

    /// Paints separate pieces of line.
    pub fn segments(&mut self, segments: &[[Point; 2]], width: f32, color: Color, opacity: f32) {
        let pieces: Vec<_> = segments.iter().filter_map(|s| bar(s[0], s[1], width)).collect();
        self.fill(&pieces, color, opacity);
    }

    /// Paints an arrow head in the middle of the way from `a` to `b`.
    pub fn arrow(&mut self, a: Point, b: Point, size: f32, color: Color, opacity: f32) {
        let ([dx, dy], length) = direction(a, b);
        if length > 0.0 {
            let [x, y] = [(a[0] + b[0]) / 2.0 + dx * size / 2.0, (a[1] + b[1]) / 2.0 + dy * size / 2.0];
            let foot = [x - dx * size, y - dy * size];
            let side = |s: f32| [foot[0] - dy * s, foot[1] + dx * s];
            self.fill(&[vec![[x, y], side(size * 0.42), side(-size * 0.42)]], color, opacity);
        }
    }
}

fn direction(a: Point, b: Point) -> (Point, f32) {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx.hypot(dy);
    ([dx / length, dy / length], length)
}

/// The rectangle that a pen of this width leaves between two points.
fn bar(a: Point, b: Point, width: f32) -> Option<Vec<Point>> {
    let ([dx, dy], length) = direction(a, b);
    let (nx, ny) = (-dy * width / 2.0, dx * width / 2.0);
    let corners =
        || vec![[a[0] + nx, a[1] + ny], [b[0] + nx, b[1] + ny], [b[0] - nx, b[1] - ny], [a[0] - nx, a[1] - ny]];
    (length > 0.0 && length.is_finite()).then(corners)
}

fn round(centre: Point, radius: f32) -> Vec<Point> {
    let n = (8.0 + radius * 2.0) as usize;
    let corner = |i: usize| (i as f32 / n as f32 * std::f32::consts::TAU).sin_cos();
    (0..n).map(corner).map(|(s, c)| [centre[0] + radius * c, centre[1] + radius * s]).collect()
}

fn orientation(piece: &[Point]) -> f32 {
    (1..piece.len() - 1)
        .map(|i| {
            let (a, b, c) = (piece[0], piece[i], piece[i + 1]);
            (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        })
        .sum()
}

/// The part of a convex polygon inside a rectangle (Sutherland and Hodgman, 1974).
fn clipped(piece: &[Point], r: Rect) -> Vec<Point> {
    let sides = [(0, 1.0, r.left), (0, -1.0, -r.right), (1, 1.0, r.top), (1, -1.0, -r.bottom)];
    let mut piece = piece.to_vec();
    for (axis, sign, limit) in sides {
        let depth = |p: Point| sign * p[axis] - limit;
        let mut kept = Vec::with_capacity(piece.len() + 1);
        for (i, &a) in piece.iter().enumerate() {
            let b = piece[(i + 1) % piece.len()];
            if depth(a) >= 0.0 {
                kept.push(a);
            }
            if (depth(a) >= 0.0) != (depth(b) >= 0.0) {
                let t = depth(a) / (depth(a) - depth(b));
                let mut cut = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
                cut[axis] = sign * limit;
                kept.push(cut);
            }
        }
        piece = kept;
    }
    piece
}
