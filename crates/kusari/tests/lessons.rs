//! What is the same for tables, pictures and texts: averaged weights, several minibatches a step, recomputing.

use crate::serialize::Folder;
use kusari::{
    Array, Link,
    images::{self, Augment, Pictures},
    optimizers::SGD,
    random::Generator,
    tables::{self, Scores, Table},
    text::{self, TextModel},
    training::{
        LogEntry, StepOptions, Trainer,
        extensions::{LogReport, Snapshot},
        triggers::{epochs, iterations},
    },
};
use std::{path::Path, sync::Arc};

/// All numbers of a model.
fn numbers(model: &dyn Link) -> Vec<f32> {
    model.params().iter().flat_map(|p| p.array().to_vec::<f32>()).collect()
}
fn near(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
}

/// 24 dark and 24 light pictures of 12 × 12 pixels.
fn pictures() -> Arc<Pictures> {
    let mut random = Generator::new(5);
    let light = |i: usize| if i.is_multiple_of(2) { 60.0 } else { 0.0 };
    let pixels: Vec<f32> = (0..48 * 144).map(|at| light(at / 144) + random.below(180) as f32).collect();
    let t: Vec<i32> = (0..48).map(|i| i % 2).collect();
    let (x, t) = (Array::from_slice(&[48, 12, 12], &pixels), Array::from_slice(&[48], &t));
    Arc::new(Pictures::from_arrays("squares", &[(&x, &t, images::Part::Train)]).unwrap())
}
fn picture_settings(kind: images::Kind, steps: StepOptions) -> images::Settings {
    let (units, batch, epochs) = (Some(4), Some(4), Some(3));
    images::Settings { kind, units, batch, epochs, steps, ..images::Settings::default() }
}
fn text_lesson(kind: text::Kind, steps: StepOptions) -> text::Lesson {
    let settings = text::Settings {
        width: Some(8),
        layers: Some(2),
        heads: 2,
        length: 12,
        batch: 4,
        iterations: 12,
        dropout: 0.2,
        steps,
        ..text::Settings::new(kind)
    };
    text::Lesson::new("cats.txt", &"the cat sat on the mat. a dog! ".repeat(20), &settings).unwrap()
}
fn table() -> Table {
    let mut random = Generator::new(7);
    let mut row = |i: usize| {
        let (a, b) = (random.below(100), random.below(100));
        format!("{a},{b},{},{}\n", ["red", "green", "blue"][i % 3], if a + random.below(60) > b { "yes" } else { "no" })
    };
    Table::from_csv(&format!("a,b,colour,class\n{}", (0..60).map(&mut row).collect::<String>())).unwrap()
}
fn table_settings(steps: StepOptions) -> tables::Settings {
    let (batch, members, epochs) = (Some(4), Some(2), Some(5));
    tables::Settings { units: 8, batch, members, epochs, steps, ..tables::Settings::default() }
}

#[test]
fn recomputing_changes_no_bit() {
    let folder = Folder::new("recompute");
    let pictures = pictures();
    for kind in [images::Kind::Cnn, images::Kind::Resnet] {
        let train = |recompute: bool| {
            let steps = StepOptions { recompute, accumulate: 2, average: Some(0.9) };
            let lesson = images::Lesson::new(pictures.clone(), &picture_settings(kind, steps)).unwrap();
            let file = folder.file("model");
            lesson.run(&folder.0).unwrap().save(&file).unwrap();
            std::fs::read(file).unwrap()
        };
        assert!(train(true) == train(false), "{kind:?}");
    }
    for kind in text::Kind::ALL {
        let train = |recompute: bool| {
            let lesson = text_lesson(kind, StepOptions { recompute, ..StepOptions::default() });
            numbers(lesson.run(&folder.0).unwrap().network())
        };
        assert!(train(true) == train(false), "{kind:?}");
    }
}

#[test]
fn recomputing_keeps_less() {
    // The functions between loss and parameters are hidden within the blocks.
    let nodes = |steps: StepOptions| {
        let lesson = text_lesson(text::Kind::Gpt, steps);
        lesson.trainer(std::env::temp_dir()).loss_graph().unwrap().dump().matches("forget").count()
    };
    assert_eq!(nodes(StepOptions { recompute: true, ..StepOptions::default() }), 2);
    assert_eq!(nodes(StepOptions::default()), 0);
}

#[test]
fn several_minibatches_are_as_one_large_one() {
    let folder = Folder::new("accumulate");
    let pictures = pictures();
    // Without batch statistics, and with steps in proportion to the gradient.
    let train = |batch: usize, accumulate: usize| {
        let steps = StepOptions { accumulate, ..StepOptions::default() };
        let (augment, optimizer, lr) = (Augment::default(), picture_sgd as fn(f64) -> _, Some(0.05));
        let usual = picture_settings(images::Kind::Mlp, steps);
        let settings = images::Settings { batch: Some(batch), augment, optimizer, lr, ..usual };
        let lesson = images::Lesson::new(pictures.clone(), &settings).unwrap();
        numbers(lesson.run(&folder.0).unwrap().network())
    };
    assert!(near(&train(12, 1), &train(4, 3)) && !near(&train(12, 1), &train(4, 1)));

    let table = table();
    let train = |batch: usize, accumulate: usize| {
        let steps = StepOptions { accumulate, ..StepOptions::default() };
        let usual = table_settings(steps);
        let settings = tables::Settings { batch: Some(batch), optimizer: picture_sgd, lr: 0.05, ..usual };
        numbers(tables::Lesson::new(&table, &settings).unwrap().run(&folder.0).unwrap().network())
    };
    // 48 rows to learn from, and 60 in the training on all: the second does not end with a whole step.
    assert!(near(&train(16, 1), &train(8, 2)) && !near(&train(16, 1), &train(8, 1)));
}
fn picture_sgd(lr: f64) -> Box<dyn kusari::Optimizer> {
    Box::new(SGD::new(lr))
}

