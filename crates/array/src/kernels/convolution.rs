//! Convolution, its transpose and its gradients, without an im2col of the whole batch.
