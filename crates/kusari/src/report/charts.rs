//! Charts as data for the page's script, and the curves of a log.

use super::{Section, html::within_script};
use crate::{
    plot::{Chart, Series, Style},
    training::LogEntry,
};
use serde_json::{Value as Json, json};

/// More points of a curve are not kept: every second, third, … one and the last.
const POINTS: usize = 1_000;

/// The chart as JSON that may stand within a script element.
pub(super) fn to_json(chart: &Chart) -> String {
    let lines = chart.series.first().is_none_or(|series| series.style != Style::Dots);
    let series = |s: &Series| {
        let style = match s.style {
            Style::Dots => "dots",
            _ if lines => "line",
            _ => "guide",
        };
        let color = s.color.map(|c| format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2));
        json!({ "label": s.label, "style": style, "color": color, "points": points(&s.points) })
    };
    let data = json!({
        "title": chart.title, "kind": if lines { "lines" } else { "dots" }, "log": chart.log_y,
        "x_label": chart.x_label, "y_label": chart.y_label,
        "series": chart.series.iter().map(series).collect::<Vec<_>>(),
    });
    within_script(&data.to_string())
}

/// Six digits of each number; what is not finite is a gap.
fn points(points: &[[f64; 2]]) -> Vec<Json> {
    let stride = points.len().div_ceil(POINTS).max(1);
    let number = |v: f64| format!("{v:.5e}").parse::<f64>().ok().filter(|v| v.is_finite());
    let kept =
        points.iter().enumerate().filter(|(i, p)| (i % stride == 0 || i + 1 == points.len()) && p[0].is_finite());
    kept.map(|(_, p)| json!([p[0], number(p[1])])).collect()
}

/// What is written in the log besides: no curves of their own.
fn last(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// A chart of each value in the log, those for training and validation together; the loss comes first.
pub(crate) fn curves(log: &[LogEntry]) -> Vec<Chart> {
    let mut keys: Vec<&str> = Vec::new();
    log.iter().flat_map(|row| row.values.iter()).for_each(|(key, _)| {
        if !keys.contains(&key) {
            keys.push(key);
        }
    });
    let mut titles: Vec<&str> = Vec::new();
    keys.iter().map(|key| last(key)).for_each(|title| {
        if !titles.contains(&title) {
            titles.push(title);
        }
    });
    titles.sort_by_key(|title| *title != "loss");
    // Several rows an epoch: they are told apart by the iteration.
    let x = if log.windows(2).all(|pair| pair[0].epoch < pair[1].epoch) { "epoch" } else { "iteration" };
    let chart = |title: &str| {
        let mut chart = Chart::new(title).x_label(x);
        for key in keys.iter().filter(|key| last(key) == title) {
            let points: Vec<[f64; 2]> = log.iter().filter_map(|row| Some([row.get(x)?, row.get(key)?])).collect();
            let least = points.iter().copied().filter(|p| p[1].is_finite()).min_by(|a, b| a[1].total_cmp(&b[1]));
            chart = chart.line(label(key), points);
            if let Some(least) = least.filter(|_| *key == "validation/main/loss") {
                chart = chart.add(Series::dots([least]).label("lowest"));
            }
        }
        chart
    };
    titles.into_iter().map(chart).collect()
}

/// What a key is called in a legend.
fn label(key: &str) -> &str {
    match key.strip_suffix(last(key)) {
        Some("main/") => "training",
        Some("validation/main/") => "validation",
        _ => key,
    }
}

pub(super) fn section(log: &[LogEntry]) -> Option<Section> {
    let section = Section::new("Curves");
    let curves = curves(log);
    let hint = "Values under the pointer; drag across a part of a chart to enlarge it.";
    (!curves.is_empty()).then(|| curves.iter().fold(section, Section::chart).note(hint))
}
