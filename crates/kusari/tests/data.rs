//! Datasets and iterators.

use kusari::{
    Array, Batch, Dataset, Error, Result, Variable, Whole, array, concat_examples, concat_examples_padded,
    datasets::*,
    iterators::*,
    random,
    serializers::{LoadOptions, Serializer, collect, restore},
};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

fn numbers(n: usize) -> Vec<i32> {
    (0..n as i32).collect()
}
fn values(batch: &Variable) -> Vec<i32> {
    batch.array().to_vec::<i32>()
}

#[test]
fn examples_become_batches() {
    let batch = concat_examples(vec![(array![1.0f32, 2.0], 3i32), (array![4.0f32, 5.0], 6)]).unwrap();
    assert_eq!(**batch.x.shape(), [2, 2]);
    assert_eq!((batch.x.array().to_vec::<f32>(), values(&batch.t)), (vec![1.0, 2.0, 4.0, 5.0], vec![3, 6]));
    let (a, b, c) = concat_examples(vec![(1usize, true, 2.0f64)]).unwrap();
    assert_eq!([a.dtype().name(), b.dtype().name(), c.dtype().name()], ["int64", "bool", "float64"]);
    let padded = concat_examples_padded(vec![array![1i32], array![2i32, 3]], -1.0).unwrap();
    assert_eq!(values(&padded), [1, -1, 2, 3]);
    assert_eq!(concat_examples(vec![Whole("a"), Whole("b")]).unwrap(), ["a", "b"]);
}

#[test]
fn messages_of_examples_that_do_not_fit() {
    let message = |examples: Vec<Array>| concat_examples(examples).map_or_else(|e| e.to_string(), |_| String::new());
    assert_eq!(message(vec![]), "concat_examples: expected at least one example, got none");
    assert_eq!(
        message(vec![array![1i32], array![2i32, 3]]),
        "concat_examples: expected arrays of one shape, got (1,) and (2,) (concat_examples_padded fills them up)"
    );
    assert_eq!(
        message(vec![array![1i32], array![2.0f32]]),
        "concat_examples: expected arrays of one dtype and number of axes, got int32 of shape (1,) and float32 of shape (1,)"
    );
    assert_eq!(numbers(3).get(3).unwrap_err().to_string(), "Vec: expected a sample's number below 3, got 3");
}

#[test]
fn datasets_made_of_others() {
    let x = array![[0.0f32, 1.0], [2.0, 3.0], [4.0, 5.0]];
    let pairs = TupleDataset::new(x.clone(), array![7i32, 8, 9]);
    let (sample, label) = pairs.get(2).unwrap();
    assert_eq!((sample.to_vec::<f32>(), label.item()), (vec![4.0, 5.0], 9.0));
    let Batch { x: batch, t } = pairs.batch(&[1, 1, 0]).unwrap();
    assert_eq!((batch.array().to_vec::<f32>(), values(&t)), (vec![2.0, 3.0, 2.0, 3.0, 0.0, 1.0], vec![8, 8, 7]));
    let slow = TupleDataset::new(vec![0.5f32, 1.5, 2.5], numbers(3));
    assert_eq!(slow.batch(&[2]).unwrap().x.array().to_vec::<f32>(), [2.5]);
    let triple = TupleDataset::from((x.clone(), numbers(3), numbers(3)));
    assert_eq!(values(&triple.batch(&[2, 1]).unwrap().2), [2, 1]);

    let named = DictDataset::new([("x", x.clone()), ("t", array![7i32, 8, 9])]);
    assert_eq!(values(&named.batch(&[2]).unwrap()["t"]), [9]);
    assert_eq!(named.get(0).unwrap()["x"].to_vec::<f32>(), [0.0, 1.0]);

    let sub = SubDataset::new(numbers(10), vec![9, 3]);
    assert_eq!((sub.len(), sub.get(0).unwrap(), values(&sub.batch(&[1, 0]).unwrap())), (2, 9, vec![3, 9]));
    let doubled = TransformDataset::new(numbers(4), |v| 2 * v);
    assert_eq!(values(&doubled.batch(&[3, 0]).unwrap()), [6, 0]);
    let joined = ConcatenatedDataset::new([numbers(2), numbers(0), numbers(3)]);
    assert_eq!((joined.len(), values(&joined.batch(&[1, 2, 4]).unwrap())), (5, vec![1, 0, 2]));
    let boxed: Vec<Box<dyn Dataset<Item = i32>>> = vec![Box::new(numbers(1)), Box::new(doubled)];
    assert_eq!(ConcatenatedDataset::new(boxed).get(4).unwrap(), 6);
    let sentences = PaddedDataset::new(vec![array![1i32], array![2i32, 3]], 0.0);
    assert_eq!(values(&sentences.batch(&[0, 1]).unwrap()), [1, 0, 2, 3]);
}

