//! Numbers: standardised, with an indicator of what is missing.

use super::{Object, Row};
use crate::Result;
use serde_json::{Value as Json, json};

/// `(x − mean) / deviation`, 0 where x is missing, and beside it, if that happened in training, whether it is.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Number {
    mean: f64,
    /// 0: always the same, so only what is missing counts.
    deviation: f64,
    missing: bool,
}

/// Mean and standard deviation of what is not missing.
pub(in crate::tables) fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    // Welford's, which loses no digits far from 0.
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for v in values.filter(|v| !v.is_nan()) {
        n += 1.0;
        let from = v - mean;
        mean += from / n;
        squares += from * (v - mean);
    }
    let deviation = (squares / f64::max(n, 1.0)).sqrt();
    // What rounding leaves of a constant is no deviation.
    if deviation.is_finite() && deviation > 1e-12 * mean.abs() { (mean, deviation) } else { (mean, 0.0) }
}

/// A standardised value; beyond 5 deviations it grows as the logarithm only, so that no outlier drowns the rest.
pub(super) fn standardised(v: f64, mean: f64, deviation: f64) -> f64 {
    let z = (v - mean) / deviation;
    if z.abs() <= 5.0 { z } else { z.signum() * (5.0 + (z.abs() - 4.0).ln()) }
}

/// Of this size, as many squares as a table has rows can be added up.
const LARGEST: f64 = 1e140;

impl Number {
    pub fn fit(name: &str, values: &[f64], rows: &[u32]) -> Result<Number, &'static str> {
        let known = rows.iter().filter(|&&r| !values[r as usize].is_nan()).count();
        let (mean, deviation) = moments(rows.iter().map(|&r| values[r as usize]));
        let missing = known < rows.len();
        if known == 0 {
            return Err("no value in any row");
        }
        if rows.iter().any(|&r| values[r as usize].abs() > LARGEST) {
            return Err("its numbers are too large to be squared");
        }
        if deviation == 0.0 && !missing {
            return Err("the same in all rows");
        }
        let whole = || rows.iter().all(|&r| values[r as usize].fract() == 0.0);
        if is_key(name) && rows.len() > 20 && whole() && all_differ(values, rows) {
            return Err("it only numbers the rows");
        }
        Ok(Number { mean, deviation, missing })
    }
    pub fn width(&self) -> usize {
        usize::from(self.deviation > 0.0) + usize::from(self.missing)
    }
    pub fn encode(&self, value: f64, row: &mut Row) {
        let known = value.is_finite();
        if self.deviation > 0.0 {
            row.push(if known { standardised(value, self.mean, self.deviation) } else { 0.0 });
        }
        if self.missing {
            row.push(if known { 0.0 } else { 1.0 });
        }
    }
    pub fn to_json(&self) -> Json {
        json!({ "mean": self.mean, "deviation": self.deviation, "missing": self.missing })
    }
    pub fn from_json(object: &Object) -> Result<Number> {
        let deviation = object.number("deviation")?;
        if deviation < 0.0 {
            return Err(object.wrong("deviation", "a number that is not negative"));
        }
        Ok(Number { mean: object.number("mean")?, deviation, missing: object.flag("missing")? })
    }
}

/// Whether these rows of a column are all different; an eighth of them is sorted at a time, to save memory.
fn all_differ(values: &[f64], rows: &[u32]) -> bool {
    (0..8).all(|part| {
        let bits = rows.iter().map(|&r| values[r as usize].to_bits());
        // Equal numbers are in one part; all parts are about as large.
        let of_part = bits.filter(|bits| bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61 == part);
        let mut sorted: Vec<u64> = of_part.collect();
        sorted.sort_unstable();
        sorted.windows(2).all(|pair| pair[0] != pair[1])
    })
}

/// Whether a column's name says that its numbers only tell rows apart.
fn is_key(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let words = lower.trim_end_matches("_id").len() < lower.len() || name.ends_with("Id") || name.ends_with("ID");
    words || ["id", "index", "key", "row", "rownames", "unnamed: 0", "unnamed1"].contains(&&*lower)
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn columns_that_cannot_be_standardised_are_left_out_with_the_true_reason() {
        let fit = |values: &[f64]| Number::fit("a", values, &[0, 1, 2]).err();
        assert_eq!(fit(&[1e200, -1e200, 3.0]), Some("its numbers are too large to be squared"));
        assert_eq!(fit(&[2.0; 3]), Some("the same in all rows"));
        assert_eq!(fit(&[f64::NAN; 3]), Some("no value in any row"));
        assert_eq!(fit(&[1e100, -1e100, f64::NAN]), None);
    }
}
