//! Orthogonal rows or columns.

use super::*;
use kusari_array::random;

/// An orthogonal system times `scale` (1.1): the first axis counts its vectors (or, where there are more of them than
/// dimensions, the columns are orthogonal). Uniformly distributed: the Q of a normal matrix whose R has a positive
/// diagonal (<https://arxiv.org/abs/1312.6120>).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Orthogonal {
    /// The length of each vector.
    pub scale: f64,
    /// Which shapes are refused.
    pub mode: OrthogonalMode,
}

/// Which shapes an [`Orthogonal`] refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OrthogonalMode {
    /// None.
    #[default]
    Auto,
    /// Those with more outputs than inputs.
    Projection,
    /// Those with more inputs than outputs.
    Embedding,
    /// Those that are not square.
    Basis,
}

impl Default for Orthogonal {
    fn default() -> Orthogonal {
        Orthogonal { scale: 1.1, mode: OrthogonalMode::Auto }
    }
}

impl Initialize for Orthogonal {
    #[track_caller]
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        let Some((&n_out, rest)) = shape.split_first() else {
            let sign = if random::uniform(&[], 0.0, 1.0, DType::F64).item() < 0.5 { -1.0 } else { 1.0 };
            return Array::full(shape, self.scale * sign, dtype);
        };
        let n_in: usize = rest.iter().product();
        let shown = Shape::new(shape);
        assert!(n_out * n_in > 0, "Orthogonal: expected a shape with elements, got {shown}");
        use OrthogonalMode::*;
        let refused = (n_in > n_out && matches!(self.mode, Embedding | Basis))
            || (n_in < n_out && matches!(self.mode, Projection | Basis));
        assert!(
            !refused,
            "Orthogonal: expected a shape for mode {:?}, got {shown}: {n_in} inputs, {n_out} outputs",
            self.mode
        );
        let a = random::normal(&[n_out, n_in], 0.0, 1.0, DType::F64);
        let (count, length, a) = if n_in < n_out { (n_in, n_out, a.t()) } else { (n_out, n_in, a) };
        let mut rows = a.to_vec::<f64>();
        orthogonalise(&mut rows, length);
        rows.iter_mut().for_each(|v| *v *= self.scale);
        let q = Array::from_vec(&[count, length], rows);
        let q = if n_in < n_out { q.t() } else { q };
        q.contiguous().reshape(shape).cast(dtype)
    }
}

/// Gram and Schmidt's procedure on rows of `length`; each projection is taken off twice, which keeps full precision.
fn orthogonalise(rows: &mut [f64], length: usize) {
    for i in 0..rows.len() / length {
        let (done, rest) = rows.split_at_mut(i * length);
        let row = &mut rest[..length];
        for q in done.chunks(length).chain(done.chunks(length)) {
            let along = dot(q, row);
            row.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
        }
        let norm = dot(row, row).sqrt();
        row.iter_mut().for_each(|v| *v /= norm);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}
