//! Picking and scattering elements by index arrays.
