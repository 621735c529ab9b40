//! Vectorised transcendental functions.
