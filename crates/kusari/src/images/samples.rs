//! Pictures as a dataset.

use super::{Augment, Pictures, Preprocessing};
use crate::{Array, Batch, Dataset, Result, Variable, dataset::check_index, random::Generator};
use std::sync::Arc;

/// Chosen pictures as numbers (channels, size, size) with their classes (`int32`), changed at random or not.
#[derive(Clone, Debug)]
pub struct Samples {
    pictures: Arc<Pictures>,
    items: Arc<[usize]>,
    preprocessing: Arc<Preprocessing>,
    augment: Augment,
}

impl Samples {
    /// The pictures of these numbers.
    ///
    /// # Panics
    /// When there is no picture of one of these numbers.
    pub fn new(
        pictures: &Arc<Pictures>,
        items: impl Into<Arc<[usize]>>,
        preprocessing: &Arc<Preprocessing>,
        augment: Augment,
    ) -> Samples {
        let items = items.into();
        assert!(
            items.iter().all(|&i| i < pictures.len()),
            "Samples: expected pictures' numbers below {}",
            pictures.len()
        );
        Samples { pictures: pictures.clone(), items, preprocessing: preprocessing.clone(), augment }
    }
    /// The numbers of the pictures.
    pub fn items(&self) -> &[usize] {
        &self.items
    }
    /// How they are changed.
    pub fn augment(&self) -> Augment {
        self.augment
    }
    /// The numbers of one picture, changed by what `random` gives.
    fn write(&self, index: usize, random: Option<&mut Generator>, out: &mut [f32]) -> Result<()> {
        check_index("Samples", index, self.items.len())?;
        let square = self.pictures.get(self.items[index])?;
        match random.filter(|_| self.augment != Augment::default()) {
            Some(random) => self.preprocessing.write(&self.augment.apply(&square, random), out),
            None => self.preprocessing.write(&square, out),
        }
        Ok(())
    }
    fn shape(&self) -> [usize; 3] {
        let size = self.preprocessing.size();
        [self.preprocessing.channels(), size, size]
    }
    fn gather(&self, indices: &[usize], keys: Option<&[u64]>) -> Result<Batch> {
        let [c, h, w] = self.shape();
        let mut x = vec![0f32; indices.len() * c * h * w];
        for (k, out) in x.chunks_exact_mut(c * h * w).enumerate() {
            let mut random = keys.map(|keys| Generator::new(keys[k]));
            self.write(indices[k], random.as_mut(), out)?;
        }
        let labels: Vec<i32> = indices.iter().map(|&i| self.pictures.label(self.items[i]) as i32).collect();
        let (x, t) = (Array::from_vec(&[indices.len(), c, h, w], x), Array::from_vec(&[indices.len()], labels));
        Ok(Batch { x: Variable::constant(x), t: Variable::constant(t) })
    }
}

impl Dataset for Samples {
    type Item = (Array, i32);
    fn len(&self) -> usize {
        self.items.len()
    }
    fn get(&self, index: usize) -> Result<(Array, i32)> {
        let Batch { x, t } = self.batch(&[index])?;
        Ok((x.array().reshape(&self.shape()), t.array().item() as i32))
    }
    fn batch(&self, indices: &[usize]) -> Result<Batch> {
        self.gather(indices, None)
    }
    fn draw(&self, index: usize, key: u64) -> Result<(Array, i32)> {
        let Batch { x, t } = self.draw_batch(&[index], &[key])?;
        Ok((x.array().reshape(&self.shape()), t.array().item() as i32))
    }
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<Batch> {
        self.gather(indices, Some(keys))
    }
}
