//! The options that give workloads other shapes.

use crate::options;
use clap::{Arg, ArgMatches};

const NAMES: [&str; 6] = ["batch", "channels", "size", "length", "width", "elements"];

/// What was asked for; a workload has its own default for the rest.
#[derive(Clone, Copy, Default)]
pub struct Shape {
    pub batch: Option<usize>,
    pub channels: Option<usize>,
    pub size: Option<[usize; 2]>,
    pub length: Option<usize>,
    pub width: Option<usize>,
    pub elements: Option<usize>,
}

impl Shape {
    pub fn new(arguments: &ArgMatches) -> Shape {
        let count = |name| options::get::<usize>(arguments, name);
        Shape {
            batch: count("batch"),
            channels: count("channels"),
            size: options::get(arguments, "size"),
            length: count("length"),
            width: count("width"),
            elements: count("elements"),
        }
    }
}

/// The options.
pub fn arguments() -> [Arg; 6] {
    const ANY: std::ops::RangeInclusive<u64> = 1..=1_000_000_000;
    let [batch, channels, size, length, width, elements] = NAMES;
    [
        options::count(batch, "N", ANY, "Samples in a step"),
        options::count(
            channels,
            "N",
            ANY,
            "Channels of the first convolution; the others have two and four times as many",
        ),
        options::option(size, "HxW", "Height and width of the images").value_parser(height_width),
        options::count(length, "N", ANY, "Length of the sequences"),
        options::count(width, "N", ANY, "Units in a hidden layer"),
        options::count(elements, "N", ANY, "Elements"),
    ]
}

fn height_width(text: &str) -> Result<[usize; 2], String> {
    let sizes: Vec<usize> = text.split('x').filter_map(|part| part.parse().ok().filter(|n| *n > 0)).collect();
    sizes.try_into().map_err(|_| "expected height and width such as 31x33".to_string())
}

/// The options that were given, with their text.
pub fn given(arguments: &ArgMatches) -> Vec<(&'static str, String)> {
    let text = |name: &'static str| {
        let value = arguments.get_raw(name)?.next()?;
        Some((name, value.to_string_lossy().into_owned()))
    };
    NAMES.into_iter().filter_map(text).collect()
}
