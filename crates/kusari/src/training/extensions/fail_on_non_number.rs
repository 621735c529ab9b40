//! Stopping a training that has failed.

use crate::{
    Error, Result,
    training::{Extension, Trainer},
};

/// Ends the training with an error when a parameter is NaN or infinite.
///
/// Looking at all parameters costs a pass over memory, so it is done at the end of each epoch, and at once when a
/// reported value is not finite or nothing is reported: after a broken update the next loss is broken, too.
#[derive(Clone, Copy, Default, Debug)]
pub struct FailOnNonNumber;

impl Extension for FailOnNonNumber {
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let progress = trainer.progress();
        let mut reported = progress.observation.iter().map(|(_, value)| value);
        if !progress.is_new_epoch && !progress.observation.is_empty() && reported.all(f64::is_finite) {
            return Ok(());
        }
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
