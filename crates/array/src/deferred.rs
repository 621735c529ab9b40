//! Deferred element-wise work: a large array may hold an expression until somebody asks for its elements.
//!
//! Element-wise functions of large f32 arrays, the sum over all elements of such a result and what is computed from
//! that sum return arrays whose storage is an expression. Whoever asks for the elements' address has it evaluated, so
//! kernels know nothing of this. Evaluation is one pass over memory in tiles that stay in the nearest cache, with the
//! very loops that compute at once elsewhere: the bits are the same, on any number of threads.

mod expression;
mod few_rows;
mod gather;
mod gifts;
mod passes;
mod piecewise;

use crate::{
    Array,
    buffer::{Buffer, Storage},
    parallel::{self, Restore},
};
use expression::Expression;
pub(crate) use expression::{binary, rows, sum, unary};
pub(crate) use few_rows::{FewRows, NOWHERE, table_of_few_rows};
pub(crate) use piecewise::Piecewise;
use std::{
    cell::Cell,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// Elements of an expression, from an array of so many elements on. Below, caches hold what lies between two functions.
const LEAST: usize = 1 << 16;

/// Elements that have been computed, or will be from an expression. One of both is there.
pub(crate) struct Deferred {
    len: usize,
    value: OnceLock<Buffer>,
    expression: Mutex<Option<Arc<Expression>>>,
    /// Whether the evaluation that had claimed the expression came to nothing.
    lost: AtomicBool,
}

impl Deferred {
    fn new(expression: Expression) -> Deferred {
        let len = expression.len();
        let expression = Mutex::new(Some(Arc::new(expression)));
        Deferred { len, value: OnceLock::new(), expression, lost: AtomicBool::new(false) }
    }
    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        self.value.get().is_none()
    }
    pub(crate) fn into_value(self) -> Option<Buffer> {
        self.value.into_inner()
    }
    pub(crate) fn bytes(&self) -> usize {
        self.len * size_of::<f32>()
    }
    /// Where the elements lie; computes them first if need be.
    #[inline]
    pub(crate) fn pointer(self: &Arc<Self>) -> *mut u8 {
        match self.value.get() {
            Some(buffer) => buffer.pointer(),
            None => self.force(),
        }
    }
    #[cold]
    #[inline(never)]
    fn force(self: &Arc<Self>) -> *mut u8 {
        loop {
            gather::evaluate(&[self], true);
            match self.value.get() {
                Some(buffer) => return buffer.pointer(),
                None if self.lost.load(Ordering::Acquire) => {
                    panic!("an array's elements were lost when computing them failed")
                }
                None => std::thread::yield_now(), // another thread has claimed it, and is about to set it
            }
        }
    }
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Expression>>> {
        self.expression.lock().unwrap_or_else(|e| e.into_inner())
    }
    /// The expression, of a pending one that no thread has claimed.
    fn expression(&self) -> Option<Arc<Expression>> {
        if self.is_pending() { self.lock().clone() } else { None }
    }
    /// Takes the expression away from other threads, which wait for the value then, if none of them has it already.
    fn claim(&self) -> Option<Arc<Expression>> {
        let mut expression = self.lock();
        let taken = expression.take()?;
        // One is the evaluation's own.
        if Arc::strong_count(&taken) > 2 {
            *expression = Some(taken);
            return None;
        }
        Some(taken)
    }
    /// Undoes a claim.
    fn unclaim(&self, expression: Arc<Expression>) {
        *self.lock() = Some(expression);
    }
    /// Nobody will set the value.
    fn lose(&self) {
        self.lost.store(true, Ordering::Release);
    }
    /// Sets the value and lets the operands go. Two threads may have computed the same.
    fn set(&self, value: Buffer) {
        let _ = self.value.set(value);
        let done = self.lock().take();
        drop(done); // may free arrays: not under the lock
    }
}

thread_local! { static EAGER: Cell<bool> = const { Cell::new(false) }; }

/// Runs `f` so that its element-wise functions compute at once: for tests and measurements. `KUSARI_DEFER=off` in the
/// environment does the same for a whole program.
pub fn eagerly<R>(f: impl FnOnce() -> R) -> R {
    let _restore = Restore::set(&EAGER, true);
    f()
}

/// Whether work may wait. What a loader thread or a task computes is its own work.
fn may_defer() -> bool {
    static ON: OnceLock<bool> = OnceLock::new();
    !EAGER.get() && !parallel::is_serial() && *ON.get_or_init(|| std::env::var("KUSARI_DEFER").as_deref() != Ok("off"))
}

/// Computes arrays whose elements are still deferred, in one pass where they have as many elements, and nothing else:
/// what lies between is not written. Sums of such arrays are computed in the same pass. The gradient of a table of which few
/// rows were read stays as it is: these rows.
///
/// ```
/// use kusari_array::{Array, DType, evaluate};
/// let x = Array::ones(&[100_000], DType::F32);
/// let y = x.add(&x).tanh();
/// let (z, s) = (y.square(), y.sum(&[0], false));
/// evaluate(&[&z, &s]);
/// assert!(y.is_deferred() && !z.is_deferred() && !s.is_deferred());
/// ```
pub fn evaluate(arrays: &[&Array]) {
    let pending = arrays.iter().filter_map(|x| match &x.0.storage {
        Storage::Deferred(d) if d.is_pending() && x.few_rows().is_none() => Some(d),
        _ => None,
    });
    gather::evaluate(&pending.collect::<Vec<_>>(), false);
}

impl Array {
    /// Whether the elements are still to be computed, from an expression. They will be when somebody asks for them.
    #[inline]
    pub fn is_deferred(&self) -> bool {
        matches!(&self.0.storage, Storage::Deferred(d) if d.is_pending())
    }
    /// Computes the elements now, if they are deferred.
    pub fn evaluate(&self) {
        if let Storage::Deferred(d) = &self.0.storage {
            d.pointer();
        }
    }
}
