//! Modes of a thread, debug mode and hooks.

use kusari::{
    Array, Function, FunctionHook, Variable, add_function_hook, array, config, functions as F, inference_mode,
    no_backprop_mode, using_config,
};
use std::{cell::RefCell, rc::Rc};

#[test]
fn nothing_is_recorded_in_no_backprop_mode() {
    let x = Variable::new(2.0f32);
    {
        let _guard = no_backprop_mode();
        assert!(!(&x * &x).requires_grad());
    }
    assert!((&x * &x).requires_grad());
    let _guard = inference_mode();
    assert!(!config().train && !config().enable_backprop);
    assert!(std::thread::spawn(|| config().train).join().unwrap(), "other threads have their own");
}

#[test]
fn debug_mode_names_the_function_and_the_line() {
    let _guard = using_config(|c| c.debug = true);
    let x = Variable::new(array![1.0f32, 0.0]);
    let line = line!() + 1;
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| 1.0 / &x));
    let message = *result.unwrap_err().downcast::<String>().unwrap();
    let expected = format!(
        "div: called at {}:{line}:75, made the first NaN or infinity, in output 0 of shape (2,) (debug mode)",
        file!()
    );
    assert_eq!(message, expected);
}

#[derive(Default)]
struct Names(RefCell<Vec<String>>);
impl FunctionHook for Names {
    fn forward_after(&self, function: &dyn Function, _: &[&Array], y: &[Array]) {
        self.0.borrow_mut().push(format!("{} {}", function.name(), y[0].shape()));
    }
    fn backward_before(&self, function: &dyn Function, _: &[Variable]) {
        self.0.borrow_mut().push(format!("backward of {}", function.name()));
    }
}

#[test]
fn hooks_see_every_function() {
    let hook = Rc::new(Names::default());
    let guard = add_function_hook(hook.clone());
    let x = Variable::new(2.0f32);
    (3.0 * &x + 1.0).backward();
    drop(guard);
    let _ = &x * 5.0;
    assert_eq!(*hook.0.borrow(), ["mul ()", "add ()", "backward of add", "backward of mul", "mul ()"]);
}

#[test]
#[should_panic(expected = "add: expected inputs of one dtype, got float32 and float64: use cast on one of them")]
fn dtypes_must_agree() {
    let _ = F::add(&Variable::new(1.0f32), &Variable::new(1.0f64));
}

#[test]
#[should_panic(expected = "mul: expected shapes that broadcast together, got (2,) and (3,)")]
fn shapes_must_fit() {
    let _ = Variable::new(array![1.0f32, 2.0]) * Variable::new(array![1.0f32, 2.0, 3.0]);
}
