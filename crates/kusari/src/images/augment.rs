//! Random changes of pictures that leave the class as it is.

use super::{Picture, warp::Affine};
use crate::random::Generator;

/// What is changed at random about each picture in each epoch: a network sees more than there is.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Augment {
    /// Whether half of the pictures are mirrored, left and right exchanged.
    pub flip: bool,
    /// The part of a side by which a picture is moved at most.
    pub shift: f64,
    /// The degrees by which a picture is turned at most.
    pub rotate: f64,
    /// The part of a side that is cut off at most, what is left being stretched again.
    pub crop: f64,
    /// How much lightness, contrast and saturation change at most: 0.2 is a fifth.
    pub colour: f64,
}

impl Augment {
    /// The names that [`named`](Augment::named) knows.
    pub const NAMES: [&str; 6] = ["none", "flip", "shift", "rotate", "crop", "colour"];
    /// For photographs: mirrored, cut, in other light.
    pub const PHOTOS: Augment = Augment { flip: true, shift: 0.0, rotate: 0.0, crop: 0.25, colour: 0.2 };
    /// For written characters: moved and turned a little.
    pub const CHARACTERS: Augment = Augment { flip: false, shift: 0.08, rotate: 12.0, crop: 0.0, colour: 0.0 };

    /// The changes of these names, each by a usual amount.
    ///
    /// ```
    /// use kusari::images::Augment;
    /// assert_eq!(Augment::named(&["flip", "crop", "colour"]), Some(Augment::PHOTOS));
    /// assert_eq!(Augment::named(&["none"]), Some(Augment::default()));
    /// ```
    pub fn named(names: &[&str]) -> Option<Augment> {
        let mut augment = Augment::default();
        for name in names {
            match *name {
                "none" if names.len() == 1 => {}
                "flip" => augment.flip = true,
                "shift" => augment.shift = Augment::CHARACTERS.shift,
                "rotate" => augment.rotate = Augment::CHARACTERS.rotate,
                "crop" => augment.crop = Augment::PHOTOS.crop,
                "colour" => augment.colour = Augment::PHOTOS.colour,
                _ => return None,
            }
        }
        Some(augment)
    }
    /// The names of what is changed, for people and files.
    pub fn names(&self) -> String {
        let Augment { flip, shift, rotate, crop, colour } = *self;
        let on = [flip, shift > 0.0, rotate > 0.0, crop > 0.0, colour > 0.0];
        let names: Vec<&str> =
            on.iter().zip(&Augment::NAMES[1..]).filter(|(on, _)| **on).map(|(_, name)| *name).collect();
        if names.is_empty() { "none".to_string() } else { names.join(",") }
    }
    /// The picture changed by what `random` gives; it always gives as many numbers.
    pub fn apply(&self, picture: &Picture, random: &mut Generator) -> Picture {
        let mut draw = [0.0f64; 9];
        draw.iter_mut().for_each(|v| *v = 2.0 * random.next_f64() - 1.0);
        let [flip, zoom, dx, dy, turn, x, y, light, contrast] = draw;
        let saturation = 2.0 * random.next_f64() - 1.0;
        let kept = 1.0 - self.crop * (zoom + 1.0) / 2.0;
        let (sin, cos) = (turn * self.rotate).to_radians().sin_cos();
        let mirror = if self.flip && flip < 0.0 { -1.0 } else { 1.0 };
        // What is cut off lies on either side by chance.
        let moved =
            |by: f64, cut: f64, side: usize| (side as f64 * (by * self.shift + cut * (1.0 - kept) / 2.0)) as f32;
        let map = Affine {
            matrix: [[mirror * kept * cos, -kept * sin], [mirror * kept * sin, kept * cos]]
                .map(|row| row.map(|v| v as f32)),
            offset: [moved(dx, x, picture.width), moved(dy, y, picture.height)],
        };
        let still = Affine { matrix: [[1.0, 0.0], [0.0, 1.0]], offset: [0.0; 2] };
        let mut picture = if map == still { picture.clone() } else { picture.warped(&map) };
        if self.colour > 0.0 {
            let [light, contrast, saturation] = [light, contrast, saturation].map(|v| (1.0 + self.colour * v) as f32);
            recolour(&mut picture, light, contrast, saturation);
        }
        picture
    }
}

/// Multiplies every pixel by `light`, its distance from the picture's mean by `contrast`, and its colours' distance from
/// grey by `saturation`.
fn recolour(picture: &mut Picture, light: f32, contrast: f32, saturation: f32) {
    let sum: u64 = picture.pixels.iter().map(|&v| v as u64).sum();
    let mean = sum as f32 / picture.pixels.len() as f32;
    let tone = |v: f32| light * (mean + contrast * (v - mean));
    if picture.channels == 1 {
        picture.pixels.iter_mut().for_each(|v| *v = (tone(*v as f32) + 0.5) as u8);
        return;
    }
    for pixel in picture.pixels.chunks_exact_mut(3) {
        let grey = 0.299 * pixel[0] as f32 + 0.587 * pixel[1] as f32 + 0.114 * pixel[2] as f32;
        pixel.iter_mut().for_each(|v| *v = (tone(grey + saturation * (*v as f32 - grey)) + 0.5) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_depend_on_the_generator_and_nothing_changes_without() {
        let picture = Picture::new(8, 8, 3, (0..192).map(|v| v as u8).collect()).unwrap();
        assert_eq!(Augment::default().apply(&picture, &mut Generator::new(1)), picture);
        for augment in [Augment::PHOTOS, Augment::CHARACTERS] {
            let changed = |seed| augment.apply(&picture, &mut Generator::new(seed));
            assert_eq!(changed(1), changed(1));
            assert_ne!(changed(1), changed(2));
        }
        let flips = (0..200).filter(|&s| {
            Augment { flip: true, ..Augment::default() }.apply(&picture, &mut Generator::new(s)) != picture
        });
        assert!((70..130).contains(&flips.count()));
    }
}