#[test]
fn splits_cover_everything_once() {
    let all: BTreeSet<usize> = (0..10).collect();
    let of =
        |parts: &[&SubDataset<Vec<i32>>]| -> Vec<usize> { parts.iter().flat_map(|p| p.indices().to_vec()).collect() };
    let (a, b) = split_dataset(numbers(10), 7);
    assert_eq!(of(&[&a, &b]), (0..10).collect::<Vec<_>>());
    let (a, b) = split_dataset_random(numbers(10), 7, 3);
    assert_eq!((a.len(), of(&[&a, &b]).into_iter().collect::<BTreeSet<_>>()), (7, all.clone()));
    assert_eq!(a.indices(), split_dataset_random(numbers(10), 7, 3).0.indices());
    assert_ne!(a.indices(), split_dataset_random(numbers(10), 7, 4).0.indices());
    assert_eq!(split_dataset_n(numbers(10), 3).iter().map(Dataset::len).collect::<Vec<_>>(), [3, 3, 3]);
    assert_eq!(split_dataset_n_random(numbers(10), 2, 0).len(), 2);
    for folds in
        [get_cross_validation_datasets(numbers(10), 3), get_cross_validation_datasets_random(numbers(10), 3, 1)]
    {
        let validation: Vec<usize> = folds.iter().flat_map(|(_, v)| v.indices().to_vec()).collect();
        assert_eq!((validation.len(), validation.into_iter().collect::<BTreeSet<_>>()), (10, all.clone()));
        for (train, valid) in &folds {
            assert_eq!(of(&[train, valid]).into_iter().collect::<BTreeSet<_>>(), all);
        }
    }
}

#[test]
fn serial_iterator_counts_epochs_as_chainer_does() {
    let mut it = SerialIterator::new(numbers(5), 2).shuffle(false);
    let mut seen = Vec::new();
    for _ in 0..5 {
        let batch = values(&it.next_batch().unwrap().unwrap());
        seen.push((batch, it.epoch(), it.is_new_epoch(), it.epoch_detail(), it.previous_epoch_detail().unwrap()));
    }
    let expected = [
        (vec![0, 1], 0, false, 0.4, 0.0),
        (vec![2, 3], 0, false, 0.8, 0.4),
        (vec![4, 0], 1, true, 1.2, 0.8),
        (vec![1, 2], 1, false, 1.6, 1.2),
        (vec![3, 4], 2, true, 2.0, 1.6),
    ];
    assert_eq!(seen, expected);
    let mut once = SerialIterator::new(numbers(5), 2).once();
    let sizes: Vec<usize> = std::iter::from_fn(|| once.next_batch().unwrap()).map(|b| b.len()).collect();
    assert_eq!((sizes, once.last_len()), (vec![2, 2, 1], 1));
    once.reset();
    assert_eq!(values(&once.next_batch().unwrap().unwrap()), [0, 1]);
    // A batch larger than the dataset runs through it several times.
    let mut large = SerialIterator::new(numbers(2), 5).shuffle(false);
    assert_eq!(values(&large.next_batch().unwrap().unwrap()), [0, 1, 0, 1, 0]);
    assert_eq!(large.epoch(), 2);
    assert!(SerialIterator::new(numbers(0), 5).next_batch().unwrap().is_none());
}

