//! `Optimizer`: changes parameters by their gradients. A `Rule` says how, a `GradientMethod` does it for a whole model.

mod boxed;
mod gradient_method;
mod hook;
mod loss_scale;
mod rule;

use crate::{Link, Result, Variable, serializers::Serializer};
pub use gradient_method::GradientMethod;
pub use hook::{Gradients, Hook, Hooks, Timing};
pub use loss_scale::LossScale;
pub use rule::{Hyperparameters, Rule};
pub(crate) use rule::{Setting, check_eps, hyperparameters};

/// An optimiser of any kind, as a trainer holds it.
///
/// ```
/// use kusari::{Optimizer, Parameter, array, optimizers};
/// // F(x) = x² + 4x − 7 has its minimum at x = −2.
/// let x = Parameter::new(array![3.0f32]);
/// let mut opt = optimizers::SGD::new(0.1);
/// opt.setup(&x);
/// for _ in 0..100 {
///     let y = x.get() * x.get() + 4.0 * x.get() - 7.0;
///     y.backward();
///     opt.update();
/// }
/// assert!((x.array().item() + 2.0).abs() < 1e-5);
/// ```
pub trait Optimizer: Send + Sync {
    /// The rule's name, such as `Adam`.
    fn name(&self) -> &'static str;
    /// Takes charge of the parameters of `link` (a model, a parameter, a list) and starts anew: t = 0, no state, no hooks.
    fn setup(&mut self, link: &dyn Link);
    /// Changes every parameter that has a gradient which was not applied yet. That gradient is marked as used: it stays
    /// readable, as the rule saw it, and the next `backward` replaces it. Other parameters, their momentum and their
    /// decay are left alone.
    ///
    /// # Panics
    /// Before `setup`.
    fn update(&mut self);
    /// `backward` and `update` in one: stores gradients of its own parameters only and frees the graph on the way.
    ///
    /// # Panics
    /// Before `setup`, or when `loss` has more than one element.
    fn minimize(&mut self, loss: Variable);

    /// How many updates were done.
    fn t(&self) -> u64;
    /// The present epoch, as told by `new_epoch`.
    fn epoch(&self) -> u64;
    /// Starts a new epoch.
    fn new_epoch(&mut self);
    /// The learning rate (Adam and its kin: alpha).
    fn lr(&self) -> f64;
    /// Sets the learning rate.
    fn set_lr(&mut self, lr: f64);
    /// A hyperparameter by its name; truth values are 0 and 1.
    fn hyperparameter(&self, name: &str) -> Option<f64>;
    /// Sets a hyperparameter by its name.
    ///
    /// # Errors
    /// When the rule has none of this name.
    fn set_hyperparameter(&mut self, name: &str, value: f64) -> Result<()>;

    /// The hooks, called in order before or after the updates.
    ///
    /// # Panics
    /// Before `setup`.
    fn hooks(&mut self) -> &mut Hooks;
    /// What losses are multiplied by before `backward`, and gradients divided by again.
    fn loss_scale(&self) -> Option<f64>;
    /// Saves or loads t, the epoch and the state of every parameter, under Chainer's keys (`t`, `l1/W/m`, …).
    ///
    /// # Errors
    /// As the serializer's.
    fn serialize(&mut self, serializer: &mut dyn Serializer) -> Result<()>;
}
