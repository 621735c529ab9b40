//! `Bilinear`: a product of two inputs.

use super::{precision::in_single, weights::Source};
use crate::{Parameter, Variable, functions as F, initializers::Initialize, link};
use kusari_array::{Array, Shape};
use std::sync::Arc;

/// Bilinear layer `y[l] = Σ e1[j] · e2[k] · W[j, k, l] + e1 · V1 + e2 · V2 + b`: see
/// [`bilinear_affine`](F::bilinear_affine).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let layer = L::Bilinear::new(2, 3, 4);
/// let ones = |n| Variable::constant(Array::ones(&[5, n], DType::F32));
/// assert_eq!(layer.forward(&ones(2), &ones(3)).shape()[..], [5, 4]);
/// ```
#[derive(Clone)]
pub struct Bilinear {
    w: Parameter,
    v1: Option<Parameter>,
    v2: Option<Parameter>,
    b: Option<Parameter>,
    sizes: [usize; 3],
}
link!(Bilinear { w as "W", v1 as "V1", v2 as "V2", b; sizes } {
    fn describe(&self) -> String {
        let [left, right, out] = self.sizes;
        format!("{left} × {right} → {out}")
    }
});

impl Bilinear {
    /// A layer that takes `left` and `right` inputs.
    pub fn new(left: usize, right: usize, out: usize) -> Bilinear {
        let source = Source::default();
        let w = source.weight(Some(Shape::new(&[left, right, out])));
        let [v1, v2] = [left, right].map(|n| Some(source.weight(Some(Shape::new(&[n, out])))));
        let b = Some(Parameter::new(Array::zeros(&[out], source.dtype)));
        Bilinear { w, v1, v2, b, sizes: [left, right, out] }
    }
    /// Without the linear terms and the bias.
    #[must_use]
    pub fn nobias(self) -> Bilinear {
        Bilinear { v1: None, v2: None, b: None, ..self }
    }
    /// Fills `W` from another initialiser than `LeCunNormal`.
    #[must_use]
    pub fn initial_w(mut self, initializer: impl Initialize + 'static) -> Bilinear {
        self.w = Parameter::initialized(Arc::new(initializer), &self.sizes, self.w.dtype());
        self
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the inputs do not have the layer's sizes.
    #[track_caller]
    pub fn forward(&self, e1: &Variable, e2: &Variable) -> Variable {
        in_single(e1, |e1| {
            in_single(e2, |e2| match (&self.v1, &self.v2, &self.b) {
                (Some(v1), Some(v2), Some(b)) => {
                    F::bilinear_affine(e1, e2, &self.w.get(), [&v1.get(), &v2.get(), &b.get()])
                }
                _ => F::bilinear(e1, e2, &self.w.get()),
            })
        })
    }
}
