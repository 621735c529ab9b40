//! Softmax, its logarithm and cross entropy.
