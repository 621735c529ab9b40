//! Batch, layer, group and local response normalisation in single passes.
