//! The checks of one row.

use super::row::{Case, Row, values};
use kusari::{Array, Backward, DType, GradOptions, Variable, functions as F, grad_with};
use std::fmt;

/// The worst relative error of each check.
#[derive(Default, Debug)]
pub struct Worst {
    reference: Option<f64>,
    first: f64,
    second: Option<f64>,
    f32: f64,
}
impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let show = |e: Option<f64>| e.map_or("      –".to_string(), |e| format!("{e:7.1e}"));
        let (reference, second) = (show(self.reference), show(self.second));
        write!(f, "recorded {reference}  first {:7.1e}  second {second}  f32 {:7.1e}", self.first, self.f32)
    }
}

/// The inputs of a check: arrays, and which of them need gradients.
struct Setting<'a> {
    row: &'a Row,
    inputs: Vec<Array>,
    needs: Vec<bool>,
    seeds: Vec<Array>,
}

/// Checks a row; the error says which check failed and how.
pub fn row(row: &Row, case: Option<&Case>) -> Result<Worst, String> {
    let inputs: Vec<Array> = match (&row.inputs, case) {
        (Some(inputs), _) => inputs.clone(),
        (None, Some(case)) => case.inputs.values().cloned().collect(),
        (None, None) => return Err("a row without a recorded case needs inputs".to_string()),
    };
    let recorded = case.filter(|_| row.inputs.is_none());
    let needs: Vec<bool> = (inputs.iter().enumerate())
        .map(|(i, x)| x.dtype().is_float() && recorded.is_none_or(|c| c.gradients.contains_key(&i)))
        .collect();
    let mut setting = Setting { row, inputs, needs, seeds: Vec::new() };
    let y = setting.forward(&setting.inputs);
    setting.seeds = match recorded {
        Some(case) if !case.seeds.is_empty() => case.seeds.values().cloned().collect(),
        _ => y.iter().enumerate().map(|(i, y)| values(y.shape(), 100 + i as u64)).collect(),
    };
    let mut worst = Worst::default();
    if let Some(case) = recorded {
        worst.reference = Some(setting.recorded(case, &y)?);
    }
    if !setting.needs.contains(&true) {
        return Ok(worst);
    }
    let gx = setting.gradients(&setting.inputs)?;
    if row.differences {
        worst.first = setting.first(&gx)?;
        worst.second = setting.second()?;
    }
    worst.f32 = setting.single(&y, &gx)?;
    setting.strided(&gx)?;
    setting.subsets(&gx)?;
    setting.twice(&gx)?;
    Ok(worst)
}

