//! Cells of recurrent networks.
