//! What a classifier thought of samples whose class is known, and which of them it took for something else.

use crate::{Array, DType, Error, Result, tables::Confusion};

/// What a classifier thought of one sample.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Judgement {
    /// The number of the sample.
    pub sample: usize,
    /// Its class.
    pub truth: usize,
    /// The class that it was taken for.
    pub predicted: usize,
    /// The probability given to its class.
    pub of_truth: f64,
    /// The probability given to the class that it was taken for.
    pub of_predicted: f64,
}

impl Judgement {
    /// Of samples with the numbers `first`, `first + 1`, …: `probabilities` of shape (n, classes), `labels` of shape (n,).
    ///
    /// # Errors
    /// When the shapes do not fit, or a label is none of the classes.
    pub fn of(first: usize, probabilities: &Array, labels: &Array) -> Result<Vec<Judgement>> {
        let shape = probabilities.shape();
        let &[n, classes] = &shape[..] else {
            return Err(Error::invalid("Judgement::of", "probabilities of shape (n, classes)", shape));
        };
        if labels.shape()[..] != [n] || classes == 0 {
            let expected = format!("labels of shape ({n},) for probabilities of shape {shape}");
            return Err(Error::invalid("Judgement::of", expected, labels.shape()));
        }
        let (p, t) = (probabilities.cast(DType::F64).to_vec::<f64>(), labels.cast(DType::I64).to_vec::<i64>());
        let each = |(i, (p, &t)): (usize, (&[f64], &i64))| {
            let truth = usize::try_from(t).ok().filter(|&t| t < classes);
            let truth = truth.ok_or_else(|| Error::invalid("Judgement::of", format!("labels below {classes}"), t))?;
            let predicted = (1..classes).fold(0, |best, c| if p[c] > p[best] { c } else { best });
            Ok(Judgement { sample: first + i, truth, predicted, of_truth: p[truth], of_predicted: p[predicted] })
        };
        p.chunks(classes).zip(&t).enumerate().map(each).collect()
    }
    /// How often which class was taken for which; `target` is what is being told apart.
    pub fn confusion(all: &[Judgement], target: &str, classes: &[String]) -> Confusion {
        Confusion::new(target, classes, all.iter().map(|j| (j.truth, j.predicted, j.of_truth)))
    }
    /// The wrong ones, those first in which the truth was thought least probable, at most `most` of them.
    pub fn worst(all: &[Judgement], most: usize) -> Vec<Judgement> {
        let mut wrong: Vec<Judgement> = all.iter().copied().filter(|j| j.truth != j.predicted).collect();
        wrong.sort_by(|a, b| (a.of_truth - a.of_predicted).total_cmp(&(b.of_truth - b.of_predicted)));
        wrong.truncate(most);
        wrong
    }
}
