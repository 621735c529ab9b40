//! What a column may hold, by its first cells.

use super::{
    Kind, date,
    date::DateOrder,
    dialect::Row,
    number::{self, Style},
    scanner::is_missing,
};

/// What a column is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Want {
    /// It is not read.
    Skip,
    /// Numbers.
    Number(Style),
    /// Dates.
    Date(DateOrder),
    /// Texts.
    Text,
}

impl Want {
    /// Whether a cell that is not missing can be read so.
    pub fn accepts(self, cell: &[u8]) -> bool {
        match self {
            Want::Number(style) => number::parse(cell, style).is_some(),
            Want::Date(order) => date::parse(cell, order).is_some(),
            Want::Skip | Want::Text => true,
        }
    }
}

/// Whether fractions are set off by commas: more cells can only be read so than otherwise.
pub(super) fn decimal_comma(sample: &[Row]) -> bool {
    let count = |style| sample.iter().flatten().filter(|cell| number::only(cell, style)).count();
    count(Style::Comma) > count(Style::Point)
}

/// What a column can be read as, the best guess first; the last one accepts everything.
pub(super) fn candidates<'a>(
    cells: impl Iterator<Item = &'a [u8]>,
    forced: Option<Kind>,
    decimal_comma: bool,
) -> Vec<Want> {
    let cells: Vec<&[u8]> = cells.filter(|cell| !is_missing(cell)).collect();
    let styles = if decimal_comma { [Style::Comma, Style::Point] } else { [Style::Point, Style::Comma] };
    let numbers = styles.map(Want::Number);
    let accepted = |want: &Want| cells.iter().filter(|cell| want.accepts(cell)).count();
    match forced {
        Some(Kind::Text) => vec![Want::Text],
        Some(Kind::Date(order)) => vec![Want::Date(order)],
        // The usual style where both read as many.
        Some(Kind::Number) if accepted(&numbers[1]) > accepted(&numbers[0]) => vec![numbers[1]],
        Some(Kind::Number) => vec![numbers[0]],
        None => {
            let all = numbers.into_iter().chain(DateOrder::ALL.map(Want::Date)).chain([Want::Text]);
            // A tenth may be junk, which is counted when the whole column is read.
            let mut fitting: Vec<Want> = all.filter(|want| 10 * accepted(want) >= 9 * cells.len()).collect();
            fitting.sort_by_key(|want| std::cmp::Reverse(if *want == Want::Text { 0 } else { accepted(want) }));
            fitting
        }
    }
}
