//! Arrays from and to slices, nested arrays, `Vec` and `ndarray`.
