//! The optimisers, one file a rule: hyperparameters with Chainer's names and defaults, and one call of the array crate's
//! update kernel.
//!
//! Plain gradient descent and momentum are made with the learning rate, `SGD::new(0.1)`; rules that choose the length of
//! their steps themselves without, `Adam::new()`. Everything has a builder method, `Adam::new().alpha(3e-4)`, and is a
//! field, `opt.alpha = 1e-4`.

mod ada_delta;
mod ada_grad;
mod adam;
mod adam_w;
mod corrected_momentum_sgd;
mod lion;
mod momentum_sgd;
mod msvag;
mod nesterov_ag;
mod rms_prop;
mod rms_prop_graves;
mod sgd;
mod smorms3;

pub use ada_delta::{AdaDelta, AdaDeltaRule};
pub use ada_grad::{AdaGrad, AdaGradRule};
pub use adam::{AMSBound, AMSGrad, AdaBound, Adam, AdamRule};
pub use adam_w::{AdamW, AdamWRule};
pub use corrected_momentum_sgd::{CorrectedMomentumSGD, CorrectedMomentumSGDRule};
pub use lion::{Lion, LionRule};
pub use momentum_sgd::{MomentumSGD, MomentumSGDRule};
pub use msvag::{MSVAG, MSVAGRule};
pub use nesterov_ag::{NesterovAG, NesterovAGRule};
pub use rms_prop::{RMSprop, RMSpropRule};
pub use rms_prop_graves::{RMSpropGraves, RMSpropGravesRule};
pub use sgd::{SGD, SGDRule};
pub use smorms3::{SMORMS3, SMORMS3Rule};

use crate::optimizer::{GradientMethod, Rule, check_eps, hyperparameters};
use kusari_array::{Array, Update};

/// `new(lr)` for rules whose rate must be chosen, `new()` for the others.
macro_rules! constructors {
    (rate: $($WithRate:ident)*; default: $($Plain:ident)*) => {
        $(impl $WithRate {
            /// The optimiser with this learning rate and the other defaults.
            pub fn new(lr: f64) -> Self { Self::default().lr(lr) }
        })*
        $(impl $Plain {
            /// The optimiser with its defaults.
            pub fn new() -> Self { Self::default() }
        })*
    };
}
constructors! {
    rate: SGD MomentumSGD CorrectedMomentumSGD NesterovAG;
    default: RMSprop RMSpropGraves AdaGrad AdaDelta SMORMS3 MSVAG Adam AMSGrad AdaBound AMSBound AdamW Lion
}
