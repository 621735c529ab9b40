//! A boxed optimiser is one: for a choice made at run time.

use super::{Hooks, Optimizer};
use crate::{Link, Result, Variable, serializers::Serializer};

macro_rules! forward {
    ($($name:ident(&mut self $(, $argument:ident: $T:ty)*) $(-> $R:ty)?;)* --- $($get:ident(&self $(, $key:ident: $K:ty)*) -> $V:ty;)*) => {
        impl<O: Optimizer + ?Sized> Optimizer for Box<O> {
            $(fn $name(&mut self $(, $argument: $T)*) $(-> $R)? {
                (**self).$name($($argument),*)
            })*
            $(fn $get(&self $(, $key: $K)*) -> $V {
                (**self).$get($($key),*)
            })*
        }
    };
}
forward! {
    setup(&mut self, link: &dyn Link);
    update(&mut self);
    minimize(&mut self, loss: Variable);
    new_epoch(&mut self);
    set_lr(&mut self, lr: f64);
    set_hyperparameter(&mut self, name: &str, value: f64) -> Result<()>;
    hooks(&mut self) -> &mut Hooks;
    serialize(&mut self, serializer: &mut dyn Serializer) -> Result<()>;
    ---
    name(&self) -> &'static str;
    t(&self) -> u64;
    epoch(&self) -> u64;
    lr(&self) -> f64;
    hyperparameter(&self, name: &str) -> Option<f64>;
    loss_scale(&self) -> Option<f64>;
}
