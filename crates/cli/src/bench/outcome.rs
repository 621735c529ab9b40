//! The numbers that a child process hands to its parent, and that are printed as JSON.

use std::fmt;

/// Numbers by name, in order.
#[derive(Default)]
pub struct Outcome(pub Vec<(String, f64)>);

impl Outcome {
    pub fn set(&mut self, name: &str, value: f64) {
        self.0.push((name.to_string(), value));
    }
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Outcome> {
        let pair = |line: &str| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_string(), value.parse().ok()?))
        };
        text.lines().map(pair).collect::<Option<_>>().map(Outcome)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| writeln!(f, "{name} {value}"))
    }
}