#[test]
fn senseless_steps_are_refused() {
    let (pictures, table) = (pictures(), table());
    let of_pictures = |kind, steps| images::Lesson::new(pictures.clone(), &picture_settings(kind, steps)).err();
    let of_table = |steps| tables::Lesson::new(&table, &table_settings(steps)).err();
    let with = |accumulate, average, recompute| StepOptions { accumulate, average, recompute };
    for (error, message) in [
        (of_pictures(images::Kind::Mlp, with(1, None, true)), "recompute: an mlp has no blocks"),
        (of_pictures(images::Kind::Cnn, with(13, None, true)), "accumulate: expected at most 9 minibatches of 4"),
        (of_table(with(1, None, true)), "recompute: a table's network has no blocks"),
        (of_table(with(0, None, false)), "accumulate: expected at least one minibatch, got 0"),
        (of_table(with(1, Some(1.0), false)), "average: expected a decay from 0 to below 1, got 1"),
    ] {
        let error = error.expect(message).to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

/// The validation losses of a training, epoch by epoch.
fn losses(trainer: &Trainer) -> Vec<f64> {
    let log = trainer.extension::<LogReport>("LogReport").map_or(&[][..], LogReport::log);
    log.iter().filter_map(|row: &LogEntry| row.get("validation/main/loss")).collect()
}

#[test]
fn the_average_is_what_is_evaluated_and_kept() {
    let folder = Folder::new("average");
    let table = table();
    let steps = StepOptions { average: Some(0.8), ..StepOptions::default() };
    let settings = tables::Settings { lr: 0.1, refit: Some(false), epochs: Some(9), ..table_settings(steps) };
    let lesson = tables::Lesson::new(&table, &settings).unwrap();
    let mut trainer = lesson.trainer(&folder.0);
    trainer.extend(LogReport::new()).trigger(epochs(1));
    trainer.run().unwrap();
    let losses = losses(&trainer);
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let last = losses[losses.len() - 1];
    assert!(last > best + 1e-3, "the best is not the last: {losses:?}");
    let (target, _) = tables::Target::find(&table, &settings).unwrap();
    let rows = tables::shuffled_rows(&table, &target, settings.seed).unwrap();
    let valid = tables::Rows::new(&table, &rows.numbers()[..12]);
    let Scores::Classification(score) = lesson.finish(&trainer).score(&valid).unwrap() else { panic!() };
    assert!((score.log_loss - best).abs() < 1e-5, "{} {best}", score.log_loss);
    // Without an average all of it is another training.
    let plain = tables::Settings { steps: StepOptions::default(), ..settings };
    let lesson = tables::Lesson::new(&table, &plain).unwrap();
    let mut trainer = lesson.trainer(&folder.0);
    trainer.extend(LogReport::new()).trigger(epochs(1));
    trainer.run().unwrap();
    assert_ne!(self::losses(&trainer)[0], losses[0]);
}

/// Whether a training that goes on from its fifth step ends with the same numbers.
fn goes_on(folder: &Path, begin: impl Fn() -> (Trainer, Box<dyn Fn(&Trainer) -> Vec<f32>>)) -> bool {
    let run = |from: Option<&str>| {
        let (mut trainer, finish) = begin();
        trainer.extend(Snapshot::new("snapshot_{iteration}")).trigger(iterations(5));
        from.map_or(Ok(()), |file| trainer.load(folder.join(file))).unwrap();
        trainer.run().unwrap();
        finish(&trainer)
    };
    let whole = run(None);
    run(Some("snapshot_5")) == whole
}

#[test]
fn averages_go_on_bit_for_bit() {
    let folder = Folder::new("average-resume");
    let (pictures, table) = (pictures(), table());
    let steps = StepOptions { average: Some(0.9), accumulate: 2, recompute: false };
    assert!(goes_on(&folder.0, || {
        let lesson = images::Lesson::new(pictures.clone(), &picture_settings(images::Kind::Cnn, steps)).unwrap();
        (lesson.trainer(&folder.0), Box::new(move |trainer| numbers(lesson.finish(trainer).network())))
    }));
    assert!(goes_on(&folder.0, || {
        let lesson = tables::Lesson::new(&table, &table_settings(steps)).unwrap();
        let network = lesson.model().network().clone();
        (lesson.trainer(&folder.0), Box::new(move |_| numbers(&network)))
    }));
    assert!(goes_on(&folder.0, || {
        let lesson = text_lesson(text::Kind::Gpt, steps);
        let model: TextModel = lesson.model().clone();
        (lesson.trainer(&folder.0), Box::new(move |_| numbers(model.network())))
    }));
}
