//! What reading and decoding pictures costs a training: with a folder of them.

use kusari::{
    Batch, Dataset, Result, functions as F,
    images::{Augment, Lesson, Part, Pictures, ReadOptions, Samples, Settings},
    iterators::{BatchIterator, MultithreadIterator},
    optimizers::AdamW,
    random, threads,
};
use std::{path::Path, sync::Arc, time::Instant};

/// Steps between two looks at the clock.
const STEPS: usize = 24;

/// Measures steps of the default cnn with data in memory and with files that are decoded meanwhile, and the time that
/// decoding a batch takes, in turn.
pub fn run(folder: &Path, rounds: Option<usize>, json: bool) -> Result<()> {
    let pictures = Arc::new(Pictures::read(folder, &ReadOptions { memory: 0, ..ReadOptions::default() })?);
    let lesson = Lesson::new(pictures.clone(), &Settings::default())?;
    let (model, batch) = (lesson.model(), lesson.pace().batch);
    let preprocessing = Arc::new(model.preprocessing().clone());
    let items = lesson.samples(Part::Train).items().to_vec();
    let samples = Samples::new(&pictures, items, &preprocessing, Augment::PHOTOS);
    let mut optimizer = AdamW::default();
    kusari::Optimizer::setup(&mut optimizer, model.network());
    let mut step = |batch: &Batch| {
        let loss = F::softmax_cross_entropy(&model.network().forward(&batch.x), &batch.t);
        kusari::Optimizer::minimize(&mut optimizer, loss);
    };
    random::seed(0);
    let cores = threads();
    let mut ahead = MultithreadIterator::new(samples.clone(), batch, cores);
    let mut next = || -> Result<Batch> {
        ahead.next_batch()?.ok_or_else(|| kusari::Error::Data("the iterator has come to its end".to_string()))
    };
    let ready: Vec<Batch> = (0..4).map(|_| next()).collect::<Result<_>>()?;
    ready.iter().for_each(&mut step);
    let (mut memory, mut decoding, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds.unwrap_or(5) {
        let start = Instant::now();
        (0..STEPS).for_each(|i| step(&ready[i % ready.len()]));
        memory.push(start.elapsed().as_secs_f64() / STEPS as f64);
        let start = Instant::now();
        for i in 0..STEPS {
            let indices: Vec<usize> = (0..batch).map(|k| ((round * STEPS + i) * batch + k) % samples.len()).collect();
            let keys: Vec<u64> = indices.iter().map(|&i| i as u64).collect();
            samples.draw_batch(&indices, &keys)?;
        }
        decoding.push(start.elapsed().as_secs_f64() / STEPS as f64);
        // What was read ahead before the clock starts is as much as is read ahead when it stops.
        let start = Instant::now();
        for _ in 0..STEPS {
            step(&next()?);
        }
        files.push(start.elapsed().as_secs_f64() / STEPS as f64);
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        1e3 * all[all.len() / 2]
    };
    let [memory, decoding, files] = [median(memory), median(decoding), median(files)];
    let sum = memory + decoding / cores as f64;
    let (n, size, ratio) = (pictures.len(), pictures.size(), files / sum);
    if json {
        crate::say!(
            "{{\"pictures\": {n}, \"size\": {size}, \"batch\": {batch}, \"cores\": {cores}, \"memory_ms\": {memory:.3}, \
             \"decoding_ms\": {decoding:.3}, \"files_ms\": {files:.3}, \"ratio\": {ratio:.4}}}"
        );
        return Ok(());
    }
    crate::say!("{n} pictures of {size} × {size}, batches of {batch}, {cores} threads; medians");
    crate::say!("a step with data in memory           {memory:>8.2} ms");
    crate::say!(
        "a batch read, decoded, changed       {decoding:>8.2} ms on one thread, {:.2} ms on each",
        decoding / cores as f64
    );
    crate::say!("a step with files decoded meanwhile  {files:>8.2} ms, {ratio:.3} of the sum of both");
    Ok(())
}
