//! Foreign decoders: what makes one of them panic is a damaged file, and becomes a message.

use crate::training::panic_message;
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is decoding a file: a panic there becomes an error, and need not be reported as a mistake.
pub fn is_decoding() -> bool {
    DECODING.get()
}

/// Runs a decoder; a panic becomes the message that `what` is damaged.
pub(crate) fn decode<T>(what: &str, decoder: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let before = DECODING.replace(true);
    let decoded = catch_unwind(AssertUnwindSafe(decoder));
    DECODING.set(before);
    decoded.unwrap_or_else(|cause| Err(format!("{what} is damaged: {}", panic_message(&*cause))))
}
