//! The trainer: when what happens, what is written, and going on bit for bit.

mod averaging;
mod range_test;
mod resuming;
mod tensorboard;

use crate::serialize::Folder;
use kusari::{
    Array, Batch, Dataset, Error, Link, Optimizer, Parameter, Result, Variable, array,
    computational_graph::build_computational_graph,
    config,
    datasets::TupleDataset,
    functions as F,
    iterators::{MultithreadIterator, SerialIterator},
    link, links as L, optimizers, random,
    serializers::{self, LoadOptions},
    training::{extensions::*, triggers::*, *},
    using_config,
};
use std::{
    fs,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

/// Linear regression whose inputs are dropped at random.
#[derive(Clone)]
struct Net {
    w: Parameter,
    b: Parameter,
}
link!(Net { w as "W", b });

impl Net {
    fn new() -> Net {
        Net { w: Parameter::new(array![0.5f32, -0.5]), b: Parameter::new(array![0.0f32]) }
    }
}
impl Objective<Batch> for Net {
    fn loss(&self, batch: &Batch) -> Variable {
        let x = F::dropout(&batch.x, 0.3);
        let n = x.shape()[0];
        let y = F::sum_to(&(x * self.w.get()), &[n, 1]) + self.b.get();
        let e = y - Variable::constant(batch.t.array().reshape(&[n, 1]));
        F::sum_to(&(&e * &e), &[]) * (1.0 / n as f64)
    }
}

fn data(n: usize) -> TupleDataset<(Array, Array)> {
    let x: Vec<f32> = (0..2 * n).map(|i| ((i * 7 + 3) % 11) as f32 / 6.0 - 0.8).collect();
    let t: Vec<f32> = x.chunks(2).map(|p| 2.0 * p[0] - p[1] + 0.5).collect();
    TupleDataset::new(Array::from_vec(&[n, 2], x), Array::from_vec(&[n], t))
}

fn trainer(net: &Net, stop: impl Trigger + 'static, out: &Path) -> Trainer {
    // Boxed, as where the optimiser is chosen at run time.
    let mut opt: Box<dyn Optimizer> = Box::new(optimizers::Adam::new().alpha(0.01));
    opt.setup(net);
    Trainer::new(StandardUpdater::new(SerialIterator::new(data(10), 3).seed(1), opt, net.clone()), stop, out)
}

fn fire(trigger: &mut dyn Trigger, iterations: usize, length: usize) -> Vec<usize> {
    let progress = |iteration: usize| Progress {
        iteration,
        epoch: iteration / length,
        epoch_detail: iteration as f64 / length as f64,
        elapsed: iteration as f64,
        ..Progress::default()
    };
    (1..=iterations).filter(|&i| trigger.fire(&progress(i))).collect()
}

#[test]
fn triggers_fire_when_they_should() {
    assert_eq!(fire(&mut epochs(1), 12, 4), [4, 8, 12]);
    assert_eq!(fire(&mut epochs(0.5), 12, 4), [2, 4, 6, 8, 10, 12]);
    assert_eq!(fire(&mut epochs(0.1), 20, 20), [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    assert_eq!(fire(&mut epochs(1.5), 12, 4), [6, 12]);
    assert_eq!(fire(&mut iterations(5), 12, 4), [5, 10]);
    assert_eq!(fire(&mut OnceTrigger::new(), 5, 4), [1]);
    assert_eq!(fire(&mut TimeTrigger::new(3.5), 12, 4), [4, 8, 11]);
    assert_eq!(fire(&mut ManualScheduleTrigger::new([3.0, 7.0], Unit::Iteration), 12, 4), [3, 7]);
    assert_eq!(fire(&mut ManualScheduleTrigger::new([0.5, 2.0], Unit::Epoch), 12, 4), [2, 8]);
}

const NOT_REPORTED: f64 = -1e9;

#[test]
fn triggers_that_watch_values() {
    let fired = |trigger: &mut dyn Trigger, values: &[f64]| -> Vec<usize> {
        let at = |i: usize| {
            let mut observation = Observation::new();
            if values[i - 1] != NOT_REPORTED {
                observation.set("validation/main/loss", values[i - 1]);
            }
            Progress { iteration: i, epoch: i, epoch_detail: i as f64, observation, ..Progress::default() }
        };
        (1..=values.len()).filter(|&i| trigger.fire(&at(i))).collect()
    };
    let values = [3.0, 2.0, 4.0, f64::NAN, 1.0, 1.0, 5.0, 6.0];
    let key = "validation/main/loss";
    assert_eq!(fired(&mut MinValueTrigger::new(key), &values), [1, 2, 5]);
    assert_eq!(fired(&mut MaxValueTrigger::new(key), &values), [1, 3, 7, 8]);
    assert_eq!(fired(&mut EarlyStoppingTrigger::new(key), &values), [8]);
    assert_eq!(fired(&mut EarlyStoppingTrigger::new(key).patience(2), &values), [4, 7, 8]);
    assert_eq!(fired(&mut EarlyStoppingTrigger::new(key).max_trigger(epochs(2)), &values)[0], 2);
    // Evaluated every third epoch: only what was reported counts.
    let seldom: Vec<f64> = [3.0, 4.0, 5.0, 6.0].into_iter().flat_map(|v| [NOT_REPORTED, NOT_REPORTED, v]).collect();
    assert_eq!(fired(&mut EarlyStoppingTrigger::new(key), &seldom), [12]);
}

#[test]
fn reports_are_collected_by_name() {
    report("nobody/listens", 1.0);
    let ((), observation) = report_scope(|| {
        report("lr", 0.1f32);
        report_prefix("main", || {
            report("loss", Variable::constant(array![2.5f32]));
            report_prefix("predictor", || report("norm", 3usize));
        });
    });
    let names: Vec<&str> = observation.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["lr", "main/loss", "main/predictor/norm"]);
    assert_eq!(observation.get("main/loss"), Some(2.5));
    assert!(observation.variable("main/loss").is_none());
    let x = Variable::new(array![3.0f32]);
    let (_, kept) = report_scope(|| {
        let _keep = using_config(|c| c.keep_graph_on_report = true);
        report_prefix("main", || report("loss", &x * &x));
    });
    assert_eq!(kept.only(&["other".to_string()]), Observation::new());
    kept.variable("main/loss").unwrap().backward();
    assert_eq!(x.grad().unwrap().item(), 6.0);
    let (_, replaced) = report_scope(|| {
        let _keep = using_config(|c| c.keep_graph_on_report = true);
        report("loss", &x * &x);
        report("loss", 0.5);
    });
    assert!(replaced.variable("loss").is_none());
    let mut summary = DictSummary::default();
    summary.add(&observation, 3.0);
    let mut other = Observation::new();
    other.set("main/loss", 6.5);
    summary.add(&other, 1.0);
    let statistics = summary.statistics();
    assert_eq!(statistics.get("main/loss"), Some(3.5));
    assert!((statistics.get("main/loss.std").unwrap() - 3.0f64.sqrt()).abs() < 1e-12);
}

#[test]
fn the_log_is_laid_out_as_chainers() {
    let mut values = Observation::new();
    values.set("main/loss", 0.5);
    values.set("broken", f64::NAN);
    let log = vec![LogEntry { values, epoch: 1, iteration: 600, elapsed_time: 2.25 }];
    let json = "[\n    {\n        \"main/loss\": 0.5,\n        \"broken\": null,\n        \"epoch\": 1,\n        \"iteration\": 600,\n        \"elapsed_time\": 2.25\n    }\n]";
    assert_eq!(log_to_json(&log), json);
    let read = log_from_json(json).unwrap();
    assert_eq!((read[0].get("main/loss"), read[0].epoch, read[0].iteration), (Some(0.5), 1, 600));
    assert!(read[0].get("broken").unwrap().is_nan());
    assert!(log_from_json("[{\"epoch\": -1}]").is_err());
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);
impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn a_training_with_everything() {
    let folder = Folder::new("everything");
    let (net, table, bar) = (Net::new(), Screen::default(), Screen::default());
    let mut trainer = trainer(&net, epochs(3), &folder.0);
    trainer.extend(Evaluator::new(SerialIterator::new(data(7), 4).once(), net.clone()));
    trainer.extend(observe_lr());
    trainer.extend(LogReport::new());
    let columns = ["epoch", "main/loss", "validation/main/loss", "lr", "missing"];
    trainer.extend(PrintReport::new(columns).out(table.clone()));
    trainer.extend(ProgressBar::new().interval(2).out(bar.clone(), true));
    trainer.extend(PlotReport::new(["main/loss", "validation/main/loss"], "loss.png"));
    trainer.extend(DumpGraph::new("main/loss"));
    trainer.extend(ParameterStatistics::default());
    trainer.extend(VariableStatisticsPlot::new(&net, "statistics.png").max_sample_size(4)).trigger(iterations(1));
    trainer.extend(FailOnNonNumber);
    trainer.extend(MicroAverage::new("main/loss", "main/loss", "one")).trigger(iterations(1));
    trainer.extend(ExponentialShift::new("lr", 0.5)).trigger(epochs(1));
    trainer.extend(snapshot().n_retains(2));
    trainer.extend(snapshot_object(net.clone(), "model_{epoch}"));
    trainer.run().unwrap();
    assert_eq!(trainer.names()[12..], ["_Snapshot", "_Snapshot_1"]);

    let mut files: Vec<String> =
        std::fs::read_dir(&folder.0).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let expected = [
        "cg.dot",
        "log",
        "loss.png",
        "model_1",
        "model_2",
        "model_3",
        "snapshot_iter_10",
        "snapshot_iter_7",
        "statistics.png",
    ];
    assert_eq!(files, expected);

    let log = log_from_json(&std::fs::read_to_string(folder.file("log")).unwrap()).unwrap();
    assert_eq!(log.iter().map(|row| (row.epoch, row.iteration)).collect::<Vec<_>>(), [(1, 4), (2, 7), (3, 10)]);
    assert_eq!(log.iter().map(|row| row.get("lr").unwrap()).collect::<Vec<_>>(), [0.01, 0.005, 0.0025]);
    assert!(log[2].get("main/W/data/percentile/50").is_some() && log[2].get("main/b/grad/mean").is_some());
    let first: Vec<&str> = log[0].values.iter().map(|(name, _)| name).take(3).collect();
    assert_eq!(first, ["main/loss", "validation/main/loss", "lr"]);

    let text = table.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "epoch       main/loss   validation/main/loss  lr          missing   ");
    assert_eq!(lines.len(), 4);
    assert!(lines[2].starts_with("2           ") && lines[2].contains("  0.005       "), "{}", lines[2]);
    let bar = bar.text();
    assert!(
        bar.contains("     total [###########") && bar.contains("this epoch [") && bar.contains(" iters/sec."),
        "{bar}"
    );
    assert!(bar.contains("        10 iter, 3 epoch / 3 epochs\n") && bar.ends_with("\x1b[4A\r\x1b[J"));
    let dot = std::fs::read_to_string(folder.file("cg.dot")).unwrap();
    assert!(dot.contains("/W: (2,), float32") && dot.contains("[label=\"sum_to\",shape=box]"), "{dot}");
}

#[test]
fn a_classifier_is_trained_and_evaluated_as_it_is() {
    let folder = Folder::new("classifier");
    random::seed(0);
    let data = TupleDataset::new(data(40).batch(&(0..40).collect::<Vec<_>>()).unwrap().x.into_array(), labels(40));
    let model =
        L::Classifier::new(L::Sequential::new().add(L::Linear::new(None, 8)).then(F::tanh).add(L::Linear::new(8, 2)));
    let mut opt = optimizers::Adam::new().alpha(0.05);
    opt.setup(&model);
    let updater = StandardUpdater::new(SerialIterator::new(data.clone(), 8), opt, model.clone());
    let mut trainer = Trainer::new(updater, epochs(30), &folder.0);
    trainer.extend(Evaluator::new(SerialIterator::new(data, 9).once(), model));
    trainer.extend(LogReport::new());
    trainer.run().unwrap();
    let log = trainer.extension::<LogReport>("LogReport").unwrap().log();
    let names: Vec<&str> = log[0].values.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["main/loss", "main/accuracy", "validation/main/loss", "validation/main/accuracy"]);
    assert!(log[29].get("validation/main/accuracy").unwrap() > 0.9, "{:?}", log[29]);
}

