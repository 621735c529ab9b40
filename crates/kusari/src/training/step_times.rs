//! What a training step spends its time on.

use crate::{
    HookGuard, add_function_hook,
    function_hooks::{FunctionTime, TimerHook},
};
use std::{cell::RefCell, rc::Rc, time::Instant};

/// Steps that are passed over: they touch everything for the first time.
const WARM: usize = 2;
/// Steps that are measured.
const STEPS: usize = 10;
/// Seconds after which fewer steps must do.
const ENOUGH: f64 = 2.0;

/// What some training steps spent their time on.
#[derive(Clone, PartialEq, Debug)]
pub struct StepTimes {
    /// The number of steps.
    pub steps: usize,
    /// The seconds they took: the middle one's times their number.
    pub seconds: f64,
    /// The functions, slowest first.
    pub functions: Vec<FunctionTime>,
}

// A hook belongs to its thread, and an extension to none.
thread_local! { static HOOKED: RefCell<Option<(Rc<TimerHook>, HookGuard)>> = const { RefCell::new(None) }; }

/// Measures a few early steps; afterwards it costs nothing.
#[derive(Default)]
pub(super) struct Stopwatch {
    calls: usize,
    /// When the running step began.
    begun: Option<Instant>,
    steps: Vec<f64>,
    result: Option<StepTimes>,
}

impl Stopwatch {
    /// Called after each step.
    pub fn step(&mut self) {
        if self.result.is_some() {
            return;
        }
        self.calls += 1;
        self.steps.extend(self.begun.map(|begun| begun.elapsed().as_secs_f64()));
        if self.calls == WARM {
            let hook = Rc::new(TimerHook::of_training());
            HOOKED.set(Some((hook.clone(), add_function_hook(hook))));
        }
        if self.steps.len() == STEPS || self.steps.iter().sum::<f64>() > ENOUGH {
            self.stop();
        }
        self.begun = HOOKED.with_borrow(Option::is_some).then(Instant::now);
    }
    /// Stops measuring; what was measured is kept.
    pub fn stop(&mut self) {
        let Some((hook, guard)) = HOOKED.take() else { return };
        drop(guard);
        self.begun = None;
        if self.steps.is_empty() {
            return;
        }
        // The middle one: validation and the like lie before the first step of an epoch.
        self.steps.sort_by(f64::total_cmp);
        let steps = self.steps.len();
        let seconds = self.steps[steps / 2] * steps as f64;
        self.result = Some(StepTimes { steps, seconds, functions: hook.functions() });
    }
    /// What was found out, once it is.
    pub fn result(&self) -> Option<&StepTimes> {
        self.result.as_ref()
    }
}
