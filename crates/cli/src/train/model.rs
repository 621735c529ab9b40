//! The networks.

use kusari::{Variable, functions as F, links as L};

/// Two convolutions, each with ReLU and pooling, then `unit` hidden units, which take the images as rows.
pub fn cnn(unit: usize, classes: usize) -> L::Sequential {
    L::Sequential::new()
        .add(L::Convolution2D::new(1, 16, 5).pad(2))
        .then(F::relu)
        .then(halve)
        .add(L::Convolution2D::new(16, 32, 3).pad(1))
        .then(F::relu)
        .then(halve)
        .add(L::Linear::new(32 * 7 * 7, unit))
        .then(F::relu)
        .add(L::Linear::new(unit, classes))
}

/// The largest of every 2 × 2 pixels.
fn halve(x: &Variable) -> Variable {
    F::max_pooling_2d(x, 2, F::MaxPooling::default())
}
