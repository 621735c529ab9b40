//! Datasets made of others: columns side by side, parts, transformed samples, one after another; and digits.

mod augmented;
mod concatenated;
mod dict;
mod mnist;
mod padded;
mod split;
mod sub;
mod transform;
mod tuple;

pub use augmented::AugmentedDataset;
pub use concatenated::ConcatenatedDataset;
pub use dict::DictDataset;
pub use mnist::{Digits, Images, get_mnist, is_mnist, load_mnist};
pub use padded::PaddedDataset;
pub use split::{
    get_cross_validation_datasets, get_cross_validation_datasets_random, split_dataset, split_dataset_n,
    split_dataset_n_random, split_dataset_random,
};
pub use sub::SubDataset;
pub use transform::TransformDataset;
pub use tuple::TupleDataset;
