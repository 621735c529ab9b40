//! Digits.

use super::{Keeping, Plan, model, run::run as train_with};
use crate::say;
use kusari::{
    Batch, Error, Result, Variable,
    datasets::{Images, get_mnist},
    functions as F,
    iterators::SerialIterator,
    links::Sequential,
    random,
    serializers::save_safetensors,
    summary,
    training::{StandardUpdater, Trainer, extensions as X, report, triggers::epochs},
};
use std::process::ExitCode;

/// Cross entropy; reports the accuracy beside it.
fn loss(model: &Sequential, batch: &Batch) -> Variable {
    let y = model.forward(&batch.x);
    report("accuracy", F::accuracy(&y, &batch.t, None));
    F::softmax_cross_entropy(&y, &batch.t)
}

/// Trains on the digits and says how many of the test's are read correctly.
pub fn run(plan: &Plan, keeping: &Keeping) -> Result<ExitCode> {
    let (optimizer, lr) = plan.optimizer("adam");
    let batch = plan.batch.unwrap_or(100).min(8000);
    random::seed(plan.seed);
    let (train, test) = get_mnist(Images { ndim: if plan.cnn { 3 } else { 1 }, ..Images::default() });
    let model = match plan.cnn {
        true => model::cnn(plan.unit.unwrap_or(128)),
        false => model::mlp(plan.unit.unwrap_or(1000), plan.layer.unwrap_or(2)),
    };
    let mut method = (optimizer.make)(lr);
    method.setup(&model);
    say!("{}\n", summary(&model));
    say!("{}, lr {lr} · batch {batch} · 8000 digits for training, 2000 for testing\n", optimizer.title);

    let batches = SerialIterator::new(train, batch);
    let updater = StandardUpdater::with_loss(batches, method, model.clone(), loss);
    let mut trainer = Trainer::new(updater, epochs(plan.epochs.unwrap_or(20) as f64), &plan.out);
    let once = SerialIterator::new(test, batch.max(100)).once();
    trainer.extend(X::Evaluator::with_loss(once, model.clone(), loss));
    trainer.extend(X::FailOnNonNumber);
    if train_with(&mut trainer, keeping, "accuracy", 1)? {
        return Ok(ExitCode::from(130));
    }

    save_safetensors(plan.out.join("model.safetensors"), &model)?;
    let log = trainer.extension::<X::LogReport>("LogReport").and_then(|r| r.log().last());
    let accuracy = log.and_then(|entry| entry.get("validation/main/accuracy"));
    let accuracy = accuracy.ok_or_else(|| Error::state("train", "the log has no accuracy in it"))?;
    let right = (accuracy * 2000.0).round();
    say!("\n{right} of the 2000 test digits right ({:.2} %)", 100.0 * accuracy);
    say!("{}: log, loss.png, accuracy.png, model.safetensors", plan.out.display());
    Ok(ExitCode::SUCCESS)
}
