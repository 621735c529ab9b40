//! From cells to the network's numbers: fitted on the training rows, applied to any.

mod category;
mod date;
mod number;

use super::{Kind, Table, Values, json::Object, table::listed};
use crate::{Array, Error, Result};
use category::Category;
use date::Date;
use kusari_array::parallel;
use number::Number;
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Mutex, PoisonError},
};

pub(super) use number::moments;

/// How columns become the network's inputs: numbers standardised, categories as one-hot vectors or embeddings, dates as
/// days and places on the circles of year, week and day.
#[derive(Clone, PartialEq, Debug)]
pub struct Preprocessor {
    inputs: Vec<Input>,
}

/// A column that the network sees.
#[derive(Clone, PartialEq, Debug)]
struct Input {
    name: String,
    encoding: Encoding,
}

#[derive(Clone, PartialEq, Debug)]
enum Encoding {
    Number(Number),
    Category(Category),
    Date(Date),
}

/// Where a row's numbers go.
struct Row<'a> {
    numbers: &'a mut [f32],
    at: usize,
}

impl Row<'_> {
    fn push(&mut self, value: f64) {
        self.numbers[self.at] = value as f32;
        self.at += 1;
    }
}

/// How many rows are encoded in one go.
const CHUNK: usize = 16_384;

