//! A row of the table, and the recorded cases.

use crate::reference;
use kusari::{Array, DType, Variable};
use std::{collections::BTreeMap, sync::OnceLock};

type F = dyn Fn(&[Variable]) -> Vec<Variable> + Send + Sync;

/// One function with one set of options.
pub struct Row {
    pub name: &'static str,
    pub f: Box<F>,
    /// Own inputs: floating-point ones need gradients.
    pub inputs: Option<Vec<Array>>,
    /// Relative error allowed against the recorded values, in f64.
    pub reference_tolerance: f64,
    /// Relative error allowed of f32 against f64.
    pub f32_tolerance: f64,
    /// Whether first and second derivatives exist at these inputs and are compared with differences.
    pub differences: bool,
    /// Relative error allowed against central differences.
    pub difference_tolerance: f64,
}

impl Row {
    /// A function with one output.
    pub fn new(name: &'static str, f: impl Fn(&[Variable]) -> Variable + Send + Sync + 'static) -> Row {
        Row::several(name, move |x| vec![f(x)])
    }
    /// A function with several outputs.
    pub fn several(name: &'static str, f: impl Fn(&[Variable]) -> Vec<Variable> + Send + Sync + 'static) -> Row {
        Row {
            name,
            f: Box::new(f),
            inputs: None,
            reference_tolerance: 1e-10,
            f32_tolerance: 2e-5,
            differences: true,
            difference_tolerance: 2e-6,
        }
    }
    /// Inputs of its own.
    pub fn inputs<const N: usize>(mut self, inputs: [Array; N]) -> Row {
        self.inputs = Some(inputs.into());
        self
    }
    /// Allows this relative error of f32 against f64, for ill-conditioned functions.
    pub fn f32_tolerance(mut self, tolerance: f64) -> Row {
        self.f32_tolerance = tolerance;
        self
    }
    /// Not compared with differences: at kinks, at saturation, or where there is no gradient.
    pub fn no_differences(mut self) -> Row {
        self.differences = false;
        self
    }
}

/// An element-wise function of one input, also of size-1, zero-dimensional and empty inputs.
pub fn elementwise(rows: &mut Vec<Row>, name: &'static str, f: fn(&Variable) -> Variable) {
    rows.push(Row::new(name, move |x| f(&x[0])));
    for shape in [&[1][..], &[], &[0, 3], &[1, 1, 5], &[37]] {
        rows.push(Row::new(name, move |x| f(&x[0])).inputs([values(shape, 7).mul_scalar(0.4).add_scalar(0.5)]));
    }
}

/// A recorded case.
#[derive(Default)]
pub struct Case {
    pub inputs: BTreeMap<usize, Array>,
    pub outputs: BTreeMap<usize, Array>,
    pub seeds: BTreeMap<usize, Array>,
    pub gradients: BTreeMap<usize, Array>,
}

/// The recorded cases by name.
pub fn cases() -> &'static BTreeMap<String, Case> {
    static CASES: OnceLock<BTreeMap<String, Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut cases: BTreeMap<String, Case> = BTreeMap::new();
        for (key, array) in reference::load("functions.npz") {
            let (name, part) = key.rsplit_once('/').expect("keys are CASE/part");
            let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
            let Ok(i) = digits.parse() else { continue }; // running statistics and the like: read by their own tests
            let case = cases.entry(name.to_string()).or_default();
            let into = match &part[..part.len() - digits.len()] {
                "in" => &mut case.inputs,
                "out" => &mut case.outputs,
                "gout" => &mut case.seeds,
                "gin" => &mut case.gradients,
                other => panic!("{key}: unknown part {other}"),
            };
            into.insert(i, array);
        }
        cases
    })
}

/// Repeatable values in (−1, 1), no two alike, none near 0.
pub fn values(shape: &[usize], seed: u64) -> Array {
    let n: usize = shape.iter().product();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let u = (state >> 11) as f64 / (1u64 << 53) as f64;
        let v = 0.05 + 0.95 * u;
        if state >> 7 & 1 == 0 { v } else { -v }
    };
    let values: Vec<f64> = (0..n).map(|_| next()).collect();
    Array::from_slice(shape, &values)
}

/// Repeatable values in (low, high).
pub fn values_in(shape: &[usize], seed: u64, low: f64, high: f64) -> Array {
    values(shape, seed).add_scalar(1.0).mul_scalar((high - low) / 2.0).add_scalar(low)
}

/// An integer array.
pub fn integers(shape: &[usize], values: &[i64]) -> Array {
    Array::from_slice(shape, values).cast(DType::I32)
}
