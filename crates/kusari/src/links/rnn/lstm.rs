//! `LSTM` and `StatelessLSTM`.

use crate::{
    Array, DType, Variable, functions as F, link,
    links::{
        Linear,
        state::{State, stateful},
    },
};

/// A long short-term memory without a state of its own: takes and gives cell and output of a step. See
/// [`lstm`](F::lstm); the gates' bias is 0, the forget gate's 1.
#[derive(Clone)]
pub struct StatelessLSTM {
    /// From the input to the gates, interleaved by unit.
    pub upward: Linear,
    /// From the output of the step before to the gates, without bias.
    pub lateral: Linear,
    out_size: usize,
}
link!(StatelessLSTM { upward, lateral; out_size });

impl StatelessLSTM {
    /// From `in_size` (`None`: found out at the first call) to `out_size`.
    pub fn new(in_size: impl Into<Option<usize>>, out_size: usize) -> StatelessLSTM {
        let bias: Vec<f32> = [0.0, 0.0, 1.0, 0.0].repeat(out_size);
        StatelessLSTM {
            upward: Linear::new(in_size, 4 * out_size).initial_bias(Array::from(bias)),
            lateral: Linear::new(out_size, 4 * out_size).nobias(),
            out_size,
        }
    }
    /// One step: cell and output (`None`: zeros) and input to new cell and output. With fewer rows in `x` than in the
    /// state, the remaining rows of the cell stay, and only the output's first rows are used.
    ///
    /// # Panics
    /// When `x` has more rows than the state, or sizes do not fit.
    #[track_caller]
    pub fn forward(&self, c: Option<&Variable>, h: Option<&Variable>, x: &Variable) -> (Variable, Variable) {
        let rows = x.shape()[0];
        let mut gates = self.upward.forward(x);
        if let Some(h) = h {
            let before = h.shape()[0];
            assert!(before >= rows, "LSTM: expected x with at most the {before} rows of the state, got {rows}");
            let h = if before == rows { h.clone() } else { F::split_axis(h, [rows], 0).swap_remove(0) };
            gates = gates + self.lateral.forward(&h);
        }
        let zeros = || Variable::constant(Array::zeros(&[rows, self.out_size], cells(gates.dtype())));
        F::lstm(&c.cloned().unwrap_or_else(zeros), &gates)
    }
    /// All steps of sequences of one length: from cell and output (`None`: zeros) and inputs (length, batch, in) to the
    /// last cell and all outputs (length, batch, out). What [`StatelessLSTM::forward`] computes step by step, faster.
    ///
    /// # Panics
    /// When sizes do not fit.
    #[track_caller]
    pub fn sequence(&self, c: Option<&Variable>, h: Option<&Variable>, x: &Variable) -> (Variable, Variable) {
        assert!(x.ndim() == 3, "LSTM: expected sequences (length, batch, in), got shape {}", x.shape());
        let [steps, batch, inputs] = [0, 1, 2].map(|d| x.shape()[d]);
        let gates = self.upward.forward(&F::reshape(x, [steps * batch, inputs]));
        let gates = F::reshape(&gates, [steps, batch, 4 * self.out_size]);
        let of = [(c, cells(gates.dtype())), (h, gates.dtype())];
        let zeros = |dtype| Variable::constant(Array::zeros(&[batch, self.out_size], dtype));
        let [c, h] = of.map(|(state, dtype)| state.cloned().unwrap_or_else(|| zeros(dtype)));
        let (y, c) = F::lstm_sequence(&gates, &self.lateral.w().get(), &c, &h);
        (c, y)
    }
}

/// The dtype of cells beside gates of `dtype`: what is summed over all steps is not rounded to bfloat16.
fn cells(dtype: DType) -> DType {
    if dtype == DType::BF16 { DType::F32 } else { dtype }
}

/// A long short-term memory that remembers cell and output from step to step. The state is neither a parameter nor
/// saved; [`LSTM::reset_state`] forgets it.
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let lstm = L::LSTM::new(2, 3);
/// let x = Variable::constant(array![[1.0f32, 2.0]]);
/// let (first, second) = (lstm.forward(&x), lstm.forward(&x));
/// assert_ne!(first.array().to_vec::<f32>(), second.array().to_vec::<f32>());
/// lstm.reset_state();
/// assert_eq!(first.array().to_vec::<f32>(), lstm.forward(&x).array().to_vec::<f32>());
/// ```
#[derive(Clone)]
pub struct LSTM {
    cell: StatelessLSTM,
    state: State<Option<(Variable, Variable)>>,
}

stateful!(LSTM);

impl LSTM {
    /// From `in_size` (`None`: found out at the first call) to `out_size`.
    pub fn new(in_size: impl Into<Option<usize>>, out_size: usize) -> LSTM {
        LSTM { cell: StatelessLSTM::new(in_size, out_size), state: State::default() }
    }
    /// From the input to the gates, interleaved by unit.
    pub fn upward(&self) -> &Linear {
        &self.cell.upward
    }
    /// From the output of the step before to the gates.
    pub fn lateral(&self) -> &Linear {
        &self.cell.lateral
    }
    /// Forgets cell and output.
    pub fn reset_state(&self) {
        self.state.set(None);
    }
    /// Cell and output, if there has been a step.
    pub fn state(&self) -> Option<(Variable, Variable)> {
        self.state.get()
    }
    /// Sets cell and output.
    pub fn set_state(&self, c: &Variable, h: &Variable) {
        self.state.set(Some((c.clone(), h.clone())));
    }
    /// One step from the remembered state. `x` may have fewer rows than at the step before (sequences that have ended
    /// stand last), not more.
    ///
    /// # Panics
    /// When `x` has more rows than the state, or sizes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        let before = self.state.get();
        let (c, h) = (before.as_ref().map(|s| &s.0), before.as_ref().map(|s| &s.1));
        let (c, y) = self.cell.forward(c, h, x);
        let rows = x.shape()[0];
        let rest = h.filter(|h| h.shape()[0] > rows).map(|h| F::split_axis(h, [rows], 0).swap_remove(1));
        let h = rest.map_or_else(|| y.clone(), |rest| F::concat(&[&y, &rest], 0));
        self.state.set(Some((c, h)));
        y
    }
    /// All steps of sequences of one length, (length, batch, in), from the remembered state: outputs (length, batch,
    /// out).
    ///
    /// # Panics
    /// When the batch is not the state's, or sizes do not fit.
    ///
    /// ```
    /// use kusari::{Array, DType, Variable, links as L};
    /// let (lstm, x) = (L::LSTM::new(2, 3), Variable::constant(Array::ones(&[4, 5, 2], DType::F32)));
    /// assert_eq!(**lstm.sequence(&x).shape(), [4, 5, 3]);
    /// ```
    #[track_caller]
    pub fn sequence(&self, x: &Variable) -> Variable {
        let before = self.state.get();
        let (c, h) = (before.as_ref().map(|s| &s.0), before.as_ref().map(|s| &s.1));
        let (c, y) = self.cell.sequence(c, h, x);
        let last = F::get_item(&y, &[(x.shape()[0] - 1).into()]);
        self.state.set(Some((c, last)));
        y
    }
}
