//! Scores; not differentiable.
