//! Cells that are numbers.

use crate::tables::table::finite;

/// How the fraction is set off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// `1,234.5`.
    Point,
    /// `1.234,5`.
    Comma,
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// A plain number such as `-12.75` at the start of `bytes`, and its length; none where it is longer than a double holds
/// exactly, or written in another way.
#[inline]
pub(super) fn plain(bytes: &[u8], point: u8) -> Option<(f64, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative);
    let (mut mantissa, mut at, mut point_at) = (0u64, start, None);
    while let Some(&b) = bytes.get(at) {
        let digit = b.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if b == point && point_at.is_none() {
            point_at = Some(at);
        } else {
            break;
        }
        at += 1;
    }
    let digits = at - start - usize::from(point_at.is_some());
    // 15 digits are below 2⁵³, and one correctly rounded division is what the standard library computes, too.
    if digits == 0 || digits > 15 {
        return None;
    }
    let value = mantissa as f64 / POWERS[point_at.map_or(0, |p| at - p - 1)];
    Some((if negative { -value } else { value }, at))
}

/// The number that a cell says; infinite ones count as missing.
pub(super) fn parse(cell: &[u8], style: Style) -> Option<f64> {
    let (point, comma) = if style == Style::Point { (b'.', b',') } else { (b',', b'.') };
    if let Some((value, length)) = plain(cell, point)
        && length == cell.len()
    {
        return Some(value);
    }
    let text = std::str::from_utf8(cell).ok()?;
    let (text, brackets) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let (text, minus) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let text = text.trim_start_matches(['$', '€', '£', '¥']).trim_end_matches(['%', '€', '$', '£', '¥']).trim();
    if text.len() > 64 || !text.starts_with(|c: char| c.is_ascii_digit() || c == char::from(point)) {
        return None;
    }
    let (whole, fraction) = match text.split_once(char::from(point)) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut clean = String::with_capacity(text.len() + 1);
    let groups: Vec<&str> = whole.split([char::from(comma), '\'', '\u{a0}', '\u{202f}']).collect();
    let of_three = groups[1..].iter().all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit()));
    if groups.len() > 1 && !(of_three && (1..=3).contains(&groups[0].len())) {
        return None;
    }
    groups.iter().for_each(|g| clean.push_str(g));
    if let Some(fraction) = fraction {
        clean.push('.');
        clean.push_str(fraction);
    }
    let value: f64 = clean.parse().ok()?;
    Some(finite(if minus != brackets { -value } else { value }))
}

/// Whether a cell is a fraction that only this style can have written, such as `1,5`.
pub(super) fn only(cell: &[u8], style: Style) -> bool {
    let other = if style == Style::Point { Style::Comma } else { Style::Point };
    parse(cell, style).is_some() && parse(cell, other).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        for text in [
            "0",
            "-0",
            "1",
            "12.5",
            "-3.25",
            "0.1",
            "123456789012345",
            "1.7976931348623157e308",
            "5e-324",
            "3.141592653589793238",
            "100000000000000000000000",
            ".5",
            "5.",
        ] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(parse(text.as_bytes(), Style::Point).map(f64::to_bits), Some(expected.to_bits()), "{text}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [
            ("1,234.5", Style::Point, Some(1234.5)),
            ("1.234,5", Style::Comma, Some(1234.5)),
            ("-7,25", Style::Comma, Some(-7.25)),
            ("$1,200", Style::Point, Some(1200.0)),
            ("12 %", Style::Point, Some(12.0)),
            ("(5)", Style::Point, Some(-5.0)),
            ("+4e2", Style::Point, Some(400.0)),
            ("1,23", Style::Point, None),
            ("12,34,567", Style::Point, None),
            ("1.2.3", Style::Point, None),
            ("infinity", Style::Point, None),
            ("nan", Style::Point, None),
            ("0x10", Style::Point, None),
            ("", Style::Point, None),
            ("-", Style::Point, None),
            ("2020-01-01", Style::Point, None),
        ];
        for (text, style, expected) in cases {
            assert_eq!(parse(text.as_bytes(), style), expected, "{text}");
        }
        assert!(parse(b"1e999", Style::Point).unwrap().is_nan());
    }
}
