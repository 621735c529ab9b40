//! Options that are numbers, and the messages about those that are not.

use clap::{
    Arg, ArgMatches,
    builder::{PossibleValuesParser, TypedValueParser},
    value_parser,
};
use kusari::DType;
use std::{ops::RangeInclusive, str::FromStr};

/// An option `--name VALUE`.
pub fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// An option that is a whole number within `range`.
pub fn count(name: &'static str, value: &'static str, range: RangeInclusive<u64>, help: &'static str) -> Arg {
    let parser = value_parser!(u64).range(range).map(|n| n as usize);
    option(name, value, help).value_parser(parser)
}

/// An option that is a finite number; negative ones need no special care.
pub fn number(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    option(name, value, help).allow_negative_numbers(true).value_parser(finite)
}

/// An option that is a positive number.
pub fn positive(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    number(name, value, help).value_parser(|text: &str| match finite(text)? {
        v if v > 0.0 => Ok(v),
        _ => Err("expected a number above 0".to_string()),
    })
}

/// An option that is a share from 0 to below 1.
pub fn share(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    number(name, value, help).value_parser(|text: &str| match finite(text)? {
        v if (0.0..1.0).contains(&v) => Ok(v),
        _ => Err("expected a number from 0 to below 1".to_string()),
    })
}

/// The option `--dtype`.
pub fn dtype(help: &'static str) -> Arg {
    option("dtype", "NAME", help).value_parser(PossibleValuesParser::new(["f32", "bf16"]))
}

/// What `--dtype` says.
pub fn dtype_of(arguments: &ArgMatches) -> Option<DType> {
    get::<String>(arguments, "dtype").map(|name| if name == "bf16" { DType::BF16 } else { DType::F32 })
}

/// A finite number, or what is wrong with it.
pub fn finite(text: &str) -> Result<f64, String> {
    match f64::from_str(text.trim()) {
        Ok(v) if v.is_finite() => Ok(v),
        _ => Err("expected a number such as 0.1 or 1e-3".to_string()),
    }
}

/// How much memory the contents of a file may take, in bytes: a number with or without a unit.
pub fn max_memory() -> Arg {
    let help = "The most memory that data may take, such as 4GB; what does not fit is read from files [default: half of the machine's]";
    option("max-memory", "SIZE", help).global(true).value_parser(size)
}

/// A number of bytes, such as `500MB` or `2GiB`.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len()));
    let (base, power) = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => (1f64, 0),
        "k" | "kb" => (1e3, 1),
        "m" | "mb" => (1e3, 2),
        "g" | "gb" => (1e3, 3),
        "t" | "tb" => (1e3, 4),
        "kib" => (1024.0, 1),
        "mib" => (1024.0, 2),
        "gib" => (1024.0, 3),
        "tib" => (1024.0, 4),
        _ => (f64::NAN, 0),
    };
    match finite(number).map(|n| n * base.powi(power)) {
        Ok(bytes) if (1.0..1e18).contains(&bytes) => Ok(bytes as u64),
        _ => Err("expected a size such as 500MB or 2GiB".to_string()),
    }
}

/// The value of an option that has a parser, if it was given or has a default.
pub fn get<T: Clone + Send + Sync + 'static>(arguments: &ArgMatches, name: &str) -> Option<T> {
    arguments.get_one::<T>(name).cloned()
}