impl Setting<'_> {
    fn variables(&self, inputs: &[Array]) -> Vec<Variable> {
        (inputs.iter().zip(&self.needs))
            .map(|(x, &needs)| if needs { Variable::new(x.clone()) } else { Variable::constant(x.clone()) })
            .collect()
    }
    fn forward(&self, inputs: &[Array]) -> Vec<Variable> {
        (self.row.f)(&self.variables(inputs))
    }
    /// Σ outputs · seeds.
    fn total(&self, x: &[Variable]) -> Variable {
        let y = (self.row.f)(x);
        assert_eq!(y.len(), self.seeds.len());
        y.iter()
            .zip(&self.seeds)
            .map(|(y, s)| F::sum_to(&(y * Variable::constant(s.cast(y.dtype()))), &[]))
            .reduce(|a, b| a + b)
            .unwrap()
    }
    fn gradients(&self, inputs: &[Array]) -> Result<Vec<Option<Array>>, String> {
        self.gradients_of(&self.variables(inputs), 1)
    }
    fn gradients_of(&self, x: &[Variable], times: usize) -> Result<Vec<Option<Array>>, String> {
        let total = (0..times).map(|_| self.total(x)).reduce(|a, b| a + b).unwrap();
        if !total.requires_grad() {
            return Err("the result does not depend on any input that needs a gradient".to_string());
        }
        total.backward();
        let mut found = Vec::new();
        for (i, x) in x.iter().enumerate() {
            let g = x.grad().map(|g| g.into_array());
            if let Some(g) = &g
                && (g.shape() != x.shape() || g.dtype() != x.dtype())
            {
                return Err(format!("the gradient of input {i} has shape {} and dtype {}", g.shape(), g.dtype()));
            }
            if x.requires_grad() && g.is_none() {
                return Err(format!("input {i} got no gradient"));
            }
            found.push(g);
        }
        Ok(found)
    }

    fn recorded(&self, case: &Case, y: &[Variable]) -> Result<f64, String> {
        let mut worst: f64 = 0.0;
        let tolerance = self.row.reference_tolerance;
        for (i, expected) in &case.outputs {
            let Some(y) = y.get(*i) else { return Err(format!("there is no output {i}")) };
            worst = worst.max(compare(&format!("recorded output {i}"), y.array(), expected, tolerance)?);
        }
        if !case.gradients.is_empty() {
            let gx = self.gradients(&self.inputs)?;
            for (i, expected) in &case.gradients {
                let gx = gx[*i].as_ref().ok_or("no gradient")?;
                worst = worst.max(compare(&format!("recorded gradient of input {i}"), gx, expected, tolerance)?);
            }
        }
        Ok(worst)
    }

    /// The inputs moved by `h` along the direction `v`.
    fn moved(&self, v: &[Array], h: f64) -> Vec<Array> {
        (self.inputs.iter().zip(v).zip(&self.needs))
            .map(|((x, v), &needs)| if needs { x.add(&v.mul_scalar(h)) } else { x.clone() })
            .collect()
    }
    /// Directions to go in: each element of small inputs, a few random ones for large.
    fn directions(&self) -> Vec<Vec<Array>> {
        let mut directions = Vec::new();
        for seed in 0..2 {
            directions.push(
                self.inputs.iter().enumerate().map(|(i, x)| values(x.shape(), 50 + 10 * seed + i as u64)).collect(),
            );
        }
        for (i, x) in self.inputs.iter().enumerate() {
            if !self.needs[i] {
                continue;
            }
            for k in (0..x.len()).step_by(1 + x.len() / 12) {
                let mut unit = vec![0.0; x.len()];
                unit[k] = 1.0;
                let mut direction: Vec<Array> =
                    self.inputs.iter().map(|x| Array::zeros(x.shape(), DType::F64)).collect();
                direction[i] = Array::from_slice(x.shape(), &unit);
                directions.push(direction);
            }
        }
        directions
    }

    fn first(&self, gx: &[Option<Array>]) -> Result<f64, String> {
        let at = |v: &[Array], h: f64| self.total(&self.variables(&self.moved(v, h))).item();
        self.differences("first derivative", gx, &at)
    }

    /// The gradient of Σ gx · r, whose derivative is the second one.
    fn second(&self) -> Result<Option<f64>, String> {
        let slope = |x: &[Variable], create_graph: bool| -> Option<Variable> {
            let needing: Vec<&Variable> = x.iter().filter(|x| x.requires_grad()).collect();
            let options = GradOptions { create_graph, ..GradOptions::default() };
            let gx = grad_with(&[&self.total(x)], &needing, options);
            let parts = gx.into_iter().enumerate().filter_map(|(i, g)| {
                let g = g?;
                let r = Variable::constant(values(g.shape(), 200 + i as u64).cast(g.dtype()));
                Some(F::sum_to(&(g * r), &[]))
            });
            parts.reduce(|a, b| a + b)
        };
        let x = self.variables(&self.inputs);
        let Some(s) = slope(&x, true) else { return Ok(None) };
        let mut ggx: Vec<Option<Array>> = vec![None; x.len()];
        if s.requires_grad() {
            s.backward_with(Backward::default());
            ggx = x.iter().map(|x| x.grad().map(|g| g.into_array())).collect();
        }
        for (i, g) in ggx.iter_mut().enumerate() {
            if self.needs[i] && g.is_none() {
                *g = Some(self.inputs[i].full_like(0.0));
            }
        }
        let at = |v: &[Array], h: f64| slope(&self.variables(&self.moved(v, h)), false).map_or(0.0, |s| s.item());
        self.differences("second derivative", &ggx, &at).map(Some)
    }

    fn differences(&self, what: &str, g: &[Option<Array>], at: &dyn Fn(&[Array], f64) -> f64) -> Result<f64, String> {
        let mut worst: f64 = 0.0;
        for v in self.directions() {
            let h = 1e-4;
            // Fourth order: the error of the difference is far below the tolerance.
            let numeric = (8.0 * (at(&v, h) - at(&v, -h)) - (at(&v, 2.0 * h) - at(&v, -2.0 * h))) / (12.0 * h);
            let analytic: f64 = (g.iter().zip(&v))
                .filter_map(|(g, v)| Some(g.as_ref()?.mul(v).to_vec::<f64>().iter().sum::<f64>()))
                .sum();
            let error = (numeric - analytic).abs() / (1.0 + numeric.abs().max(analytic.abs()));
            if error.is_nan() || error > self.row.difference_tolerance {
                return Err(format!("{what}: by differences {numeric}, by back propagation {analytic}"));
            }
            worst = worst.max(error);
        }
        Ok(worst)
    }

    fn single(&self, y: &[Variable], gx: &[Option<Array>]) -> Result<f64, String> {
        let inputs: Vec<Array> =
            self.inputs.iter().map(|x| if x.dtype() == DType::F64 { x.cast(DType::F32) } else { x.clone() }).collect();
        let mut worst: f64 = 0.0;
        let tolerance = self.row.f32_tolerance;
        for (i, (a, b)) in self.forward(&inputs).iter().zip(y).enumerate() {
            if b.dtype() == DType::F64 && a.dtype() != DType::F32 {
                return Err(format!("f32: output {i} has dtype {}", a.dtype()));
            }
            worst = worst.max(compare(&format!("f32: output {i}"), a.array(), b.array(), tolerance)?);
        }
        for (i, (a, b)) in self.gradients(&inputs)?.iter().zip(gx).enumerate() {
            if let (Some(a), Some(b)) = (a, b) {
                worst = worst.max(compare(&format!("f32: gradient of input {i}"), a, b, tolerance)?);
            }
        }
        Ok(worst)
    }

    /// The same values in memory of another order.
    fn strided(&self, gx: &[Option<Array>]) -> Result<(), String> {
        let inputs: Vec<Array> = self.inputs.iter().map(reordered).collect();
        for (i, (a, b)) in self.gradients(&inputs)?.iter().zip(gx).enumerate() {
            if let (Some(a), Some(b)) = (a, b) {
                compare(&format!("strided inputs: gradient of input {i}"), a, b, 1e-9)?;
            }
        }
        Ok(())
    }

    fn subsets(&self, gx: &[Option<Array>]) -> Result<(), String> {
        let needing: Vec<usize> = (0..self.needs.len()).filter(|&i| self.needs[i]).collect();
        for subset in 1..(1u32 << needing.len().min(6)) - 1 {
            let mut x: Vec<Variable> = self.inputs.iter().map(|x| Variable::constant(x.clone())).collect();
            for (bit, &i) in needing.iter().enumerate() {
                if subset >> bit.min(31) & 1 == 1 {
                    x[i] = Variable::new(self.inputs[i].clone());
                }
            }
            for (i, g) in self.gradients_of(&x, 1).map_err(|e| format!("subset {subset:b}: {e}"))?.iter().enumerate() {
                if let (Some(a), Some(b)) = (g, &gx[i]) {
                    compare(&format!("subset {subset:b}: gradient of input {i}"), a, b, 1e-9)?;
                }
            }
        }
        Ok(())
    }

    /// Each input goes into two uses; and, where shapes allow, the same variable is given twice.
    fn twice(&self, gx: &[Option<Array>]) -> Result<(), String> {
        for (i, g) in self.gradients_of(&self.variables(&self.inputs), 2)?.iter().enumerate() {
            if let (Some(a), Some(b)) = (g, &gx[i]) {
                compare(&format!("used twice: gradient of input {i}"), a, &b.mul_scalar(2.0), 1e-9)?;
            }
        }
        let [true, true, ..] = self.needs[..] else { return Ok(()) };
        if self.inputs[0].shape() != self.inputs[1].shape() {
            return Ok(());
        }
        let mut inputs = self.inputs.clone();
        inputs[1] = inputs[0].clone();
        let apart = self.gradients(&inputs)?;
        let mut x = self.variables(&inputs);
        x[1] = x[0].clone();
        let total = self.total(&x);
        total.backward();
        let together = x[0].grad().ok_or("the same variable twice: no gradient")?.into_array();
        let expected = apart[0].as_ref().unwrap().add(apart[1].as_ref().unwrap());
        compare("the same variable twice", &together, &expected, 1e-9)?;
        Ok(())
    }
}

