//! `StatelessGRU` and `GRU`.

use crate::{
    Variable, functions as F, link,
    links::{
        Linear,
        state::{State, stateful},
    },
};

/// A gated recurrent unit without a state of its own (Cho et al., 2014): with `r = σ(W_r x + U_r h)`,
/// `z = σ(W_z x + U_z h)` and `h̄ = tanh(W x + U (r h))`, the new state is `(1 − z) h + z h̄`.
#[derive(Clone)]
pub struct StatelessGRU {
    /// From the input to the reset gate.
    pub w_r: Linear,
    /// From the state to the reset gate.
    pub u_r: Linear,
    /// From the input to the update gate.
    pub w_z: Linear,
    /// From the state to the update gate.
    pub u_z: Linear,
    /// From the input to the candidate.
    pub w: Linear,
    /// From the reset state to the candidate.
    pub u: Linear,
}
link!(StatelessGRU { w_r as "W_r", u_r as "U_r", w_z as "W_z", u_z as "U_z", w as "W", u as "U" });

impl StatelessGRU {
    /// From `in_size` (`None`: found out at the first call) to `out_size`.
    pub fn new(in_size: impl Into<Option<usize>>, out_size: usize) -> StatelessGRU {
        let in_size = in_size.into();
        let [w_r, w_z, w] = [(); 3].map(|()| Linear::new(in_size, out_size));
        let [u_r, u_z, u] = [(); 3].map(|()| Linear::new(out_size, out_size));
        StatelessGRU { w_r, u_r, w_z, u_z, w, u }
    }
    /// One step from the state `h` (`None`: zeros) with the input `x`: the new state.
    ///
    /// # Panics
    /// When sizes do not fit.
    #[track_caller]
    pub fn forward(&self, h: Option<&Variable>, x: &Variable) -> Variable {
        let (z, candidate) = (self.w_z.forward(x), self.w.forward(x));
        let Some(h) = h else { return F::sigmoid(&z) * F::tanh(&candidate) };
        let r = F::sigmoid(&(self.w_r.forward(x) + self.u_r.forward(h)));
        let z = F::sigmoid(&(z + self.u_z.forward(h)));
        let candidate = F::tanh(&(candidate + self.u.forward(&(r * h))));
        h + z * (candidate - h)
    }
}

/// A gated recurrent unit that remembers its state from step to step (Chainer's `GRU` and `StatefulGRU`). The state is
/// neither a parameter nor saved; [`GRU::reset_state`] forgets it.
#[derive(Clone)]
pub struct GRU {
    cell: StatelessGRU,
    state: State<Option<Variable>>,
}
/// Chainer's other name of [`GRU`].
pub type StatefulGRU = GRU;

stateful!(GRU);

impl GRU {
    /// From `in_size` (`None`: found out at the first call) to `out_size`.
    pub fn new(in_size: impl Into<Option<usize>>, out_size: usize) -> GRU {
        GRU { cell: StatelessGRU::new(in_size, out_size), state: State::default() }
    }
    /// The six affine maps.
    pub fn cell(&self) -> &StatelessGRU {
        &self.cell
    }
    /// Forgets the state.
    pub fn reset_state(&self) {
        self.state.set(None);
    }
    /// The state, if there has been a step.
    pub fn state(&self) -> Option<Variable> {
        self.state.get()
    }
    /// Sets the state.
    pub fn set_state(&self, h: &Variable) {
        self.state.set(Some(h.clone()));
    }
    /// One step from the remembered state.
    ///
    /// # Panics
    /// When sizes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        let h = self.cell.forward(self.state.get().as_ref(), x);
        self.state.set(Some(h.clone()));
        h
    }
}
