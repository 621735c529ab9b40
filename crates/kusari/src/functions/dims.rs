//! Shapes as arguments.

use crate::{Error, Result};
use kusari_array::Shape;
use smallvec::SmallVec;

/// A shape given as an argument: an array or slice of integers, or a [`Shape`]. One length may be −1: what the number of
/// elements leaves.
#[derive(Clone, Debug)]
pub struct Dims(SmallVec<[isize; 7]>);

impl Dims {
    /// The shape for `count` elements.
    ///
    /// # Errors
    /// When the number of elements does not fit, with the name of the `function`.
    pub fn resolve(&self, function: &str, from: &Shape) -> Result<Shape> {
        let count = from.count();
        let known: usize = self.0.iter().filter(|n| **n >= 0).map(|n| *n as usize).product();
        let open = self.0.iter().filter(|n| **n < 0).count();
        let rest = if open == 1 && known > 0 { count / known } else { 0 };
        let fits = match open {
            0 => known == count,
            1 => self.0.contains(&-1) && known * rest == count && (known > 0 || count == 0),
            _ => false,
        };
        if !fits || self.0.len() > kusari_array::MAX_RANK {
            return Err(Error::invalid(
                function,
                format_args!("a shape of {count} elements for an array of shape {from}"),
                format_args!("{:?}", &self.0[..]),
            ));
        }
        let dims: SmallVec<[usize; 7]> = self.0.iter().map(|&n| if n < 0 { rest } else { n as usize }).collect();
        Ok(Shape::new(&dims))
    }
}

macro_rules! from_integers {
    ($($T:ty),*) => { $(
        impl From<&[$T]> for Dims {
            fn from(dims: &[$T]) -> Dims { Dims(dims.iter().map(|&n| n as isize).collect()) }
        }
        impl<const N: usize> From<&[$T; N]> for Dims {
            fn from(dims: &[$T; N]) -> Dims { Dims::from(&dims[..]) }
        }
        impl<const N: usize> From<[$T; N]> for Dims {
            fn from(dims: [$T; N]) -> Dims { Dims::from(&dims[..]) }
        }
        impl From<&Vec<$T>> for Dims {
            fn from(dims: &Vec<$T>) -> Dims { Dims::from(&dims[..]) }
        }
    )* };
}
from_integers!(i32, i64, isize, usize);
impl From<&Shape> for Dims {
    fn from(shape: &Shape) -> Dims {
        Dims::from(&shape[..])
    }
}
impl From<Shape> for Dims {
    fn from(shape: Shape) -> Dims {
        Dims::from(&shape[..])
    }
}
