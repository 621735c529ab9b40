//! Files from strangers: damaged ones of every format end in a message, never in a panic, a hang, or more memory than
//! may be taken.
//!
//! Each format is mutated in a process of its own with limited memory. `KUSARI_MUTATIONS=100000 cargo test --release
//! -p kusari --test all hostile` tries as many of each.

#[path = "hostile/formats.rs"]
mod formats;
#[path = "hostile/mutation.rs"]
mod mutation;

use formats::Format;
use mutation::Mutator;
use std::{
    env,
    panic::{self, AssertUnwindSafe},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Tells a child process which format it is for.
const CHILD: &str = "KUSARI_HOSTILE";
/// Mutations of each format, unless `KUSARI_MUTATIONS` says otherwise.
const MUTATIONS: usize = 1500;
/// Seconds in which a small file must be read, unless `KUSARI_PATIENCE` says otherwise: it takes much less, but the clock
/// runs on where a process is stopped.
const PATIENCE: u64 = 20;
/// Kilobytes of address space that a child may have.
const MEMORY: usize = 6 << 20;

fn mutations() -> usize {
    env::var("KUSARI_MUTATIONS").map_or(MUTATIONS, |n| n.parse().expect("KUSARI_MUTATIONS is a number"))
}

fn patience() -> Duration {
    let seconds = env::var("KUSARI_PATIENCE").map(|n| n.parse().expect("KUSARI_PATIENCE is a number of seconds"));
    Duration::from_secs(seconds.unwrap_or(PATIENCE))
}

/// Reads mutated files in this process; ends with the first that panics.
fn attack(format: &Format) {
    kusari::set_max_memory(64 << 20);
    panic::set_hook(Box::new(|_| ()));
    let seeds = (format.seeds)();
    for seed in &seeds {
        assert!((format.read)(seed), "{}: what has not been changed is read", format.name);
    }
    let (mut accepted, mut slowest) = (0, Duration::ZERO);
    for number in 0..mutations() {
        let bytes = Mutator::new(number as u64).mutate(&seeds[number % seeds.len()], &seeds);
        let bytes = format.wrap.map_or_else(|| bytes.clone(), |wrap| wrap(&bytes));
        let start = Instant::now();
        match panic::catch_unwind(AssertUnwindSafe(|| (format.read)(&bytes))) {
            Ok(true) => accepted += 1,
            Ok(false) => {}
            Err(cause) => {
                let what = cause.downcast_ref::<String>().map(String::as_str);
                let what = what.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("?");
                println!("{}: mutation {number} of {} panicked: {what}", format.name, mutations());
                std::process::exit(1);
            }
        }
        slowest = slowest.max(start.elapsed());
        if slowest > patience() {
            println!("{}: mutation {number} took {slowest:?}", format.name);
            std::process::exit(1);
        }
    }
    let _ = std::fs::remove_dir_all(formats::folder());
    println!("{}: {} mutations, {accepted} still read, slowest {slowest:?}", format.name, mutations());
}

/// Starts a process with limited memory that attacks a format, and waits for it, not for ever.
fn in_child(name: &str) {
    let program = env::current_exe().expect("a test knows its program");
    let shell = format!("ulimit -v {MEMORY}; exec \"$0\" --exact hostile::child --nocapture");
    let mut child = Command::new("sh")
        .args(["-c", &shell])
        .arg(program)
        .env(CHILD, name)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell can be started");
    let end = Instant::now() + patience() * 3 + Duration::from_millis(20) * mutations() as u32;
    while child.try_wait().expect("a child can be waited for").is_none() {
        if Instant::now() > end {
            child.kill().expect("a child can be ended");
            panic!("{name}: reading hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("a child has an output");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}\n{text}\n{errors}", output.status);
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    println!("{line}");
}

/// Reads small files that claim to be large.
fn explode() {
    kusari::set_max_memory(64 << 20);
    let bombs = formats::bombs();
    for (name, bytes, wanted) in &bombs {
        let start = Instant::now();
        let format = formats::ALL.iter().find(|f| f.name == *name).expect("a format of this name");
        let message = (format.message)(bytes).unwrap_or_else(|| panic!("{name}: a bomb was read"));
        assert!(message.contains(wanted), "{name}: {message}");
        assert!(start.elapsed() < patience(), "{name}: {:?}", start.elapsed());
    }
    let _ = std::fs::remove_dir_all(formats::folder());
    println!("{BOMBS}: {} refused", bombs.len());
}
const BOMBS: &str = "bombs";

#[test]
fn child() {
    match env::var(CHILD).as_deref() {
        Err(_) => {}
        Ok(BOMBS) => explode(),
        Ok(name) => attack(formats::ALL.iter().find(|f| f.name == name).expect("a format of this name")),
    }
}

#[test]
fn damaged_files_end_in_a_message() {
    for format in formats::ALL {
        in_child(format.name);
    }
}

#[test]
fn declared_sizes_are_checked_before_memory_is_taken() {
    in_child(BOMBS);
}
