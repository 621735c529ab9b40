//! What an optimiser does to one parameter, and how its hyperparameters are declared.

use kusari_array::{Array, DType};

/// How one parameter follows its gradient: hyperparameters, which arrays it keeps, and the step.
///
/// Implement it for a rule of your own and put it into a [`GradientMethod`](super::GradientMethod):
///
/// ```
/// use kusari::{Array, Optimizer, Parameter, array, optimizer::{GradientMethod, Hyperparameters, Rule}};
/// /// Steps of equal length against the sign of the gradient.
/// #[derive(Clone, Default)]
/// struct SignDescent { lr: f64 }
/// impl Hyperparameters for SignDescent {
///     fn lr(&self) -> f64 { self.lr }
///     fn set_lr(&mut self, lr: f64) { self.lr = lr }
/// }
/// impl Rule for SignDescent {
///     const NAME: &'static str = "SignDescent";
///     fn update(&self, _t: u64, x: &mut Array, gradient: &Array, _states: &mut [Array]) {
///         x.add_scaled(&gradient.sign(), -self.lr);
///     }
/// }
/// let x = Parameter::new(array![3.0f32]);
/// let mut opt = GradientMethod::from_rule(SignDescent { lr: 0.5 });
/// opt.setup(&x);
/// (x.get() * x.get()).backward();
/// opt.update();
/// assert_eq!(x.array().item(), 2.5);
/// ```
pub trait Rule: Hyperparameters {
    /// Its name.
    const NAME: &'static str;
    /// The arrays it keeps for each parameter: their names in files and what they are filled with at first.
    const STATES: &'static [(&'static str, f64)] = &[];
    /// Changes `parameter`, for the `t`-th time (the first is 1).
    fn update(&self, t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]);
    /// Called when an optimiser with this rule is set up.
    fn at_setup(&mut self) {}
}

/// The numbers that a rule can be tuned by.
pub trait Hyperparameters: Clone + Send + Sync + 'static {
    /// The learning rate.
    fn lr(&self) -> f64;
    /// Sets the learning rate.
    fn set_lr(&mut self, lr: f64);
    /// One by its name; truth values are 0 and 1.
    fn get(&self, name: &str) -> Option<f64> {
        (name == "lr").then(|| self.lr())
    }
    /// Sets one by its name; whether there is one.
    fn set(&mut self, name: &str, value: f64) -> bool {
        if name == "lr" {
            self.set_lr(value);
        }
        name == "lr"
    }
}

/// A hyperparameter's type.
pub(crate) trait Setting: Copy {
    fn to_number(self) -> f64;
    fn from_number(value: f64) -> Self;
}
impl Setting for f64 {
    fn to_number(self) -> f64 {
        self
    }
    fn from_number(value: f64) -> f64 {
        value
    }
}
impl Setting for bool {
    fn to_number(self) -> f64 {
        self as u8 as f64
    }
    fn from_number(value: f64) -> bool {
        value != 0.0
    }
}

/// Refuses an `eps` that is not 0 but becomes 0 in the dtype that is computed in.
#[track_caller]
pub(crate) fn check_eps(name: &str, eps: f64, dtype: DType) {
    let vanishes = dtype.compute() == DType::F32 && eps != 0.0 && eps as f32 == 0.0;
    assert!(!vanishes, "{name}: expected an eps that is not 0 in float32, got {eps:e}");
}

/// Declares a rule's hyperparameters: the struct with its defaults, access by name, and builder methods of the optimiser.
macro_rules! hyperparameters {
    ($(#[$meta:meta])* $Rule:ident $(<$(const $G:ident: $B:ty),+>)? {
        $($(#[$field_meta:meta])* $field:ident: $T:ty = $default:expr),* $(,)?
    } rate $rate:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $Rule $(<$(const $G: $B),+>)? { $($(#[$field_meta])* pub $field: $T),* }

        impl $(<$(const $G: $B),+>)? Default for $Rule $(<$($G),+>)? {
            fn default() -> Self { Self { $($field: $default),* } }
        }
        impl $(<$(const $G: $B),+>)? $crate::optimizer::Hyperparameters for $Rule $(<$($G),+>)? {
            fn lr(&self) -> f64 { self.$rate }
            fn set_lr(&mut self, lr: f64) { self.$rate = lr }
            fn get(&self, name: &str) -> Option<f64> {
                use $crate::optimizer::Setting;
                match name { $(stringify!($field) => Some(self.$field.to_number()),)* _ => None }
            }
            fn set(&mut self, name: &str, value: f64) -> bool {
                use $crate::optimizer::Setting;
                match name { $(stringify!($field) => self.$field = Setting::from_number(value),)* _ => return false }
                true
            }
        }
        impl $(<$(const $G: $B),+>)? $crate::optimizer::GradientMethod<$Rule $(<$($G),+>)?> {
            $($(#[$field_meta])* pub fn $field(mut self, $field: $T) -> Self { self.$field = $field; self })*
        }
    };
}
pub(crate) use hyperparameters;
