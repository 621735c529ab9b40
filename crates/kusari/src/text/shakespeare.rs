//! The embedded text.

use flate2::read::GzDecoder;
use std::io::Read;

/// Plays by Shakespeare, 1,115,394 characters (public domain; as assembled in karpathy/char-rnn).
///
/// ```
/// assert!(kusari::text::get_shakespeare().starts_with("First Citizen:\n"));
/// ```
pub fn get_shakespeare() -> String {
    let mut text = String::new();
    let file = include_bytes!("../../assets/tinyshakespeare/input.txt.gz");
    GzDecoder::new(&file[..]).read_to_string(&mut text).expect("the embedded text is whole");
    text
}
