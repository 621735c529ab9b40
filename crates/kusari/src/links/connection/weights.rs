//! What layers with a weight and a bias share: where the values come from, and the builder's methods for it.

use crate::{
    Parameter, config,
    initializers::{Initialize, LeCunNormal, Zero},
};
use kusari_array::{DType, Shape};
use std::sync::Arc;

/// Initialisers and dtype of weight and bias.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) w: Arc<dyn Initialize>,
    /// `None`: no bias.
    pub(super) b: Option<Arc<dyn Initialize>>,
    pub(super) dtype: DType,
}

impl Default for Source {
    /// Chainer's: `LeCunNormal` weights, bias 0.
    fn default() -> Source {
        Source { w: Arc::new(LeCunNormal::default()), b: Some(Arc::new(Zero)), dtype: config().parameter_dtype() }
    }
}

impl Source {
    /// A weight, whose shape may be open, and a bias of `outputs` elements.
    pub(super) fn parameters(&self, w: Option<Shape>, outputs: usize) -> (Parameter, Option<Parameter>) {
        let bias = self.b.as_ref().map(|b| Parameter::initialized(b.clone(), &[outputs], self.dtype));
        (self.weight(w), bias)
    }
    /// A weight, whose shape may be open.
    pub(super) fn weight(&self, shape: Option<Shape>) -> Parameter {
        match shape {
            Some(shape) => Parameter::initialized(self.w.clone(), &shape, self.dtype),
            None => Parameter::lazy(self.w.clone(), self.dtype),
        }
    }
}

/// The builder methods of a layer with fields `w`, `b` and `source`, and a method `rebuilt` that makes its parameters.
macro_rules! weighted {
    ($Layer:ident) => {
        impl $Layer {
            /// Fills `W` from another initialiser than `LeCunNormal`.
            #[must_use]
            pub fn initial_w(mut self, initializer: impl $crate::initializers::Initialize + 'static) -> Self {
                self.source.w = std::sync::Arc::new(initializer);
                self.rebuilt()
            }
            /// Fills `b` from another initialiser than 0.
            #[must_use]
            pub fn initial_bias(mut self, initializer: impl $crate::initializers::Initialize + 'static) -> Self {
                self.source.b = Some(std::sync::Arc::new(initializer));
                self.rebuilt()
            }
            /// Without a bias.
            #[must_use]
            pub fn nobias(mut self) -> Self {
                self.source.b = None;
                self.b = None;
                self
            }
            /// Parameters of another dtype than the configuration's.
            #[must_use]
            pub fn dtype(mut self, dtype: kusari_array::DType) -> Self {
                self.source.dtype = dtype;
                self.rebuilt()
            }
            /// The weight.
            pub fn w(&self) -> &$crate::Parameter {
                &self.w
            }
            /// The bias, if there is one.
            pub fn b(&self) -> Option<&$crate::Parameter> {
                self.b.as_ref()
            }
            fn bias(&self) -> Option<$crate::Variable> {
                self.b.as_ref().map($crate::Parameter::get)
            }
        }
        impl $crate::Layer for $Layer {
            #[track_caller]
            fn forward(&self, x: &$crate::Variable) -> $crate::Variable {
                $Layer::forward(self, x)
            }
        }
    };
}
pub(super) use weighted;

/// `c → o` with an unknown number of inputs as `?`.
pub(super) fn arrow(inputs: Option<usize>, outputs: usize) -> String {
    format!("{} → {outputs}", inputs.map_or("?".to_string(), |n| n.to_string()))
}
