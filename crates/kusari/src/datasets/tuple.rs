//! Columns side by side.

use crate::{
    Batch, Dataset, Result,
    dataset::{BatchOf, check_index},
};

/// Several datasets of one length, side by side: sample `i` is the tuple of their samples `i`.
///
/// With two columns, a batch has the fields `x` and `t`; three columns, from `TupleDataset::from((a, b, c))`, make a
/// tuple of three.
///
/// ```
/// use kusari::{Dataset, array, datasets::TupleDataset};
/// let train = TupleDataset::new(array![[0.0f32, 1.0], [2.0, 3.0], [4.0, 5.0]], array![0, 1, 0]);
/// let batch = train.batch(&[2, 0])?;
/// assert_eq!(batch.x.array().to_vec::<f32>(), [4.0, 5.0, 0.0, 1.0]);
/// assert_eq!(batch.t.array().to_vec::<i32>(), [0, 0]);
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TupleDataset<Columns>(Columns);

impl<Columns> TupleDataset<Columns> {
    /// The datasets that lie side by side.
    pub fn columns(&self) -> &Columns {
        &self.0
    }
}

impl<X: Dataset, T: Dataset> TupleDataset<(X, T)> {
    /// The dataset of inputs `x` and targets `t`.
    ///
    /// # Panics
    /// When their lengths differ.
    #[track_caller]
    pub fn new(x: X, t: T) -> TupleDataset<(X, T)> {
        TupleDataset::from((x, t))
    }
}

macro_rules! tuple {
    ($(($($C:ident $i:tt),+) => |$($b:ident),+| $batch:expr;)*) => { $(
        impl<$($C: Dataset),+> From<($($C,)+)> for TupleDataset<($($C,)+)> {
            #[track_caller]
            fn from(columns: ($($C,)+)) -> Self {
                let lengths = [$(columns.$i.len()),+];
                assert!(
                    lengths.iter().all(|&n| n == lengths[0]),
                    "TupleDataset: expected columns of one length, got {lengths:?}"
                );
                TupleDataset(columns)
            }
        }
        impl<$($C: Dataset),+> Dataset for TupleDataset<($($C,)+)> {
            type Item = ($($C::Item,)+);
            fn len(&self) -> usize {
                self.0.0.len()
            }
            fn get(&self, index: usize) -> Result<Self::Item> {
                check_index("TupleDataset", index, self.len())?;
                Ok(($(self.0.$i.get(index)?,)+))
            }
            fn batch(&self, indices: &[usize]) -> Result<BatchOf<Self>> {
                indices.iter().try_for_each(|&i| check_index("TupleDataset", i, self.len()))?;
                $(let $b = self.0.$i.batch(indices)?;)+
                Ok($batch)
            }
            fn draw(&self, index: usize, key: u64) -> Result<Self::Item> {
                check_index("TupleDataset", index, self.len())?;
                Ok(($(self.0.$i.draw(index, key)?,)+))
            }
            fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<BatchOf<Self>> {
                indices.iter().try_for_each(|&i| check_index("TupleDataset", i, self.len()))?;
                $(let $b = self.0.$i.draw_batch(indices, keys)?;)+
                Ok($batch)
            }
        }
    )* };
}
tuple! {
    (X 0, T 1) => |x, t| Batch { x, t };
    (A 0, B 1, C 2) => |a, b, c| (a, b, c);
}
