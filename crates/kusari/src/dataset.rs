//! Datasets: samples by index, and how samples become a batch.

use crate::{Array, Error, Result, Variable};
use std::{collections::BTreeMap, sync::Arc};

/// Samples that can be asked for by index.
///
/// ```
/// use kusari::{Dataset, Result};
/// struct Squares(usize);
/// impl Dataset for Squares {
///     type Item = (f32, f32);
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn get(&self, i: usize) -> Result<(f32, f32)> {
///         Ok((i as f32, (i * i) as f32))
///     }
/// }
/// let batch = Squares(10).batch(&[2, 5])?;
/// assert_eq!(batch.x.array().to_vec::<f32>(), [2.0, 5.0]);
/// assert_eq!(batch.t.array().to_vec::<f32>(), [4.0, 25.0]);
/// # Ok::<(), kusari::Error>(())
/// ```
pub trait Dataset: Send + Sync {
    /// A sample, such as `(Array, i32)`.
    type Item: Example;
    /// The number of samples.
    fn len(&self) -> usize;
    /// Whether there are no samples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Sample number `index`.
    ///
    /// # Errors
    /// When it cannot be read, or there is none of this number.
    fn get(&self, index: usize) -> Result<Self::Item>;
    /// The samples of these numbers as one batch. Datasets whose samples lie in arrays gather them in one go.
    ///
    /// # Errors
    /// When a sample cannot be read, or the samples do not fit together.
    fn batch(&self, indices: &[usize]) -> Result<BatchOf<Self>> {
        let examples: Result<Vec<_>> = indices.iter().map(|&i| self.get(i)).collect();
        concat_examples(examples?)
    }
    /// Sample number `index` as an iterator asks for it, which gives a `key` made of its seed, the epoch and the number:
    /// what is random about a sample must depend on the key only ([`AugmentedDataset`](crate::datasets::AugmentedDataset)
    /// sees to it), so that it is the same whichever thread reads it, and when training is resumed. The same as
    /// [`get`](Dataset::get) where nothing is random.
    ///
    /// # Errors
    /// As `get`.
    fn draw(&self, index: usize, key: u64) -> Result<Self::Item> {
        let _ = key;
        self.get(index)
    }
    /// [`batch`](Dataset::batch) of samples that are drawn: a dataset that has its own `draw` calls it here.
    ///
    /// # Errors
    /// As `batch`.
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<BatchOf<Self>> {
        let _ = keys;
        self.batch(indices)
    }
}

/// The samples of these numbers, drawn one by one.
pub(crate) fn drawn<D: Dataset + ?Sized>(dataset: &D, indices: &[usize], keys: &[u64]) -> Result<Vec<D::Item>> {
    indices.iter().zip(keys).map(|(&i, &key)| dataset.draw(i, key)).collect()
}

/// The batch that samples of the dataset `D` become.
pub type BatchOf<D> = <<D as Dataset>::Item as Example>::Batch;

/// Inputs and targets of several samples, ready for a model: constants of the graph.
#[derive(Clone)]
pub struct Batch<X = Variable, T = Variable> {
    /// The inputs; samples along the first axis.
    pub x: X,
    /// The targets; samples along the first axis.
    pub t: T,
}

/// A sample, of which several can be put together to a batch.
pub trait Example: Sized + Send {
    /// What several samples become.
    type Batch: Send;
    /// Puts samples together; with `padding`, arrays of different lengths are filled up to the longest with it.
    ///
    /// # Errors
    /// When the samples do not fit together.
    fn concat(examples: Vec<Self>, padding: Option<f64>) -> Result<Self::Batch>;
}

/// Puts samples together to a batch: arrays and numbers along a new first axis, pairs to a [`Batch`] of `x` and `t`.
///
/// # Errors
/// When there are none, or their shapes or dtypes differ.
pub fn concat_examples<E: Example>(examples: Vec<E>) -> Result<E::Batch> {
    E::concat(examples, None)
}

/// [`concat_examples`] that fills arrays up at their ends, to the longest along every axis, with `padding`.
///
/// # Errors
/// When there are none, or their dtypes or numbers of axes differ.
pub fn concat_examples_padded<E: Example>(examples: Vec<E>, padding: f64) -> Result<E::Batch> {
    E::concat(examples, Some(padding))
}

impl Example for Array {
    type Batch = Variable;
    fn concat(mut examples: Vec<Array>, padding: Option<f64>) -> Result<Variable> {
        let Some(first) = examples.first() else {
            return Err(Error::invalid("concat_examples", "at least one example", "none"));
        };
        let (ndim, dtype, shape) = (first.ndim(), first.dtype(), *first.shape());
        if let Some(other) = examples.iter().find(|a| a.dtype() != dtype || a.ndim() != ndim) {
            let got = format!("{dtype} of shape {shape} and {} of shape {}", other.dtype(), other.shape());
            return Err(Error::invalid("concat_examples", "arrays of one dtype and number of axes", got));
        }
        if let Some(padding) = padding {
            let longest: Vec<usize> =
                (0..ndim).map(|d| examples.iter().map(|a| a.shape()[d]).max().unwrap_or(0)).collect();
            for array in &mut examples {
                let widths: Vec<_> = longest.iter().zip(array.shape().iter()).map(|(l, n)| (0, l - n)).collect();
                *array = array.pad(&widths, padding);
            }
        } else if let Some(other) = examples.iter().find(|a| *a.shape() != shape) {
            let got = format!("{shape} and {} (concat_examples_padded fills them up)", other.shape());
            return Err(Error::invalid("concat_examples", "arrays of one shape", got));
        }
        Ok(Variable::constant(Array::stack(&examples, 0)))
    }
}

macro_rules! number {
    ($($T:ty),*) => { $(impl Example for $T {
        type Batch = Variable;
        fn concat(examples: Vec<$T>, _: Option<f64>) -> Result<Variable> {
            Ok(Variable::constant(Array::from_slice(&[examples.len()], &examples)))
        }
    })* };
}
number!(bool, u8, i32, i64, f32, f64);

/// As an integer label: `int64`.
impl Example for usize {
    type Batch = Variable;
    fn concat(examples: Vec<usize>, _: Option<f64>) -> Result<Variable> {
        Ok(Variable::constant(indices_array(&examples)))
    }
}

/// Indices as an array.
pub(crate) fn indices_array(indices: &[usize]) -> Array {
    Array::from_vec(&[indices.len()], indices.iter().map(|&i| i as i64).collect())
}

impl<X: Example, T: Example> Example for (X, T) {
    type Batch = Batch<X::Batch, T::Batch>;
    fn concat(examples: Vec<(X, T)>, padding: Option<f64>) -> Result<Self::Batch> {
        let (x, t) = examples.into_iter().unzip();
        Ok(Batch { x: X::concat(x, padding)?, t: T::concat(t, padding)? })
    }
}
impl<A: Example, B: Example, C: Example> Example for (A, B, C) {
    type Batch = (A::Batch, B::Batch, C::Batch);
    fn concat(examples: Vec<(A, B, C)>, padding: Option<f64>) -> Result<Self::Batch> {
        let (a, (b, c)): (Vec<_>, (Vec<_>, Vec<_>)) = examples.into_iter().map(|(a, b, c)| (a, (b, c))).unzip();
        Ok((A::concat(a, padding)?, B::concat(b, padding)?, C::concat(c, padding)?))
    }
}

/// A sample with named parts.
impl<E: Example> Example for BTreeMap<String, E> {
    type Batch = BTreeMap<String, E::Batch>;
    fn concat(examples: Vec<BTreeMap<String, E>>, padding: Option<f64>) -> Result<Self::Batch> {
        let mut columns: BTreeMap<String, Vec<E>> = BTreeMap::new();
        let n = examples.len();
        for example in examples {
            example.into_iter().for_each(|(name, value)| columns.entry(name).or_default().push(value));
        }
        let batch = columns.into_iter().map(|(name, values)| match values.len() == n {
            true => Ok((name, E::concat(values, padding)?)),
            false => {
                Err(Error::invalid("concat_examples", "the same names in all examples", format!("'{name}' in some")))
            }
        });
        batch.collect()
    }
}

/// A sample that stays as it is: a batch is a list of them. For sequences of different lengths, for instance.
#[derive(Clone, PartialEq, Debug)]
pub struct Whole<T>(pub T);

impl<T: Send> Example for Whole<T> {
    type Batch = Vec<T>;
    fn concat(examples: Vec<Whole<T>>, _: Option<f64>) -> Result<Vec<T>> {
        Ok(examples.into_iter().map(|Whole(value)| value).collect())
    }
}

/// Fails where there is no sample of this number.
pub(crate) fn check_index(what: &str, index: usize, len: usize) -> Result<()> {
    if index < len {
        return Ok(());
    }
    Err(Error::invalid(what, format_args!("a sample's number below {len}"), index))
}

/// The parts along the first axis; a batch of them is gathered in one go.
impl Dataset for Array {
    type Item = Array;
    fn len(&self) -> usize {
        self.shape().first().copied().unwrap_or(0)
    }
    fn get(&self, index: usize) -> Result<Array> {
        check_index("Array", index, Dataset::len(self))?;
        Ok(self.index_axis(0, index))
    }
    fn batch(&self, indices: &[usize]) -> Result<Variable> {
        indices.iter().try_for_each(|&i| check_index("Array", i, Dataset::len(self)))?;
        if self.ndim() == 0 {
            return Err(Error::invalid("Array", "a dataset with a first axis", format_args!("shape {}", self.shape())));
        }
        Ok(Variable::constant(self.take(0, &indices_array(indices))))
    }
}

impl<E: Example + Clone + Sync> Dataset for Vec<E> {
    type Item = E;
    fn len(&self) -> usize {
        self[..].len()
    }
    fn get(&self, index: usize) -> Result<E> {
        check_index("Vec", index, self[..].len())?;
        Ok(self[index].clone())
    }
}

macro_rules! forward {
    ($($T:ty),*) => { $(impl<D: Dataset + ?Sized> Dataset for $T {
        type Item = D::Item;
        fn len(&self) -> usize {
            (**self).len()
        }
        fn get(&self, index: usize) -> Result<D::Item> {
            (**self).get(index)
        }
        fn batch(&self, indices: &[usize]) -> Result<BatchOf<D>> {
            (**self).batch(indices)
        }
        fn draw(&self, index: usize, key: u64) -> Result<D::Item> {
            (**self).draw(index, key)
        }
        fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<BatchOf<D>> {
            (**self).draw_batch(indices, keys)
        }
    })* };
}
forward!(&D, Arc<D>, Box<D>);
