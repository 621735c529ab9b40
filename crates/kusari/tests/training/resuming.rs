//! Trainings that go on from a snapshot.

use super::*;

#[test]
fn a_resumed_training_goes_on_bit_for_bit() {
    // Times are no part of the state.
    let state =
        |trainer: &mut Trainer| serializers::npz_bytes(&serializers::collect(|s| trainer.serialize(s)).unwrap());
    for threads in [false, true] {
        let folder = Folder::new(&format!("resume-{threads}"));
        random::seed(3);
        let net = Net::new();
        let mut whole = stateful(&net, &folder.file("whole"), threads);
        whole.run().unwrap();
        let expected = state(&mut whole);
        for at in [1, 3, 5, 10] {
            // Another seed and other weights: those of the snapshot must win.
            random::seed(77);
            let resumed_net = Net { w: Parameter::new(array![9.0f32, 9.0]), b: Parameter::new(array![9.0f32]) };
            let mut resumed = stateful(&resumed_net, &folder.file("resumed"), threads);
            resumed.load(folder.file(&format!("whole/snapshot_iter_{at}"))).unwrap();
            resumed.run().unwrap();
            assert!(state(&mut resumed) == expected, "resumed at {at}, threads {threads}");
            assert_eq!(resumed_net.w.array().to_bytes(), net.w.array().to_bytes());
        }
    }
}

#[test]
fn the_newest_snapshot_that_can_be_read_is_used() {
    let folder = Folder::new("newest");
    let start = || {
        let net = Net::new();
        let mut trainer = trainer(&net, iterations(6), &folder.0);
        trainer.extend(LogReport::new().every(iterations(1)));
        trainer.extend(snapshot().n_retains(3)).trigger(iterations(2));
        trainer
    };
    const FILE: &str = "snapshot_iter_{iteration}";
    assert!(start().resume(FILE).unwrap().is_none());
    start().run().unwrap();
    let path = |n: usize| folder.file(&format!("snapshot_iter_{n}"));
    let good = fs::read(path(6)).unwrap();
    fs::write(folder.file(".snapshot_iter_6.1-0.tmp"), &good[..100]).unwrap();

    // Cut short, or with any byte before the seal changed; without its seal a file is as good as one of Chainer's.
    const SEAL: usize = "kusari crc32 01234567".len();
    let changes =
        (0..good.len() - SEAL).step_by(good.len() / 50).chain(good.len() - SEAL - 30..good.len() - SEAL).map(|at| {
            let mut bytes = good.clone();
            bytes[at] ^= 0x10;
            bytes
        });
    for bytes in changes.chain([good[..good.len() / 2].to_vec(), Vec::new()]) {
        fs::write(path(6), bytes).unwrap();
        let mut resumed = start();
        let found = resumed.resume(FILE).unwrap().unwrap();
        assert_eq!((found.path, found.damaged.len(), resumed.progress().iteration), (path(4), 1, 4));
    }
    assert!(!folder.file(".snapshot_iter_6.1-0.tmp").exists());
    let mut resumed = start();
    resumed.resume(FILE).unwrap();
    resumed.run().unwrap();
    let (again, other) = (fs::read(path(6)).unwrap(), serializers::read_npz(path(6)).unwrap());
    for (key, value) in serializers::npz_from_bytes(&good, "good").unwrap() {
        assert_eq!(format!("{:?}", other.get(&key)), format!("{:?}", Some(value)), "{key}");
    }
    assert!(again == good, "a resumed run has other snapshots");
    let log = log_from_json(&fs::read_to_string(folder.file("log")).unwrap()).unwrap();
    assert_eq!(log.len(), 6);
    assert!(log.windows(2).all(|w| w[0].elapsed_time <= w[1].elapsed_time), "times do not go on");

    // Old ones go, those of before the resumption too.
    let mut more = trainer(&Net::new(), iterations(10), &folder.0);
    more.extend(LogReport::new().every(iterations(1)));
    more.extend(snapshot().n_retains(3)).trigger(iterations(2));
    more.resume(FILE).unwrap();
    more.run().unwrap();
    assert_eq!([2, 4, 6, 8, 10].map(|n| path(n).exists()), [false, false, true, true, true]);

    // Nothing that can be used: the training does not begin anew.
    [6, 8, 10].iter().for_each(|&n| fs::write(path(n), "x").unwrap());
    let message = start().resume(FILE).unwrap_err().to_string();
    assert!(message.contains("can be used; the newest: ") && message.contains("snapshot_iter_10"), "{message}");
}

#[test]
fn snapshots_of_any_name_are_found() {
    for (name, last) in
        [("snapshot", "snapshot"), ("e{epoch}.npz", "e3.npz"), ("all/e{epoch}_i{iteration}", "all/e3_i10")]
    {
        let folder = Folder::new("any-name");
        fs::create_dir_all(folder.file("all")).unwrap();
        let start = || {
            let mut trainer = trainer(&Net::new(), epochs(3), &folder.0);
            trainer.extend(Snapshot::new(name).n_retains(2));
            trainer
        };
        assert!(start().resume(name).unwrap().is_none());
        start().run().unwrap();
        let mut resumed = start();
        let found = resumed.resume(name).unwrap().expect("the snapshot is found");
        assert_eq!((found.path, resumed.progress().epoch), (folder.file(last), 3), "{name}");
    }
}

#[test]
fn a_model_without_shapes_resumes_too() {
    let drop = |x: &Variable| F::dropout(x, 0.5);
    let make = |out: &Path| {
        let model = L::Sequential::new().add(L::Linear::new(None, 5)).then(drop).add(L::Linear::new(None, 1));
        let mut opt = optimizers::MomentumSGD::new(0.05);
        opt.setup(&model);
        let loss = |model: &L::Sequential, batch: &Batch| {
            let e = model.forward(&batch.x) - Variable::constant(batch.t.array().expand_dims(1));
            F::sum_to(&(&e * &e), &[])
        };
        let updater = StandardUpdater::with_loss(SerialIterator::new(data(10), 3), opt, model.clone(), loss);
        let mut trainer = Trainer::new(updater, iterations(12), out);
        trainer.extend(snapshot()).trigger(ManualScheduleTrigger::new([5.0], Unit::Iteration));
        (trainer, model)
    };
    let folder = Folder::new("lazy");
    random::seed(4);
    let (mut whole, model) = make(&folder.0);
    whole.run().unwrap();
    random::seed(5);
    let (mut resumed, fresh) = make(&folder.file("resumed"));
    resumed.load(folder.file("snapshot_iter_5")).unwrap();
    resumed.run().unwrap();
    for ((path, a), (_, b)) in model.namedparams().iter().zip(fresh.namedparams()) {
        assert_eq!(a.array().to_bytes(), b.array().to_bytes(), "{path}");
    }
}
