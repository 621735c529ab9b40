//! The courses: ordinary framework code on Variables.

use kusari::{Variable, functions as F, no_backprop_mode};

/// A function to be minimised, and how it is shown.
pub struct Course {
    pub name: &'static str,
    pub formula: &'static str,
    /// The function of one or two scalar coordinates.
    pub height: fn(&[Variable]) -> Variable,
    pub start: &'static [f64],
    pub steps: usize,
    /// Learning rates: of plain gradient descent, of momentum, of rules that choose the length of steps themselves.
    lr: [f64; 3],
    /// The lowest place.
    pub hole: &'static [f64],
    /// What is in view: low and high x, low and high y (of the valley).
    pub view: [[f64; 2]; 2],
    /// Beyond which x the ball has got out of the bump, or off the plateau: below it.
    pub escape: f64,
}

/// All courses.
pub const ALL: [Course; 4] = [
    Course {
        name: "bowl",
        formula: "F(x) = x² + 4x − 7",
        height: bowl,
        start: &[5.0],
        steps: 100,
        lr: [0.1, 0.02, 0.3],
        hole: &[-2.0],
        view: [[-9.5, 5.5], [-15.0, 50.0]],
        escape: f64::INFINITY,
    },
    Course {
        name: "bumps",
        formula: "F(x) = x⁴/8 − x² + x/2",
        height: bumps,
        start: &[3.0],
        steps: 1000,
        lr: [0.1, 0.02, 0.05],
        hole: &[-2.114_907_541_476_756],
        view: [[-3.3, 3.2], [-3.6, 4.6]],
        // The top of the hill between the two holes.
        escape: 0.254_101_688_365_052_4,
    },
    Course {
        name: "plateau",
        formula: "F(x) = 4·tanh²(x) + max(0, x − 8)²",
        height: plateau,
        start: &[6.0],
        steps: 1000,
        lr: [0.1, 0.02, 0.05],
        hole: &[0.0],
        view: [[-3.5, 9.5], [-0.5, 6.0]],
        // Where the slope reaches 0.3, a thousand times that at the start.
        escape: 2.3,
    },
    Course {
        name: "valley",
        formula: "F(x, y) = (1 − x)² + 100 (y − x²)²",
        height: valley,
        start: &[-1.5, 2.0],
        steps: 3000,
        lr: [0.001, 0.0005, 0.02],
        hole: &[1.0, 1.0],
        view: [[-2.0, 2.0], [-1.0, 3.0]],
        escape: f64::INFINITY,
    },
];

/// A parabola: one hole, everything leads to it.
fn bowl(p: &[Variable]) -> Variable {
    let x = &p[0];
    x * x + 4.0 * x - 7.0
}

/// A shallow hole on the right, a hill, a deep hole on the left.
fn bumps(p: &[Variable]) -> Variable {
    let x2 = &(&p[0] * &p[0]);
    x2 * x2 / 8.0 - x2 + &p[0] / 2.0
}

/// A hole in a plain that ends at a wall; the plain is as flat as a saturated neuron.
fn plateau(p: &[Variable]) -> Variable {
    let (slope, wall) = (F::tanh(&p[0]), F::relu(&(&p[0] - 8.0)));
    4.0 * (&slope * &slope) + &wall * &wall
}

/// Rosenbrock's banana: a bent valley whose floor hardly falls (<https://doi.org/10.1093/comjnl/3.3.175>).
fn valley(p: &[Variable]) -> Variable {
    let (x, y) = (&p[0], &p[1]);
    let (along, across) = (1.0 - x, y - x * x);
    &along * &along + 100.0 * (&across * &across)
}

impl Course {
    /// The height of a place, without a graph.
    pub fn at(&self, place: &[f64]) -> f64 {
        let _guard = no_backprop_mode();
        let place: Vec<_> = place.iter().map(|&v| Variable::constant(v)).collect();
        (self.height)(&place).item()
    }
    /// A learning rate that suits the optimiser of this name.
    pub fn lr(&self, optimizer: &str) -> f64 {
        match optimizer {
            "sgd" | "msvag" => self.lr[0],
            "momentum" | "corrected-momentum" | "nesterov" => self.lr[1],
            _ => self.lr[2],
        }
    }
    /// Whether it is drawn as a curve.
    pub fn is_curve(&self) -> bool {
        self.start.len() == 1
    }
}

/// The course of this name.
///
/// # Panics
/// When there is none; clap has checked that there is.
pub fn find(name: &str) -> &'static Course {
    ALL.iter().find(|c| c.name == name).expect("clap accepts names of the table only")
}

/// `x = 1  y = 2`.
pub fn coordinates(place: &[f64], show: impl Fn(f64) -> String) -> String {
    let named = ["x", "y"].iter().zip(place).map(|(name, v)| format!("{name} = {}", show(*v)));
    named.collect::<Vec<_>>().join("  ")
}
