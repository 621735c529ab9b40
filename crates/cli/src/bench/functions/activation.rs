//! Activations and noise.

use super::*;
use kusari::functions as F;

/// Functions of one array and numbers.
macro_rules! of_one {
    ($($name:ident($($option:expr),*)),* $(,)?) => {
        vec![$(case(stringify!($name), &[Normal(M)], |x| F::$name(&x[0] $(, $option)*))),*]
    };
}

pub fn cases() -> Vec<Case> {
    let mut all = of_one! {
        clipped_relu(20.0), crelu(1), elu(1.0), gelu(), gelu_tanh(), hard_sigmoid(), leaky_relu(0.2), log_softmax(1),
        maxout(4, 1), relu(), relu6(), selu(), sigmoid(), silu(), softmax(1), softplus(1.0), dropout(0.5),
    };
    all.extend([
        case("softmax.columns", &[Normal(M)], |x| F::softmax(&x[0], 0)),
        case("prelu", &[Normal(M), Normal(ROW)], |x| F::prelu(&x[0], &x[1])),
        case("swish", &[Normal(M), Normal(ROW)], |x| F::swish(&x[0], &x[1])),
        case("gaussian", &[Normal(M), Normal(M)], |x| F::gaussian(&x[0], &x[1])),
    ]);
    all
}
