//! `Extension`: something done now and then during training.

use super::{Trainer, Trigger, triggers::iterations};
use crate::{Result, serializers::Serializer};
use std::any::Any;

/// Extensions that report values come first.
pub const PRIORITY_WRITER: i32 = 300;
/// Then those that change reported values.
pub const PRIORITY_EDITOR: i32 = 200;
/// Then those that only read them.
pub const PRIORITY_READER: i32 = 100;
/// Last, what keeps the state as the others have left it.
pub const PRIORITY_SNAPSHOT: i32 = -100;

/// Something that is done now and then during training. Any `FnMut(&mut Trainer) -> Result<()>` is one.
pub trait Extension: Any + Send {
    /// Its name, under which a trainer finds it and saves its state.
    fn name(&self) -> String {
        let full = std::any::type_name::<Self>();
        let path = full.split('<').next().unwrap_or(full);
        path.rsplit("::").find(|part| !part.starts_with('{')).unwrap_or(path).to_string()
    }
    /// When it is called, unless told otherwise: in every iteration.
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(iterations(1))
    }
    /// Extensions of higher priority are called first.
    fn priority(&self) -> i32 {
        PRIORITY_READER
    }
    /// Called before training starts or goes on.
    ///
    /// # Errors
    /// Of its own kinds; training does not start.
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        let _ = trainer;
        Ok(())
    }
    /// Called when its trigger fires.
    ///
    /// # Errors
    /// Of its own kinds; training ends.
    fn call(&mut self, trainer: &mut Trainer) -> Result<()>;
    /// Called when training ends with an error or a panic.
    fn on_error(&mut self, trainer: &mut Trainer, message: &str) {
        let _ = (trainer, message);
    }
    /// Called at the end, also after an error.
    ///
    /// # Errors
    /// Of its own kinds.
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        let _ = trainer;
        Ok(())
    }
    /// Saves or loads the state.
    ///
    /// # Errors
    /// When a value is missing or damaged.
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        let _ = s;
        Ok(())
    }
}

impl<F: FnMut(&mut Trainer) -> Result<()> + Send + 'static> Extension for F {
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        self(trainer)
    }
}

/// An extension in a trainer, with its settings.
pub struct Entry {
    pub(super) name: String,
    pub(super) priority: i32,
    pub(super) call_before_training: bool,
    pub(super) trigger: Box<dyn Trigger>,
    /// Taken out while it is called.
    pub(super) extension: Option<Box<dyn Extension>>,
}

impl Entry {
    pub(super) fn new(extension: impl Extension) -> Entry {
        Entry {
            name: extension.name(),
            priority: extension.priority(),
            call_before_training: false,
            trigger: extension.default_trigger(),
            extension: Some(Box::new(extension)),
        }
    }
    /// Calls it when `trigger` fires.
    pub fn trigger(&mut self, trigger: impl Trigger + 'static) -> &mut Entry {
        self.trigger = Box::new(trigger);
        self
    }
    /// Sets its name.
    pub fn name(&mut self, name: &str) -> &mut Entry {
        self.name = name.to_string();
        self
    }
    /// Sets its priority.
    pub fn priority(&mut self, priority: i32) -> &mut Entry {
        self.priority = priority;
        self
    }
    /// Calls it once before the first update, too.
    pub fn call_before_training(&mut self) -> &mut Entry {
        self.call_before_training = true;
        self
    }
}
