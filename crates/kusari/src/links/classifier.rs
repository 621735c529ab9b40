//! `Classifier`.

use super::state::State;
use crate::{Layer, Link, Variable, functions as F, summary, training::report};
use std::sync::Arc;

type Measure = Arc<dyn Fn(&Variable, &Variable) -> Variable + Send + Sync>;

/// What a [`Classifier`] found at its last call.
#[derive(Clone, Default)]
pub struct Found {
    /// The predictor's output.
    pub y: Option<Variable>,
    /// The loss.
    pub loss: Option<Variable>,
    /// The accuracy, if it is computed.
    pub accuracy: Option<Variable>,
}

/// A predictor with its loss: from inputs and labels to the loss, reporting `loss` and `accuracy` on the way.
///
/// ```
/// use kusari::{Link, Variable, array, links as L};
/// let model = L::Classifier::new(L::Linear::new(2, 3));
/// let (x, t) = (Variable::constant(array![[1.0f32, 2.0]]), Variable::constant(array![2]));
/// let loss = model.forward(&x, &t);
/// loss.backward();
/// assert_eq!(model.found().accuracy.unwrap().len(), 1);
/// assert_eq!(model.namedparams()[0].0, "/predictor/W");
/// ```
#[derive(Clone)]
pub struct Classifier<P> {
    /// The model.
    pub predictor: P,
    lossfun: Measure,
    accfun: Option<Measure>,
    found: State<Found>,
}

impl<P: Link> Link for Classifier<P> {
    fn children<'a>(&'a self, f: &mut dyn FnMut(&str, &'a dyn Link)) {
        f("predictor", &self.predictor);
    }
    fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn Link)) {
        f("predictor", &mut self.predictor);
    }
    fn kind(&self) -> &str {
        "Classifier"
    }
}
impl<P: Link> std::fmt::Display for Classifier<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&summary(self))
    }
}

impl<P: Layer> Classifier<P> {
    /// With softmax cross entropy and accuracy.
    pub fn new(predictor: P) -> Classifier<P> {
        Classifier {
            predictor,
            lossfun: Arc::new(|y, t| F::softmax_cross_entropy(y, t)),
            accfun: Some(Arc::new(|y, t| F::accuracy(y, t, None))),
            found: State::default(),
        }
    }
    /// Another loss, of the predictor's output and the labels.
    #[must_use]
    pub fn lossfun(mut self, f: impl Fn(&Variable, &Variable) -> Variable + Send + Sync + 'static) -> Classifier<P> {
        self.lossfun = Arc::new(f);
        self
    }
    /// Another measure than accuracy.
    #[must_use]
    pub fn accfun(mut self, f: impl Fn(&Variable, &Variable) -> Variable + Send + Sync + 'static) -> Classifier<P> {
        self.accfun = Some(Arc::new(f));
        self
    }
    /// Without accuracy: for regression.
    #[must_use]
    pub fn no_accuracy(mut self) -> Classifier<P> {
        self.accfun = None;
        self
    }
    /// Output, loss and accuracy of the last call.
    pub fn found(&self) -> Found {
        self.found.get()
    }
    /// The loss of the predictions of `x` for the labels `t`.
    #[track_caller]
    pub fn forward(&self, x: &Variable, t: &Variable) -> Variable {
        // The graph of the call before is let go first, so that two are never alive together.
        self.found.set(Found::default());
        let y = self.predictor.forward(x);
        let loss = (self.lossfun)(&y, t);
        report("loss", &loss);
        let accuracy = self.accfun.as_ref().map(|f| f(&y, t));
        if let Some(accuracy) = &accuracy {
            report("accuracy", accuracy);
        }
        self.found.set(Found { y: Some(y), loss: Some(loss.clone()), accuracy });
        loss
    }
}