#[test]
fn shuffling_is_new_in_every_epoch_and_depends_on_the_seed() {
    let order = |seed: u64| -> Vec<Vec<i32>> {
        SerialIterator::new(numbers(20), 20).seed(seed).epochs(3).map(|b| values(&b)).collect()
    };
    let first = order(1);
    assert!(first[0] != first[1] && first[1] != first[2] && first == order(1) && first != order(2));
    for epoch in first {
        assert_eq!(epoch.into_iter().collect::<BTreeSet<_>>().len(), 20);
    }
    random::seed(5);
    let a: Vec<i32> = values(&SerialIterator::new(numbers(9), 9).next_batch().unwrap().unwrap());
    random::seed(5);
    assert_eq!(a, values(&SerialIterator::new(numbers(9), 9).next_batch().unwrap().unwrap()));
    let backwards = |n: usize, _: u64, _: usize| -> Vec<usize> { (0..n).rev().collect() };
    let mut it = SerialIterator::new(numbers(3), 2).order_sampler(backwards);
    assert_eq!(values(&it.next_batch().unwrap().unwrap()), [2, 1]);
}

fn resumes<I: BatchIterator<Batch = Variable>>(make: impl Fn() -> I) {
    let mut whole = make();
    let mut all = Vec::new();
    let mut states = Vec::new();
    for _ in 0..17 {
        states.push(collect(|s| whole.serialize(s)).unwrap());
        all.push(values(&whole.next_batch().unwrap().unwrap()));
    }
    for (i, state) in states.iter().enumerate() {
        let mut resumed = make();
        resumed.next_batch().unwrap();
        restore(state, Path::new("state"), &LoadOptions::default(), |s| resumed.serialize(s)).unwrap();
        for expected in &all[i..] {
            assert_eq!(values(&resumed.next_batch().unwrap().unwrap()), *expected);
        }
    }
}

#[test]
fn iterators_resume_where_they_were() {
    // Another seed than that of the snapshot: the snapshot's must win.
    let seed = AtomicUsize::new(0);
    let next = || seed.fetch_add(1, Ordering::SeqCst) as u64;
    resumes(|| SerialIterator::new(numbers(7), 3).seed(next()));
    resumes(|| MultithreadIterator::new(numbers(7), 3, 2).seed(next()));
}

#[test]
fn random_changes_depend_on_seed_epoch_and_sample() {
    let augmented = || {
        let noisy = AugmentedDataset::new(numbers(7), |x, random| x as f64 + random.next_f64());
        let twice = AugmentedDataset::new(noisy, |x, random| x + 100.0 * random.next_f64());
        let doubled = TransformDataset::new(twice, |x| 2.0 * x);
        let all = ConcatenatedDataset::new([SubDataset::new(doubled, vec![6, 5, 4, 3, 2, 1, 0])]);
        PaddedDataset::new(TupleDataset::new(numbers(7), all), 0.0)
    };
    type Seen = Vec<(i32, f64)>;
    let read = |batch: Batch| -> Seen { values(&batch.x).into_iter().zip(batch.t.array().to_vec::<f64>()).collect() };
    let run = |it: &mut dyn BatchIterator<Batch = Batch>, n: usize| -> Seen {
        (0..n).flat_map(|_| read(it.next_batch().unwrap().unwrap())).collect()
    };
    let all = run(&mut SerialIterator::new(augmented(), 3).seed(4), 14);
    assert_eq!(all, run(&mut MultithreadIterator::new(augmented(), 3, 3).seed(4), 14));
    assert_ne!(all, run(&mut SerialIterator::new(augmented(), 3).seed(5), 14));
    // Another batch size: the same changes. A new epoch: new ones; no two samples share theirs.
    assert_eq!(all, run(&mut SerialIterator::new(augmented(), 7).seed(4), 6));
    let parts: BTreeSet<u64> = all.iter().map(|(i, v)| (v / 2.0 - (6 - i) as f64).to_bits()).collect();
    assert_eq!(parts.len(), 42);
    let mut first = SerialIterator::new(augmented(), 3).seed(4);
    let before = run(&mut first, 5);
    let state = collect(|s| first.serialize(s)).unwrap();
    let mut resumed = MultithreadIterator::new(augmented(), 3, 2).seed(9);
    restore(&state, Path::new("state"), &LoadOptions::default(), |s| resumed.serialize(s)).unwrap();
    assert_eq!(all, [before, run(&mut resumed, 9)].concat());
}

