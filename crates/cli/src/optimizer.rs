//! The optimisers by name.

use clap::{Arg, builder::PossibleValuesParser};
use kusari::{Optimizer, optimizers as O};

/// A name on the command line, the name to be shown, a learning rate to start from, and how it is made.
pub struct Entry {
    pub name: &'static str,
    pub title: &'static str,
    pub lr: f64,
    pub make: fn(f64) -> Box<dyn Optimizer>,
}

macro_rules! table {
    ($($name:literal $Type:ident $lr:literal;)*) => {
        /// All of them.
        pub const ALL: &[Entry] = &[$(Entry {
            name: $name,
            title: stringify!($Type),
            lr: $lr,
            make: |lr| {
                let mut optimizer = O::$Type::default();
                optimizer.set_lr(lr);
                Box::new(optimizer)
            },
        }),*];
    };
}
table! {
    "sgd" SGD 0.01;
    "momentum" MomentumSGD 0.01;
    "corrected-momentum" CorrectedMomentumSGD 0.01;
    "nesterov" NesterovAG 0.01;
    "adagrad" AdaGrad 0.001;
    "rmsprop" RMSprop 0.001;
    "rmsprop-graves" RMSpropGraves 0.0001;
    "smorms3" SMORMS3 0.001;
    "msvag" MSVAG 0.1;
    "adam" Adam 0.001;
    "amsgrad" AMSGrad 0.001;
    "adabound" AdaBound 0.001;
    "amsbound" AMSBound 0.001;
    "adamw" AdamW 0.001;
    "lion" Lion 0.0001;
}

/// The optimiser of this name.
///
/// # Panics
/// When there is none; clap has checked that there is.
pub fn find(name: &str) -> &'static Entry {
    ALL.iter().find(|e| e.name == name).expect("clap accepts names of the table only")
}

/// The option `--optimizer`, without a default.
pub fn option(help: &'static str) -> Arg {
    crate::options::option("optimizer", "NAME", help)
        .value_parser(PossibleValuesParser::new(ALL.iter().map(|e| e.name)))
}
