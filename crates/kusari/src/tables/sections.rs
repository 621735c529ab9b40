//! What a report tells of a table, and of scores.

use super::{
    Confusion, Lesson, Rows, TableModel, Values,
    csv::date_as_text,
    scores::{ClassScores, significant},
};
use crate::report::Section;
use kusari_array::parallel;

/// Columns, classes, labels described.
pub(super) const DESCRIBED: usize = 100;

impl Lesson<'_> {
    /// A section on the data: the parts of the rows, the classes with their counts, the columns with what they hold.
    pub fn data_section(&self, test: Option<&Rows>) -> Section {
        let [train, valid] = &self.rows;
        let (table, model) = (train.table, self.model());
        let mut parts = vec![("training", train), ("validation", valid)];
        parts.extend(test.map(|test| ("test", test)));
        let mut facts = vec![
            ("file".to_string(), table.source().to_string()),
            ("rows".into(), table.rows().to_string()),
            ("columns".into(), table.columns().len().to_string()),
            ("target".into(), format!("{}: {}", model.target.columns.join(", "), model.target.task.name())),
        ];
        facts.extend(parts.iter().map(|(name, part)| (format!("rows for {name}"), part.len().to_string())));
        let section = Section::new("Data").facts(facts);
        let section = classes(section, model, &parts);
        let section = self.notices().iter().fold(section, |section, notice| section.note(notice));
        let inputs = model.preprocessor.names();
        let row = |i: usize| {
            let column = &table.columns()[i];
            let role = match &column.name {
                name if model.target.columns.contains(name) => "target",
                name if inputs.contains(&&**name) => "input",
                _ => "left out",
            };
            let [kind, missing, values] = match table.values(&column.name) {
                Ok(values) => described(&values),
                Err(e) => ["unknown".to_string(), String::new(), e.to_string()],
            };
            vec![column.name.clone(), role.to_string(), kind, missing, values]
        };
        let count = table.columns().len().min(DESCRIBED);
        // Of columns in files, one after another is in memory.
        let rows: Vec<Vec<String>> =
            if table.is_stored() { (0..count).map(row).collect() } else { parallel::map(count, row) };
        let section = section.heading("Columns").table(&["name", "role", "kind", "missing", "values"], &rows);
        match table.columns().len().saturating_sub(DESCRIBED) {
            0 => section,
            more => section.note(&format!("and {more} columns more")),
        }
    }
}

/// The number of rows of each class in each part.
fn classes(section: Section, model: &TableModel, parts: &[(&str, &Rows)]) -> Section {
    let classes = &model.target.classes;
    let counted = |(name, part): &(&str, &Rows)| {
        Some((name.to_string(), model.target.class_counts(part.table, part.numbers()).ok()?))
    };
    match classes.is_empty() {
        true => section,
        false => section.classes(classes, &parts.iter().filter_map(counted).collect::<Vec<_>>()),
    }
}

/// Kind, number of missing cells, and what the others hold.
fn described(values: &Values) -> [String; 3] {
    let counted = |kind: &str, missing: usize, text: String| {
        [kind.to_string(), if missing == 0 { String::new() } else { missing.to_string() }, text]
    };
    match values {
        Values::Numbers(v) => {
            let known = || v.iter().copied().filter(|v| !v.is_nan());
            let n = known().count();
            let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            let [low, mean, high] = [low, known().sum::<f64>() / n.max(1) as f64, high].map(significant);
            let text = if n == 0 { String::new() } else { format!("{low} to {high}, mean {mean}") };
            counted("number", v.len() - n, text)
        }
        Values::Dates(v, _) => {
            let known = || v.iter().copied().filter(|v| !v.is_nan());
            let n = known().count();
            let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
            let text = if n == 0 { String::new() } else { format!("{} to {}", date_as_text(low), date_as_text(high)) };
            counted("date", v.len() - n, text)
        }
        Values::Words(words) => {
            let mut counts = vec![0usize; words.words.len()];
            let mut missing = 0;
            for &code in &words.codes {
                counts.get_mut(code as usize).map_or_else(|| missing += 1, |count| *count += 1);
            }
            let mut order: Vec<usize> = (0..counts.len()).collect();
            order.sort_by_key(|&i| std::cmp::Reverse(counts[i]));
            let most: Vec<String> =
                order.iter().take(3).map(|&i| format!("{} ({})", words.words[i], counts[i])).collect();
            counted(
                "text",
                missing,
                format!("{} different: {}{}", counts.len(), most.join(", "), more(counts.len(), 3)),
            )
        }
        Values::Various | Values::Stored(_) => ["free text".to_string(), String::new(), String::new()],
    }
}

fn more(all: usize, shown: usize) -> &'static str {
    if all > shown { ", …" } else { "" }
}

impl Confusion {
    /// Adds the matrix and the scores of each class to a section.
    pub fn section(&self, section: Section) -> Section {
        let row = |(c, class): (usize, &String)| {
            let ClassScores { precision, recall, f1, rows } = self.class(c);
            let scores = [precision, recall, f1].map(|v| format!("{v:.3}"));
            [vec![class.clone()], scores.to_vec(), vec![rows.to_string()]].concat()
        };
        let rows: Vec<Vec<String>> = self.classes.iter().enumerate().take(DESCRIBED).map(row).collect();
        section.matrix(&self.classes, &self.counts).table(&["class", "precision", "recall", "F1", "samples"], &rows)
    }
}