/// Whether the first number is the larger one.
fn labels(n: usize) -> Array {
    let x = data(n).batch(&(0..n).collect::<Vec<_>>()).unwrap().x;
    Array::from_vec(&[n], x.array().to_vec::<f32>().chunks(2).map(|p| i32::from(p[0] > p[1])).collect())
}

#[test]
fn validation_weighs_batches_by_their_size() {
    let net = Net::new();
    let loss = |size| Evaluator::new(SerialIterator::new(data(7), size).once(), net.clone()).evaluate().unwrap();
    let (whole, parts) = (loss(7).get("main/loss").unwrap(), loss(4).get("main/loss").unwrap());
    assert!((whole - parts).abs() < 1e-6, "{whole} {parts}");
    let endless = Evaluator::new(SerialIterator::new(data(7), 4), net.clone()).evaluate();
    assert!(endless.unwrap_err().to_string().contains("once"));
    assert!(config().train, "the settings of before are back");
}

/// A trainer with everything that has a state.
fn stateful(net: &Net, out: &Path, threads: bool) -> Trainer {
    let mut opt = optimizers::Adam::new().alpha(0.01);
    opt.setup(net);
    let stop = EarlyStoppingTrigger::new("main/loss").patience(100).check_trigger(iterations(2)).max_trigger(epochs(5));
    let mut trainer = match threads {
        true => {
            let iterator = MultithreadIterator::new(data(10), 3, 2).seed(1);
            Trainer::new(StandardUpdater::new(iterator, opt, net.clone()), stop, out)
        }
        false => {
            Trainer::new(StandardUpdater::new(SerialIterator::new(data(10), 3).seed(1), opt, net.clone()), stop, out)
        }
    };
    trainer
        .extend(Evaluator::new(SerialIterator::new(data(7), 4).once(), net.clone()))
        .trigger(MinValueTrigger::new("main/loss"));
    trainer.extend(LogReport::new().every(iterations(3)));
    trainer.extend(CosineShift::new("lr", 20.0));
    trainer.extend(snapshot()).trigger(ManualScheduleTrigger::new([1.0, 3.0, 5.0, 10.0], Unit::Iteration));
    trainer
}