impl Preprocessor {
    /// Looks at these rows of all columns but the targets and those to be ignored; the sentences say which are left out
    /// and why.
    ///
    /// # Errors
    /// When a column that is to be ignored is missing, or nothing is left to learn from.
    pub fn fit(
        table: &Table,
        rows: &[u32],
        targets: &[String],
        ignore: &[String],
    ) -> Result<(Preprocessor, Vec<String>)> {
        ignore.iter().try_for_each(|name| table.column(name).map(|_| ()))?;
        let used: Vec<_> =
            table.columns().iter().filter(|c| !targets.contains(&c.name) && !ignore.contains(&c.name)).collect();
        let fit = |keys: bool| -> Result<_> {
            let name = |i: usize| if keys { &*used[i].name } else { "" };
            let one = |i: usize| Ok(encoding(name(i), &*table.values(&used[i].name)?, rows));
            // Of columns in files, one after another is in memory.
            let fitted: Result<Vec<_>> = match table.is_stored() {
                true => (0..used.len()).map(one).collect(),
                false => parallel::map(used.len(), one).into_iter().collect(),
            };
            let (mut inputs, mut left_out) = (Vec::new(), BTreeMap::<_, Vec<&str>>::new());
            for (column, fitted) in used.iter().zip(fitted?) {
                match fitted {
                    Ok(encoding) => inputs.push(Input { name: column.name.clone(), encoding }),
                    Err(reason) => left_out.entry(reason).or_default().push(&column.name),
                }
            }
            Ok((inputs, left_out))
        };
        let (mut inputs, mut left_out) = fit(true)?;
        // What looks as if it only numbered the rows is better than nothing.
        if inputs.is_empty() {
            (inputs, left_out) = fit(false)?;
        }
        let told = |(reason, names): (_, Vec<&str>)| format!("left out, {reason}: {}", listed(&names));
        let notices: Vec<String> = left_out.into_iter().map(told).collect();
        if inputs.is_empty() {
            let why = if notices.is_empty() { "the target is its only one".to_string() } else { notices.join("; ") };
            return Err(Error::Data(format!("{}: there is no column to learn from: {why}", table.source())));
        }
        Ok((Preprocessor { inputs }, notices))
    }
    /// Sentences on columns that a table has beside the targets and those that the network sees.
    pub(super) fn unknown(&self, table: &Table, targets: &[String]) -> Vec<String> {
        let known = |name: &&str| self.inputs.iter().any(|i| i.name == **name) || targets.iter().any(|t| t == name);
        let unknown: Vec<&str> = table.names().into_iter().filter(|name| !known(name)).collect();
        let told = format!("left out, as the model does not know them: {}", listed(&unknown));
        if unknown.is_empty() { Vec::new() } else { vec![told] }
    }
    /// The columns that the network sees.
    pub fn names(&self) -> Vec<&str> {
        self.inputs.iter().map(|input| &*input.name).collect()
    }
    /// What the columns are read as.
    pub fn kinds(&self) -> BTreeMap<String, Kind> {
        let kind = |input: &Input| match &input.encoding {
            Encoding::Number(_) => Kind::Number,
            Encoding::Category(_) => Kind::Text,
            Encoding::Date(date) => Kind::Date(date.order),
        };
        self.inputs.iter().map(|input| (input.name.clone(), kind(input))).collect()
    }
    /// How many numbers, without the embedded categories, a row becomes.
    pub(super) fn width(&self) -> usize {
        let width = |input: &Input| match &input.encoding {
            Encoding::Number(number) => number.width(),
            Encoding::Category(category) => category.width(),
            Encoding::Date(date) => date.width(),
        };
        self.inputs.iter().map(width).sum()
    }
    /// Rows and width of the table of each embedded category.
    pub(super) fn embedded(&self) -> Vec<[usize; 2]> {
        let embedded = |input: &Input| match &input.encoding {
            Encoding::Category(category) => category.embedded(),
            _ => None,
        };
        self.inputs.iter().filter_map(embedded).collect()
    }
    /// Number and row of each embedding's rows for which there was nothing to learn from.
    pub(super) fn unlearnt(&self) -> Vec<(usize, usize)> {
        let categories = self.inputs.iter().filter_map(|input| match &input.encoding {
            Encoding::Category(category) if category.embedded().is_some() => Some(category.unlearnt()),
            _ => None,
        });
        categories.enumerate().flat_map(|(i, rows)| rows.into_iter().map(move |row| (i, row))).collect()
    }
    /// In a few words, for people.
    pub fn describe(&self) -> String {
        let count = |f: fn(&Encoding) -> bool| self.inputs.iter().filter(|i| f(&i.encoding)).count();
        let kinds = [
            (count(|e| matches!(e, Encoding::Number(_))), "number", "numbers"),
            (count(|e| matches!(e, Encoding::Category(_))), "category", "categories"),
            (count(|e| matches!(e, Encoding::Date(_))), "date", "dates"),
        ];
        let kinds = kinds
            .iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }));
        kinds.collect::<Vec<_>>().join(", ")
    }
    /// The rows as the network takes them, (rows, width + number of embedded categories), the latter's numbers last.
    ///
    /// # Errors
    /// When the table lacks a column.
    pub fn encode(&self, table: &Table, rows: &[u32]) -> Result<Array> {
        let missing: Vec<&str> = self.names().into_iter().filter(|name| table.find(name).is_none()).collect();
        if !missing.is_empty() {
            let (missing, has) = (listed(&missing), table.listed());
            let message =
                format!("{}: the model needs columns that are missing: {missing}; there are {has}", table.source());
            return Err(Error::Data(message));
        }
        let (table, rows) = table.picked(rows, &self.names())?;
        let columns: Vec<(&Input, &Values)> =
            self.inputs.iter().filter_map(|input| Some((input, &table.find(&input.name)?.values))).collect();
        let columns: Vec<Ready> =
            columns.into_iter().map(|(input, values)| Ready::new(&input.encoding, values, rows.len())).collect();
        let (width, total) = (self.width(), self.width() + self.embedded().len());
        let mut all = vec![0f32; rows.len() * total];
        let parts: Vec<Mutex<&mut [f32]>> = all.chunks_mut((CHUNK * total).max(1)).map(Mutex::new).collect();
        parallel::map(parts.len(), |i| {
            let mut part = parts[i].lock().unwrap_or_else(PoisonError::into_inner);
            for (&row, numbers) in rows[i * CHUNK..].iter().zip(part.chunks_mut(total.max(1))) {
                let (numbers, ids) = numbers.split_at_mut(width);
                let (mut numbers, mut ids) = (Row { numbers, at: 0 }, Row { numbers: ids, at: 0 });
                columns.iter().for_each(|column| column.encode(row as usize, &mut numbers, &mut ids));
            }
        });
        drop(parts);
        Ok(Array::from_vec(&[rows.len(), total], all))
    }
    pub(super) fn to_json(&self) -> Json {
        let input = |input: &Input| {
            let (kind, mut json) = match &input.encoding {
                Encoding::Number(number) => ("number", number.to_json()),
                Encoding::Category(category) => ("category", category.to_json()),
                Encoding::Date(date) => ("date", date.to_json()),
            };
            (json["name"], json["kind"]) = (json!(input.name), json!(kind));
            json
        };
        self.inputs.iter().map(input).collect()
    }
    pub(super) fn from_json(objects: &[Object]) -> Result<Preprocessor> {
        let mut names = HashSet::new();
        let input = |object: &Object| {
            let name = object.text("name")?.to_string();
            if !names.insert(name.clone()) {
                return Err(object.wrong("name", "a name that no other input has"));
            }
            let encoding = match object.text("kind")? {
                "number" => Encoding::Number(Number::from_json(object)?),
                "category" => Encoding::Category(Category::from_json(object)?),
                "date" => Encoding::Date(Date::from_json(object)?),
                _ => return Err(object.wrong("kind", "number, category or date")),
            };
            Ok(Input { name, encoding })
        };
        Ok(Preprocessor { inputs: objects.iter().map(input).collect::<Result<_>>()? })
    }
}

