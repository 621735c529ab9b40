//! A training run as one HTML file that needs nothing else: no network, no other file.
//!
//! What is known before training is given as [`Report::about`], what came out as [`Report::result`]; curves, times and
//! the state of the run come from the extension [`HtmlReport`](crate::training::extensions::HtmlReport). All texts are
//! escaped, whatever is in them.
//!
//! ```
//! use kusari::report::{Report, Section};
//! let data = Section::new("Data").facts([("rows", "150"), ("columns", "5")]);
//! let report = Report::new("flowers.csv").lead("3 classes").about(data).command("kusari train flowers.csv");
//! assert!(report.to_html().starts_with("<!doctype html>"));
//! ```

mod base64;
mod charts;
mod html;
mod judgement;
mod picture;
mod section;
mod times;

use crate::{
    Result,
    serializers::replace_bytes,
    training::{LogEntry, StepTimes},
};
pub(crate) use html::escape;
pub use judgement::Judgement;
pub use picture::Picture;
pub use section::Section;
use std::path::Path;

/// What is to be told about a training run.
#[derive(Clone, Default, Debug)]
pub struct Report {
    title: String,
    lead: String,
    state: String,
    figures: Vec<[String; 2]>,
    about: Vec<Section>,
    results: Vec<Section>,
    settings: Vec<[String; 2]>,
    command: String,
    log: Vec<LogEntry>,
    times: Option<StepTimes>,
}

impl Report {
    /// A report with this title: what was learnt from.
    pub fn new(title: impl Into<String>) -> Report {
        Report { title: title.into(), ..Report::default() }
    }
    /// A line under the title.
    pub fn lead(self, text: impl Into<String>) -> Report {
        Report { lead: text.into(), ..self }
    }
    /// A section on what is known before training: the data, the model.
    pub fn about(mut self, section: Section) -> Report {
        self.about.push(section);
        self
    }
    /// What the run was asked for, a name and a value each.
    pub fn settings<N: Into<String>, V: Into<String>>(mut self, settings: impl IntoIterator<Item = (N, V)>) -> Report {
        self.settings.extend(settings.into_iter().map(|(name, value)| [name.into(), value.into()]));
        self
    }
    /// The command that does the same again.
    pub fn command(self, command: impl Into<String>) -> Report {
        Report { command: command.into(), ..self }
    }
    /// Says how far the run is, such as `running` or `finished`.
    pub fn set_state(&mut self, state: impl Into<String>) {
        self.state = state.into();
    }
    /// Sets the log whose values become curves.
    pub fn set_log(&mut self, log: &[LogEntry]) {
        self.log = log.to_vec();
    }
    /// Sets what a step spends its time on.
    pub fn set_times(&mut self, times: StepTimes) {
        self.times = Some(times);
    }
    /// A number that is shown large at the top.
    pub fn figure(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.figures.push([name.into(), value.into()]);
    }
    /// A section on what came out: scores, mistakes.
    pub fn result(&mut self, section: Section) {
        self.results.push(section);
    }

    /// The page.
    pub fn to_html(&self) -> String {
        let settings = (!self.settings.is_empty() || !self.command.is_empty()).then(|| {
            let section = Section::new("Settings").facts(self.settings.iter().map(|[name, value]| (name, value)));
            match &*self.command {
                "" => section,
                command => section.heading("The same again").code(command),
            }
        });
        let own = [charts::section(&self.log), self.times.as_ref().map(times::section)];
        let [curves, times] = own;
        let sections: Vec<String> = (curves.iter().chain(&self.results).chain(&self.about))
            .chain(&times)
            .chain(&settings)
            .map(Section::to_html)
            .collect();
        let tile = |[name, value]: &[String; 2]| {
            format!("<div><dt>{}</dt><dd>{}</dd></div>\n", html::escape(name), html::escape(value))
        };
        let figures = match &self.figures[..] {
            [] => String::new(),
            all => format!("<dl class=\"figures\">\n{}</dl>\n", all.iter().map(tile).collect::<String>()),
        };
        let over = ["kusari", &self.state].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        html::fill(include_str!("report/page.html"), |name| match name {
            "title" => html::escape(&self.title),
            "lead" => html::escape(&self.lead),
            "over" => html::escape(&over),
            "figures" => figures.clone(),
            "sections" => sections.concat(),
            "css" => include_str!("report/page.css").to_string(),
            "js" => include_str!("report/page.js").to_string(),
            _ => env!("CARGO_PKG_VERSION").to_string(),
        })
    }
    /// Writes the page, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        replace_bytes(path.as_ref(), self.to_html().as_bytes())
    }
}
