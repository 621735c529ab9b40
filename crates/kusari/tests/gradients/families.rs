//! The rows, by family of functions; each family is a test.

use super::row::Row;

/// Registers the families: `rows()` of each module.
macro_rules! families {
    ($($family:ident),* $(,)?) => {
        $(mod $family;)*
        /// Name and rows of each family.
        pub const ALL: &[(&str, fn() -> Vec<Row>)] = &[$((stringify!($family), $family::rows)),*];
        $(#[test]
        fn $family() {
            super::check_all(stringify!($family), $family::rows());
        })*
    };
}
families! {
    activation,
    arithmetic,
    array,
    connection,
    contraction,
    pooling,
    product,
    reduction,
    elementwise,
    loss,
    normalization,
    sequence,
}
