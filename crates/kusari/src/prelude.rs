//! What most programs need: `use kusari::prelude::*;`

pub use crate::{
    Array, Batch, DType, Dataset, Layer, Link, Optimizer, Parameter, Variable, array, config,
    datasets::TupleDataset,
    iterators::{BatchIterator, MultithreadIterator, SerialIterator},
    no_backprop_mode, s, serializers,
    training::{
        Extension, StandardUpdater, Trainer, Updater, extensions, report,
        triggers::{self, epochs, iterations},
    },
    using_config,
};