#[test]
fn a_snapshot_has_chainers_keys() {
    let folder = Folder::new("keys");
    let net = Net::new();
    let mut trainer = trainer(&net, iterations(1), &folder.0);
    trainer.extend(LogReport::new());
    trainer.run().unwrap();
    trainer.save(folder.file("snapshot")).unwrap();
    let entries = serializers::read_npz(folder.file("snapshot")).unwrap();
    for key in [
        "updater/iteration",
        "updater/iterator:main/current_position",
        "updater/iterator:main/order",
        "updater/optimizer:main/t",
        "updater/optimizer:main/W/m",
        "updater/model:main/W",
        "stop_trigger/previous_iteration",
        "extensions/LogReport/_trigger/previous_epoch_detail",
        "extensions/LogReport/_summary/_names",
        "extensions/LogReport/_log",
        "extension_triggers/LogReport/previous_iteration",
        "_snapshot_elapsed_time",
    ] {
        assert!(entries.contains_key(key), "{key} is missing among {:?}", entries.keys());
    }
    // The model alone, out of the snapshot.
    let fresh = Net { w: Parameter::new(array![0.0f32, 0.0]), b: Parameter::new(array![0.0f32]) };
    let options = LoadOptions { path: "updater/model:main/".into(), ..LoadOptions::default() };
    serializers::load_npz_with(folder.file("snapshot"), &fresh, &options).unwrap();
    assert_eq!(fresh.w.array().to_vec::<f32>(), net.w.array().to_vec::<f32>());
}

