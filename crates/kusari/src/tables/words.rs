//! Texts of a column: each different one is kept once.

use std::{collections::HashMap, sync::Arc};

/// The code of a cell that is empty, or says that it is.
pub const MISSING: u32 = u32::MAX;

/// More different texts than this are not kept.
pub(super) const MOST: usize = 65_535;

/// The texts of a column as numbers: cell `i` is `words[codes[i]]`, or missing.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Words {
    /// The number of each cell's text, or [`MISSING`].
    pub codes: Vec<u32>,
    /// The different texts, in the order of their first use.
    pub words: Arc<[String]>,
}

impl Words {
    /// The text of a cell.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.words.get(self.codes[row] as usize).map(|word| &**word)
    }
}

/// Collects texts.
#[derive(Default)]
pub(super) struct Collector {
    codes: Vec<u32>,
    numbers: HashMap<Box<[u8]>, u32>,
    order: Vec<String>,
    /// Bytes in all different texts.
    length: usize,
    /// The number of the last text, which often comes again.
    last: u32,
}

impl Collector {
    /// Adds a cell; says no when there are too many different ones.
    pub fn push(&mut self, text: Option<&[u8]>) -> bool {
        let Some(text) = text else {
            self.codes.push(MISSING);
            return true;
        };
        let code = match self.order.get(self.last as usize) {
            Some(last) if last.as_bytes() == text => self.last,
            _ => match self.number(text) {
                Some(code) => code,
                None => return false,
            },
        };
        self.codes.push(code);
        true
    }
    /// The number of a text; none when there are too many.
    pub(super) fn number(&mut self, text: &[u8]) -> Option<u32> {
        let code = match self.numbers.get(text) {
            Some(&code) => code,
            None if self.order.len() == MOST => return None,
            None => {
                let code = self.order.len() as u32;
                self.numbers.insert(text.into(), code);
                self.order.push(String::from_utf8_lossy(text).into_owned());
                self.length += text.len();
                code
            }
        };
        self.last = code;
        Some(code)
    }
    /// Adds all cells of `part`, or says no when there are too many different texts.
    pub fn append(&mut self, part: Collector) -> bool {
        let renumbered: Option<Vec<u32>> = part.order.iter().map(|word| self.number(word.as_bytes())).collect();
        let Some(renumbered) = renumbered else { return false };
        self.codes.extend(part.codes.iter().map(|&c| if c == MISSING { MISSING } else { renumbered[c as usize] }));
        true
    }
    /// About how many bytes the different texts take.
    pub(super) fn size(&self) -> u64 {
        // Each is there twice, with what holds it and with what is left free for the next ones.
        2 * self.length as u64 + 160 * self.order.len() as u64
    }
    /// What was collected.
    pub fn finish(self) -> Words {
        Words { codes: self.codes, words: self.order.into() }
    }
}
