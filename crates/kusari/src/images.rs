//! Pictures with their classes become a trained network, and new pictures predictions.
//!
//! ```no_run
//! use kusari::{datasets::{Images, get_mnist}, images::{Lesson, Pictures, Settings}};
//! let (train, test) = get_mnist(Images { ndim: 2, scale: 255.0, ..Images::default() });
//! let model = Lesson::new(Pictures::from_digits("mnist", &train, &test)?, &Settings::default())?.run("result")?;
//! model.save("digits.safetensors")?;
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