#[test]
fn models_are_saved_and_loaded() {
    let folder = Folder::new("models");
    let (net, other) = (Net::new(), Net { w: Parameter::new(array![0.0f32, 0.0]), b: Parameter::new(array![0.0f32]) });
    let tensors = folder.file("m.safetensors");
    serializers::save_safetensors(&tensors, &net).unwrap();
    serializers::load_safetensors(&tensors, &other).unwrap();
    assert_eq!(other.w.array().to_vec::<f32>(), [0.5, -0.5]);
    serializers::save_npz(folder.file("m.npz"), &net).unwrap();
    let wide = Net { w: Parameter::new(array![0.0f32, 0.0]), b: Parameter::new(array![7.0f32, 7.0]) };
    let message = serializers::load_npz(folder.file("m.npz"), &wide).unwrap_err().to_string();
    assert!(message.ends_with("m.npz: 'b': expected an array of shape (2,), got float32 of shape (1,)"), "{message}");
    assert_eq!(wide.w.array().to_vec::<f32>(), [0.0, 0.0], "a failed loading leaves the model as it was");
}

#[test]
fn errors_and_panics_end_the_training_in_order() {
    struct Witness(Arc<Mutex<Vec<String>>>);
    impl Extension for Witness {
        fn call(&mut self, _: &mut Trainer) -> Result<()> {
            Ok(())
        }
        fn on_error(&mut self, _: &mut Trainer, message: &str) {
            self.0.lock().unwrap().push(format!("error: {message}"));
        }
        fn finalize(&mut self, _: &mut Trainer) -> Result<()> {
            self.0.lock().unwrap().push("finalize".to_string());
            Ok(())
        }
    }
    let folder = Folder::new("errors");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut failing = trainer(&Net::new(), epochs(3), &folder.0);
    failing.extend(Witness(seen.clone()));
    failing.extend(|trainer: &mut Trainer| match trainer.progress().iteration {
        2 => Err(Error::Data("enough".into())),
        _ => Ok(()),
    });
    assert_eq!(failing.run().unwrap_err().to_string(), "enough");
    assert_eq!(failing.progress().iteration, 2);
    assert_eq!(seen.lock().unwrap()[..], ["error: enough", "finalize"]);
    let again = failing.run().unwrap_err().to_string();
    assert_eq!(again, "Trainer::run: cannot run the training loop multiple times");

    let mut panicking = trainer(&Net::new(), epochs(3), &folder.0);
    panicking.extend(Witness(seen.clone()));
    panicking.extend(|_: &mut Trainer| panic!("out of luck"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panicking.run()));
    assert!(caught.is_err());
    assert_eq!(seen.lock().unwrap()[2..], ["error: out of luck", "finalize"]);

    let diverged = Net { w: Parameter::new(array![f32::NAN, 0.0]), b: Parameter::new(array![0.0f32]) };
    let mut failing = trainer(&diverged, epochs(3), &folder.0);
    failing.extend(FailOnNonNumber);
    let message = failing.run().unwrap_err().to_string();
    assert_eq!(message, "FailOnNonNumber: main/W is no longer finite after iteration 1: the training diverged");

    let mut lonely = trainer(&Net::new(), epochs(3), &folder.0);
    lonely.extend(PrintReport::new(["epoch"]));
    assert_eq!(
        lonely.run().unwrap_err().to_string(),
        "PrintReport: there is no LogReport called 'LogReport' in the trainer"
    );
    let unwritable = trainer(&Net::new(), epochs(3), Path::new("/proc/no/folder")).run();
    assert!(matches!(unwritable, Err(Error::Io { .. })));
}

