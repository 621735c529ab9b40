//! Update rules: one pass over parameter, gradient and state.
