//! Colours, and the order in which lines take them.

/// Red, green and blue, 0 to 255.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// Paper.
    pub const WHITE: Color = Color(255, 255, 255);
    /// Text.
    pub const INK: Color = Color(32, 36, 44);
    /// Secondary text.
    pub const GREY: Color = Color(104, 112, 124);
    /// Grid lines.
    pub const GRID: Color = Color(228, 231, 236);
    /// Where a path starts.
    pub const START: Color = Color(252, 191, 73);
    /// Where a path ends.
    pub const END: Color = Color(193, 18, 67);

    /// The colour of the `i`-th line: eight that stay apart for colour-blind eyes and in print.
    pub fn nth(i: usize) -> Color {
        const LINES: [Color; 8] = [
            Color(37, 99, 205),
            Color(232, 108, 16),
            Color(16, 150, 104),
            Color(190, 44, 130),
            Color(118, 84, 214),
            Color(10, 160, 184),
            Color(212, 56, 56),
            Color(122, 92, 62),
        ];
        LINES[i % LINES.len()]
    }

    /// The colour a share `t` (0 to 1) of the way to `other`.
    pub fn mix(self, other: Color, t: f64) -> Color {
        let t = t.clamp(0.0, 1.0);
        let one = |a: u8, b: u8| (a as f64 + (b as f64 - a as f64) * t).round() as u8;
        Color(one(self.0, other.0), one(self.1, other.1), one(self.2, other.2))
    }
}
