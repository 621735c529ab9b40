//! Tables: rows of a CSV file become a trained network, and new rows predictions.
//!
//! ```no_run
//! use kusari::tables::{Lesson, Settings, Table};
//! let model = Lesson::new(&Table::read("iris.csv")?, &Settings::default())?.run("result")?;
//! model.save("iris.safetensors")?;
//! kusari::load("iris.safetensors")?.table()?.predict(&Table::read("new.csv")?)?.write_csv(&mut std::io::stdout()).unwrap();
//! # Ok::<(), kusari::Error>(())
//! ```

mod classes;
mod csv;
mod exported;
mod json;
mod lesson;
mod minibatches;
mod mistakes;
mod model;
mod network;
mod npz;
mod parquet;
mod parts;
mod predictions;
mod preprocess;
mod rows;
mod scores;
mod sections;
mod settings;
mod split;
mod stored;
mod table;
mod tally;
mod target;
mod words;

pub(crate) use json::Object;
pub(crate) use lesson::balanced_weights;
pub(crate) use npz::arrays as npz_arrays;
pub(crate) use split::stratified;
pub(crate) use table::listed;

pub use csv::{DateOrder, ReadOptions};
pub use lesson::Lesson;
pub use model::TableModel;
pub use network::Network;
pub use predictions::Predictions;
pub use preprocess::Preprocessor;
pub use rows::{Rows, shuffled_rows};
pub use scores::{ClassScores, Confusion, Errors, Scores};
pub use settings::{Pace, Settings, Task};
pub use split::share_of;
pub use stored::Stored;
pub use table::{Column, Kind, Table, Values};
pub use target::Target;
pub use words::{MISSING, Words};
