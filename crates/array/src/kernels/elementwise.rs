//! Element-wise functions: one line each.
