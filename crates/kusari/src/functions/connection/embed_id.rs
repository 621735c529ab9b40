//! `embed_id`: rows of a table.

use crate::{
    Array, Context, DType, Error, Function, Grads, Outputs, Result, Variable,
    onnx::{Call, Nodes},
};
use kusari_array::Shape;

/// Rows of `W` (v, …) at the integers `ids` (any shape): `y[i] = W[ids[i]]`, of shape ids + (…).
///
/// # Panics
/// When an id is not from 0 to v − 1, or not an integer.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let w = Variable::new(array![[0.0f32, 1.0], [10.0, 11.0], [20.0, 21.0]]);
/// let y = F::embed_id(&Variable::constant(array![2, 0]), &w);
/// assert_eq!(y.array().to_vec::<f32>(), [20.0, 21.0, 0.0, 1.0]);
/// ```
#[track_caller]
pub fn embed_id(ids: &Variable, w: &Variable) -> Variable {
    EmbedId { ids: ids.array().clone(), ignore: None }.apply1(&[w])
}

/// [`embed_id`] with zeros, and no gradient, where an id is `ignore_label`.
///
/// # Panics
/// When an id is neither `ignore_label` nor from 0 to v − 1, or not an integer.
#[track_caller]
pub fn embed_id_ignoring(ids: &Variable, w: &Variable, ignore_label: i64) -> Variable {
    EmbedId { ids: ids.array().clone(), ignore: Some(ignore_label) }.apply1(&[w])
}

struct EmbedId {
    ids: Array,
    ignore: Option<i64>,
}

impl Function for EmbedId {
    fn name(&self) -> &str {
        "embed_id"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        x[0].check_ids(self.name(), &self.ids, self.ignore).map_err(Error::from_kernel)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].embed(&self.ids, self.ignore).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let table = ctx.input_shape(0);
        EmbedIdGrad { ids: self.ids.clone(), ignore: self.ignore, table }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (ids, w) = (call.cast(call.value(&self.ids), DType::I64), call.x(0));
        let rows = |ids| call.node("Gather", &[w, ids]);
        let Some(label) = self.ignore else { return Some(vec![rows(ids)]) };
        let whole = |n: i64| call.constant(Array::from_slice(&[], &[n]));
        let ignored = call.node("Equal", &[ids, whole(label)]);
        let found = rows(call.node("Where", &[ignored, whole(0), ids]));
        let column = call.node("Unsqueeze", &[ignored, call.ints([-1])]);
        Some(vec![call.node("Where", &[column, call.number(0.0), found])])
    }
}

/// `gW[v] = Σ gy[i]` over the `i` whose id is v.
struct EmbedIdGrad {
    ids: Array,
    ignore: Option<i64>,
    table: Shape,
}

impl Function for EmbedIdGrad {
    fn name(&self) -> &str {
        "embed_id_grad"
    }
    fn forward(&self, gy: &[&Array]) -> Outputs {
        gy[0].embed_gradient(&self.ids, &self.table, self.ignore).into()
    }
    fn backward(&self, _: &Context, ggw: &[Variable]) -> Grads {
        EmbedId { ids: self.ids.clone(), ignore: self.ignore }.apply1(&[&ggw[0]]).into()
    }
}
