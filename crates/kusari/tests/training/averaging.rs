//! Averaged weights, gradients of several batches, and an interruption that changes nothing.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

#[test]
fn weights_are_averaged_with_a_growing_decay() {
    let folder = Folder::new("average");
    random::seed(2);
    let net = Net::new();
    let mut trainer = trainer(&net, iterations(5), &folder.0);
    let average = AverageWeights::new(net.clone(), 0.3);
    let (averaged, seen) = (average.model(), Arc::new(Mutex::new(Vec::new())));
    trainer.extend(average);
    let (list, watched) = (seen.clone(), net.clone());
    trainer.extend(move |_: &mut Trainer| {
        list.lock().unwrap().push(watched.w.array().to_vec::<f32>());
        Ok(())
    });
    trainer.run().unwrap();
    let seen = seen.lock().unwrap();
    let mut expected = [seen[0][0] as f64, seen[0][1] as f64];
    for (n, w) in seen.iter().enumerate() {
        let decay = (0.3f64).min((1.0 + n as f64) / (10.0 + n as f64));
        (0..2).for_each(|i| expected[i] = decay * expected[i] + (1.0 - decay) * w[i] as f64);
    }
    for model in [&averaged, &net] {
        let w = model.w.array().to_vec::<f32>();
        assert!((0..2).all(|i| (w[i] as f64 - expected[i]).abs() < 1e-6), "{w:?} {expected:?}");
    }
    assert_ne!(seen[4], net.w.array().to_vec::<f32>());
}

/// Parts that are used from the fourth step on.
#[derive(Clone)]
struct Growing {
    net: Net,
    late: L::Linear,
}
link!(Growing { net, late });

#[test]
fn parts_that_appear_later_are_averaged_from_then_on() {
    let folder = Folder::new("average-late");
    random::seed(2);
    let model = Growing { net: Net::new(), late: L::Linear::new(None, 1) };
    let mut sgd = optimizers::SGD::new(0.05);
    sgd.setup(&model);
    let steps = Mutex::new(0);
    let loss = move |model: &Growing, batch: &Batch| {
        let mut steps = steps.lock().unwrap();
        *steps += 1;
        let loss = plain(&model.net, batch);
        if *steps < 4 { loss } else { loss + F::mean(&model.late.forward(&batch.x), ()) }
    };
    let updater = StandardUpdater::with_loss(SerialIterator::new(data(10), 5), sgd, model.clone(), loss);
    let mut trainer = Trainer::new(updater, iterations(6), &folder.0);
    let average = AverageWeights::new(model.clone(), 0.9);
    let averaged = average.model();
    trainer.extend(average);
    trainer.run().unwrap();
    let late = averaged.late.w().array();
    assert!(late.all_finite() && late.same(&model.late.w().array()), "the model ends with the average");
}

/// A loss without random numbers.
fn plain(net: &Net, batch: &Batch) -> Variable {
    let n = batch.x.shape()[0];
    let y = F::sum_to(&(&batch.x * net.w.get()), &[n, 1]) + net.b.get();
    let e = y - Variable::constant(batch.t.array().reshape(&[n, 1]));
    F::sum_to(&(&e * &e), &[]) * (1.0 / n as f64)
}

#[test]
fn several_batches_make_one_update() {
    let train = |batch: usize, accumulate: usize| {
        let folder = Folder::new(&format!("accumulate-{batch}"));
        let net = Net::new();
        let mut sgd = optimizers::SGD::new(0.05);
        sgd.setup(&net);
        let batches = SerialIterator::new(data(12), batch).shuffle(false);
        let updater = StandardUpdater::with_loss(batches, sgd, net.clone(), plain).accumulate(accumulate);
        let mut trainer = Trainer::new(updater, epochs(3), &folder.0);
        let ends = Arc::new(Mutex::new(Vec::new()));
        let list = ends.clone();
        trainer
            .extend(move |trainer: &mut Trainer| {
                list.lock().unwrap().push(trainer.progress().iteration);
                Ok(())
            })
            .trigger(epochs(1));
        trainer.run().unwrap();
        let ends = ends.lock().unwrap().clone();
        ([net.w.array().to_vec::<f32>(), net.b.array().to_vec::<f32>()].concat(), trainer.progress().iteration, ends)
    };
    let (whole, parts) = (train(6, 1), train(2, 3));
    assert_eq!((whole.1, &whole.2), (6, &vec![2, 4, 6]));
    assert_eq!((parts.1, &parts.2), (6, &vec![2, 4, 6]));
    assert!(whole.0.iter().zip(&parts.0).all(|(a, b)| (a - b).abs() < 1e-6), "{whole:?} {parts:?}");
    // An epoch of six batches ends within the second update of four.
    assert_eq!(train(2, 4).2, [2, 3, 5]);
}

#[test]
fn an_interruption_changes_nothing() {
    let folder = Folder::new("interrupted");
    let begin = |out: &str| {
        random::seed(4);
        let net = Net::new();
        let mut trainer = trainer(&net, iterations(12), &folder.file(out));
        trainer.extend(AverageWeights::new(net.clone(), 0.9));
        trainer.extend(KeepBest::new(net.clone(), "main/loss")).trigger(iterations(1));
        (trainer, net)
    };
    let (mut whole, expected) = begin("whole");
    whole.run().unwrap();

    let (mut stopped, _) = begin("stopped");
    let stop = Arc::new(AtomicBool::new(false));
    stopped.stop_on(stop.clone());
    stopped.extend(move |trainer: &mut Trainer| {
        stop.store(trainer.progress().iteration == 7, SeqCst);
        Ok(())
    });
    stopped.run().unwrap();
    assert_eq!(stopped.progress().iteration, 7);
    stopped.save(folder.file("state")).unwrap();

    let (mut resumed, net) = begin("resumed");
    resumed.load(folder.file("state")).unwrap();
    resumed.run().unwrap();
    assert_eq!(net.w.array().to_bytes(), expected.w.array().to_bytes());
    assert_eq!(net.b.array().to_bytes(), expected.b.array().to_bytes());
}
