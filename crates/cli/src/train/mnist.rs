//! Digits.

use super::{Keeping, Plan, model};
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

const COLUMNS: [&str; 6] =
    ["epoch", "main/loss", "validation/main/loss", "main/accuracy", "validation/main/accuracy", "elapsed_time"];

/// Cross entropy; reports the accuracy beside it.
fn loss(model: &Sequential, batch: &Batch) -> Variable {
    let y = model.forward(&batch.x);
    report("accuracy", F::accuracy(&y, &batch.t, None));
    F::softmax_cross_entropy(&y, &batch.t)
}

/// Trains on the digits and says how many of the test's are read correctly.
pub fn run(plan: &Plan, keeping: &Keeping) -> Result<ExitCode> {
    random::seed(plan.seed);
    let (train, test) = get_mnist(Images { ndim: if plan.cnn { 3 } else { 1 }, ..Images::default() });
    let model = if plan.cnn { model::cnn(plan.unit) } else { model::mlp(plan.unit) };
    let mut optimizer = (plan.optimizer.make)(plan.lr);
    optimizer.setup(&model);
    say!("{}\n", summary(&model));
    say!(
        "{}, lr {} · batch {} · 8000 digits for training, 2000 for testing\n",
        plan.optimizer.title,
        plan.lr,
        plan.batch
    );

    let batches = SerialIterator::new(train, plan.batch);
    let updater = StandardUpdater::with_loss(batches, optimizer, model.clone(), loss);
    let mut trainer = Trainer::new(updater, epochs(plan.epochs as f64), &plan.out);
    let once = SerialIterator::new(test, plan.batch.max(100)).once();
    trainer.extend(X::Evaluator::with_loss(once, model.clone(), loss));
    trainer.extend(X::LogReport::new());
    trainer.extend(X::PlotReport::new(["main/loss", "validation/main/loss"], "loss.png"));
    trainer.extend(X::PlotReport::new(["main/accuracy", "validation/main/accuracy"], "accuracy.png"));
    trainer.extend(X::PrintReport::new(COLUMNS));
    trainer.extend(X::FailOnNonNumber);
    trainer.extend(X::ProgressBar::new().interval(10));
    keeping.begin(&mut trainer)?;
    trainer.run()?;
    if keeping.interrupted(&mut trainer)? {
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
