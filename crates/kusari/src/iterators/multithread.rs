//! Batches read ahead by worker threads.

use super::{
    BatchIterator,
    order::{OrderSampler, Sampler},
    position::{Position, Samples},
    serial::{answers, settings},
};
use crate::{Config, Dataset, Error, Result, config, dataset::BatchOf, serializers::Serializer};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// [`SerialIterator`](super::SerialIterator) whose batches are read ahead by worker threads: the same batches in the
/// same order.
///
/// Its position, also in a snapshot, is that of the batches given. A panic while a sample is read becomes an error.
pub struct MultithreadIterator<D: Dataset + 'static> {
    dataset: Arc<D>,
    batch_size: usize,
    threads: usize,
    prefetch: usize,
    /// Where the batches given so far end.
    position: Position,
    /// Batches that have been asked for.
    pending: VecDeque<Pending<BatchOf<D>>>,
    workers: Option<Workers<BatchOf<D>>>,
}

struct Pending<B> {
    /// Where the iterator is when this batch has been given.
    after: Position,
    batch: Receiver<Result<B>>,
}

impl<D: Dataset + 'static> MultithreadIterator<D> {
    /// Batches of `batch_size` samples of `dataset`, read by `threads` threads.
    ///
    /// # Panics
    /// When `batch_size` or `threads` is 0.
    #[track_caller]
    pub fn new(dataset: D, batch_size: usize, threads: usize) -> MultithreadIterator<D> {
        assert!(batch_size > 0, "MultithreadIterator: expected a batch size of at least 1, got 0");
        assert!(threads > 0, "MultithreadIterator: expected at least 1 thread, got 0");
        let dataset = Arc::new(dataset);
        let position = Position::new(dataset.len(), super::draw_seed());
        let pending = VecDeque::new();
        MultithreadIterator { dataset, batch_size, threads, prefetch: 2 * threads, position, pending, workers: None }
    }
    settings!();
    /// How many batches are read ahead at most. Default: two a thread.
    pub fn prefetch(mut self, batches: usize) -> Self {
        self.prefetch = batches.max(1);
        self
    }
    /// Forgets what was read ahead.
    fn discard(&mut self) {
        self.pending.clear();
        if let Some(workers) = &self.workers {
            workers.queue.lock().jobs.clear();
        }
    }
    /// Asks for batches until enough are on the way.
    fn ask(&mut self) -> Result<()> {
        let workers = match &self.workers {
            Some(workers) => workers,
            None => self.workers.insert(Workers::start(&self.dataset, self.threads)?),
        };
        while self.pending.len() < self.prefetch {
            let mut after = self.pending.back().map_or(&self.position, |last| &last.after).clone();
            let Some(samples) = after.advance(self.batch_size) else { break };
            let (reply, batch) = sync_channel(1);
            workers.queue.push(Job { samples, config: config(), reply });
            self.pending.push_back(Pending { after, batch });
        }
        Ok(())
    }
}

impl<D: Dataset + 'static> BatchIterator for MultithreadIterator<D> {
    type Batch = BatchOf<D>;
    fn next_batch(&mut self) -> Result<Option<BatchOf<D>>> {
        self.ask()?;
        let Some(Pending { after, batch }) = self.pending.pop_front() else { return Ok(None) };
        let died = || Err(Error::state("MultithreadIterator", "a worker thread died"));
        match batch.recv().unwrap_or_else(|_| died()) {
            Ok(batch) => {
                self.position = after;
                Ok(Some(batch))
            }
            Err(e) => {
                self.discard();
                Err(e)
            }
        }
    }
    answers!(position);
    fn reset(&mut self) {
        self.discard();
        self.position.reset();
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        if s.loading() {
            self.discard();
        }
        self.position.serialize(s)
    }
}

/// A batch to read.
struct Job<B> {
    samples: Samples,
    /// The settings of the thread that asked.
    config: Config,
    reply: SyncSender<Result<B>>,
}

struct Queue<B> {
    state: Mutex<QueueState<B>>,
    changed: Condvar,
}
struct QueueState<B> {
    jobs: VecDeque<Job<B>>,
    closed: bool,
}

impl<B> Queue<B> {
    fn lock(&self) -> std::sync::MutexGuard<'_, QueueState<B>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn push(&self, job: Job<B>) {
        self.lock().jobs.push_back(job);
        self.changed.notify_one();
    }
    /// The next job; `None` once the queue is closed.
    fn next(&self) -> Option<Job<B>> {
        let waiting = |state: &mut QueueState<B>| state.jobs.is_empty() && !state.closed;
        let mut state = self.changed.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        if state.closed { None } else { state.jobs.pop_front() }
    }
}

struct Workers<B> {
    queue: Arc<Queue<B>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl<B: Send + 'static> Workers<B> {
    fn start<D>(dataset: &Arc<D>, n: usize) -> Result<Workers<B>>
    where
        D: Dataset + 'static,
        D::Item: crate::dataset::Example<Batch = B>,
    {
        let state = Mutex::new(QueueState { jobs: VecDeque::new(), closed: false });
        let mut workers = Workers { queue: Arc::new(Queue { state, changed: Condvar::new() }), threads: Vec::new() };
        for i in 0..n {
            let (queue, dataset) = (workers.queue.clone(), dataset.clone());
            let thread = thread::Builder::new().name(format!("kusari-loader-{i}")).spawn(move || {
                // The processors belong to the training; a loader must not wait for its threads either.
                kusari_array::parallel::serially(|| work(&queue, &*dataset))
            });
            workers.threads.push(thread.map_err(|e| Error::state("MultithreadIterator", e))?);
        }
        Ok(workers)
    }
}

fn work<D: Dataset>(queue: &Queue<BatchOf<D>>, dataset: &D) {
    while let Some(Job { samples, config, reply }) = queue.next() {
        let _settings = config.install();
        let batch = catch_unwind(AssertUnwindSafe(|| samples.read(dataset)));
        let panicked = |cause: Box<dyn std::any::Any + Send>| {
            let text = crate::training::panic_message(&*cause);
            Err(Error::Data(format!("a panic while the samples {} were read: {text}", shorten(&samples.indices))))
        };
        // Nobody waits any more when the iterator was reset or dropped.
        let _ = reply.send(batch.unwrap_or_else(panicked));
    }
}

fn shorten(indices: &[usize]) -> String {
    match indices {
        [a, b, c, d, ..] => format!("{a}, {b}, {c}, {d}, …"),
        few => few.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    }
}

impl<B> Drop for Workers<B> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.closed = true;
        state.jobs.clear();
        drop(state);
        self.queue.changed.notify_all();
        // Whoever is stuck in a user's code is left behind: stopping must not hang.
        let deadline = Instant::now() + Duration::from_secs(1);
        while Instant::now() < deadline && !self.threads.iter().all(thread::JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
