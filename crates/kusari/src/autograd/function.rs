//! `Function`: what differentiates, and how an application of one is recorded.

use super::{
    Context, Variable,
    apply::{apply, apply_one},
};
use crate::{
    Result,
    onnx::{Call, Nodes},
};
use kusari_array::Array;
use smallvec::SmallVec;
use std::{ops::BitOr, panic::Location};

/// A differentiable function: arrays in, arrays out, and the gradient written on [`Variable`]s, so that the same code
/// gives every higher order.
///
/// ```
/// use kusari::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};
///
/// /// y = x³
/// struct Cube;
/// impl Function for Cube {
///     fn name(&self) -> &str { "cube" }
///     fn keep(&self, _: Needs) -> Keep { Keep::INPUTS }
///     fn forward(&self, x: &[&Array]) -> Outputs { x[0].mul(&x[0].square()).into() }
///     fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
///         let x = ctx.input(0);
///         (3.0 * &x * &x * &gy[0]).into()
///     }
/// }
/// let x = Variable::new(2.0f32);
/// let y = Cube.apply1(&[&x]);
/// y.backward();
/// assert_eq!(x.grad().unwrap().item(), 12.0);
/// ```
pub trait Function: Send + Sync + 'static {
    /// The name that messages, hooks and graphs show.
    fn name(&self) -> &str;
    /// What `backward` will read, given which inputs need a gradient. The rest is freed as early as the program lets go.
    fn keep(&self, _needs: Needs) -> Keep {
        Keep::NOTHING
    }
    /// Rejects inputs that `forward` cannot take, before any work.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) with what was expected and given.
    fn check(&self, _x: &[&Array]) -> Result<()> {
        Ok(())
    }
    /// Computes the outputs.
    fn forward(&self, x: &[&Array]) -> Outputs;
    /// The gradients of the inputs from those of the outputs (zeros for an output that did not take part).
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads;
    /// As `backward`, for gradients that nothing is recorded of: what nobody else holds of `gy`, and of the input
    /// that [`Function::overwrites`] names ([`Context::take`]), may be written over.
    fn consume(&self, ctx: &Context, gy: SmallVec<[Variable; 1]>) -> Grads {
        self.backward(ctx, &gy)
    }
    /// The kept input whose memory `consume` would like to write over.
    fn overwrites(&self) -> Option<usize> {
        None
    }
    /// What `backward` can read in place of the only output, in less memory: asked when that is large and nobody else is
    /// going to keep it. [`Context::output`] gives it then.
    fn compact(&self, _output: &Array) -> Option<Array> {
        None
    }
    /// Whether the output only looks at the input's memory (transpose, slice, …).
    fn is_view(&self) -> bool {
        false
    }
    /// Whether there is a gradient at all; if not, the outputs are constants.
    fn is_differentiable(&self) -> bool {
        true
    }

    /// The function as nodes of ONNX; by default it has no such form. See [`onnx`](crate::onnx).
    fn export(&self, _call: &Call) -> Nodes {
        None
    }

    /// Applies a function with one output.
    ///
    /// # Panics
    /// At the caller's line, when `check` rejects the inputs.
    #[track_caller]
    #[inline(always)]
    fn apply1(self, x: &[&Variable]) -> Variable
    where
        Self: Sized,
    {
        match apply_one(self, x, Location::caller()) {
            Ok(y) => y,
            Err(e) => panic!("{e}"),
        }
    }
    /// Applies a function with any number of outputs.
    ///
    /// # Panics
    /// At the caller's line, when `check` rejects the inputs.
    #[track_caller]
    fn apply(self, x: &[&Variable]) -> Vec<Variable>
    where
        Self: Sized,
    {
        match apply(self, x, Location::caller()) {
            Ok(y) => y,
            Err(e) => panic!("{e}"),
        }
    }
    /// Applies the function, or says why it cannot.
    ///
    /// # Errors
    /// What `check` says of the inputs.
    #[track_caller]
    fn try_apply(self, x: &[&Variable]) -> Result<Vec<Variable>>
    where
        Self: Sized,
    {
        apply(self, x, Location::caller())
    }
}

