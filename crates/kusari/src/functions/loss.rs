//! Objectives to minimise.
