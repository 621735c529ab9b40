//! Max and average pooling, and their inverses.
