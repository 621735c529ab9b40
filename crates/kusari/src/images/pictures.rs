//! Pictures with their classes, in memory or in files.

use super::{Fit, Picture, preprocess::Moments};
use crate::{
    Result,
    tables::{share_of, stratified},
};
use std::{borrow::Cow, path::PathBuf};

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
    pub(super) notices: Vec<String>,
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
    /// The CRC-32 of its file's bytes, or of its pixels.
    pub checksum: u32,
    /// The square, if it is kept.
    pub square: Option<Picture>,
}

impl Pictures {
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
    /// A checksum (CRC-32) of all pictures with their names, classes and parts: whether other data are the same.
    pub fn checksum(&self) -> u32 {
        let mut crc = flate2::Crc::new();
        for class in &self.classes {
            crc.update(class.as_bytes());
            crc.update(&[0]);
        }
        for Item { file, label, part, checksum, .. } in &self.items {
            crc.update(file.as_os_str().as_encoded_bytes());
            [*label as u64, *part as u64, *checksum as u64].iter().for_each(|n| crc.update(&n.to_le_bytes()));
        }
        crc.sum()
    }
    /// Sentences on what was left out.
    pub fn notices(&self) -> &[String] {
        &self.notices
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
        match &item.square {
            Some(square) => Ok(Cow::Borrowed(square)),
            None => Ok(Cow::Owned(self.fit.square(&Picture::open(&item.file)?, self.size))),
        }
    }
    /// The numbers of the pictures to learn from, to decide when to stop by, and to test with. Where the data have no
    /// parts of their own, shares of the pictures are held out by chance, of every class as large a share.
    pub fn parts(&self, valid: f64, test: f64, seed: u64) -> [Vec<usize>; 3] {
        let of = |part| (0..self.len()).filter(|&i| self.items[i].part == part).collect::<Vec<_>>();
        let [mut train, mut valid_part, mut test_part] = [of(Part::Train), of(Part::Valid), of(Part::Test)];
        let strata: Vec<u32> = train.iter().map(|&i| self.items[i].label as u32).collect();
        let mut order: Vec<usize> = stratified(&strata, seed).into_iter().map(|at| train[at as usize]).collect();
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
