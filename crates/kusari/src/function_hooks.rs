//! Ready-made function hooks.

use crate::{Array, Function, FunctionHook, Variable};
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
    /// Starts of what is running now; functions inside others count for both.
    running: RefCell<Vec<Instant>>,
    spent: RefCell<BTreeMap<String, Spent>>,
}

#[derive(Clone, Copy, Default)]
struct Spent {
    calls: usize,
    forward: f64,
    backward: f64,
}

impl TimerHook {
    /// How often the function was applied.
    pub fn calls(&self, function: &str) -> usize {
        self.spent.borrow().get(function).map_or(0, |s| s.calls)
    }
    /// Seconds spent in the function, forward and backward.
    pub fn seconds(&self, function: &str) -> (f64, f64) {
        self.spent.borrow().get(function).map_or((0.0, 0.0), |s| (s.forward, s.backward))
    }
    fn start(&self) {
        self.running.borrow_mut().push(Instant::now());
    }
    fn stop(&self, function: &dyn Function, add: impl FnOnce(&mut Spent, f64)) {
        if let Some(start) = self.running.borrow_mut().pop() {
            let mut spent = self.spent.borrow_mut();
            add(spent.entry(function.name().to_string()).or_default(), start.elapsed().as_secs_f64());
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
        let spent = self.spent.borrow();
        let mut rows: Vec<_> = spent.iter().collect();
        rows.sort_by(|a, b| (b.1.forward + b.1.backward).total_cmp(&(a.1.forward + a.1.backward)));
        write!(f, "{:<28} {:>8} {:>12} {:>12}", "function", "calls", "forward ms", "backward ms")?;
        for (name, s) in rows {
            write!(f, "\n{name:<28} {:>8} {:>12.3} {:>12.3}", s.calls, s.forward * 1e3, s.backward * 1e3)?;
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
