//! One step of gradient descent: parameter, gradient and state in a single pass over memory.
//!
//! Only multiplications, additions, divisions and square roots in a fixed order, no fused ones: a step has the same
//! bits on every processor.

use crate::{
    Array, DType, Element, Float,
    deferred::FewRows,
    dtype::match_float,
    kernels::{parts::Parts, simd::simd_fn},
    parallel,
};
use half::slice::HalfFloatSliceExt;
use std::ops::Range;

/// Elements that one task of a parallel update takes; more of a large array.
const CHUNK: usize = 16 * 1024;
/// Elements that a loop takes at a time: four cache lines of every array, of which there are up to five. With one vector
/// at a time memory is read at two thirds of its speed.
const BLOCK: usize = 64;
/// Elements of a half-precision parameter that are widened at a time.
const WIDENED: usize = 256;
/// The most state arrays that an update has.
const MAX_STATES: usize = 3;

/// Defines [`Update`] and the kernels behind it: a row `name = Variant { scalars } [states] |x, y| { body }` becomes a
/// variant and a loop whose body assigns to `x` and the states, with the scalars in the type of the elements.
macro_rules! updates {
    ($($(#[$meta:meta])* $name:ident = $Variant:ident { $($scalar:ident),* } [$($state:ident),*] |$x:ident, $y:ident| $body:block)*) => {
        /// What [`Array::update`] does to every element `x`, given `y` of the other array and its state; `'` marks new values.
        ///
        /// The scalars are what remains of a rule's hyperparameters in one step: powers of decay rates, bias corrections
        /// and schedules are worked out before.
        #[derive(Clone, Copy, PartialEq, Debug)]
        #[allow(missing_docs)]
        pub enum Update { $($(#[$meta])* $Variant { $($scalar: f64),* },)* }

        impl Update {
            /// How many state arrays it reads and writes.
            pub const fn states(&self) -> usize {
                match self { $(Update::$Variant { .. } => <[&str]>::len(&[$(stringify!($state)),*]),)* }
            }
            fn apply<T: Float>(&self, x: &mut [T], y: &[T], states: &mut [&mut [T]]) {
                match self { $(Update::$Variant { $($scalar),* } => {
                    let [$($state),*] = states else { unreachable!("their number was checked") };
                    $name(x, y $(, $state)* $(, T::lit(*$scalar))*)
                })* }
            }
        }

        $(simd_fn! { fn $name<T: Float>(m, x: &mut [T], y: &[T] $(, $state: &mut [T])* $(, $scalar: T)*) {
            let n = x.len();
            let y = &y[..n];
            $(let $state = &mut $state[..n];)*
            let blocks = n - n % BLOCK;
            for at in (0..blocks).step_by(BLOCK) {
                let (x, y) = (&mut x[at..at + BLOCK], &y[at..at + BLOCK]);
                $(let $state = &mut $state[at..at + BLOCK];)*
                updates!(@each 0..BLOCK, x, y, [$($state),*], $x, $y, $body);
            }
            updates!(@each blocks..n, x, y, [$($state),*], $x, $y, $body);
        } })*
    };
    (@each $range:expr, $xs:ident, $ys:ident, [$($state:ident),*], $x:ident, $y:ident, $body:block) => {
        for i in $range {
            let (p, $y) = (&mut $xs[i], $ys[i]);
            $(let $state = &mut $state[i];)*
            let mut $x = *p;
            $body
            *p = $x;
        }
    };
}

updates! {
    /// Gradient descent: `x' = x − lr·y`.
    sgd = Sgd { lr } [] |x, y| { x = x - lr * y; }

    /// Momentum: `v' = momentum·v − lr·y`, `x' = x + v'`. State: v.
    momentum_sgd = Momentum { lr, momentum } [v] |x, y| {
        *v = momentum * *v - lr * y;
        x += *v;
    }

    /// Momentum with the rate outside: `v' = momentum·v − y`, `x' = x + lr·v'`. State: v.
    corrected_momentum_sgd = CorrectedMomentum { lr, momentum } [v] |x, y| {
        *v = momentum * *v - y;
        x += lr * *v;
    }

    /// Nesterov's momentum: `v' = momentum·v − lr·y`, `x' = x + momentum²·v' − (1 + momentum)·lr·y`. State: v.
    nesterov = Nesterov { lr, momentum, momentum_squared, boosted_lr } [v] |x, y| {
        *v = momentum * *v - lr * y;
        x = x + momentum_squared * *v - boosted_lr * y;
    }

    /// RMSprop: `s' = alpha·s + (1 − alpha)·y²`, `x' = x − lr·y / (√(s' + eps_inside) + eps)`. State: s.
    rms_prop = RmsProp { lr, alpha, one_minus_alpha, eps, eps_inside } [s] |x, y| {
        *s = alpha * *s + one_minus_alpha * y * y;
        x = x - lr * y / ((*s + eps_inside).sqrt() + eps);
    }

    /// Graves' RMSprop: `n' = alpha·n + (1 − alpha)·y²`, `g' = alpha·g + (1 − alpha)·y`,
    /// `d' = momentum·d − lr·y / √(n' − g'² + eps)`, `x' = x + d'`. States: n, g, d.
    rms_prop_graves = RmsPropGraves { lr, alpha, one_minus_alpha, momentum, eps } [n_, g, d] |x, y| {
        *n_ = alpha * *n_ + one_minus_alpha * y * y;
        *g = alpha * *g + one_minus_alpha * y;
        *d = momentum * *d - lr * y / (*n_ - *g * *g + eps).sqrt();
        x += *d;
    }

    /// AdaGrad: `h' = h + y²`, `x' = x − lr·y / (√h' + eps)`. State: h.
    ada_grad = AdaGrad { lr, eps } [h] |x, y| {
        *h += y * y;
        x = x - lr * y / (h.sqrt() + eps);
    }

    /// AdaDelta: `s' = rho·s + (1 − rho)·y²`, `d = √((u + eps) / (s' + eps))·y`, `u' = rho·u + (1 − rho)·d²`, `x' = x − d`.
    /// States: s, u.
    ada_delta = AdaDelta { rho, one_minus_rho, eps } [s, u] |x, y| {
        *s = rho * *s + one_minus_rho * y * y;
        let d = ((*u + eps) / (*s + eps)).sqrt() * y;
        *u = rho * *u + one_minus_rho * d * d;
        x = x - d;
    }

    /// SMORMS3: `r = 1 / (w + 1)`, `g' = (1 − r)·g + r·y`, `h' = (1 − r)·h + r·y²`, `a = g'² / (h' + eps)`,
    /// `x' = x − y·min(a, lr) / (√h' + eps)`, `w' = 1 + w·(1 − a)`. States: w (starts at 1), g, h.
    smorms3 = Smorms3 { lr, eps } [w, g, h] |x, y| {
        let r = T::ONE / (*w + T::ONE);
        *g = (T::ONE - r) * *g + r * y;
        *h = (T::ONE - r) * *h + r * y * y;
        let a = *g * *g / (*h + eps);
        x = x - y * a.minimum(lr) / (h.sqrt() + eps);
        *w = T::ONE + *w * (T::ONE - a);
    }

    /// M-SVAG: `m' = m + (1 − beta)(y − m)`, `v' = v + (1 − beta)(y² − v)`, both divided by `correction` give `m̂, v̂`;
    /// `f = m̂² / (m̂² + rho·(v̂ − m̂²)/(1 − rho))` within 0 and 1, `x' = x − eta·(lr·m̂·f + decay·x)`. States: m, v.
    msvag = Msvag { lr, one_minus_beta, correction, rho, one_minus_rho, eta, decay } [m1, v] |x, y| {
        *m1 += one_minus_beta * (y - *m1);
        *v += one_minus_beta * (y * y - *v);
        let mean = *m1 / correction;
        let square = mean * mean;
        let variance = (*v / correction - square) / one_minus_rho;
        let factor = square / (square + rho * variance);
        let factor = if factor.is_nan() { T::ZERO } else { factor.maximum(T::ZERO).minimum(T::ONE) };
        x = x - eta * (lr * mean * factor + decay * x);
    }

    /// Adam: `m' = m + (1 − beta1)(y − m)`, `v' = v + (1 − beta2)(y² − v)`, `s = alpha / (√v' + eps)` within `lower` and
    /// `upper`, `x' = keep·x − eta·s·m'`. States: m, v.
    adam = Adam { alpha, one_minus_beta1, one_minus_beta2, eps, lower, upper, keep, eta } [m1, v] |x, y| {
        *m1 += one_minus_beta1 * (y - *m1);
        *v += one_minus_beta2 * (y * y - *v);
        let step = within(alpha / (v.sqrt() + eps), lower, upper);
        x = keep * x - eta * (step * *m1);
    }

    /// AMSGrad: as `Adam`, with the largest `v'` so far, `w' = max(w, v')`, under the root. States: m, v, w.
    ams_grad = AmsGrad { alpha, one_minus_beta1, one_minus_beta2, eps, lower, upper, keep, eta } [m1, v, w] |x, y| {
        *m1 += one_minus_beta1 * (y - *m1);
        *v += one_minus_beta2 * (y * y - *v);
        *w = w.maximum(*v);
        let step = within(alpha / (w.sqrt() + eps), lower, upper);
        x = keep * x - eta * (step * *m1);
    }

    /// Lion: `x' = x − lr·(sign(beta1·m + (1 − beta1)·y) + decay·x)`, `m' = beta2·m + (1 − beta2)·y`. State: m.
    lion = Lion { lr, beta1, one_minus_beta1, beta2, one_minus_beta2, decay } [m1] |x, y| {
        x = x - lr * (sign(beta1 * *m1 + one_minus_beta1 * y) + decay * x);
        *m1 = beta2 * *m1 + one_minus_beta2 * y;
    }

    /// Decay of a gradient `x` with parameter `y`: `x' = scale·(x + rate·y)`.
    decay_gradient = Decay { rate, scale } [] |x, y| { x = (x + rate * y) * scale; }

    /// Decay of a gradient `x` by the sign of parameter `y`: `x' = x + rate·sign(y)`.
    lasso_gradient = Lasso { rate } [] |x, y| { x += rate * sign(y); }
}

impl Update {
    /// Whether an element whose gradient is 0 stays as it is, with its state.
    fn is_still_at_zero(&self) -> bool {
        match *self {
            Update::Sgd { lr } => lr.is_finite(),
            Update::AdaGrad { lr, eps } => lr.is_finite() && eps > 0.0,
            _ => false,
        }
    }
}

/// `x` within bounds that are numbers; NaN stays NaN. An instruction a bound.
#[inline(always)]
fn within<T: Float>(x: T, lower: T, upper: T) -> T {
    let x = if lower > x { lower } else { x };
    if upper < x { upper } else { x }
}

/// −1, 0 or 1; NaN stays NaN.
#[inline(always)]
fn sign<T: Float>(x: T) -> T {
    if x > T::ZERO {
        T::ONE
    } else if x < T::ZERO {
        -T::ONE
    } else {
        x
    }
}

impl Array {
    /// Changes the elements in place, in one pass, by the formula of `rule`; `other` is the gradient (for the rules that
    /// change a gradient: the parameter). What is shared with other handles is copied first.
    ///
    /// float16 and bfloat16 compute in float32, and their states *are* float32: a mean of squares does not fit them.
    ///
    /// # Panics
    /// When dtypes, shapes or the number of states do not fit.
    #[track_caller]
    pub fn update(&mut self, other: &Array, states: &mut [Array], rule: &Update) {
        self.check_update(other, states, rule);
        if rule.is_still_at_zero()
            && self.dtype() == DType::F32
            && let Some(few) = other.few_rows()
        {
            return rows(self.make_mut(), &few, states, rule);
        }
        let copy;
        let other = match other.is_contiguous() {
            true => other,
            false => {
                copy = other.copy();
                &copy
            }
        };
        match self.dtype() {
            DType::F16 => {
                let (x, y) = (self.make_mut::<half::f16>(), other.as_slice::<half::f16>());
                halves(x, y, states, rule, |h, f| h.convert_to_f32_slice(f), |h, f| h.convert_from_f32_slice(f))
            }
            DType::BF16 => {
                let (x, y) = (self.make_mut::<half::bf16>(), other.as_slice::<half::bf16>());
                halves(x, y, states, rule, |h, f| h.convert_to_f32_slice(f), |h, f| h.convert_from_f32_slice(f))
            }
            dtype => match_float!(dtype, T => floats::<T>(self.make_mut(), other.as_slice(), states, rule)),
        }
    }

    #[track_caller]
    fn check_update(&self, other: &Array, states: &[Array], rule: &Update) {
        let (shape, dtype) = (self.shape(), self.dtype());
        assert!(dtype.is_float(), "update: expected an array of floats, got {dtype}");
        assert!(
            other.shape() == shape && other.dtype() == dtype,
            "update: expected an array of {dtype} and shape {shape}, got {} and {}",
            other.dtype(),
            other.shape()
        );
        assert!(states.len() == rule.states(), "update: expected {} state arrays, got {}", rule.states(), states.len());
        for state in states {
            assert!(
                state.shape() == shape && state.dtype() == dtype.compute(),
                "update: expected a state of {} and shape {shape}, got {} and {}",
                dtype.compute(),
                state.dtype(),
                state.shape()
            );
        }
    }

    /// The sum of the squares of all elements, added in double precision: the same on any number of threads.
    ///
    /// # Panics
    /// When the elements are not floats.
    #[track_caller]
    pub fn sum_of_squares(&self) -> f64 {
        assert!(self.dtype().is_float(), "sum_of_squares: expected an array of floats, got {}", self.dtype());
        if let Some(few) = self.few_rows().filter(|few| few.width().is_multiple_of(SUMS)) {
            return sum_of_chunks(self.len(), few.len() * few.width() / 4, |chunk| {
                let mut sums = [0.0; SUMS];
                few.each_run(chunk, |_, run| add_squares(run, &mut sums)); // whole blocks: the bits are those with all zeros
                sums.iter().sum()
            });
        }
        let x = self.cast(self.dtype().compute()).contiguous();
        match_float!(x.dtype(), T => {
            let x = x.as_slice::<T>();
            sum_of_chunks(x.len(), x.len() / 4, |chunk| {
                let mut sums = [0.0; SUMS];
                add_squares(&x[chunk], &mut sums);
                sums.iter().sum()
            })
        })
    }
}

/// A rough estimate of the nanoseconds that an update of `n` elements takes.
fn cost(n: usize, rule: &Update) -> usize {
    n * (2 + rule.states()) / 4
}

/// The states, to be written in parts; empty ones for those that the rule has not.
fn shared<T: Element>(states: &mut [Array]) -> [Parts<'_, T>; MAX_STATES] {
    let mut states = states.iter_mut();
    std::array::from_fn(|_| Parts::new(states.next().map_or(&mut [], |state| state.make_mut::<T>())))
}

/// The elements of `range` of the first `used` states, empty slices for the others.
///
/// # Safety
/// As for `Parts::part`.
#[inline]
unsafe fn parts<'a, T>(
    states: &[Parts<'a, T>; MAX_STATES],
    used: usize,
    range: &Range<usize>,
) -> [&'a mut [T]; MAX_STATES] {
    // SAFETY: the caller's promise.
    std::array::from_fn(|i| if i < used { unsafe { states[i].part(range.clone()) } } else { &mut [] })
}

fn floats<T: Float>(x: &mut [T], y: &[T], states: &mut [Array], rule: &Update) {
    let (n, used, states, x) = (x.len(), states.len(), shared::<T>(states), Parts::new(x));
    let part = |range: Range<usize>| {
        // SAFETY: the ranges are disjoint.
        let (x, mut states) = unsafe { (x.part(range.clone()), parts(&states, used, &range)) };
        rule.apply(x, &y[range], &mut states[..used]);
    };
    // Long stretches are read ahead; there are enough of them to share.
    let chunk = CHUNK * (n / (64 * CHUNK)).clamp(1, 8);
    if n <= CHUNK { part(0..n) } else { parallel::ranges(n, chunk, cost(n, rule), part) }
}

/// As [`floats`], of rows whose gradient is not zero.
fn rows(x: &mut [f32], few: &FewRows, states: &mut [Array], rule: &Update) {
    let (used, states, x) = (states.len(), shared::<f32>(states), Parts::new(x));
    let some = (CHUNK / few.width()).max(1);
    parallel::ranges(few.len(), some, cost(few.len() * few.width(), rule), |range| {
        for (places, y) in range.map(|i| few.row(i)) {
            // SAFETY: each row is there once.
            let (x, mut states) = unsafe { (x.part(places.clone()), parts(&states, used, &places)) };
            rule.apply(x, y, &mut states[..used]);
        }
    });
}

fn halves<H: Copy + Send + Sync>(
    x: &mut [H],
    y: &[H],
    states: &mut [Array],
    rule: &Update,
    widen: impl Fn(&[H], &mut [f32]) + Sync,
    narrow: impl Fn(&mut [H], &[f32]) + Sync,
) {
    let (n, used, states) = (x.len(), states.len(), shared::<f32>(states));
    parallel::chunks_mut(x, CHUNK, 2 * cost(n, rule), |chunk, x| {
        let (mut wide_x, mut wide_y) = ([0.0; WIDENED], [0.0; WIDENED]);
        for (i, x) in x.chunks_mut(WIDENED).enumerate() {
            let from = chunk * CHUNK + i * WIDENED;
            let range = from..from + x.len();
            let (wide_x, wide_y) = (&mut wide_x[..x.len()], &mut wide_y[..x.len()]);
            widen(x, wide_x);
            widen(&y[range.clone()], wide_y);
            // SAFETY: chunks are disjoint; the states have the length of x and are unshared.
            let mut states = unsafe { parts(&states, used, &range) };
            rule.apply(wide_x, wide_y, &mut states[..used]);
            narrow(x, wide_x);
        }
    });
}

/// Partial sums side by side, so that the additions do not wait for each other.
const SUMS: usize = 16;

/// What `sum` gives for each chunk of `n` elements, added in order.
fn sum_of_chunks(n: usize, nanoseconds: usize, sum: impl Fn(Range<usize>) -> f64 + Sync) -> f64 {
    let mut partial = vec![0.0; n.div_ceil(CHUNK)];
    parallel::chunks_mut(&mut partial, 1, nanoseconds, |i, part| part[0] = sum(i * CHUNK..((i + 1) * CHUNK).min(n)));
    partial.iter().sum()
}

simd_fn! {
    /// Adds squares to the partial sums.
    fn add_squares<T: Float>(m, x: &[T], all: &mut [f64; SUMS]) {
        let mut sums = *all; // in registers
        let (blocks, rest) = x.as_chunks::<SUMS>();
        for block in blocks {
            for (sum, v) in sums.iter_mut().zip(block) {
                let v = v.to_f64();
                *sum += v * v;
            }
        }
        for (sum, v) in sums.iter_mut().zip(rest) {
            let v = v.to_f64();
            *sum += v * v;
        }
        *all = sums;
    }
}
