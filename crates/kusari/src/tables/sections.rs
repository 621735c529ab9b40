//! What a report tells of tables: the data, the scores, the worst mistakes.

use super::{
    Confusion, Lesson, Predictions, Rows, Scores, Table, TableModel, Values,
    csv::date_as_text,
    scores::{ClassScores, significant},
    target::cell_text,
};
use crate::{
    Result,
    plot::{Chart, Color, Series},
    report::{Judgement, Section},
};
use kusari_array::parallel;

/// Columns, classes, labels described.
const DESCRIBED: usize = 100;
/// Mistakes shown.
const MISTAKES: usize = 20;
/// Columns shown beside a mistake.
const BESIDE: usize = 10;
/// Rows in the picture of predicted and true numbers.
const DOTS: usize = 500;

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
            let [kind, missing, values] = described(&column.values);
            vec![column.name.clone(), role.to_string(), kind, missing, values]
        };
        let rows: Vec<Vec<String>> = parallel::map(table.columns().len().min(DESCRIBED), row);
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
        let mut counts = vec![0usize; classes.len()];
        model.target.labels(part.table, &part.rows).ok()?.into_iter().for_each(|c| counts[c as usize] += 1);
        Some((name.to_string(), counts))
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
        Values::Various => ["free text".to_string(), String::new(), String::new()],
    }
}

fn more(all: usize, shown: usize) -> &'static str {
    if all > shown { ", …" } else { "" }
}

impl TableModel {
    /// Sections on how the model does on some rows, which `what` names: scores with the confusion matrix or a picture of
    /// the errors, and the worst mistakes.
    ///
    /// # Errors
    /// As [`evaluate`](TableModel::evaluate).
    pub fn result_sections(&self, part: &Rows, scores: &Scores, what: &str) -> Result<Vec<Section>> {
        let predictions = self.predict_rows(part.table, &part.rows)?;
        let section = Section::new("Results").text(&format!("On the {} {what}: {}.", part.len(), scores.line()));
        let mut sections = Vec::new();
        match scores {
            Scores::Classification(confusion) => {
                sections.push(confusion.section(section));
                let labels = self.target.labels(part.table, &part.rows)?;
                sections.extend(self.wrong_classes(part, &predictions, &labels));
            }
            Scores::MultiLabel(labels) => {
                sections.push(
                    labels
                        .iter()
                        .take(DESCRIBED)
                        .fold(section, |section, label| label.section(section.heading(&label.target))),
                );
            }
            Scores::Regression(errors) => {
                let numbers = self.target.numbers(part.table, &part.rows)?;
                let k = errors.len();
                let row = |e: &super::Errors| {
                    [vec![e.target.clone()], [e.r2, e.rmse, e.mae].map(significant).to_vec()].concat()
                };
                let rows: Vec<Vec<String>> = errors.iter().take(DESCRIBED).map(row).collect();
                let section = if k == 1 { section } else { section.table(&["target", "R²", "RMSE", "MAE"], &rows) };
                let charts = errors.iter().enumerate().take(8);
                sections.push(charts.fold(section, |section, (i, e)| {
                    let pairs = (0..part.len()).map(|row| [numbers[row * k + i], predictions.value(row, i)]);
                    section.chart(&scatter(&e.target, &pairs.collect::<Vec<_>>()))
                }));
                if k == 1 {
                    sections.push(self.far_off(part, &predictions, &numbers));
                }
            }
        }
        Ok(sections)
    }
    fn wrong_classes(&self, part: &Rows, predictions: &Predictions, labels: &[i32]) -> Option<Section> {
        let judgement = |(i, &t): (usize, &i32)| {
            let (truth, predicted) = (t as usize, predictions.class_number(i));
            let [of_truth, of_predicted] = [truth, predicted].map(|c| predictions.value(i, c));
            Judgement { sample: part.rows[i], truth, predicted, of_truth, of_predicted }
        };
        let all: Vec<Judgement> = labels.iter().enumerate().map(judgement).collect();
        let worst = Judgement::worst(&all, MISTAKES);
        let names = self.beside();
        let percent = |p: f64| format!("{:.1} %", 100.0 * p);
        let row = |j: &Judgement| {
            let [truth, predicted] = [j.truth, j.predicted].map(|c| self.target.classes[c].clone());
            let first =
                vec![(j.sample + 1).to_string(), truth, percent(j.of_truth), predicted, percent(j.of_predicted)];
            [first, cells(part.table, &names, j.sample)].concat()
        };
        let rows: Vec<Vec<String>> = worst.iter().map(row).collect();
        let head = ["row", "true", "probability", "taken for", "probability"].map(str::to_string);
        let section = Section::new("Worst mistakes");
        Some(match worst.len() {
            0 => section.text("There are none."),
            _ => section.table(&[&head[..], &names].concat(), &rows),
        })
    }
    fn far_off(&self, part: &Rows, predictions: &Predictions, numbers: &[f64]) -> Section {
        let error = |i: usize| predictions.value(i, 0) - numbers[i];
        let mut order: Vec<usize> = (0..part.len()).collect();
        order.sort_by(|&a, &b| error(b).abs().total_cmp(&error(a).abs()));
        let names = self.beside();
        let row = |&i: &usize| {
            let values = [numbers[i], predictions.value(i, 0), error(i)].map(significant);
            [vec![(part.rows[i] + 1).to_string()], values.to_vec(), cells(part.table, &names, part.rows[i])].concat()
        };
        let rows: Vec<Vec<String>> = order.iter().take(MISTAKES).map(row).collect();
        let head = ["row", "true", "predicted", "error"].map(str::to_string);
        Section::new("Worst mistakes").table(&[&head[..], &names].concat(), &rows)
    }
    /// The inputs shown beside a mistake.
    fn beside(&self) -> Vec<String> {
        self.preprocessor.names().into_iter().take(BESIDE).map(str::to_string).collect()
    }
}

fn cells(table: &Table, names: &[String], row: usize) -> Vec<String> {
    let cell = |name: &String| {
        let values = &table.find(name)?.values;
        match values {
            Values::Dates(v, _) if v[row].is_finite() => Some(date_as_text(v[row])),
            // Six digits tell enough.
            Values::Numbers(v) if v[row].is_finite() => {
                format!("{:.5e}", v[row]).parse::<f64>().map(|v| v.to_string()).ok()
            }
            _ => cell_text(values, row),
        }
    };
    names.iter().map(|name| cell(name).unwrap_or_default()).collect()
}

/// True and predicted numbers, evenly taken from all rows, and the line where both are the same.
fn scatter(target: &str, pairs: &[[f64; 2]]) -> Chart {
    let stride = pairs.len().div_ceil(DOTS).max(1);
    let (low, high) = pairs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p[0]), b.max(p[0])));
    Chart::new(format!("{target}: true and predicted"))
        .x_label("true")
        .y_label("predicted")
        .add(Series::dots(pairs.iter().copied().step_by(stride)).label("rows"))
        .add(Series::line([[low, low], [high, high]]).label("predicted = true").color(Color::GREY))
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
