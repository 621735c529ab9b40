//! Printing arrays as NumPy does.
