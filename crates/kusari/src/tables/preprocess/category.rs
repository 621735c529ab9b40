//! Categories: one-hot vectors for a few words, an embedding for many.

use super::{
    super::{Words, words::MOST},
    Object, Row,
};
use crate::Result;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// More words than this get an embedding.
const ONE_HOT: usize = 32;
/// More words than this are left out unless each comes several times.
const FEW: usize = 20;

/// A category becomes a vector with 1 in the place of its word, minus the vector's mean in training; or the number of a
/// row in an embedding. Words that came once in training, and new ones, share a place; so do missing ones, if there
/// were any. Where no word was rare in training, a new one is the zero vector, which is the mean.
#[derive(Clone, Debug)]
pub(super) struct Category {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The share of each word in training, then those of rare and missing ones.
    shares: Vec<f64>,
    /// Numbers in a row of the embedding; 0: one-hot.
    embed: usize,
}

impl PartialEq for Category {
    fn eq(&self, other: &Category) -> bool {
        (&self.words, &self.shares, self.embed) == (&other.words, &other.shares, other.embed)
    }
}

impl Category {
    fn new(words: Vec<String>, shares: Vec<f64>, embed: usize) -> Category {
        let numbers = words.iter().enumerate().map(|(i, word)| (word.clone(), i as u32)).collect();
        Category { words, numbers, shares, embed }
    }
    pub fn fit(column: &Words, rows: &[u32]) -> Result<Category, &'static str> {
        let mut counts = vec![0usize; column.words.len()];
        let mut missing = 0;
        for &row in rows {
            match counts.get_mut(column.codes[row as usize] as usize) {
                Some(count) => *count += 1,
                None => missing += 1,
            }
        }
        let different = counts.iter().filter(|&&c| c > 0).count();
        let known = rows.len() - missing;
        if known == 0 {
            return Err("no value in any row");
        }
        if different == 1 && missing == 0 {
            return Err("the same in all rows");
        }
        if different > FEW && 2 * different > known {
            return Err("free text");
        }
        let mut kept: Vec<usize> = (0..counts.len()).filter(|&i| counts[i] > 1).collect();
        kept.sort_by(|&a, &b| column.words[a].cmp(&column.words[b]));
        let frequent: usize = kept.iter().map(|&i| counts[i]).sum();
        let all = [kept.iter().map(|&i| counts[i]).collect(), vec![known - frequent, missing]].concat();
        let shares = all.iter().map(|&n| n as f64 / rows.len() as f64).collect();
        // The rule of thumb of fast.ai.
        let embed =
            if kept.len() > ONE_HOT { (1.6 * (kept.len() as f64).powf(0.56)).ceil().min(50.0) as usize } else { 0 };
        Ok(Category::new(kept.iter().map(|&i| column.words[i].clone()).collect(), shares, embed))
    }
    /// The number of a word that came often enough in training.
    pub fn find(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }
    pub fn width(&self) -> usize {
        if self.embed > 0 { 0 } else { self.shares.len() }
    }
    pub fn embedded(&self) -> Option<[usize; 2]> {
        (self.embed > 0).then_some([self.shares.len(), self.embed])
    }
    /// The rows of the embedding for which there was nothing to learn from.
    pub fn unlearnt(&self) -> Vec<usize> {
        (0..self.shares.len()).filter(|&place| self.embed > 0 && self.shares[place] == 0.0).collect()
    }
    /// A word, or none that was learnt.
    pub fn encode_word(&self, word: Option<u32>, numbers: &mut Row, ids: &mut Row) {
        self.encode(word.map_or(self.words.len(), |w| w as usize), numbers, ids);
    }
    pub fn encode_missing(&self, numbers: &mut Row, ids: &mut Row) {
        // Never missing in training: as a word that was never seen.
        let place = self.words.len() + usize::from(self.shares[self.words.len() + 1] > 0.0);
        self.encode(place, numbers, ids);
    }
    fn encode(&self, place: usize, numbers: &mut Row, ids: &mut Row) {
        if self.embed > 0 {
            return ids.push(place as f64);
        }
        let seen = self.shares[place] > 0.0;
        for (i, share) in self.shares.iter().enumerate() {
            numbers.push(if seen { f64::from(u8::from(i == place)) - share } else { 0.0 });
        }
    }
    pub fn to_json(&self) -> Json {
        json!({ "words": self.words, "shares": self.shares, "embed": self.embed })
    }
    pub fn from_json(object: &Object) -> Result<Category> {
        let (words, shares, embed) = (object.texts("words")?, object.numbers("shares")?, object.count("embed", 1000)?);
        let category = Category::new(words, shares, embed);
        if category.shares.len() != category.words.len() + 2 || category.words.len() > MOST {
            return Err(object.wrong("shares", "two more than words"));
        }
        if category.numbers.len() != category.words.len() {
            return Err(object.wrong("words", "different words"));
        }
        Ok(category)
    }
}
