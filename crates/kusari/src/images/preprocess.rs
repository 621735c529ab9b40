//! How a picture becomes numbers.

use super::Picture;
use crate::{Error, Result, tables::Object};
use serde_json::{Value as Json, json};

/// How a picture becomes a square.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Fit {
    /// The middle is cut out.
    #[default]
    Crop,
    /// The whole is shown, with black beside it.
    Pad,
}

impl Fit {
    /// All of them.
    pub const ALL: [Fit; 2] = [Fit::Crop, Fit::Pad];
    /// The name in commands and files.
    pub fn name(self) -> &'static str {
        match self {
            Fit::Crop => "crop",
            Fit::Pad => "pad",
        }
    }
    /// The one of this name.
    pub fn named(name: &str) -> Option<Fit> {
        Fit::ALL.into_iter().find(|fit| fit.name() == name)
    }
    /// The picture as a square of `size` pixels a side.
    pub fn square(self, picture: &Picture, size: usize) -> Picture {
        let [w, h] = [picture.width as f64, picture.height as f64];
        match self {
            Fit::Crop => {
                let side = w.min(h);
                picture.resized([(w - side) / 2.0, (h - side) / 2.0], [side; 2], [size; 2])
            }
            Fit::Pad => {
                let of = |side: f64| ((side * size as f64 / w.max(h)).round() as usize).clamp(1, size);
                let (width, height, n) = (of(w), of(h), picture.channels);
                let whole = picture.resized([0.0; 2], [w, h], [width, height]);
                let (left, top) = ((size - width) / 2, (size - height) / 2);
                let mut pixels = vec![0; size * size * n];
                for (line, row) in whole.pixels.chunks_exact(width * n).zip(top..) {
                    pixels[(row * size + left) * n..][..width * n].copy_from_slice(line);
                }
                Picture { width: size, height: size, channels: n, pixels }
            }
        }
    }
}

/// How pictures become numbers: a square, then `(v / 255 − mean) / deviation` channel by channel.
#[derive(Clone, PartialEq, Debug)]
pub struct Preprocessing {
    pub(super) size: usize,
    pub(super) fit: Fit,
    pub(super) mean: Vec<f64>,
    pub(super) deviation: Vec<f64>,
}

/// No picture is made larger than this a side.
pub(super) const LARGEST: usize = 2048;

impl Preprocessing {
    /// The side of the squares.
    pub fn size(&self) -> usize {
        self.size
    }
    /// 1 for grey pictures, 3 for coloured ones.
    pub fn channels(&self) -> usize {
        self.mean.len()
    }
    /// How pictures become squares.
    pub fn fit(&self) -> Fit {
        self.fit
    }
    /// Mean and deviation of the squares `pictures`; they are grey if all of them are.
    pub(super) fn of<'a>(size: usize, fit: Fit, moments: impl Iterator<Item = &'a Moments>) -> Preprocessing {
        let mut all = Moments::default();
        moments.for_each(|m| all.add(m));
        let channels = if all.coloured { 3 } else { 1 };
        let n = all.pixels.max(1) as f64;
        let mean: Vec<f64> = (0..channels).map(|c| all.sums[c] as f64 / n).collect();
        let variance = |c: usize| all.squares[c] as f64 / n - mean[c] * mean[c];
        // A channel that is the same everywhere stays as it is.
        let deviation =
            (0..channels).map(|c| variance(c).max(0.0).sqrt()).map(|d| if d < 0.5 { 1.0 } else { d / 255.0 });
        let deviation = deviation.collect();
        Preprocessing { size, fit, mean: mean.into_iter().map(|m| m / 255.0).collect(), deviation }
    }
    /// Writes the numbers of a square, channel by channel.
    pub(super) fn write(&self, picture: &Picture, out: &mut [f32]) {
        let channels = self.channels();
        let picture = match picture.channels == channels {
            true => picture,
            false => &picture.with_channels(channels),
        };
        for (c, plane) in out.chunks_exact_mut(self.size * self.size).enumerate() {
            let scale = (1.0 / (255.0 * self.deviation[c])) as f32;
            let shift = (-self.mean[c] / self.deviation[c]) as f32;
            let pixels = picture.pixels.chunks_exact(channels);
            plane.iter_mut().zip(pixels).for_each(|(out, pixel)| *out = pixel[c] as f32 * scale + shift);
        }
    }
    pub(super) fn to_json(&self) -> Json {
        json!({ "size": self.size, "fit": self.fit.name(), "mean": self.mean, "deviation": self.deviation })
    }
    pub(super) fn from_json(object: &Object) -> Result<Preprocessing> {
        let fit = Fit::named(object.text("fit")?).ok_or_else(|| object.wrong("fit", "'crop' or 'pad'"))?;
        let size = object.count("size", LARGEST)?;
        let (mean, deviation) = (object.numbers("mean")?, object.numbers("deviation")?);
        if size == 0 || !matches!(mean.len(), 1 | 3) || mean.len() != deviation.len() || deviation.contains(&0.0) {
            let expected = "a size, and mean and deviation of 1 or 3 channels";
            return Err::<_, Error>(object.wrong("size", expected));
        }
        Ok(Preprocessing { size, fit, mean, deviation })
    }
}

/// What mean and deviation of pictures come from.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub(super) struct Moments {
    pixels: u64,
    sums: [u64; 3],
    squares: [u64; 3],
    coloured: bool,
}

impl Moments {
    pub fn of(picture: &Picture) -> Moments {
        let n = picture.channels;
        let mut moments = Moments {
            pixels: (picture.width * picture.height) as u64,
            coloured: !picture.is_grey(),
            ..Moments::default()
        };
        for c in 0..3 {
            for &v in picture.pixels.iter().skip(c.min(n - 1)).step_by(n) {
                moments.sums[c] += v as u64;
                moments.squares[c] += (v as u64).pow(2);
            }
        }
        moments
    }
    fn add(&mut self, other: &Moments) {
        self.pixels += other.pixels;
        self.coloured |= other.coloured;
        for c in 0..3 {
            self.sums[c] += other.sums[c];
            self.squares[c] += other.squares[c];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_cut_or_padded() {
        let wide = Picture::new(4, 2, 1, vec![9, 10, 20, 9, 9, 30, 40, 9]).unwrap();
        assert_eq!(Fit::Crop.square(&wide, 2).pixels(), [10, 20, 30, 40]);
        assert_eq!(Fit::Pad.square(&wide, 4).pixels(), [0, 0, 0, 0, 9, 10, 20, 9, 9, 30, 40, 9, 0, 0, 0, 0]);
    }

    #[test]
    fn normalised_numbers_have_mean_0_and_deviation_1() {
        let picture = Picture::new(2, 2, 3, vec![0, 10, 7, 100, 30, 7, 0, 50, 7, 100, 70, 7]).unwrap();
        let moments = Moments::of(&picture);
        let preprocessing = Preprocessing::of(2, Fit::Crop, std::iter::once(&moments));
        let mut out = [0f32; 12];
        preprocessing.write(&picture, &mut out);
        for plane in out[..8].chunks(4) {
            let mean = plane.iter().sum::<f32>() / 4.0;
            let variance = plane.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 4.0;
            assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5, "{plane:?}");
        }
        assert!(out[8..].iter().all(|v| v.abs() < 1e-6), "a constant channel is 0");
    }
}
