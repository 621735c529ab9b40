//! Settings of the running thread: whether the graph is recorded, whether the model trains, debug mode.

use kusari_array::DType;
use std::{cell::Cell, marker::PhantomData};

/// What can be set for a thread. Every thread starts with the defaults; work handed to loader threads takes the
/// settings of the thread that handed it over (see [`Config::install`]).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Config {
    /// Whether the model trains: dropout drops, batch normalisation uses the batch's statistics. Default: true.
    pub train: bool,
    /// Whether the graph is recorded, so that `backward` can follow it. Default: true.
    pub enable_backprop: bool,
    /// Whether the first NaN or infinity stops the program with the function and the line that made it. Default: false.
    pub debug: bool,
    /// Whether `backward` through a parameter that was updated after its use is an error. Default: true. Programs that
    /// rely on the present value being used (as Chainer does) switch it off.
    pub check_versions: bool,
    /// Whether an observation keeps reported variables with their graphs
    /// ([`Observation::variable`](crate::training::Observation::variable)). Default: false.
    pub keep_graph_on_report: bool,
    /// Whether a forward pass is done a second time, so that it must have no effects (see
    /// [`forget`](crate::functions::forget)). Default: false.
    pub in_recomputing: bool,
    /// The dtype of new parameters. Default: `float32`.
    ///
    /// `bfloat16` is mixed precision: parameters stay `float32` ([`Config::parameter_dtype`]), and so do their gradients
    /// and the optimiser's state, while the layers compute in `bfloat16`. A layer that multiplies by its weights
    /// (`Linear`, the convolutions, `EmbedID`, and what is made of them) casts an input of `float32` to `bfloat16`; its
    /// weights are rounded as the product reads them, sums are `float32`, the bias is added before the result is rounded
    /// to `bfloat16`. What follows stays `bfloat16`: element-wise functions, normalisations, softmax and reductions
    /// compute in `float32` and round their results; losses, accuracies and an LSTM's cells are `float32`.
    ///
    /// Two variables of one operation must agree in dtype all the same; only weights may be `float32` beside an input in
    /// `bfloat16`. Where numbers in `float32` meet activations, as targets do, [`cast`](crate::functions::cast) one.
    ///
    /// ```
    /// use kusari::{DType, Variable, array, functions as F, links as L, using_config};
    /// let _mixed = using_config(|c| c.dtype = DType::BF16);
    /// let layer = L::Linear::new(2, 3);
    /// let y = layer.forward(&Variable::constant(array![[1.0f32, 2.0]]));
    /// let loss = F::softmax_cross_entropy(&F::relu(&y), array![1]);
    /// loss.backward();
    /// assert_eq!([y.dtype(), loss.dtype()], [DType::BF16, DType::F32]);
    /// assert_eq!([layer.w().dtype(), layer.w().grad().unwrap().dtype()], [DType::F32; 2]);
    /// ```
    pub dtype: DType,
}

const DEFAULT: Config = Config {
    train: true,
    enable_backprop: true,
    debug: false,
    check_versions: true,
    keep_graph_on_report: false,
    in_recomputing: false,
    dtype: DType::F32,
};

thread_local! { static CONFIG: Cell<Config> = const { Cell::new(DEFAULT) }; }

impl Default for Config {
    fn default() -> Config {
        DEFAULT
    }
}

impl Config {
    /// The dtype of new parameters: [`Config::dtype`], or `float32` where that is `bfloat16`.
    pub fn parameter_dtype(self) -> DType {
        if self.dtype == DType::BF16 { DType::F32 } else { self.dtype }
    }
    /// Makes these the settings of this thread until the guard is dropped.
    pub fn install(self) -> ConfigGuard {
        ConfigGuard { previous: CONFIG.replace(self), on_this_thread: PhantomData }
    }
}

/// The settings of this thread.
#[inline]
pub fn config() -> Config {
    CONFIG.get()
}

/// Gives the settings of before back when it is dropped.
#[must_use = "the setting ends when the guard is dropped: bind it to a name such as `_guard`"]
pub struct ConfigGuard {
    previous: Config,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for ConfigGuard {
    fn drop(&mut self) {
        CONFIG.set(self.previous);
    }
}

/// Changes settings of this thread until the guard is dropped.
///
/// ```
/// use kusari::{config, using_config};
/// let guard = using_config(|c| c.train = false);
/// assert!(!config().train);
/// drop(guard);
/// assert!(config().train);
/// ```
pub fn using_config(change: impl FnOnce(&mut Config)) -> ConfigGuard {
    let mut config = config();
    change(&mut config);
    config.install()
}

/// Stops recording until the guard is dropped: results are constants and keep nothing alive.
pub fn no_backprop_mode() -> ConfigGuard {
    using_config(|c| c.enable_backprop = false)
}

/// Records again, inside a [`no_backprop_mode`].
pub fn force_backprop_mode() -> ConfigGuard {
    using_config(|c| c.enable_backprop = true)
}

/// Neither records nor trains: how a finished model is used.
pub fn inference_mode() -> ConfigGuard {
    using_config(|c| (c.enable_backprop, c.train) = (false, false))
}

/// Trains, or behaves as a finished model, until the guard is dropped.
pub fn train_mode(train: bool) -> ConfigGuard {
    using_config(|c| c.train = train)
}
