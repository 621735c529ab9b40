//! What a step spends its time on.

use super::Section;
use crate::training::StepTimes;

/// Functions shown; the rest is summed up.
const SHOWN: usize = 15;

pub(super) fn section(times: &StepTimes) -> Section {
    let steps = times.steps.max(1) as f64;
    let milli = |seconds: f64| format!("{:.3}", 1e3 * seconds / steps);
    let mut rows: Vec<(Vec<String>, f64)> = Vec::new();
    let (shown, others) = times.functions.split_at(times.functions.len().min(SHOWN));
    for f in shown {
        let calls = format!("{:.0}", f.calls as f64 / steps);
        rows.push((vec![f.name.clone(), calls, milli(f.forward), milli(f.backward)], f.forward + f.backward));
    }
    if !others.is_empty() {
        let [forward, backward] =
            [others.iter().map(|f| f.forward).sum(), others.iter().map(|f| f.backward).sum::<f64>()];
        let name = format!("{} other functions", others.len());
        rows.push((vec![name, String::new(), milli(forward), milli(backward)], forward + backward));
    }
    let within: f64 = times.functions.iter().map(|f| f.forward + f.backward).sum();
    let rest = (times.seconds - within).max(0.0);
    rows.push((vec!["data, update and all else".into(), String::new(), milli(rest), String::new()], rest));
    let all = times.seconds.max(within).max(f64::MIN_POSITIVE);
    let shares: Vec<f64> = rows.iter().map(|(_, seconds)| seconds / all).collect();
    let texts: Vec<Vec<String>> = rows.into_iter().map(|(row, _)| row).collect();
    let note = format!(
        "Milliseconds a step, the mean of {} early steps: {} in all. A function that calls others counts them too.",
        times.steps,
        milli(times.seconds)
    );
    Section::new("Time per function").note(&note).bars(&["function", "calls", "forward", "backward"], &texts, &shares)
}