/// A set of small numbers (63 stands for all from 63 up).
macro_rules! bits {
    ($($(#[$meta:meta])* $name:ident),*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name(pub(super) u64);
        impl $name {
            /// Whether number `i` is in it.
            #[inline]
            pub fn get(self, i: usize) -> bool { self.0 >> i.min(63) & 1 == 1 }
        }
    )* };
}
bits! {
    /// Which inputs need a gradient.
    Needs
}

/// What an application keeps for `backward`: inputs and outputs, joined with `|`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keep {
    pub(super) inputs: u64,
    pub(super) outputs: u64,
}

impl Keep {
    /// Nothing.
    pub const NOTHING: Keep = Keep { inputs: 0, outputs: 0 };
    /// All inputs.
    pub const INPUTS: Keep = Keep { inputs: !0, outputs: 0 };
    /// All outputs.
    pub const OUTPUTS: Keep = Keep { inputs: 0, outputs: !0 };
    /// Input `i`.
    pub const fn input(i: usize) -> Keep {
        Keep { inputs: 1 << if i < 63 { i } else { 63 }, outputs: 0 }
    }
    /// Output `i`.
    pub const fn output(i: usize) -> Keep {
        Keep { inputs: 0, outputs: 1 << if i < 63 { i } else { 63 } }
    }
    /// For products: input `i` where another input needs a gradient.
    pub fn cross(needs: Needs) -> Keep {
        match (needs.get(0), needs.get(1)) {
            (true, true) => Keep::input(0) | Keep::input(1),
            (true, false) => Keep::input(1),
            (false, true) => Keep::input(0),
            (false, false) => Keep::NOTHING,
        }
    }
    /// This, if `condition`; else nothing.
    pub fn when(self, condition: bool) -> Keep {
        if condition { self } else { Keep::NOTHING }
    }
}
impl BitOr for Keep {
    type Output = Keep;
    fn bitor(self, other: Keep) -> Keep {
        Keep { inputs: self.inputs | other.inputs, outputs: self.outputs | other.outputs }
    }
}

/// What `forward` returns: the outputs, and arrays that only `backward` needs.
///
/// Two pointers, so that the usual single output goes through registers.
pub struct Outputs {
    pub(crate) first: Array,
    pub(crate) more: Option<Box<More>>,
}
/// The outputs after the first, and what is saved.
#[derive(Default)]
pub(crate) struct More {
    pub(crate) rest: Vec<Array>,
    pub(crate) saved: Vec<Array>,
}
impl Outputs {
    /// Keeps `array` for [`Context::saved`].
    #[must_use]
    pub fn save(mut self, array: Array) -> Outputs {
        self.more.get_or_insert_default().saved.push(array);
        self
    }
    fn several(first: Option<Array>, rest: Vec<Array>) -> Outputs {
        let first = first.expect("a function has an output");
        Outputs { first, more: (!rest.is_empty()).then(|| Box::new(More { rest, saved: Vec::new() })) }
    }
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Array> {
        std::iter::once(&self.first).chain(self.more.iter().flat_map(|more| &more.rest))
    }
}
impl From<Array> for Outputs {
    #[inline]
    fn from(y: Array) -> Outputs {
        Outputs { first: y, more: None }
    }
}
impl From<Vec<Array>> for Outputs {
    fn from(y: Vec<Array>) -> Outputs {
        let mut y = y.into_iter();
        Outputs::several(y.next(), y.collect())
    }
}
impl<const N: usize> From<[Array; N]> for Outputs {
    fn from(y: [Array; N]) -> Outputs {
        let mut y = y.into_iter();
        Outputs::several(y.next(), y.collect())
    }
}

/// The gradients of the inputs, in their order; `None` for one that needs none.
pub struct Grads(pub(crate) SmallVec<[Option<Variable>; 3]>);
impl From<Variable> for Grads {
    #[inline]
    fn from(gx: Variable) -> Grads {
        let mut grads = SmallVec::new();
        grads.push(Some(gx));
        Grads(grads)
    }
}
impl From<Vec<Option<Variable>>> for Grads {
    fn from(gx: Vec<Option<Variable>>) -> Grads {
        Grads(gx.into())
    }
}
impl<const N: usize> From<[Option<Variable>; N]> for Grads {
    #[inline]
    fn from(gx: [Option<Variable>; N]) -> Grads {
        let mut grads = SmallVec::new();
        for g in gx {
            grads.push(g);
        }
        Grads(grads)
    }
}
