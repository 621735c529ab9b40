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

/// Makes a layer of a struct with fields `cell` (a link, whose parameters are the layer's own) and `state`.
macro_rules! stateful {
    ($Layer:ident) => {
        impl $crate::Link for $Layer {
            fn children<'a>(&'a self, f: &mut dyn FnMut(&str, &'a dyn $crate::Link)) {
                self.cell.children(f);
            }
            fn children_mut(&mut self, f: &mut dyn FnMut(&str, &mut dyn $crate::Link)) {
                self.cell.children_mut(f);
            }
            fn kind(&self) -> &str {
                stringify!($Layer)
            }
        }
        impl std::fmt::Display for $Layer {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str(&$crate::summary(self))
            }
        }
        impl $crate::Layer for $Layer {
            #[track_caller]
            fn forward(&self, x: &$crate::Variable) -> $crate::Variable {
                $Layer::forward(self, x)
            }
        }
    };
}
pub(super) use stateful;
