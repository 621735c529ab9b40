//! Pictures: a folder with a sub-folder for each class becomes a trained network, and new pictures predictions.
//!
//! ```no_run
//! use kusari::images::{Lesson, Settings};
//! let model = Lesson::from_folder("photos", &Settings::default())?.run("result")?;
//! model.save("photos.safetensors")?;
//! # Ok::<(), kusari::Error>(())
//! ```

mod architecture;
mod augment;
mod lesson;
mod model;
mod picture;
mod pictures;
mod preprocess;
mod resize;
mod samples;
mod settings;
mod warp;

pub use architecture::{Architecture, Kind};
pub use augment::Augment;
pub use lesson::Lesson;
pub use model::ImageModel;
pub use picture::Picture;
pub use pictures::{Part, Pictures};
pub use preprocess::{Fit, Preprocessing};
pub use samples::Samples;
pub use settings::{Pace, Settings};
