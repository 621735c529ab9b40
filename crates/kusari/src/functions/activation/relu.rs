//! `relu`.

use crate::{
    Array, Context, DType, Function, Grads, Keep, Needs, Outputs, Variable,
    functions::math::derivative,
    onnx::{Call, Nodes},
};
use smallvec::SmallVec;

/// Rectified linear unit, `y = max(x, 0)`. The gradient at 0 is 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let y = F::relu(&Variable::new(array![-1.0f32, 2.0]));
/// assert_eq!(y.array().to_vec::<f32>(), [0.0, 2.0]);
/// ```
#[track_caller]
pub fn relu(x: &Variable) -> Variable {
    Relu.apply1(&[x])
}

struct Relu;

impl Function for Relu {
    fn name(&self) -> &str {
        "relu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].relu().into()
    }
    /// Where the output is positive.
    fn compact(&self, y: &Array) -> Option<Array> {
        matches!(y.dtype(), DType::BF16 | DType::F32 | DType::F64).then(|| y.positive())
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (y, gy) = (ctx.output(0), &gy[0]);
        let gx = match is_compact(&y) {
            true => Masked(y.into_array()).apply1(&[gy]),
            false => derivative("relu_grad", &y, gy, |y, gy| y.relu_grad(gy), |_| None),
        };
        gx.into()
    }
    fn consume(&self, ctx: &Context, mut gy: SmallVec<[Variable; 1]>) -> Grads {
        let y = ctx.output(0);
        if !is_compact(&y) {
            return self.backward(ctx, &gy);
        }
        let mut gx = gy.pop().expect("a function has an output").into_array();
        gx.mask_assign(y.array());
        Variable::constant(gx).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op("Relu")
    }
}

/// Whether an output was replaced by where it is positive.
fn is_compact(y: &Variable) -> bool {
    y.dtype() == DType::I32
}

/// `x` where the output was positive, else 0.
struct Masked(Array);

impl Function for Masked {
    fn name(&self) -> &str {
        "relu_grad"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let mut y = x[0].clone();
        y.mask_assign(&self.0);
        y.into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Masked(self.0.clone()).apply1(&[&gy[0]]).into()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Backward, Variable, functions as F, random};
    use kusari_array::DType;

    /// Of a relu whose output a pooling reads and nobody keeps, the gradient and its gradient are those of one whose
    /// output is still held.
    #[test]
    fn signs_are_enough() {
        let x = Variable::new(random::normal(&[2, 8, 64, 65], 0.0, 1.0, DType::F32));
        let run = |held: bool, fresh: bool| {
            x.cleargrad();
            let h = F::relu(&x);
            let other = held.then(|| h.array().clone());
            let y = F::average_pooling_2d(&h, 3, F::AveragePooling::default());
            drop((h, other));
            let loss = (&y * &y).sum();
            loss.backward_with(Backward { create_graph: fresh, ..Backward::default() });
            let gx = x.grad().unwrap();
            if !fresh {
                return gx.array().to_vec::<f32>();
            }
            x.cleargrad();
            (&gx * &gx).sum().backward();
            x.grad().unwrap().array().to_vec::<f32>()
        };
        for fresh in [false, true] {
            let (few, all) = (run(false, fresh), run(true, fresh));
            assert!(few == all && few.iter().any(|&g| g != 0.0));
        }
    }

    /// The same where other functions read the output as well, so that its gradient is a sum that is computed late, and
    /// where it has no memory of its own.
    #[test]
    fn signs_are_enough_for_sums_and_views() {
        let x = Variable::new(random::normal(&[2, 8, 64, 65], 0.0, 1.0, DType::F32));
        let losses: [fn(&Variable) -> Variable; 3] = [
            |h| F::max_pooling_2d(h, 2, F::MaxPooling::default()).sum() + (F::tanh(h) * 2.0).sum(),
            |h| F::average_pooling_2d(h, 2, F::AveragePooling::default()).sum() * 0.0 + h.sum(),
            |h| F::max_pooling_2d(h, 3, F::MaxPooling::default()).sum() + F::transpose(h, [1, 0, 3, 2]).sum(),
        ];
        for (i, loss) in losses.iter().enumerate() {
            let run = |held: bool| {
                x.cleargrad();
                let h = F::relu(&x);
                let other = held.then(|| h.array().clone());
                let y = loss(&h);
                drop((h, other));
                y.backward();
                x.grad().unwrap().array().to_vec::<f32>()
            };
            assert!(run(false) == run(true), "loss {i}");
        }
    }
}
