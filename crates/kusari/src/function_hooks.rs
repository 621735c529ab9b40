//! Ready-made function hooks.

use crate::{Array, Function, FunctionHook, Variable, config};
use std::{cell::RefCell, collections::BTreeMap, fmt, time::Instant};

/// Measures how long each function takes, forward and backward.
///
/// ```
/// use kusari::{Variable, add_function_hook, function_hooks::TimerHook};
/// use std::rc::Rc;
/// let timer = Rc::new(TimerHook::default());
/// let guard = add_function_hook(timer.clone());
/// (3.0 * Variable::new(2.0f32)).backward();
/// drop(guard);
/// println!("{timer}"); // a line a function, slowest first
/// assert_eq!(timer.calls("mul"), 2); // the gradient is a product too
/// ```
#[derive(Default)]
pub struct TimerHook {
    /// Starts of what is running now, with the seconds that functions inside have taken; those count for both.
    running: RefCell<Vec<(Instant, f64)>>,
    spent: RefCell<BTreeMap<String, Spent>>,
    training_only: bool,
}

/// What the calls of one function took together.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionTime {
    /// The function's name.
    pub name: String,
    /// How often it was applied.
    pub calls: usize,
    /// Seconds forward.
    pub forward: f64,
    /// Seconds backward.
    pub backward: f64,
    /// Seconds of both without the functions that it calls, such as those that its gradient is made of.
    pub own: f64,
}

#[derive(Clone, Copy, Default)]
struct Spent {
    calls: usize,
    forward: f64,
    backward: f64,
    own: f64,
}

impl TimerHook {
    /// A timer that does not look while the configuration says that the model is not being trained.
    pub fn of_training() -> TimerHook {
        TimerHook { training_only: true, ..TimerHook::default() }
    }
    /// What each function took, slowest first.
    pub fn functions(&self) -> Vec<FunctionTime> {
        let spent = self.spent.borrow();
        let time = |(name, &Spent { calls, forward, backward, own }): (&String, &Spent)| FunctionTime {
            name: name.clone(),
            calls,
            forward,
            backward,
            own,
        };
        let mut all: Vec<FunctionTime> = spent.iter().map(time).collect();
        all.sort_by(|a, b| (b.forward + b.backward).total_cmp(&(a.forward + a.backward)));
        all
    }
    fn looks(&self) -> bool {
        !self.training_only || config().train
    }
    /// How often the function was applied.
    pub fn calls(&self, function: &str) -> usize {
        self.spent.borrow().get(function).map_or(0, |s| s.calls)
    }
    /// Seconds spent in the function, forward and backward.
    pub fn seconds(&self, function: &str) -> (f64, f64) {
        self.spent.borrow().get(function).map_or((0.0, 0.0), |s| (s.forward, s.backward))
    }
    fn start(&self) {
        if self.looks() {
            self.running.borrow_mut().push((Instant::now(), 0.0));
        }
    }
    fn stop(&self, function: &dyn Function, add: impl FnOnce(&mut Spent, f64)) {
        if !self.looks() {
            return;
        }
        let mut running = self.running.borrow_mut();
        if let Some((start, inside)) = running.pop() {
            let seconds = start.elapsed().as_secs_f64();
            running.iter_mut().last().into_iter().for_each(|(_, inside)| *inside += seconds);
            let mut spent = self.spent.borrow_mut();
            let spent = spent.entry(function.name().to_string()).or_default();
            spent.own += seconds - inside;
            add(spent, seconds);
        }
    }
}

impl FunctionHook for TimerHook {
    fn forward_before(&self, _: &dyn Function, _: &[&Array]) {
        self.start();
    }
    fn forward_after(&self, function: &dyn Function, _: &[&Array], _: &[Array]) {
        self.stop(function, |spent, seconds| {
            spent.calls += 1;
            spent.forward += seconds;
        });
    }
    fn backward_before(&self, _: &dyn Function, _: &[Variable]) {
        self.start();
    }
    fn backward_after(&self, function: &dyn Function, _: &[Option<Variable>]) {
        self.stop(function, |spent, seconds| spent.backward += seconds);
    }
}

impl fmt::Display for TimerHook {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:<28} {:>8} {:>12} {:>12}", "function", "calls", "forward ms", "backward ms")?;
        for t in self.functions() {
            write!(f, "\n{:<28} {:>8} {:>12.3} {:>12.3}", t.name, t.calls, t.forward * 1e3, t.backward * 1e3)?;
        }
        Ok(())
    }
}

/// Prints every function with the shapes of its outputs.
#[derive(Default)]
pub struct PrintHook;

impl FunctionHook for PrintHook {
    fn forward_after(&self, function: &dyn Function, _: &[&Array], y: &[Array]) {
        let shapes: Vec<_> = y.iter().map(|y| format!("{} {}", y.shape(), y.dtype())).collect();
        println!("forward  {}: {}", function.name(), shapes.join(", "));
    }
    fn backward_before(&self, function: &dyn Function, gy: &[Variable]) {
        let shapes: Vec<_> = gy.iter().map(|g| g.shape().to_string()).collect();
        println!("backward {}: {}", function.name(), shapes.join(", "));
    }
}
