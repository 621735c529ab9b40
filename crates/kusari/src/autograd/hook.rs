//! Hooks that see every function go by.

use super::{Function, Variable};
use kusari_array::Array;
use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    panic::Location,
    rc::Rc,
};

/// Sees every function that this thread applies or differentiates. All methods have an empty default.
pub trait FunctionHook {
    /// Before all: the line of the program that applied the function.
    fn applied_at(&self, _function: &dyn Function, _line: &Location<'static>) {}
    /// Before `forward`.
    fn forward_before(&self, _function: &dyn Function, _x: &[&Array]) {}
    /// After `forward`.
    fn forward_after(&self, _function: &dyn Function, _x: &[&Array], _y: &[Array]) {}
    /// Before `backward`.
    fn backward_before(&self, _function: &dyn Function, _gy: &[Variable]) {}
    /// After `backward`.
    fn backward_after(&self, _function: &dyn Function, _gx: &[Option<Variable>]) {}
}

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static HOOKS: RefCell<Vec<Rc<dyn FunctionHook>>> = const { RefCell::new(Vec::new()) };
}

/// Removes its hook when it is dropped.
#[must_use = "the hook is removed when the guard is dropped: bind it to a name such as `_guard`"]
pub struct HookGuard {
    hook: Rc<dyn FunctionHook>,
    on_this_thread: PhantomData<*const ()>,
}
impl Drop for HookGuard {
    fn drop(&mut self) {
        HOOKS.with_borrow_mut(|hooks| {
            if let Some(i) = hooks.iter().rposition(|h| Rc::ptr_eq(h, &self.hook)) {
                hooks.remove(i);
            }
            ACTIVE.set(!hooks.is_empty());
        });
    }
}

/// Calls `hook` for every function of this thread until the guard is dropped.
pub fn add_function_hook(hook: Rc<dyn FunctionHook>) -> HookGuard {
    HOOKS.with_borrow_mut(|hooks| hooks.push(hook.clone()));
    ACTIVE.set(true);
    HookGuard { hook, on_this_thread: PhantomData }
}

#[inline]
pub(crate) fn active() -> bool {
    ACTIVE.get()
}

/// Hooks may use functions themselves; those are not shown to hooks.
fn each(f: impl Fn(&dyn FunctionHook)) {
    if !ACTIVE.replace(false) {
        return;
    }
    let hooks = HOOKS.with_borrow(|hooks| hooks.clone());
    hooks.iter().for_each(|h| f(&**h));
    ACTIVE.set(HOOKS.with_borrow(|hooks| !hooks.is_empty()));
}
pub(crate) fn forward_before(function: &dyn Function, x: &[&Array], line: &Location<'static>) {
    each(|h| {
        h.applied_at(function, line);
        h.forward_before(function, x);
    });
}
pub(crate) fn forward_after(function: &dyn Function, x: &[&Array], y: &[Array]) {
    each(|h| h.forward_after(function, x, y));
}
pub(crate) fn backward_before(function: &dyn Function, gy: &[Variable]) {
    each(|h| h.backward_before(function, gy));
}
pub(crate) fn backward_after(function: &dyn Function, gx: &[Option<Variable>]) {
    each(|h| h.backward_after(function, gx));
}
