//! What the poolings share: heights and widths, sums over windows and their transpose.

use crate::{
    Array, Context, Error, Function, Grads, Outputs, Variable,
    error::check,
    functions::transposed,
    onnx::{Attribute, Call, Nodes, Value, ints},
};
use kusari_array::{Conv, Pool, Shape};

/// A height and a width; a single number stands for both.
///
/// ```
/// use kusari::functions::Pair;
/// assert_eq!(Pair::from(3).0, [3, 3]);
/// assert_eq!(Pair::from([3, 2]).0, [3, 2]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair(pub [usize; 2]);

impl From<usize> for Pair {
    fn from(n: usize) -> Pair {
        Pair([n, n])
    }
}
impl From<[usize; 2]> for Pair {
    fn from(pair: [usize; 2]) -> Pair {
        Pair(pair)
    }
}

/// The kernel's complaint as an error.
pub(super) fn checked(shape: Result<Shape, String>) -> crate::Result<()> {
    shape.map(|_| ()).map_err(Error::from_kernel)
}

/// The sum of every window, times `scale`.
pub(super) struct SumPooling {
    pub(super) name: &'static str,
    pub(super) pool: Pool,
    pub(super) scale: f64,
}

impl Function for SumPooling {
    fn name(&self) -> &str {
        self.name
    }
    fn check(&self, x: &[&Array]) -> crate::Result<()> {
        check::same_float(self.name, x)?;
        checked(self.pool.pooled_shape(self.name, x[0].shape()))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sum_pooling_2d(&self.pool, self.scale).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (&Self { name, pool, scale }, x) = (self, ctx.input_shape(0));
        Spread { name, pool, size: Some([x[2], x[3]]), scale }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, mut attributes) = windows(call, &self.pool, 0.0);
        attributes.push(("count_include_pad", Attribute::Int(1)));
        let mean = call.node_with("AveragePool", &[x], &attributes);
        let factor = self.scale * self.pool.area() as f64;
        let scaled = || call.node("Mul", &[mean, call.number(factor)]);
        Some(vec![if (factor - 1.0).abs() < 1e-12 { mean } else { scaled() }])
    }
}

/// Every element, times `scale`, added all over its window: the transpose of [`SumPooling`].
pub(super) struct Spread {
    pub(super) name: &'static str,
    pub(super) pool: Pool,
    pub(super) size: Option<[usize; 2]>,
    pub(super) scale: f64,
}

impl Function for Spread {
    fn name(&self) -> &str {
        self.name
    }
    fn check(&self, x: &[&Array]) -> crate::Result<()> {
        check::same_float(self.name, x)?;
        checked(self.pool.unpooled_shape(self.name, x[0].shape(), self.size))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].spread_2d(&self.pool, self.size, self.scale).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        let &Self { name, pool, scale, .. } = self;
        SumPooling { name, pool, scale }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, y) = (call.shape(0), call.output(0).shape());
        let Pool { window, stride, pad, .. } = self.pool;
        let channels = x[1];
        let conv = Conv { stride, pad, groups: channels, ..Conv::default() };
        let attributes = transposed(&conv, [x[2], x[3]], window, [y[2], y[3]]);
        let w = Array::full(&[channels, 1, window[0], window[1]], self.scale, call.input(0).dtype());
        Some(vec![call.node_with("ConvTranspose", &[call.x(0), call.constant(w)], &attributes)])
    }
}

/// The input and the attributes of ONNX's pooling. What operators do not take as padding is padded before.
pub(super) fn windows(call: &Call, pool: &Pool, outside: f64) -> (Value, Vec<(&'static str, Attribute)>) {
    let (x, y) = (call.shape(0), call.output(0).shape());
    let Pool { window, stride, pad, .. } = *pool;
    let reach = |d: usize| (y[2 + d] - 1) * stride[d] + window[d];
    let end = [0, 1].map(|d| pad[d].max(reach(d).saturating_sub(x[2 + d] + pad[d])));
    let ends = [pad[0], pad[1], end[0], end[1]];
    let shape = [("kernel_shape", ints(&window)), ("strides", ints(&stride))];
    if (0..4).all(|i| ends[i] < window[i % 2]) {
        return (call.x(0), [shape.to_vec(), vec![("pads", ints(&ends))]].concat());
    }
    let widths = [0, 0, ends[0], ends[1], 0, 0, ends[2], ends[3]].map(|n| n as i64);
    (call.node("Pad", &[call.x(0), call.ints(widths), call.number(outside)]), shape.to_vec())
}
