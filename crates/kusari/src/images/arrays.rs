//! Pictures in memory: arrays of them with their classes.

use super::{
    Fit, Part, Picture, Pictures, Preprocessing,
    pictures::{Item, MOST_CLASSES},
    preprocess::{LARGEST, Moments},
};
use crate::{
    Array, DType, Error, Result,
    datasets::Digits,
    serializers::checksum,
    tables::{listed, npz_arrays},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

impl Pictures {
    /// Digits to learn from, and others that are held out, as [`get_mnist`](crate::datasets::get_mnist) gives them with
    /// two axes.
    ///
    /// # Errors
    /// As [`from_arrays`](Pictures::from_arrays).
    pub fn from_digits(source: &str, train: &Digits, valid: &Digits) -> Result<Pictures> {
        let [train, valid] = [train, valid].map(|digits| digits.columns());
        Pictures::from_arrays(source, &[(&train.0, &train.1, Part::Train), (&valid.0, &valid.1, Part::Valid)])
    }
    /// Pictures without classes, as squares.
    pub(super) fn of_pictures(pictures: &[Picture], like: &Preprocessing) -> Pictures {
        let item = |picture| {
            let square = like.fit.square(picture, like.size);
            let (moments, checksum) = (Moments::of(&square), checksum(square.pixels()));
            Item { file: PathBuf::new(), label: 0, part: Part::Train, moments, checksum, square: Some(square) }
        };
        let items = pictures.iter().map(item).collect();
        let (source, classes, notices) = ("the pictures".to_string(), Vec::new(), Vec::new());
        Pictures { source, size: like.size, fit: like.fit, classes, items, notices }
    }
    /// The pictures `x` and the numbers of their classes `t` in an npz file.
    ///
    /// # Errors
    /// As [`from_arrays`](Pictures::from_arrays), and when the file cannot be read or is damaged.
    pub fn from_npz(path: impl AsRef<Path>) -> Result<Pictures> {
        let path = path.as_ref();
        let (x, t) = npz_arrays(&crate::serializers::read_file(path)?, path)?;
        let t = t.ok_or_else(|| Error::Missing { path: path.to_path_buf(), key: "t".to_string() })?;
        Pictures::from_arrays(&path.display().to_string(), &[(&x, &t, Part::Train)])
    }
    /// Pictures (n, height, width), (n, channels, height, width) or (n, height, width, channels) of 1 or 3 channels, with
    /// values from 0 to 1 or to 255, and the numbers of their classes (n,), part by part.
    ///
    /// # Errors
    /// When shapes or values are others, or those of the parts differ.
    pub fn from_arrays(source: &str, parts: &[(&Array, &Array, Part)]) -> Result<Pictures> {
        let unfit = |message: String| Error::Data(format!("{source}: {message}"));
        let (mut size, mut items, mut labels) = (None, Vec::new(), Vec::new());
        for &(x, t, part) in parts {
            let (x, [n, height, width, channels]) = channels_last(x).map_err(unfit)?;
            if *size.get_or_insert([height, width]) != [height, width] {
                return Err(unfit("the parts of the data have pictures of different sizes".to_string()));
            }
            if t.shape()[..] != [n] {
                return Err(unfit(format!("expected a class for each of {n} pictures, got shape {}", t.shape())));
            }
            let pixels = bytes(&x).map_err(unfit)?;
            labels.extend(whole(t).map_err(unfit)?);
            let side = height.max(width);
            for pixels in pixels.chunks_exact(height * width * channels) {
                let square = Fit::Pad.square(&Picture::new(width, height, channels, pixels.to_vec())?, side);
                let (moments, checksum) = (Moments::of(&square), checksum(square.pixels()));
                items.push(Item { file: PathBuf::new(), label: 0, part, moments, checksum, square: Some(square) });
            }
        }
        let classes: Vec<i64> = labels.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let names: Vec<String> = classes.iter().map(i64::to_string).collect();
        if classes.len() > MOST_CLASSES {
            return Err(unfit(format!("there are more than {MOST_CLASSES} classes: {}", listed(&names))));
        }
        for (item, label) in items.iter_mut().zip(&labels) {
            item.label = classes.partition_point(|class| class < label);
        }
        let size = size.map_or(0, |[height, width]| height.max(width));
        Ok(Pictures { source: source.to_string(), size, fit: Fit::Pad, classes: names, items, notices: Vec::new() })
    }
}

/// The pictures as (n, height, width, channels), and these numbers.
fn channels_last(x: &Array) -> Result<(Array, [usize; 4]), String> {
    let (x, shape) = match x.shape()[..] {
        [n, h, w] => (x.clone(), [n, h, w, 1]),
        [n, c @ (1 | 3), h, w] => (x.transpose(&[0, 2, 3, 1]), [n, h, w, c]),
        [n, h, w, c @ (1 | 3)] => (x.clone(), [n, h, w, c]),
        _ => {
            let expected = "(n, height, width), (n, channels, height, width) or (n, height, width, channels)";
            return Err(format!("expected pictures {expected} with 1 or 3 channels, got shape {}", x.shape()));
        }
    };
    match shape {
        [n, h, w, _] if n > 0 && (1..=LARGEST).contains(&h) && (1..=LARGEST).contains(&w) => Ok((x, shape)),
        [n, h, w, _] => Err(format!("expected pictures of 1 to {LARGEST} pixels a side, got {n} of {h} × {w}")),
    }
}

/// The values from 0 to 255.
fn bytes(x: &Array) -> Result<Vec<u8>, String> {
    if x.dtype() == DType::U8 {
        return Ok(x.to_vec::<u8>());
    }
    let values = x.cast(DType::F64).to_vec::<f64>();
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (a.min(v), b.max(v)));
    if values.iter().any(|v| !v.is_finite()) || low < 0.0 || high > 255.0 {
        return Err(format!("expected pictures with values from 0 to 1 or to 255, got {low} to {high}"));
    }
    let scale = if high <= 1.0 { 255.0 } else { 1.0 };
    Ok(values.into_iter().map(|v| (scale * v).round() as u8).collect())
}

/// The numbers of classes.
fn whole(t: &Array) -> Result<Vec<i64>, String> {
    let values = t.cast(DType::F64).to_vec::<f64>();
    match values.iter().find(|v| v.fract() != 0.0 || v.abs() > 1e9) {
        Some(other) => Err(format!("expected whole numbers of classes, got {other}")),
        None => Ok(values.into_iter().map(|v| v as i64).collect()),
    }
}
