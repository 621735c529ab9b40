//! Pictures with their classes, in memory or in files.

use super::{Fit, Picture, preprocess::Moments};
use crate::{
    Array, DType, Error, Result,
    datasets::Digits,
    tables::{share_of, stratified},
};
use std::{borrow::Cow, path::PathBuf, sync::OnceLock};

/// Which part of the data a picture belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// To be learnt from, unless a share of such pictures is held out.
    Train,
    /// Decides when to stop.
    Valid,
    /// Scores the best model once, at the end.
    Test,
}

/// Pictures as squares of one size, each with its class.
#[derive(Debug)]
pub struct Pictures {
    /// What all of them are called.
    pub(super) source: String,
    pub(super) size: usize,
    pub(super) fit: Fit,
    pub(super) classes: Vec<String>,
    pub(super) items: Vec<Item>,
}

/// A picture.
#[derive(Debug)]
pub(super) struct Item {
    /// Where it is read from, if it does not lie in memory.
    pub file: PathBuf,
    /// The number of its class; of a picture to be predicted 0.
    pub label: usize,
    pub part: Part,
    pub moments: Moments,
    pub square: OnceLock<Picture>,
}

impl Pictures {
    /// Grey pictures of values from 0 to 255 (n, height, width) with the numbers of their classes, in memory.
    ///
    /// # Errors
    /// When they do not fit together.
    pub fn from_digits(source: &str, train: &Digits, valid: &Digits) -> Result<Pictures> {
        let mut pictures =
            Pictures { source: source.to_string(), size: 0, fit: Fit::Pad, classes: Vec::new(), items: Vec::new() };
        for (digits, part) in [(train, Part::Train), (valid, Part::Valid)] {
            pictures.add(digits.columns(), part)?;
        }
        let classes = pictures.items.iter().map(|item| item.label + 1).max().unwrap_or(0);
        pictures.classes = (0..classes).map(|c| c.to_string()).collect();
        Ok(pictures)
    }
    fn add(&mut self, (x, t): &(Array, Array), part: Part) -> Result<()> {
        let &[n, height, width] = &x.shape()[..] else {
            return Err(Error::invalid("Pictures", "pictures (n, height, width)", format_args!("shape {}", x.shape())));
        };
        self.size = self.size.max(height).max(width);
        let labels = t.cast(DType::I64).to_vec::<i64>();
        let pixels = x.cast(DType::U8).to_vec::<u8>();
        for (i, pixels) in pixels.chunks_exact((height * width).max(1)).enumerate().take(n) {
            let label = usize::try_from(labels[i]).ok().filter(|&t| t < MOST_CLASSES);
            let label = label.ok_or_else(|| Error::invalid("Pictures", "classes from 0 to 999", labels[i]))?;
            let picture = Picture::new(width, height, 1, pixels.to_vec())?;
            let square = self.fit.square(&picture, self.size);
            let moments = Moments::of(&square);
            self.items.push(Item { file: PathBuf::new(), label, part, moments, square: square.into() });
        }
        Ok(())
    }
    /// How many they are.
    pub fn len(&self) -> usize {
        self.items.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }
    /// What all of them are called: the folder's name.
    pub fn source(&self) -> &str {
        &self.source
    }
    /// The side of the squares.
    pub fn size(&self) -> usize {
        self.size
    }
    /// The file of picture `i`; empty for one in memory.
    ///
    /// # Panics
    /// When there is no such picture.
    pub fn file(&self, i: usize) -> &std::path::Path {
        &self.items[i].file
    }
    /// The number of the class of picture `i`.
    ///
    /// # Panics
    /// When there is no such picture.
    pub fn label(&self, i: usize) -> usize {
        self.items[i].label
    }
    /// Picture `i` as a square.
    ///
    /// # Errors
    /// When its file can no longer be read.
    ///
    /// # Panics
    /// When there is no such picture.
    pub fn get(&self, i: usize) -> Result<Cow<'_, Picture>> {
        let item = &self.items[i];
        if let Some(square) = item.square.get() {
            return Ok(Cow::Borrowed(square));
        }
        Err(Error::Data(format!("{}: not there", item.file.display())))
    }
    /// The numbers of the pictures to learn from, to decide when to stop by, and to test with. Where the data have no
    /// parts of their own, shares of the pictures are held out by chance, of every class as large a share.
    pub fn parts(&self, valid: f64, test: f64, seed: u64) -> [Vec<usize>; 3] {
        let of = |part| (0..self.len()).filter(|&i| self.items[i].part == part).collect::<Vec<_>>();
        let [mut train, mut valid_part, mut test_part] = [of(Part::Train), of(Part::Valid), of(Part::Test)];
        let strata: Vec<usize> = train.iter().map(|&i| self.items[i].label).collect();
        let mut order: Vec<usize> = stratified(&strata, seed).into_iter().map(|at| train[at]).collect();
        let n = order.len();
        let mut hold = |part: &mut Vec<usize>, share: f64| {
            if part.is_empty() && share > 0.0 && order.len() > 1 {
                *part = order.drain(..share_of(n, share).min(order.len() - 1)).collect();
                part.sort_unstable();
            }
        };
        hold(&mut test_part, test);
        hold(&mut valid_part, valid);
        order.sort_unstable();
        train = order;
        [train, valid_part, test_part]
    }
}

/// More classes than this are taken for a mistake.
pub(super) const MOST_CLASSES: usize = 1_000;
