//! Which class a cell is of.

use super::Values;
use std::collections::HashMap;

/// Finds the class of a cell.
pub(super) struct Classes<'a> {
    texts: HashMap<&'a str, i32>,
    numbers: HashMap<u64, i32>,
    /// Those of the column's different texts.
    codes: Vec<Option<i32>>,
}

impl<'a> Classes<'a> {
    /// Of these names.
    pub fn new(classes: &'a [String]) -> Classes<'a> {
        let (mut texts, mut numbers) = (HashMap::new(), HashMap::new());
        for (class, i) in classes.iter().zip(0..) {
            texts.entry(&**class).or_insert(i);
            if let Ok(v) = class.parse::<f64>() {
                // −0 is 0.
                numbers.entry((v + 0.0).to_bits()).or_insert(i);
            }
        }
        Classes { texts, numbers, codes: Vec::new() }
    }
    fn number(&self, v: f64) -> Option<i32> {
        self.numbers.get(&(v + 0.0).to_bits()).copied().filter(|_| !v.is_nan())
    }
    /// The class in a row of one column, always the same or a block of the same.
    pub fn of(&mut self, values: &Values, row: usize) -> Option<i32> {
        match values {
            Values::Words(words) => {
                if self.codes.is_empty() {
                    let class =
                        |word: &String| self.texts.get(&**word).copied().or_else(|| self.number(word.parse().ok()?));
                    self.codes = words.words.iter().map(class).collect();
                }
                self.codes.get(words.codes[row] as usize).copied().flatten()
            }
            Values::Numbers(v) | Values::Dates(v, _) => self.number(v[row]),
            Values::Various | Values::Stored(_) => None,
        }
    }
}
