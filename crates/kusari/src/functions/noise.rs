//! Random functions.

mod dropout;
mod gaussian;

pub use dropout::{dropout, dropout_with_mask};
pub use gaussian::{gaussian, gaussian_with_eps};
