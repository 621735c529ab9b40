//! Letters: a subset of the typeface Inter (SIL Open Font License, `assets/font/LICENSE-OFL.txt`).

use super::{
    canvas::{Canvas, Point},
    color::Color,
};
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont};
use std::sync::LazyLock;

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    let file = include_bytes!("../../assets/font/Inter-subset.ttf");
    FontRef::try_from_slice(file).expect("the embedded font is whole")
});

/// Where a text's position lies: at its left end, middle or right end.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

/// Glyphs side by side from 0, and the width they take. `size` is the height of an em in pixels.
fn layout(text: &str, size: f32) -> (Vec<Glyph>, f32) {
    let em = size * FONT.height_unscaled() / FONT.units_per_em().expect("the embedded font has an em");
    let scaled = FONT.as_scaled(PxScale::from(em));
    let mut x = 0.0;
    let mut place = |c| {
        let mut glyph = scaled.scaled_glyph(c);
        glyph.position.x = x;
        x += scaled.h_advance(glyph.id);
        glyph
    };
    (text.chars().map(&mut place).collect(), x)
}

/// The width of a text in pixels.
pub(crate) fn width(text: &str, size: f32) -> f32 {
    layout(text, size).1
}

impl Canvas {
    /// Writes a line of text; `at` lies on the base line.
    pub fn text(&mut self, text: &str, at: Point, align: Align, size: f32, color: Color) {
        let (glyphs, width) = layout(text, size);
        let x = match align {
            Align::Left => at[0],
            Align::Centre => at[0] - width / 2.0,
            Align::Right => at[0] - width,
        };
        for mut glyph in glyphs {
            glyph.position.x += x;
            glyph.position.y = at[1];
            let Some(outline) = FONT.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                let (x, y) = (corner.x + x as f32, corner.y + y as f32);
                if x >= 0.0 && y >= 0.0 {
                    self.blend(x as usize, y as usize, color, cover.min(1.0));
                }
            });
        }
    }
}
