//! Means of reported values.

use super::Observation;
use crate::{Result, serializers::Serializer};

/// Mean and standard deviation of values that come one at a time.
#[derive(Clone, Default, Debug)]
pub struct Summary {
    sum: f64,
    squares: f64,
    weight: f64,
}

impl Summary {
    /// Adds a value that counts `weight` times.
    pub fn add(&mut self, value: f64, weight: f64) {
        self.sum += weight * value;
        self.squares += weight * value * value;
        self.weight += weight;
    }
    /// Whether there was no value.
    pub fn is_empty(&self) -> bool {
        self.weight == 0.0
    }
    /// The mean; NaN without values.
    pub fn mean(&self) -> f64 {
        self.sum / self.weight
    }
    /// The standard deviation, of the values as a whole population; NaN without values.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let variance = self.squares / self.weight - mean * mean;
        // max(0) alone would turn NaN into 0.
        if variance < 0.0 { 0.0 } else { variance.sqrt() }
    }
    /// Saves or loads.
    ///
    /// # Errors
    /// When a value is missing.
    pub fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.float("_x", &mut self.sum)?;
        s.float("_x2", &mut self.squares)?;
        if !s.loading() && self.weight.fract() == 0.0 {
            // Chainer counts in integers and takes nothing else.
            return s.integer("_n", &mut (self.weight as i64));
        }
        s.float("_n", &mut self.weight)
    }
}

/// [`Summary`]s of named values.
#[derive(Clone, Default, Debug)]
pub struct DictSummary(Vec<(String, Summary)>);

impl DictSummary {
    /// Adds all values, each counting `weight` times.
    pub fn add(&mut self, values: &Observation, weight: f64) {
        for (name, value) in values.iter() {
            match self.0.iter_mut().find(|(n, _)| n == name) {
                Some((_, summary)) => summary.add(value, weight),
                None => {
                    self.0.push((name.to_string(), Summary::default()));
                    self.0.last_mut().expect("just pushed").1.add(value, weight);
                }
            }
        }
    }
    /// The means.
    pub fn means(&self) -> Observation {
        let mut means = Observation::new();
        self.0.iter().for_each(|(name, summary)| means.set(name.clone(), summary.mean()));
        means
    }
    /// Means under the names, standard deviations under `name.std`.
    pub fn statistics(&self) -> Observation {
        let mut statistics = self.means();
        self.0.iter().for_each(|(name, summary)| statistics.set(format!("{name}.std"), summary.deviation()));
        statistics
    }
    /// Saves or loads.
    ///
    /// # Errors
    /// When a value is missing or damaged.
    pub fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| &**name).collect();
        let mut json = serde_json::to_string(&names).expect("texts can be written as JSON");
        s.text("_names", &mut json)?;
        if s.loading() {
            let names: Vec<String> =
                serde_json::from_str(&json).map_err(|e| s.unfit("_names", "a list of names as JSON", e))?;
            self.0 = names.into_iter().map(|name| (name, Summary::default())).collect();
        }
        for (i, (_, summary)) in self.0.iter_mut().enumerate() {
            s.within("_summaries", |s| s.within(&i.to_string(), |s| summary.serialize(s)))?;
        }
        Ok(())
    }
}
