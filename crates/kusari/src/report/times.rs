//! What a step spends its time on.

use super::Section;
use crate::{function_hooks::FunctionTime, training::StepTimes};

/// Functions shown; the rest is summed up.
const SHOWN: usize = 15;

pub(super) fn section(times: &StepTimes) -> Section {
    let steps = times.steps.max(1) as f64;
    let milli = |seconds: f64| format!("{:.3}", 1e3 * seconds / steps);
    let mut functions: Vec<&FunctionTime> = times.functions.iter().collect();
    functions.sort_by(|a, b| b.own.total_cmp(&a.own));
    let (shown, others) = functions.split_at(functions.len().min(SHOWN));
    let mut rows: Vec<(Vec<String>, f64)> = Vec::new();
    for f in shown {
        let calls = format!("{:.0}", f.calls as f64 / steps);
        rows.push((vec![f.name.clone(), calls, milli(f.forward), milli(f.backward), milli(f.own)], f.own));
    }
    let mut sum = |name: String, own: f64| {
        rows.push((vec![name, String::new(), String::new(), String::new(), milli(own)], own));
    };
    if !others.is_empty() {
        sum(format!("{} other functions", others.len()), others.iter().map(|f| f.own).sum());
    }
    let within: f64 = functions.iter().map(|f| f.own).sum();
    sum("data, update and all else".to_string(), (times.seconds - within).max(0.0));
    let all = times.seconds.max(within).max(f64::MIN_POSITIVE);
    let shares: Vec<f64> = rows.iter().map(|(_, seconds)| seconds / all).collect();
    let texts: Vec<Vec<String>> = rows.into_iter().map(|(row, _)| row).collect();
    let note = format!(
        "Milliseconds a step, the mean of {} early steps: {} in all. Gradients are often functions, too: what is a function's own leaves out those that it calls.",
        times.steps,
        milli(times.seconds)
    );
    Section::new("Time per function").note(&note).bars(
        &["function", "calls", "forward", "backward", "own"],
        &texts,
        &shares,
    )
}
