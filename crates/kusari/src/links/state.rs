//! What a recurrent link remembers from step to step.

use std::sync::{Mutex, MutexGuard};

/// Memory behind a lock. A clone starts with the same memory and goes its own way.
#[derive(Default)]
pub(super) struct State<T>(Mutex<T>);

impl<T: Clone> State<T> {
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
    pub(super) fn get(&self) -> T {
        self.lock().clone()
    }
    pub(super) fn set(&self, value: T) {
        *self.lock() = value;
    }
}
impl<T: Clone> Clone for State<T> {
    fn clone(&self) -> State<T> {
        State(Mutex::new(self.get()))
    }
}
