//! `lstm`.

use crate::{
    Array, Context, DType, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{cast, concat, recompute, reshape, separate, sigmoid, split_axis, tanh},
    onnx::{Call, Nodes, Value},
};

/// One step of a long short-term memory: from the cell `c` (B, n) and the gates `x` (b, 4n), the new cell
/// `c' = tanh(a) σ(i) + σ(f) c` and the output `h = σ(o) tanh(c')` (b, n) (Hochreiter and Schmidhuber, 1997; with
/// forget gates, Gers, Schmidhuber and Cummins, 2000).
///
/// `x` holds the gates interleaved by unit, `a, i, f, o`, as Chainer does. With b < B, the rows of `c` from b on pass
/// unchanged into c' (B, n): a batch of sequences sorted by length may shrink on its way.
///
/// # Panics
/// When shapes or dtypes do not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let (c, x) = (Variable::new(array![[2.0f64]]), Variable::new(array![[0.0f64, 0.0, 0.0, 0.0]]));
/// let (c, h) = F::lstm(&c, &x);
/// assert_eq!(c.item(), 1.0);
/// assert!((h.item() - 0.5 * 1f64.tanh()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn lstm(c: &Variable, x: &Variable) -> (Variable, Variable) {
    let mut y = Lstm.apply(&[c, x]).into_iter();
    (y.next().expect("two outputs"), y.next().expect("two outputs"))
}

struct Lstm;

impl Function for Lstm {
    fn name(&self) -> &str {
        "lstm"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        if [x[0].dtype(), x[1].dtype()] != [DType::F32, DType::BF16] {
            check::same_float(self.name(), x)?;
        }
        check::ndim(self.name(), "c", x[0], 2)?;
        check::ndim(self.name(), "x", x[1], 2)?;
        let (c, gates) = (x[0].shape(), x[1].shape());
        if gates[1] == 4 * c[1] && gates[0] <= c[0] {
            return Ok(());
        }
        let expected = "c of shape (B, n) and x of shape (b, 4n) with b at most B";
        Err(Error::invalid(self.name(), expected, format_args!("{c} and {gates}")))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].lstm(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let g = LstmGrad.apply(&[&ctx.input(0), &ctx.input(1), &gy[0], &gy[1]]);
        ctx.each(|i| g[i].clone())
    }
    fn export(&self, call: &Call) -> Nodes {
        if !call.has_one_dtype() {
            return None;
        }
        let (c, rows) = (call.shape(0), call.shape(1)[0]);
        let before = match c[0] == rows {
            true => vec![call.x(0)],
            false => call.split(call.x(0), 0, &[rows, c[0] - rows]),
        };
        let gates = call.split(call.reshape(call.x(1), &[rows, c[1], 4]), 2, &[1; 4]);
        let gates: Vec<Value> = gates.iter().map(|&gate| call.node("Squeeze", &[gate, call.ints([2])])).collect();
        let gate = |i: usize, op| call.node(op, &[gates[i]]);
        let new = call.node("Mul", &[gate(0, "Tanh"), gate(1, "Sigmoid")]);
        let next = call.node("Add", &[new, call.node("Mul", &[gate(2, "Sigmoid"), before[0]])]);
        let h = call.node("Mul", &[gate(3, "Sigmoid"), call.node("Tanh", &[next])]);
        let all = if before.len() == 1 { next } else { call.concat(&[next, before[1]], 0) };
        Some(vec![all, h])
    }
}

/// From c, x and the gradients of c' and h to those of c and x.
struct LstmGrad;

impl Function for LstmGrad {
    fn name(&self) -> &str {
        "lstm_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].lstm_grad(x[1], x[2], x[3]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 2, |x| composed(&x[0], &x[1]))
    }
}

/// The formula in plain functions.
fn composed(c: &Variable, x: &Variable) -> Vec<Variable> {
    let (rows, n) = (x.shape()[0], c.shape()[1]);
    let gates = separate(&reshape(&cast(x, c.dtype()), [rows, n, 4]), 2);
    let [a, i, f, o] = &gates[..] else { unreachable!("the axis has 4 elements") };
    let parts = split_axis(c, [rows], 0);
    let next = tanh(a) * sigmoid(i) + sigmoid(f) * &parts[0];
    let h = cast(&(sigmoid(o) * tanh(&next)), x.dtype());
    vec![concat(&[&next, &parts[1]], 0), h]
}
