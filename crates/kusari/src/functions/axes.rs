//! Which axes a reduction goes over.

use crate::{Result, error::check};
use smallvec::SmallVec;

/// The axes of a reduction: `()` for all, a number, or an array of numbers; negative ones count from the end.
///
/// ```
/// use kusari::{Variable, array, functions as F, functions::Axes};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::sum(&x, ()).item(), 10.0);
/// assert_eq!(F::sum(&x, 1).array().to_vec::<f32>(), [3.0, 7.0]);
/// assert_eq!(**F::sum(&x, Axes::from(-1).keepdims()).shape(), [2, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct Axes {
    axes: Option<SmallVec<[isize; 4]>>,
    keepdims: bool,
}

impl Axes {
    /// All axes.
    pub fn all() -> Axes {
        Axes { axes: None, keepdims: false }
    }
    /// Keeps the reduced axes, with length 1.
    #[must_use]
    pub fn keepdims(mut self) -> Axes {
        self.keepdims = true;
        self
    }
    /// Whether reduced axes are kept.
    pub fn keeps_dims(&self) -> bool {
        self.keepdims
    }
    /// The axes as given, unless all are meant.
    pub(crate) fn listed(&self) -> Option<&[isize]> {
        self.axes.as_deref()
    }
    /// The axes among `ndim`, ascending, when `resolve` has accepted them.
    pub(crate) fn named(&self, ndim: usize) -> SmallVec<[usize; 7]> {
        self.resolve("axes", ndim).expect("the axes have been checked")
    }
    /// The axes among `ndim`, ascending.
    ///
    /// # Errors
    /// For an axis that does not exist or is named twice, with the name of the `function`.
    pub fn resolve(&self, function: &str, ndim: usize) -> Result<SmallVec<[usize; 7]>> {
        let Some(axes) = &self.axes else { return Ok((0..ndim).collect()) };
        let mut resolved = SmallVec::new();
        for &axis in axes {
            resolved.push(check::axis(function, axis, ndim)?);
        }
        resolved.sort_unstable();
        if let Some(twice) = resolved.windows(2).find(|w| w[0] == w[1]) {
            return Err(crate::Error::invalid(function, "each axis once", format_args!("axis {} twice", twice[0])));
        }
        Ok(resolved)
    }
}

impl From<()> for Axes {
    fn from(_: ()) -> Axes {
        Axes::all()
    }
}
macro_rules! from_integer {
    ($($T:ty),*) => { $(impl From<$T> for Axes {
        fn from(axis: $T) -> Axes { Axes { axes: Some(SmallVec::from_slice(&[axis as isize])), keepdims: false } }
    })* };
}
from_integer!(i32, isize, usize);
impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Axes {
        Axes { axes: Some(SmallVec::from_slice(&axes)), keepdims: false }
    }
}
impl<const N: usize> From<&[isize; N]> for Axes {
    fn from(axes: &[isize; N]) -> Axes {
        Axes::from(&axes[..])
    }
}
impl From<&[isize]> for Axes {
    fn from(axes: &[isize]) -> Axes {
        Axes { axes: Some(SmallVec::from_slice(axes)), keepdims: false }
    }
}
impl From<&[usize]> for Axes {
    fn from(axes: &[usize]) -> Axes {
        Axes { axes: Some(axes.iter().map(|&a| a as isize).collect()), keepdims: false }
    }
}
