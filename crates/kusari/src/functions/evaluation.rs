//! Scores; not differentiable.

mod accuracy;
mod r2_score;

pub use accuracy::{accuracy, binary_accuracy};
pub use r2_score::{MultiOutput, r2_score};
