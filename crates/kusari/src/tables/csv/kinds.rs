//! What columns hold: the best guess is read, and the next best one where it proves wrong.

use super::{
    super::Values,
    Kind, ReadOptions,
    dialect::Row,
    guess::{self, Want},
    pieces::Read,
};

/// A share of a column's cells that may be no numbers: they count as missing then.
const JUNK: f64 = 0.02;

/// What is known of the columns' kinds.
pub(super) struct Kinds<'a> {
    names: &'a [String],
    forced: Vec<Option<Kind>>,
    candidates: Vec<Vec<Want>>,
    done: Vec<Option<Values>>,
    notices: Vec<String>,
}

impl<'a> Kinds<'a> {
    /// Guesses from the first rows.
    pub fn new(names: &'a [String], options: &ReadOptions, sample: &[Row]) -> Kinds<'a> {
        let forced: Vec<Option<Kind>> = names.iter().map(|name| options.kinds.get(name).copied()).collect();
        let comma = guess::decimal_comma(sample);
        let candidates = |c: usize| guess::candidates(sample.iter().map(|row| &*row[c]), forced[c], comma);
        let candidates = (0..names.len()).map(candidates).collect();
        Kinds { names, forced, candidates, done: vec![None; names.len()], notices: Vec::new() }
    }
    /// As what the columns are to be read, those not at all that have been; none when all have been.
    pub fn wants(&self) -> Option<Vec<Want>> {
        let wanted = |c: usize| if self.done[c].is_some() { Want::Skip } else { self.candidates[c][0] };
        self.done.iter().any(Option::is_none).then(|| (0..self.names.len()).map(wanted).collect())
    }
    /// Takes the columns that were read; tells which of them have to be read again.
    pub fn take(&mut self, read: Vec<Option<Read>>) -> Vec<usize> {
        let mut again = Vec::new();
        for (c, column) in read.into_iter().enumerate() {
            let Some(column) = column else { continue };
            let few = column.unfit as f64 <= JUNK * (column.fit + column.unfit) as f64;
            let example = column.example.unwrap_or_default();
            if column.unfit > 0 && self.forced[c].is_none() && !few {
                self.candidates[c].remove(0);
                self.candidates[c].retain(|want| want.accepts(example.as_bytes()));
                again.push(c);
                continue;
            }
            if column.unfit > 0 {
                let count = column.unfit;
                let cells = if count == 1 { "one cell that is".to_string() } else { format!("{count} cells that are") };
                let what = if matches!(self.candidates[c][0], Want::Date(_)) { "date" } else { "number" };
                let name = &self.names[c];
                let text = format!("column '{name}': {cells} no {what} ('{example}') counted as missing");
                self.notices.push(text);
            }
            self.done[c] = Some(column.values);
        }
        again
    }
    /// What was read, once nothing is wanted any more, and what was noticed.
    pub fn finish(self) -> (Vec<Values>, Vec<String>) {
        (self.done.into_iter().flatten().collect(), self.notices)
    }
}
