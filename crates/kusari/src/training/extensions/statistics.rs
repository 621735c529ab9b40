//! Statistics of arrays.

use crate::{Array, DType};

/// Where a normal distribution has ±3, ±2, ±1 and 0 standard deviations.
const PERCENTILES: [f64; 7] = [0.13, 2.28, 15.87, 50.0, 84.13, 97.72, 99.87];

/// Mean, standard deviation, extrema, share of zeros and percentiles of all elements of the arrays together, by name;
/// nothing where there are no elements.
pub(super) fn statistics(arrays: &[&Array]) -> Vec<(String, f64)> {
    let mut values: Vec<f64> = arrays.iter().flat_map(|a| a.cast(DType::F64).to_vec::<f64>()).collect();
    if values.is_empty() {
        return Vec::new();
    }
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let zeros = values.iter().filter(|&&v| v == 0.0).count() as f64 / n;
    let ends = [("min", values[0]), ("max", values[values.len() - 1])];
    let first = [("mean", mean), ("std", variance.sqrt())].into_iter().chain(ends).chain([("zeros", zeros)]);
    let mut named: Vec<(String, f64)> = first.map(|(name, value)| (name.to_string(), value)).collect();
    for percentile in PERCENTILES {
        // Between neighbours in proportion, as NumPy does.
        let at = percentile / 100.0 * (n - 1.0);
        let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
        named.push((format!("percentile/{percentile}"), low + (high - low) * at.fract()));
    }
    named
}