/// The same array, its elements lying in memory column by column, or backwards for one axis.
fn reordered(x: &Array) -> Array {
    let axes: Vec<usize> = (0..x.ndim()).rev().collect();
    if x.ndim() >= 2 { x.transpose(&axes).copy().transpose(&axes) } else { x.flip(&axes).copy().flip(&axes) }
}

/// The worst relative error of `a` against `b`, or what differs.
fn compare(what: &str, a: &Array, b: &Array, tolerance: f64) -> Result<f64, String> {
    if a.shape() != b.shape() {
        return Err(format!("{what}: shape {} instead of {}", a.shape(), b.shape()));
    }
    let (a, b) = (a.cast(DType::F64).to_vec::<f64>(), b.cast(DType::F64).to_vec::<f64>());
    let scale = b.iter().filter(|v| v.is_finite()).fold(0.0f64, |m, v| m.max(v.abs()));
    let mut worst: f64 = 0.0;
    for (i, (a, b)) in a.iter().zip(&b).enumerate() {
        let error = if a == b || a.is_nan() && b.is_nan() {
            0.0
        } else {
            (a - b).abs() / (1e-30 + b.abs().max(scale.min(1.0)))
        };
        if error.is_nan() || error > tolerance {
            return Err(format!(
                "{what}: element {i} is {a}, expected {b} (relative error {error:.1e}, allowed {tolerance:.0e})"
            ));
        }
        worst = worst.max(error);
    }
    Ok(worst)
}
