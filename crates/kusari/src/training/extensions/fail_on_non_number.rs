//! Stopping a training that has failed.

use crate::{
    Error, Result,
    training::{Extension, Trainer},
};

/// Ends the training with an error as soon as a parameter is NaN or infinite.
#[derive(Clone, Copy, Default, Debug)]
pub struct FailOnNonNumber;

impl Extension for FailOnNonNumber {
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        for (name, model) in trainer.updater().models() {
            let initialized = |(_, p): &(String, crate::Parameter)| p.is_initialized();
            if let Some((path, _)) =
                model.namedparams().into_iter().filter(initialized).find(|(_, p)| !p.array().all_finite())
            {
                let iteration = trainer.progress().iteration;
                let message =
                    format!("{name}{path} is no longer finite after iteration {iteration}: the training diverged");
                return Err(Error::state("FailOnNonNumber", message));
            }
        }
        Ok(())
    }
}
