//! Once.

use crate::{
    Result,
    serializers::Serializer,
    training::{Progress, Trigger},
};

/// Fires the first time that it is asked.
#[derive(Clone, Default, Debug)]
pub struct OnceTrigger {
    call_on_resume: bool,
    fired: bool,
}

impl OnceTrigger {
    /// Once; after a resumption not again.
    pub fn new() -> OnceTrigger {
        OnceTrigger::default()
    }
    /// Once, and once more after each resumption.
    pub fn call_on_resume(self) -> OnceTrigger {
        OnceTrigger { call_on_resume: true, ..self }
    }
}

impl Trigger for OnceTrigger {
    fn fire(&mut self, _: &Progress) -> bool {
        !std::mem::replace(&mut self.fired, true)
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.flag("_flag_finished", &mut self.fired)?;
        if s.loading() && self.call_on_resume {
            self.fired = false;
        }
        Ok(())
    }
}
