//! The kusari command.
fn main() {}
