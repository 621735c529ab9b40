//! Pictures: a folder with a sub-folder for each class becomes a trained network, and new pictures predictions.
//!
//! ```no_run
//! use kusari::images::{Lesson, Pictures, ReadOptions, Settings};
//! let pictures = Pictures::read("photos", &ReadOptions::default())?;
//! Lesson::new(pictures, &Settings::default())?.run("result")?.save("photos.safetensors")?;
//! let model = kusari::load("photos.safetensors")?.images()?;
//! let (files, predictions) = model.predict_files(&["new.jpg".into()], |notice| eprintln!("{notice}"))?;
//! println!("{}: {:?}", files[0].display(), predictions.class(0));
//! # Ok::<(), kusari::Error>(())
//! ```

mod architecture;
mod arrays;
mod augment;
mod decode;
mod exported;
mod folder;
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
pub use folder::{ReadOptions, files_below};
pub use lesson::Lesson;
pub use model::ImageModel;
pub use picture::Picture;
pub use pictures::{Part, Pictures};
pub use preprocess::{Fit, Preprocessing};
pub use samples::Samples;
pub use settings::{Pace, Settings};
