//! Activation functions with one learnt coefficient, or one an element.

use crate::{Parameter, Variable, config, functions as F, link, links::connection::in_single};
use kusari_array::Array;

/// Defines a layer with one parameter: its name in files, its start value, and the function of input and parameter.
macro_rules! coefficient {
    ($(#[$meta:meta])* $Layer:ident, $field:ident as $name:literal, $start:literal, $function:path) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $Layer {
            $field: Parameter,
        }
        link!($Layer { $field as $name });

        impl $Layer {
            /// With parameters of this shape: that of the input's axes from the second on, or `&[]` for one shared by all.
            pub fn new(shape: &[usize]) -> $Layer {
                $Layer { $field: Parameter::new(Array::full(shape, $start, config().parameter_dtype())) }
            }
            /// With this start value.
            #[must_use]
            pub fn initial(self, value: f64) -> $Layer {
                self.$field.set(self.$field.array().full_like(value));
                self
            }
            /// Applies the function.
            ///
            /// # Panics
            /// When the shapes do not fit.
            #[track_caller]
            pub fn forward(&self, x: &Variable) -> Variable {
                in_single(x, |x| $function(x, &self.$field.get()))
            }
        }
        impl crate::Layer for $Layer {
            #[track_caller]
            fn forward(&self, x: &Variable) -> Variable {
                $Layer::forward(self, x)
            }
        }
    };
}

coefficient! {
    /// Rectified linear unit with a learnt slope below 0: see [`prelu`](F::prelu). The slope starts at 0.25.
    ///
    /// ```
    /// use kusari::{Variable, array, links as L};
    /// let layer = L::PReLU::new(&[]);
    /// let y = layer.forward(&Variable::constant(array![[-1.0f32, 0.0]]));
    /// assert_eq!(y.array().to_vec::<f32>(), [-0.25, 0.0]);
    /// ```
    PReLU, w as "W", 0.25, F::prelu
}
coefficient! {
    /// Swish with learnt β: see [`swish`](F::swish). β starts at 1.
    ///
    /// ```
    /// use kusari::{Variable, array, links as L};
    /// let layer = L::Swish::new(&[]);
    /// let y = layer.forward(&Variable::constant(array![[-1.0f32, 0.0]]));
    /// assert!(y.array().to_vec::<f32>()[0] < 0.0);
    /// ```
    Swish, beta as "beta", 1.0, F::swish
}
