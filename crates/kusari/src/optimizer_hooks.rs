//! What can be done to all gradients before an update, in the order of `add_hook`.
//!
//! ```
//! use kusari::{Optimizer, Parameter, array, optimizer_hooks::{GradientClipping, WeightDecay}, optimizers::SGD};
//! let w = Parameter::new(array![3.0f32, 4.0]);
//! let mut opt = SGD::new(1.0);
//! opt.setup(&w);
//! opt.add_hook(WeightDecay::new(1.0)); // g ← g + w
//! opt.add_hook(GradientClipping::new(1.0));
//! w.set_grad(array![0.0f32, 0.0]);
//! opt.update();
//! assert_eq!(w.grad().unwrap().array().to_vec::<f32>(), [0.6, 0.8]);
//! ```

mod gradient_clipping;
mod gradient_hard_clipping;
mod gradient_lars;
mod gradient_noise;
mod lasso;
mod weight_decay;

pub use gradient_clipping::GradientClipping;
pub use gradient_hard_clipping::GradientHardClipping;
pub use gradient_lars::GradientLARS;
pub use gradient_noise::GradientNoise;
pub use lasso::Lasso;
pub use weight_decay::WeightDecay;

use crate::optimizer::{Gradients, Hook};
use kusari_array::{Update, random};
