//! `relu6`.

use super::clipped_relu;
use crate::Variable;

/// Rectified linear unit with the ceiling 6, `y = min(max(x, 0), 6)`.
#[track_caller]
pub fn relu6(x: &Variable) -> Variable {
    clipped_relu(x, 6.0)
}
