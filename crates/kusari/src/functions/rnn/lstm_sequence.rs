//! `lstm_sequence`.

use crate::{
    Array, Context, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{lstm, product, recompute, separate, stack},
    onnx::{Attribute, Call, Nodes},
};

/// [`lstm`] step after step. `x` (T, B, 4n) is what the inputs give to the gates, to which every step adds `h · Uᵀ` with
/// the output `h` (B, n) of the step before and `U` (4n, n); `c` and `h` (B, n) are the state in the beginning. Gives the
/// outputs of all steps (T, B, n) and the last cell (B, n).
///
/// # Panics
/// When shapes or dtypes do not fit, or there is no step.
///
/// ```
/// use kusari::{Array, DType, Variable, array, functions as F};
/// let x = Variable::constant(Array::zeros(&[2, 1, 4], DType::F64));
/// let u = Variable::new(Array::zeros(&[4, 1], DType::F64));
/// let (c, h) = (Variable::new(array![[2.0f64]]), Variable::new(array![[0.0f64]]));
/// let (y, c) = F::lstm_sequence(&x, &u, &c, &h);
/// assert_eq!((y.len(), c.item()), (2, 0.5));
/// ```
#[track_caller]
pub fn lstm_sequence(x: &Variable, u: &Variable, c: &Variable, h: &Variable) -> (Variable, Variable) {
    let mut y = LstmSequence.apply(&[x, u, c, h]).into_iter();
    (y.next().expect("two outputs"), y.next().expect("two outputs"))
}

struct LstmSequence;

impl Function for LstmSequence {
    fn name(&self) -> &str {
        "lstm_sequence"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS | Keep::output(0)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::same_float(self.name(), &[x[0], x[3]])?;
        check::weighted(self.name(), &x[..3])?;
        let [x, u, c, h] = [0, 1, 2, 3].map(|i| x[i].shape());
        let fits = match (&x[..], &u[..]) {
            ([steps, batch, gates], [rows, n]) => {
                *steps > 0 && gates == rows && *rows == 4 * n && c[..] == [*batch, *n] && h[..] == c[..]
            }
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let expected = "x of shape (T, B, 4n) with T at least 1, U (4n, n), c and h (B, n)";
        Err(Error::invalid(self.name(), expected, format_args!("{x}, {u}, {c} and {h}")))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let [y, cells, gates] = x[0].lstm_sequence(x[1], x[2], x[3]);
        let last = cells.index_axis(0, cells.shape()[0] - 1).copy().cast(x[2].dtype());
        Outputs::from([y, last]).save(cells).save(gates)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let results = [ctx.output(0).into_array(), ctx.saved(0).clone(), ctx.saved(1).clone()];
        let inputs = [0, 1, 2, 3].map(|i| ctx.input(i));
        let [x, u, c, h] = &inputs;
        let g = LstmSequenceGrad { results }.apply(&[x, u, c, h, &gy[0], &gy[1]]);
        ctx.each(|i| g[i].clone())
    }
    fn export(&self, call: &Call) -> Nodes {
        let (shape, n) = (call.shape(0), call.shape(1)[1]);
        if !call.has_one_dtype() {
            return None;
        }
        let [steps, batch, gates] = [0, 1, 2].map(|d| shape[d]);
        // ONNX has the gates one after another, as i, o, f and a; here the four of a unit lie side by side.
        let order: Vec<i64> = [1, 3, 2, 0].iter().flat_map(|g| (0..n).map(move |j| (4 * j + g) as i64)).collect();
        let places = call.constant(Array::from_slice(&[gates], &order));
        let front = |v| call.node("Unsqueeze", &[v, call.ints([0])]);
        let ordered = |v| front(call.node("Gather", &[v, places]));
        // Where the gates come from a linear map, that map is the operator's own.
        let linear = call.origin("Reshape", call.x(0)).and_then(|from| call.origin("Gemm", from[0]));
        let width = linear.as_ref().and_then(|from| call.known(from[0])).map(|x| x.shape()[1]);
        let (x, w, b) = match (linear, width) {
            (Some(from), Some(inputs)) => {
                let halves = from.get(2).map(|&b| {
                    let none = call.constant(Array::full(&[1, gates], 0.0, call.input(0).dtype()));
                    call.concat(&[ordered(b), none], 1)
                });
                (call.reshape(from[0], &[steps, batch, inputs]), ordered(from[1]), halves)
            }
            _ => (call.x(0), ordered(call.constant(Array::eye(gates, call.input(0).dtype()))), None),
        };
        let (b, none) = (b.unwrap_or_else(|| call.absent()), call.absent());
        let inputs = [x, w, ordered(call.x(1)), b, none, front(call.x(3)), front(call.x(2))];
        let y = call.nodes("LSTM", &inputs, &[("hidden_size", Attribute::Int(n as i64))], 3);
        let without = |v, axis| call.node("Squeeze", &[v, call.ints([axis])]);
        Some(vec![without(y[0], 1), without(y[2], 0)])
    }
}

/// From x, U, c, h and the gradients of all outputs and of the last cell to those of x, U, c and h.
struct LstmSequenceGrad {
    /// Outputs, cells and gates of all steps.
    results: [Array; 3],
}

impl Function for LstmSequenceGrad {
    fn name(&self) -> &str {
        "lstm_sequence_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        Array::lstm_sequence_grad(self.results.each_ref(), [x[1], x[2], x[3]], [x[4], x[5]]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 4, composed)
    }
}

/// The formula in plain functions.
fn composed(x: &[Variable]) -> Vec<Variable> {
    let (mut c, mut h, mut outputs) = (x[2].clone(), x[3].clone(), Vec::new());
    for gates in separate(&x[0], 0) {
        (c, h) = lstm(&c, &(&gates + product(&h, &x[1], false, true, gates.dtype())));
        outputs.push(h.clone());
    }
    vec![stack(&outputs.iter().collect::<Vec<_>>(), 0), c]
}
