//! `selu`.

use super::elu;
use crate::Variable;

/// Scaled exponential linear unit, `y = λ·elu(x, α)` with λ = 1.0507… and α = 1.6733…, which keep mean 0 and variance 1.
/// Klambauer, Unterthiner, Mayr and Hochreiter 2017, <https://arxiv.org/abs/1706.02515>.
#[track_caller]
pub fn selu(x: &Variable) -> Variable {
    elu(x, 1.6732632423543772) * 1.0507009873554805
}
