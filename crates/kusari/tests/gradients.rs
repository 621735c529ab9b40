//! The gradient table: every differentiable function, checked in every way that a gradient can be wrong.
//!
//! A row is a name and a closure. A row named as a case of `functions.npz` takes its inputs from there and is compared
//! with the recorded values and gradients; other rows bring inputs of their own. Every row is then checked for first
//! and second derivatives against central differences in f64, f32 against f64, strided inputs, every subset of inputs
//! that need gradients, and an input used twice. `cargo test gradients -- --nocapture` prints the table.

mod check;
pub mod families;
pub mod row;

use crate::reference;
use kusari::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};
use row::Row;
use std::collections::BTreeSet;

/// Checks every row, prints it with its worst relative errors, and fails at the end if any failed.
fn check_all(family: &str, rows: Vec<Row>) {
    let cases = row::cases();
    let mut failures = Vec::new();
    for row in rows {
        match check::row(&row, cases.get(row.name)) {
            Ok(worst) => println!("{family:>14} {:<45} {worst}", row.name),
            Err(message) => failures.push(format!("{}: {message}", row.name)),
        }
    }
    assert!(failures.is_empty(), "{} rows failed:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_recorded_case_has_a_row() {
    let rows: BTreeSet<&str> = families::ALL.iter().flat_map(|(_, rows)| rows()).map(|r| r.name).collect();
    let missing: Vec<_> = row::cases().keys().filter(|case| !rows.contains(case.as_str())).collect();
    assert!(missing.is_empty(), "recorded cases without a row: {missing:?}");
}

/// y = x², with a gradient that is wrong by a tenth of a per cent.
struct WrongSquare;
impl Function for WrongSquare {
    fn name(&self) -> &str {
        "wrong_square"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].square().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        (2.002 * ctx.input(0) * &gy[0]).into()
    }
}

/// y = x², whose gradient is right but cannot be differentiated again: it hides that it depends on x.
struct OnceSquare;
impl Function for OnceSquare {
    fn name(&self) -> &str {
        "once_square"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].square().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        (2.0 * ctx.input(0).detach() * &gy[0]).into()
    }
}

#[test]
fn a_wrong_gradient_is_caught() {
    let wrong = Row::new("wrong_square", |x| WrongSquare.apply1(&[&x[0]])).inputs([row::values(&[2, 3], 1)]);
    let message = check::row(&wrong, None).unwrap_err();
    assert!(message.contains("first derivative"), "{message}");
    let once = Row::new("once_square", |x| OnceSquare.apply1(&[&x[0]])).inputs([row::values(&[2, 3], 1)]);
    let message = check::row(&once, None).unwrap_err();
    assert!(message.contains("second derivative"), "{message}");
}

#[test]
fn reference_values_are_there() {
    assert!(reference::load("functions.npz").len() > 1000);
}
