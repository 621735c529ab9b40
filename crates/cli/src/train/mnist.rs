//! Digits.

use super::{
    Keeping, Plan, model,
    run::{add_results, model_section, train as train_with, write_report},
    verdicts,
};
use crate::say;
use kusari::{
    Array, Batch, Dataset, Error, Result, Variable,
    datasets::{Digits, Images, get_mnist, load_mnist},
    functions as F,
    iterators::SerialIterator,
    links::{self as L, Sequential},
    random,
    report::{Picture, Report},
    serializers::save_safetensors,
    summary,
    training::{StandardUpdater, Trainer, extensions as X, report, triggers::epochs},
};
use std::{ops::ControlFlow, path::Path, process::ExitCode};

/// Cross entropy; reports the accuracy beside it.
fn loss(model: &Sequential, batch: &Batch) -> Variable {
    let y = model.forward(&batch.x);
    report("accuracy", F::accuracy(&y, &batch.t, None));
    F::softmax_cross_entropy(&y, &batch.t)
}

/// Images and labels to learn from, and those to test with.
pub struct Data {
    train: Digits,
    test: Digits,
    classes: usize,
    source: String,
}

/// The digits, or the images in a folder with MNIST's four files.
pub fn load(folder: Option<&Path>, cnn: bool) -> Result<Data> {
    let images = Images { ndim: if cnn { 3 } else { 1 }, ..Images::default() };
    let Some(folder) = folder else {
        let (train, test) = get_mnist(images);
        return Ok(Data { train, test, classes: 10, source: "mnist".to_string() });
    };
    let (train, test) = load_mnist(folder, images)?;
    let mut classes = 1;
    for part in [&train, &test] {
        for i in 0..part.len() {
            let (x, t) = part.get(i)?;
            if x.len() != 28 * 28 {
                let message = format_args!("expected images of 28 × 28 pixels, got images of {} pixels", x.len());
                return Err(Error::format(folder, message));
            }
            classes = classes.max(t.item() as usize + 1);
        }
    }
    let source = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    Ok(Data { train, test, classes, source })
}

/// How many images of each class there are.
fn counts(part: &Digits, classes: usize) -> Result<Vec<usize>> {
    let labels = part.batch(&(0..part.len()).collect::<Vec<_>>())?.t.array().to_vec::<i32>();
    Ok(verdicts::counts(labels.into_iter().map(|t| t as usize), classes))
}

/// An image of 28 × 28 pixels from 0 to 1.
fn picture(x: &Array) -> Option<Picture> {
    let pixels: Vec<u8> = x.to_vec::<f32>().into_iter().map(|v| (255.0 * v) as u8).collect();
    (pixels.len() == 28 * 28).then(|| Picture::gray(28, 28, &pixels))
}

/// Trains on images and says how many of the test's are read correctly.
pub fn run(plan: &Plan, data: Data, keeping: &Keeping) -> Result<ExitCode> {
    let (optimizer, lr) = plan.optimizer("adam");
    let Data { train, test, classes, source } = data;
    let names: Vec<String> = (0..classes).map(|c| c.to_string()).collect();
    let parts = [("training", counts(&train, classes)?), ("test", counts(&test, classes)?)];
    let about = verdicts::data_section(&source, "28 × 28, grey", &names, &parts);
    let (rows, tests) = (train.len(), test.len());
    let [unit, layers, batch] = plan.digits();
    let batch = batch.min(rows);
    random::seed(plan.seed);
    let model = match plan.cnn {
        true => model::cnn(unit, classes),
        false => L::Sequential::mlp(784, unit, layers, classes),
    };
    let mut method = (optimizer.make)(lr);
    method.setup(&model);
    say!("{}\n", summary(&model));
    say!("{}, lr {lr} · batch {batch} · {rows} digits for training, {tests} for testing\n", optimizer.title);

    let batches = SerialIterator::new(train, batch);
    let updater = StandardUpdater::with_loss(batches, method, model.clone(), loss);
    let mut trainer = Trainer::new(updater, epochs(plan.epochs.unwrap_or(20) as f64), &plan.out);
    let once = SerialIterator::new(test.clone(), batch.max(100)).once();
    trainer.extend(X::Evaluator::with_loss(once, model.clone(), loss));
    trainer.extend(X::FailOnNonNumber);
    let lead = format!("{classes} classes · {rows} images for training, {tests} for testing");
    let report = Report::new(source).lead(lead).about(about).about(model_section(&model));
    let mut report = match train_with(&mut trainer, keeping, "accuracy", 1, report)? {
        ControlFlow::Continue(report) => report,
        ControlFlow::Break(code) => return Ok(code),
    };

    save_safetensors(plan.out.join("model.safetensors"), &model)?;
    let log = trainer.extension::<X::LogReport>("LogReport").and_then(|r| r.log().last());
    let accuracy = log.and_then(|entry| entry.get("validation/main/accuracy"));
    let accuracy = accuracy.ok_or_else(|| Error::state("train", "the log has no accuracy in it"))?;
    let right = (accuracy * tests as f64).round();
    say!("\n{right} of the {tests} test digits right ({:.2} %)", 100.0 * accuracy);
    add_results(&mut report, verdicts::sections(&model, &test, &names, "test images", picture));
    write_report(report, &plan.out);
    say!("{}: report.html, log, loss.png, accuracy.png, model.safetensors", plan.out.display());
    Ok(ExitCode::SUCCESS)
}
