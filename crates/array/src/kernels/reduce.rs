//! Sums, extrema and other reductions over axes.
