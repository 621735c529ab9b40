//! Counts and locks while the process has a single thread, and from then on when it has several: a program of its own,
//! because a test runner has threads from the start.

use kusari_array::{Flag, Handle, Lock, RwLock, Shared, Watched};
use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
};

/// How many values were dropped, and how many lost their last handle before.
static DROPPED: AtomicUsize = AtomicUsize::new(0);
static UNHELD: AtomicUsize = AtomicUsize::new(0);

struct Value(RwLock<(u64, u64)>, Lock<u64>, Flag);
impl Drop for Value {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, SeqCst);
    }
}
impl Watched for Value {
    fn unheld(&self) {
        UNHELD.fetch_add(1, SeqCst);
    }
}

/// Handles and references come and go, and what is locked is counted up.
fn work(handle: &Handle<Value>, shared: &Shared<Value>, rounds: u64) {
    for _ in 0..rounds {
        let (handle, shared) = (handle.clone(), shared.clone());
        let again = Handle::new(shared.clone());
        drop(handle);
        let mut pair = again.0.write();
        pair.0 += 1;
        pair.1 += 1;
        drop(pair);
        *again.1.lock() += 1;
        again.2.set(true);
        let pair = shared.0.read();
        assert!(pair.0 == pair.1 && again.2.get() && Shared::is_held(&shared));
    }
}

fn main() {
    let new = || Handle::build(|| Value(RwLock::new((0, 0)), Lock::new(0), Flag::default()), |_| ());
    let handle = new();
    let shared = handle.shared().clone();
    work(&handle, &shared, 1000);
    assert_eq!((Shared::references(&shared), *shared.0.read(), *shared.1.lock()), (2, (1000, 1000), 1000));
    // A reader keeps writers out, a writer everybody.
    let reading = shared.0.read();
    assert!(shared.0.try_write().is_none());
    drop(reading);
    assert!(shared.0.try_write().is_some_and(|_| shared.0.try_write().is_none()));
    // Guards and references that were made alone go while there are others.
    let (reading, locked) = (shared.0.read(), shared.1.lock());
    let waiting = {
        let (handle, shared) = (handle.clone(), shared.clone());
        thread::spawn(move || work(&handle, &shared, 1000))
    };
    drop((reading, locked));
    thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(|| work(&handle, &shared, 1000)))));
    waiting.join().expect("the work is done");
    assert_eq!((Shared::references(&shared), *shared.0.read(), *shared.1.lock()), (2, (5000, 5000), 5000));
    drop(handle);
    assert_eq!((UNHELD.load(SeqCst), DROPPED.load(SeqCst)), (1, 0));
    drop(shared);
    assert_eq!((UNHELD.load(SeqCst), DROPPED.load(SeqCst)), (1, 1));
    println!("test result: ok. 1 passed; 0 failed");
}
