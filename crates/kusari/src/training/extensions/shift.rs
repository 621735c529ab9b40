//! Schedules as extensions: a hyperparameter that changes while training goes on.

use crate::{
    Result,
    schedules::{Cosine, Exponential, Inverse, Linear, MultiStep, OneCycle, Polynomial, Schedule, Step, WarmUp},
    serializers::Serializer,
    training::{Extension, Trainer, triggers::serialize_best},
};

/// Makes the schedule from the first value and the one not to be passed.
type Make = Box<dyn Fn(f64, Option<f64>) -> Box<dyn Schedule> + Send>;

/// Sets a hyperparameter of an optimiser, such as `lr`, to the value that a schedule has after so many calls.
///
/// Called in every iteration unless it has another trigger: `trainer.extend(shift).trigger(epochs(1))` makes the time
/// of the schedule epochs.
pub struct Shift {
    kind: &'static str,
    attribute: String,
    optimizer: String,
    init: Option<f64>,
    target: Option<f64>,
    make: Make,
    schedule: Option<Box<dyn Schedule>>,
    t: usize,
    last: Option<f64>,
}

impl Shift {
    /// Sets `attribute` to `schedule`.
    pub fn new<S: Schedule + Clone + 'static>(attribute: &str, schedule: S) -> Shift {
        Shift::with("Shift", attribute, move |_, _| Box::new(schedule.clone()))
    }
    fn with(
        kind: &'static str,
        attribute: &str,
        make: impl Fn(f64, Option<f64>) -> Box<dyn Schedule> + Send + 'static,
    ) -> Shift {
        Shift {
            kind,
            attribute: attribute.to_string(),
            optimizer: "main".to_string(),
            init: None,
            target: None,
            make: Box::new(make),
            schedule: None,
            t: 0,
            last: None,
        }
    }
    /// The first value, instead of the one that the optimiser has when training starts.
    pub fn init(self, value: f64) -> Shift {
        Shift { init: Some(value), ..self }
    }
    /// The value that is not passed, where the schedule has one.
    pub fn target(self, value: f64) -> Shift {
        Shift { target: Some(value), ..self }
    }
    /// The optimiser, if not `main`.
    pub fn optimizer(self, name: &str) -> Shift {
        Shift { optimizer: name.to_string(), ..self }
    }
    fn set(&mut self, trainer: &mut Trainer, value: f64) -> Result<()> {
        self.last = Some(value);
        let optimizer = trainer.optimizer(&self.optimizer)?;
        match &*self.attribute {
            "lr" => optimizer.set_lr(value),
            other => optimizer.set_hyperparameter(other, value)?,
        }
        Ok(())
    }
}

impl Extension for Shift {
    fn name(&self) -> String {
        self.kind.to_string()
    }
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        let optimizer = trainer.optimizer(&self.optimizer)?;
        let present = match &*self.attribute {
            "lr" => Some(optimizer.lr()),
            other => optimizer.hyperparameter(other),
        };
        let init = self.init.or(present).unwrap_or(f64::NAN);
        let schedule = self.schedule.insert((self.make)(init, self.target));
        let value = self.last.unwrap_or_else(|| schedule.at(self.t as f64));
        self.set(trainer, value)
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        self.t += 1;
        match self.schedule.as_ref().map(|schedule| schedule.at(self.t as f64)) {
            Some(value) => self.set(trainer, value),
            None => Ok(()),
        }
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("_t", &mut self.t)?;
        serialize_best(s, "_last_value", &mut self.last)
    }
}

macro_rules! shifts {
    ($($(#[doc = $doc:literal])* $Name:ident($($argument:ident: $T:ty),*) => |$init:pat_param, $target:pat_param| $schedule:expr;)*) => { $(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;
        impl $Name {
            /// Changes `attribute`, such as `lr` or `alpha`; see the type for the formula.
            #[allow(clippy::new_ret_no_self)]
            pub fn new(attribute: &str, $($argument: $T),*) -> Shift {
                Shift::with(stringify!($Name), attribute, move |$init, $target| Box::new($schedule))
            }
        }
    )* };
}
shifts! {
    /// Multiplies by `rate` at every call: `init · rate^t`, not beyond the target.
    ExponentialShift(rate: f64) => |init, target| Exponential { init, rate, target };
    /// Multiplies by `gamma` every `step` calls, not beyond the target.
    StepShift(gamma: f64, step: f64) => |init, target| Step { init, gamma, step, target };
    /// Multiplies by `gamma` at the given calls.
    MultistepShift(gamma: f64, steps: Vec<f64>) => |init, _| MultiStep::new(init, gamma, steps.clone());
    /// From the first of `values` to the second between the two `times`.
    LinearShift(values: (f64, f64), times: (f64, f64)) => |_, _| Linear { values, times };
    /// `init · max(0, 1 − t/max_count)^power`, not beyond the target.
    PolynomialShift(power: f64, max_count: f64) => |init, target| Polynomial { init, power, max_count, target };
    /// `init · (1 + gamma·t)^−power`, not beyond the target.
    InverseShift(gamma: f64, power: f64) => |init, target| Inverse { init, gamma, power, target };
    /// From `from` to the first value within `steps` calls, then constant.
    WarmupShift(from: f64, steps: f64) => |init, _| WarmUp { from, steps, then: init };
    /// Half a cosine wave from the first value to 0 within `period` calls.
    CosineShift(period: f64) => |init, _| Cosine::new(init, period);
    /// Up from `max/25` to `max` and down again within `total` calls.
    OneCycleShift(max: f64, total: f64) => |_, _| OneCycle::new(max, total);
}
