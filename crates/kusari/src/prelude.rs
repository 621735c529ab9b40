//! What most programs need: `use kusari::prelude::*;`

pub use crate::{
    Array, DType, Layer, Link, Optimizer, Parameter, Variable, array, config, no_backprop_mode, using_config,
};
