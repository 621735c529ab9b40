//! What functions that are constant in pieces share.

use crate::{
    Array, Context, Function, Grads, Outputs, Variable,
    onnx::{Call, Nodes},
};

/// A function of every element by itself without a gradient: its results are constants.
pub(super) struct Stepwise {
    pub(super) name: &'static str,
    pub(super) kernel: fn(&Array) -> Array,
    pub(super) onnx: &'static str,
}

impl Function for Stepwise {
    fn name(&self) -> &str {
        self.name
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        (self.kernel)(x[0]).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Grads::from(&gy[0] * 0.0)
    }
    fn is_differentiable(&self) -> bool {
        false
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op(self.onnx)
    }
}