#[test]
fn a_position_that_does_not_fit_is_refused() {
    let mut it = SerialIterator::new(numbers(7), 3).seed(0);
    it.next_batch().unwrap();
    let state = collect(|s| it.serialize(s)).unwrap();
    let load = |n: usize| {
        let mut small = SerialIterator::new(numbers(n), 3).seed(0);
        let mut load = |s: &mut dyn Serializer| -> Result<()> { small.serialize(s) };
        restore(&state, Path::new("state.npz"), &LoadOptions::default(), &mut load)
    };
    assert!(load(7).is_ok());
    assert!(
        load(4).unwrap_err().to_string().starts_with("state.npz: 'order': expected samples' numbers below 4, got ")
    );
}

#[test]
fn multithread_gives_what_serial_gives() {
    for threads in [1, 3] {
        let mut serial = SerialIterator::new(numbers(23), 4).seed(9);
        let mut threaded = MultithreadIterator::new(numbers(23), 4, threads).seed(9).prefetch(5);
        for _ in 0..40 {
            let (a, b) = (serial.next_batch().unwrap().unwrap(), threaded.next_batch().unwrap().unwrap());
            assert_eq!(values(&a), values(&b));
            assert_eq!(
                (serial.epoch_detail(), serial.is_new_epoch(), serial.previous_epoch_detail()),
                (threaded.epoch_detail(), threaded.is_new_epoch(), threaded.previous_epoch_detail())
            );
        }
    }
    let mut once = MultithreadIterator::new(numbers(5), 2, 2).once();
    for _ in 0..2 {
        let all: Vec<i32> = std::iter::from_fn(|| once.next_batch().unwrap()).flat_map(|b| values(&b)).collect();
        assert_eq!(all, numbers(5));
        once.reset();
    }
}

struct Fragile(Arc<AtomicUsize>);
impl Dataset for Fragile {
    type Item = i32;
    fn len(&self) -> usize {
        6
    }
    fn get(&self, index: usize) -> Result<i32> {
        match index {
            3 if self.0.fetch_add(1, Ordering::SeqCst) == 0 => panic!("sample three is broken"),
            5 => Err(Error::Data("sample five is missing".into())),
            _ => Ok(index as i32),
        }
    }
}

#[test]
fn a_panic_in_a_worker_is_an_error_and_can_be_tried_again() {
    let mut it = MultithreadIterator::new(Fragile(Arc::default()), 2, 2).once();
    assert_eq!(values(&it.next_batch().unwrap().unwrap()), [0, 1]);
    let message = it.next_batch().unwrap_err().to_string();
    assert_eq!(message, "a panic while the samples 2, 3 were read: sample three is broken");
    assert_eq!(values(&it.next_batch().unwrap().unwrap()), [2, 3]);
    assert_eq!(it.next_batch().unwrap_err().to_string(), "sample five is missing");
}

struct Slow;
impl Dataset for Slow {
    type Item = i32;
    fn len(&self) -> usize {
        100
    }
    fn get(&self, index: usize) -> Result<i32> {
        std::thread::sleep(Duration::from_secs(if index == 0 { 0 } else { 3600 }));
        Ok(0)
    }
}

#[test]
fn stopping_does_not_wait_for_a_stuck_worker() {
    let mut it = MultithreadIterator::new(Slow, 1, 2).once();
    it.next_batch().unwrap();
    let start = Instant::now();
    drop(it);
    assert!(start.elapsed() < Duration::from_secs(30));
}
