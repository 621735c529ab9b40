//! Language models: texts as tokens, networks that predict the next one, and what they write.
//!
//! ```
//! use kusari::text::{Kind, Lesson, Settings};
//! let text = "abcabcabcabcabcabcabcabcabcabcabcabc".repeat(4);
//! let settings = Settings { width: Some(8), layers: Some(1), length: 8, iterations: 3, ..Settings::new(Kind::Lstm) };
//! let lesson = Lesson::new("abc", &text, &settings)?;
//! let folder = std::env::temp_dir().join("kusari-doc-text");
//! let model = lesson.run(&folder)?;
//! assert_eq!(model.generate("ab", &Default::default())?.len(), 200);
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), kusari::Error>(())
//! ```

mod generate;
mod input;
mod lesson;
mod model;
mod network;
mod pairs;
mod shakespeare;
mod sizes;
mod tokenizer;
mod tokens;
mod windows;

pub use generate::Generate;
pub use lesson::{Lesson, Settings, Source};
pub use model::{Measure, TextModel};
pub use network::{Network, Seen};
pub use shakespeare::get_shakespeare;
pub use sizes::{Kind, Sizes};
pub use tokenizer::Tokenizer;
pub use tokens::Tokens;
pub use windows::Windows;
