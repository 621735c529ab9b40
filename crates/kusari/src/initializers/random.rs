//! Normal and uniform numbers, scaled by the number of inputs and outputs.

use super::*;
use kusari_array::random;

/// Normal numbers with mean 0 and standard deviation `scale` (0.05).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Normal {
    /// Standard deviation.
    pub scale: f64,
}

/// Uniform numbers between `−scale` and `scale` (0.05).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Uniform {
    /// The largest number.
    pub scale: f64,
}

/// Which of the two numbers a variance is divided by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Fan {
    /// The number of inputs.
    #[default]
    In,
    /// The number of outputs.
    Out,
}

impl Initialize for Normal {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        random::normal(shape, 0.0, self.scale, dtype)
    }
}
impl Initialize for Uniform {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        random::uniform(shape, -self.scale, self.scale, dtype)
    }
}

/// One line each: the distribution and the square of its scale, from the number of inputs and outputs.
macro_rules! scaled {
    ($($(#[$meta:meta])* $Name:ident = $Kind:ident $({ $option:ident: $O:ty })? |$s:ident, $fan_in:ident, $fan_out:ident| $square:expr;)*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub struct $Name {
            /// Multiplies the formula: 1.
            pub scale: f64,
            $(/// Which number of units counts.
            pub $option: $O,)?
        }
        impl $Name {
            /// With another scale than 1.
            pub fn new(scale: f64) -> $Name {
                $Name { scale $(, $option: <$O>::default())? }
            }
        }
        impl Default for $Name {
            fn default() -> $Name { $Name::new(1.0) }
        }
        impl Initialize for $Name {
            #[track_caller]
            fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
                let (fan_in, fan_out) = get_fans(shape);
                let ($s, $fan_in, $fan_out) = (self, fan_in as f64, fan_out as f64);
                let square: f64 = $square;
                $Kind { scale: $s.scale * square.sqrt() }.initialize(shape, dtype)
            }
        }
    )* };
}

scaled! {
    /// Normal, standard deviation `scale·√(1/fan_in)` (LeCun et al. 1998, *Efficient BackProp*): Chainer's default for weights.
    LeCunNormal = Normal |_s, fan_in, _fan_out| 1.0 / fan_in;

    /// Normal, standard deviation `scale·√(2/(fan_in + fan_out))` (<https://proceedings.mlr.press/v9/glorot10a.html>).
    GlorotNormal = Normal |_s, fan_in, fan_out| 2.0 / (fan_in + fan_out);

    /// Normal, standard deviation `scale·√(2/fan)` (<https://arxiv.org/abs/1502.01852>).
    HeNormal = Normal { fan: Fan } |s, fan_in, fan_out| 2.0 / if s.fan == Fan::In { fan_in } else { fan_out };

    /// Uniform between `±scale·√(3/fan_in)` (LeCun et al. 1998, *Efficient BackProp*).
    LeCunUniform = Uniform |_s, fan_in, _fan_out| 3.0 / fan_in;

    /// Uniform between `±scale·√(6/(fan_in + fan_out))` (<https://proceedings.mlr.press/v9/glorot10a.html>).
    GlorotUniform = Uniform |_s, fan_in, fan_out| 6.0 / (fan_in + fan_out);

    /// Uniform between `±scale·√(6/fan_in)` (<https://arxiv.org/abs/1502.01852>).
    HeUniform = Uniform |_s, fan_in, _fan_out| 6.0 / fan_in;
}

impl Default for Normal {
    fn default() -> Normal {
        Normal { scale: 0.05 }
    }
}
impl Normal {
    /// With this standard deviation.
    pub fn new(scale: f64) -> Normal {
        Normal { scale }
    }
}
impl Default for Uniform {
    fn default() -> Uniform {
        Uniform { scale: 0.05 }
    }
}
impl Uniform {
    /// With this largest number.
    pub fn new(scale: f64) -> Uniform {
        Uniform { scale }
    }
}
