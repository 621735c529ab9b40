//! Values that belong to a link, are saved with it, and are not trained.

use kusari_array::Array;
use std::sync::{Arc, Mutex, MutexGuard};

/// A value that is saved with a link but not trained, such as a running mean. Cloning shares it.
#[derive(Clone)]
pub struct Persistent(Arc<Mutex<Array>>);

impl Persistent {
    /// A persistent value.
    pub fn new(array: impl Into<Array>) -> Persistent {
        Persistent(Arc::new(Mutex::new(array.into())))
    }
    fn lock(&self) -> MutexGuard<'_, Array> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
    /// The value.
    pub fn get(&self) -> Array {
        self.lock().clone()
    }
    /// Replaces the value.
    pub fn set(&self, array: impl Into<Array>) {
        *self.lock() = array.into();
    }
    /// Changes the value in place.
    pub fn update<R>(&self, change: impl FnOnce(&mut Array) -> R) -> R {
        change(&mut self.lock())
    }
    /// A value of its own with the same elements.
    pub fn deep_copy(&self) -> Persistent {
        Persistent::new(self.get().copy())
    }
}