/// A column of one table, ready to be encoded.
enum Ready<'a> {
    Number(&'a Number, Vec<f64>),
    Borrowed(&'a Number, &'a [f64]),
    Date(&'a Date, &'a [f64]),
    Category(&'a Category, Vec<Option<u32>>, &'a [u32]),
    /// Not as in training: cell by cell as text.
    Texts(&'a Category, &'a Values),
    Unknown(&'a Encoding),
}

impl<'a> Ready<'a> {
    /// Ready for so many rows.
    fn new(encoding: &'a Encoding, values: &'a Values, rows: usize) -> Ready<'a> {
        match (encoding, values) {
            (Encoding::Number(number), Values::Numbers(v) | Values::Dates(v, _)) => Ready::Borrowed(number, v),
            (Encoding::Number(number), Values::Words(words)) => {
                let parsed: Vec<f64> = words.words.iter().map(|w| w.parse().unwrap_or(f64::NAN)).collect();
                let value = |&code: &u32| parsed.get(code as usize).copied().unwrap_or(f64::NAN);
                Ready::Number(number, words.codes.iter().map(value).collect())
            }
            (Encoding::Date(date), Values::Dates(v, _)) => Ready::Date(date, v),
            // Fewer rows than words: they are looked up one by one.
            (Encoding::Category(category), Values::Words(words)) if rows < words.words.len() => {
                Ready::Texts(category, values)
            }
            (Encoding::Category(category), Values::Words(words)) => {
                Ready::Category(category, words.words.iter().map(|w| category.find(w)).collect(), &words.codes)
            }
            (Encoding::Category(category), Values::Numbers(_)) => Ready::Texts(category, values),
            _ => Ready::Unknown(encoding),
        }
    }
    fn encode(&self, row: usize, numbers: &mut Row, ids: &mut Row) {
        match self {
            Ready::Number(number, v) => number.encode(v[row], numbers),
            Ready::Borrowed(number, v) => number.encode(v[row], numbers),
            Ready::Date(date, v) => date.encode(v[row], numbers),
            Ready::Category(category, found, codes) => match found.get(codes[row] as usize) {
                Some(found) => category.encode_word(*found, numbers, ids),
                None => category.encode_missing(numbers, ids),
            },
            Ready::Texts(category, values) => match super::target::cell_text(values, row) {
                Some(text) => category.encode_word(category.find(&text), numbers, ids),
                None => category.encode_missing(numbers, ids),
            },
            Ready::Unknown(Encoding::Number(number)) => number.encode(f64::NAN, numbers),
            Ready::Unknown(Encoding::Date(date)) => date.encode(f64::NAN, numbers),
            Ready::Unknown(Encoding::Category(category)) => category.encode_word(None, numbers, ids),
        }
    }
}

/// How a column is encoded, or why it is left out.
fn encoding(name: &str, values: &Values, rows: &[u32]) -> Result<Encoding, &'static str> {
    match values {
        Values::Various | Values::Stored(_) => Err("free text"),
        Values::Numbers(v) => Number::fit(name, v, rows).map(Encoding::Number),
        Values::Dates(v, order) => Date::fit(v, *order, rows).map(Encoding::Date),
        Values::Words(words) => Category::fit(words, rows).map(Encoding::Category),
    }
}
