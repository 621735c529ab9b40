//! Statistics of parameters and gradients.

use crate::{
    Array, DType, Result,
    training::{Extension, Observation, PRIORITY_WRITER, Trainer, Trigger, triggers::epochs},
};

/// Percentiles that a normal distribution has at −3, −2, −1, 0, 1, 2, 3 standard deviations.
const PERCENTILES: [f64; 7] = [0.13, 2.28, 15.87, 50.0, 84.13, 97.72, 99.87];

/// Reports mean, standard deviation, extrema, share of zeros and percentiles of every parameter and gradient:
/// `main/l1/W/data/mean`, `main/l1/W/grad/percentile/50`.
#[derive(Clone, Copy, Debug)]
pub struct ParameterStatistics {
    /// Whether the parameters' values are reported.
    pub data: bool,
    /// Whether the gradients are reported, as they were applied.
    pub grad: bool,
}

impl Default for ParameterStatistics {
    fn default() -> ParameterStatistics {
        ParameterStatistics { data: true, grad: true }
    }
}

fn statistics(prefix: &str, array: &Array, observation: &mut Observation) {
    let mut values = array.cast(DType::F64).to_vec::<f64>();
    if values.is_empty() {
        return;
    }
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let zeros = values.iter().filter(|&&v| v == 0.0).count() as f64 / n;
    let mut set = |name: &str, value: f64| observation.set(format!("{prefix}/{name}"), value);
    set("mean", mean);
    set("std", variance.sqrt());
    set("min", values[0]);
    set("max", values[values.len() - 1]);
    set("zeros", zeros);
    for percentile in PERCENTILES {
        // Between neighbours in proportion, as NumPy does.
        let at = percentile / 100.0 * (n - 1.0);
        let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
        set(&format!("percentile/{percentile}"), low + (high - low) * at.fract());
    }
}

impl Extension for ParameterStatistics {
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn priority(&self) -> i32 {
        PRIORITY_WRITER
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let mut observation = Observation::new();
        for (name, model) in trainer.updater().models() {
            for (path, parameter) in model.namedparams() {
                if self.data && parameter.is_initialized() {
                    statistics(&format!("{name}{path}/data"), &parameter.array(), &mut observation);
                }
                if let (true, Some(grad)) = (self.grad, parameter.grad()) {
                    statistics(&format!("{name}{path}/grad"), grad.array(), &mut observation);
                }
            }
        }
        observation.iter().for_each(|(name, value)| trainer.observe(name, value));
        Ok(())
    }
}