#[test]
fn extensions_are_called_by_priority() {
    let folder = Folder::new("priority");
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut trainer = trainer(&Net::new(), iterations(1), &folder.0);
    for (name, priority) in [("low", 1), ("high", 5), ("low too", 1)] {
        let order = order.clone();
        let extension = move |_: &mut Trainer| {
            order.lock().unwrap().push(name);
            Ok(())
        };
        trainer.extend(extension).name(name).priority(priority);
    }
    trainer.run().unwrap();
    assert_eq!(order.lock().unwrap()[..], ["high", "low", "low too"]);
}

#[test]
fn the_same_graph_gives_the_same_picture() {
    let draw = || {
        let net = Net::new();
        let mut opt = optimizers::SGD::new(0.1);
        opt.setup(&net);
        build_computational_graph(&[&(net.w.get() * 2.0 + net.b.get())]).dump()
    };
    assert_eq!(draw(), draw());
    assert!(draw().contains("/W: (2,), float32"), "{}", draw());
}

#[test]
fn plain_lines_where_there_is_no_terminal() {
    let folder = Folder::new("plain");
    let screen = Screen::default();
    let mut trainer = trainer(&Net::new(), iterations(40), &folder.0);
    trainer.extend(ProgressBar::new().interval(1).out(screen.clone(), false));
    trainer.run().unwrap();
    let text = screen.text();
    assert_eq!(text.lines().count(), 10, "{text}");
    assert!(!text.contains('\x1b') && text.lines().last().unwrap().starts_with(" 100 %"), "{text}");
}
