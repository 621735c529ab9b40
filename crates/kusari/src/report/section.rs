//! Sections: what a report shows under one heading.

use super::{Picture, charts, html::escape};
use crate::plot::Chart;
use std::fmt::Write;

/// More classes are not shown as a matrix.
const CLASSES: usize = 30;
/// Classes whose samples are counted.
const ROWS: usize = 100;
/// Pairs of classes shown instead.
const PAIRS: usize = 30;

/// A heading and what is under it, in the order in which it is added.
#[derive(Clone, Default, Debug)]
pub struct Section {
    title: String,
    html: String,
    /// Whether charts are being added side by side.
    charts: bool,
}

impl Section {
    /// An empty section.
    pub fn new(title: impl Into<String>) -> Section {
        Section { title: title.into(), ..Section::default() }
    }
    /// Adds HTML that has been escaped.
    fn add(mut self, html: &str) -> Section {
        if std::mem::take(&mut self.charts) {
            self.html += "</div>\n";
        }
        self.html += html;
        self
    }
    /// A paragraph.
    pub fn text(self, text: &str) -> Section {
        self.add(&format!("<p>{}</p>\n", escape(text)))
    }
    /// A paragraph in small letters.
    pub fn note(self, text: &str) -> Section {
        self.add(&format!("<p class=\"note\">{}</p>\n", escape(text)))
    }
    /// A heading within the section.
    pub fn heading(self, text: &str) -> Section {
        self.add(&format!("<h3>{}</h3>\n", escape(text)))
    }
    /// Lines as they are, in letters of one width.
    pub fn code(self, text: &str) -> Section {
        self.add(&format!("<pre>{}</pre>\n", escape(text)))
    }
    /// Names and what is to be said of each; nothing where there are none.
    pub fn facts<N: AsRef<str>, V: AsRef<str>>(self, facts: impl IntoIterator<Item = (N, V)>) -> Section {
        let line =
            |(name, value): (N, V)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(name.as_ref()), escape(value.as_ref()));
        match facts.into_iter().map(line).collect::<String>() {
            lines if lines.is_empty() => self,
            lines => self.add(&format!("<dl class=\"facts\">\n{lines}</dl>\n")),
        }
    }
    /// A table; columns of numbers, but the first, are aligned on their right.
    pub fn table<H: AsRef<str>>(self, head: &[H], rows: &[Vec<String>]) -> Section {
        self.rows(head, rows, "", |_| String::new())
    }
    /// A table whose rows end with a bar, as long as the share given with each.
    pub fn bars<H: AsRef<str>>(self, head: &[H], rows: &[Vec<String>], shares: &[f64]) -> Section {
        let bar = |row: usize| {
            let width = 100.0 * shares.get(row).map_or(0.0, |share| share.clamp(0.0, 1.0));
            format!("<td class=\"bar\"><span class=\"share\" style=\"width:{width:.1}%\"></span></td>")
        };
        self.rows(head, rows, "<th></th>", bar)
    }
    fn rows<H: AsRef<str>>(
        self,
        head: &[H],
        rows: &[Vec<String>],
        more: &str,
        end: impl Fn(usize) -> String,
    ) -> Section {
        let number = |text: &String| {
            let plain = text.trim_start_matches(['−', '-', '+']).trim_end_matches('%').trim();
            text.is_empty() || plain.replace([',', ' '], "").parse::<f64>().is_ok()
        };
        let numbers: Vec<bool> =
            (0..head.len()).map(|i| i > 0 && rows.iter().all(|row| row.get(i).is_none_or(number))).collect();
        let class = |i: usize| if numbers[i] { " class=\"n\"" } else { "" };
        let name = |(i, name): (usize, &H)| format!("<th{}>{}</th>", class(i), escape(name.as_ref()));
        let names: String = head.iter().enumerate().map(name).collect();
        let line = |(row, cells): (usize, &Vec<String>)| {
            let cell = |(i, text): (usize, &String)| format!("<td{}>{}</td>", class(i), escape(text));
            let cells: String = cells.iter().take(head.len()).enumerate().map(cell).collect();
            format!("<tr>{cells}{}</tr>\n", end(row))
        };
        let lines: String = rows.iter().enumerate().map(line).collect();
        let head = format!("<thead><tr>{names}{more}</tr></thead>");
        self.add(&format!("<div class=\"wide\"><table>\n{head}\n<tbody>\n{lines}</tbody></table></div>\n"))
    }
    /// Curves or dots, which show their values under the pointer; those added one after another stand side by side.
    pub fn chart(mut self, chart: &Chart) -> Section {
        if !std::mem::replace(&mut self.charts, true) {
            self.html += "<div class=\"charts\">\n";
        }
        let data = charts::to_json(chart);
        let _ = writeln!(
            self.html,
            "<figure class=\"chart\" data-title=\"{}\"><script type=\"application/json\">{data}</script></figure>",
            escape(&chart.title)
        );
        self
    }
    /// How many samples of each class there are in each part, and a bar for those of the first part.
    pub fn classes<C: AsRef<str>, P: AsRef<str>>(self, classes: &[C], parts: &[(P, Vec<usize>)]) -> Section {
        let Some((_, first)) = parts.first() else { return self };
        let head: Vec<&str> = ["class"].into_iter().chain(parts.iter().map(|(part, _)| part.as_ref())).collect();
        let row = |(c, class): (usize, &C)| {
            let counts = parts.iter().map(|(_, counts)| counts.get(c).copied().unwrap_or(0).to_string());
            [class.as_ref().to_string()].into_iter().chain(counts).collect()
        };
        let rows: Vec<Vec<String>> = classes.iter().enumerate().take(ROWS).map(row).collect();
        let most = first.iter().copied().max().unwrap_or(0).max(1) as f64;
        let shares: Vec<f64> = first.iter().map(|&n| n as f64 / most).collect();
        let section = self.heading("Classes").bars(&head, &rows, &shares);
        match classes.len().saturating_sub(ROWS) {
            0 => section,
            more => section.note(&format!("and {more} classes more")),
        }
    }
    /// How often which class was taken for which, `counts[true][predicted]`; of more than 30 classes the pairs most often
    /// confused.
    pub fn matrix<C: AsRef<str>>(self, classes: &[C], counts: &[Vec<usize>]) -> Section {
        if classes.len() > CLASSES {
            return self.pairs(classes, counts);
        }
        let name = |c: &C| format!("<th title=\"{0}\">{0}</th>", escape(c.as_ref()));
        let names: String = classes.iter().map(name).collect();
        let many = if classes.len() > 8 { " many" } else { "" };
        let mut html = format!(
            "<div class=\"wide\"><table class=\"matrix{many}\">\n<thead><tr><th class=\"corner\">true ↓ predicted →</th>{names}</tr></thead>\n<tbody>\n"
        );
        for (t, (class, row)) in classes.iter().zip(counts).enumerate() {
            let all = row.iter().sum::<usize>().max(1) as f64;
            let cell = |(p, &count): (usize, &usize)| {
                let share = count as f64 / all;
                // A mistake must be seen although it is rare.
                let shade = if p == t { share } else { 0.15 + 0.85 * share.sqrt() };
                let mut kinds = Vec::from([if p == t { "right" } else { "wrong" }]);
                kinds.extend(
                    [(count == 0).then_some("zero"), (count > 0 && shade > 0.6).then_some("dense")].iter().flatten(),
                );
                let title = format!("{} taken for {}: {:.1} %", class.as_ref(), classes[p].as_ref(), 100.0 * share);
                let (kinds, title) = (kinds.join(" "), escape(&title));
                format!("<td class=\"{kinds}\" style=\"--v:{shade:.2}\" title=\"{title}\">{count}</td>")
            };
            let cells: String = row.iter().take(classes.len()).enumerate().map(cell).collect();
            html += &format!("<tr>{}{cells}</tr>\n", name(class));
        }
        self.add(&(html + "</tbody></table></div>\n"))
    }
    fn pairs<C: AsRef<str>>(self, classes: &[C], counts: &[Vec<usize>]) -> Section {
        let mut pairs: Vec<(usize, usize, usize)> = (counts.iter().enumerate())
            .flat_map(|(t, row)| row.iter().enumerate().map(move |(p, &count)| (count, t, p)))
            .filter(|&(count, t, p)| count > 0 && t != p)
            .collect();
        pairs.sort_by_key(|&(count, t, p)| (std::cmp::Reverse(count), t, p));
        let row = |&(count, t, p): &(usize, usize, usize)| {
            let all: usize = counts[t].iter().sum();
            vec![classes[t].as_ref().into(), classes[p].as_ref().into(), count.to_string(), format!("{all}")]
        };
        let rows: Vec<Vec<String>> = pairs.iter().take(PAIRS).map(row).collect();
        let section = self.note(&format!("{} classes: the pairs most often confused.", classes.len()));
        section.table(&["true", "taken for", "times", "of"], &rows)
    }
    /// Small pictures side by side.
    pub fn pictures(self, pictures: impl IntoIterator<Item = Picture>) -> Section {
        let all: String = pictures.into_iter().map(|picture| picture.to_html()).collect();
        self.add(&format!("<div class=\"pictures\">\n{all}</div>\n"))
    }
    pub(super) fn to_html(&self) -> String {
        let id: String = self.title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let (id, title) = (id.to_lowercase(), escape(&self.title));
        let end = if self.charts { "</div>\n" } else { "" };
        format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{}{end}</section>\n", self.html)
    }
}
