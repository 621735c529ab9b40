//! What a report tells of predictions: scores, pictures of the errors, the worst mistakes.

use super::{
    Errors, Rows, Scores, Table, TableModel, Values, csv::date_as_text, parts::Judged, scores::significant,
    sections::DESCRIBED, target::cell_text,
};
use crate::{
    Result,
    plot::{Chart, Color, Series},
    report::{Judgement, Section},
};

/// Mistakes shown.
const MISTAKES: usize = 20;
/// Columns shown beside a mistake.
const BESIDE: usize = 10;
/// Rows in the picture of predicted and true numbers.
const DOTS: usize = 500;
/// Targets with such a picture.
const PICTURES: usize = 8;

/// A predicted number that is far from the true one.
struct Far {
    row: u32,
    truth: f64,
    predicted: f64,
}

impl Far {
    fn error(&self) -> f64 {
        self.predicted - self.truth
    }
}

/// What is shown of the predictions of all rows; it takes them part by part.
#[derive(Default)]
struct Shown {
    /// Rows that have been seen, and all that there will be.
    seen: usize,
    rows: usize,
    wrong: Vec<Judgement>,
    far: Vec<Far>,
    dots: Vec<Dots>,
}

/// True and predicted numbers of a target, evenly taken from all rows.
struct Dots {
    pairs: Vec<[f64; 2]>,
    range: [f64; 2],
}

impl Shown {
    fn classes(&mut self, part: &Judged) {
        let judgement = |(i, &t): (usize, &i32)| {
            let (truth, predicted) = (t as usize, part.predictions.class_number(i));
            let [of_truth, of_predicted] = [truth, predicted].map(|c| part.predictions.value(i, c));
            Judgement { sample: part.rows[i] as usize, truth, predicted, of_truth, of_predicted }
        };
        self.wrong.extend(part.labels.iter().enumerate().map(judgement));
        self.wrong = Judgement::worst(&self.wrong, MISTAKES);
    }
    fn numbers(&mut self, part: &Judged, targets: usize) {
        let (stride, n) = (self.rows.div_ceil(DOTS).max(1), part.rows.len());
        let pair =
            |row: usize, target: usize| [part.numbers[row * targets + target], part.predictions.value(row, target)];
        self.dots
            .resize_with(targets.min(PICTURES), || Dots { pairs: Vec::new(), range: [f64::INFINITY, -f64::INFINITY] });
        for (target, dots) in self.dots.iter_mut().enumerate() {
            for row in 0..n {
                let pair = pair(row, target);
                dots.range = [dots.range[0].min(pair[0]), dots.range[1].max(pair[0])];
                if (self.seen + row).is_multiple_of(stride) {
                    dots.pairs.push(pair);
                }
            }
        }
        if targets == 1 {
            self.far.extend((0..n).map(|i| {
                let [truth, predicted] = pair(i, 0);
                Far { row: part.rows[i], truth, predicted }
            }));
            self.far.sort_by(|a, b| b.error().abs().total_cmp(&a.error().abs()));
            self.far.truncate(MISTAKES);
        }
        self.seen += n;
    }
}

impl TableModel {
    /// Sections on how the model does on some rows, which `what` names: scores with the confusion matrix or a picture of
    /// the errors, and the worst mistakes.
    ///
    /// # Errors
    /// As [`evaluate`](TableModel::evaluate).
    pub fn result_sections(&self, part: &Rows, scores: &Scores, what: &str) -> Result<Vec<Section>> {
        let mut shown = Shown { rows: part.len(), ..Shown::default() };
        let section = Section::new("Results").text(&format!("On the {} {what}: {}.", part.len(), scores.line()));
        let mut sections = Vec::new();
        match scores {
            Scores::Classification(confusion) => {
                self.judge(part, |part| shown.classes(&part))?;
                sections.push(confusion.section(section));
                sections.push(self.wrong_classes(part.table, &shown.wrong)?);
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
                let k = errors.len();
                self.judge(part, |part| shown.numbers(&part, k))?;
                let row =
                    |e: &Errors| [vec![e.target.clone()], [e.r2, e.rmse, e.mae].map(significant).to_vec()].concat();
                let rows: Vec<Vec<String>> = errors.iter().take(DESCRIBED).map(row).collect();
                let section = if k == 1 { section } else { section.table(&["target", "R²", "RMSE", "MAE"], &rows) };
                let charts = errors.iter().zip(&shown.dots);
                sections.push(charts.fold(section, |section, (e, dots)| section.chart(&scatter(&e.target, dots))));
                if k == 1 {
                    sections.push(self.far_off(part.table, &shown.far)?);
                }
            }
        }
        Ok(sections)
    }
    fn wrong_classes(&self, table: &Table, worst: &[Judgement]) -> Result<Section> {
        let section = Section::new("Worst mistakes");
        if worst.is_empty() {
            return Ok(section.text("There are none."));
        }
        let percent = |p: f64| format!("{:.1} %", 100.0 * p);
        let row = |j: &Judgement| {
            let [truth, predicted] = [j.truth, j.predicted].map(|c| self.target.classes[c].clone());
            vec![(j.sample + 1).to_string(), truth, percent(j.of_truth), predicted, percent(j.of_predicted)]
        };
        let rows: Vec<u32> = worst.iter().map(|j| j.sample as u32).collect();
        let head = ["row", "true", "probability", "taken for", "probability"];
        self.beside(section, table, &rows, &head, worst.iter().map(row))
    }
    fn far_off(&self, table: &Table, far: &[Far]) -> Result<Section> {
        let row = |far: &Far| {
            let values = [far.truth, far.predicted, far.error()].map(significant);
            [vec![(far.row + 1).to_string()], values.to_vec()].concat()
        };
        let rows: Vec<u32> = far.iter().map(|far| far.row).collect();
        let head = ["row", "true", "predicted", "error"];
        self.beside(Section::new("Worst mistakes"), table, &rows, &head, far.iter().map(row))
    }
    /// Adds a table with some cells of the rows beside what is told of each.
    fn beside(
        &self,
        section: Section,
        table: &Table,
        rows: &[u32],
        head: &[&str],
        told: impl Iterator<Item = Vec<String>>,
    ) -> Result<Section> {
        let names: Vec<&str> = self.preprocessor.names().into_iter().take(BESIDE).collect();
        let (table, rows) = table.picked(rows, &names)?;
        let rows: Vec<Vec<String>> =
            told.zip(&*rows).map(|(told, &row)| [told, cells(&table, &names, row as usize)].concat()).collect();
        Ok(section.table(&[head, &names].concat(), &rows))
    }
}

fn cells(table: &Table, names: &[&str], row: usize) -> Vec<String> {
    let cell = |name: &&str| {
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

/// True and predicted numbers, and the line where both are the same.
fn scatter(target: &str, dots: &Dots) -> Chart {
    let [low, high] = dots.range;
    Chart::new(format!("{target}: true and predicted"))
        .x_label("true")
        .y_label("predicted")
        .add(Series::dots(dots.pairs.iter().copied()).label("rows"))
        .add(Series::line([[low, low], [high, high]]).label("predicted = true").color(Color::GREY))
}
