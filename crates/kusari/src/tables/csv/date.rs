//! Cells that are dates.

/// The order of day, month and year in a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DateOrder {
    /// `2024-12-31`.
    Ymd,
    /// `31.12.2024`.
    Dmy,
    /// `12/31/2024`.
    Mdy,
}

impl DateOrder {
    /// All orders, the clearest first.
    pub(super) const ALL: [DateOrder; 3] = [DateOrder::Ymd, DateOrder::Dmy, DateOrder::Mdy];
    /// The name in a model file.
    pub(in crate::tables) fn name(self) -> &'static str {
        match self {
            DateOrder::Ymd => "ymd",
            DateOrder::Dmy => "dmy",
            DateOrder::Mdy => "mdy",
        }
    }
    /// The order of this name.
    pub(in crate::tables) fn named(name: &str) -> Option<DateOrder> {
        DateOrder::ALL.into_iter().find(|o| o.name() == name)
    }
}

/// Days since 1970-01-01 of a date, with the time of the day as a fraction where there is one.
pub(super) fn parse(cell: &[u8], order: DateOrder) -> Option<f64> {
    let (a, rest) = digits(cell)?;
    let (&separator, rest) = rest.split_first().filter(|(s, _)| matches!(s, b'-' | b'/' | b'.'))?;
    let (b, rest) = digits(rest)?;
    let (_, rest) = rest.split_first().filter(|&(&s, _)| s == separator)?;
    let (c, rest) = digits(rest)?;
    let ((year, wide), month, day) = match order {
        DateOrder::Ymd => (a, b.0, c.0),
        DateOrder::Dmy => (c, b.0, a.0),
        DateOrder::Mdy => (c, a.0, b.0),
    };
    // Two digits are a year only at the end, and then of the nearer century.
    let year = match wide {
        4 => year,
        2 if order != DateOrder::Ymd => year + if year < 70 { 2000 } else { 1900 },
        _ => return None,
    };
    if !(1..=12).contains(&month) || !(1..=month_length(year, month)).contains(&day) {
        return None;
    }
    Some(days(year, month, day) as f64 + time(rest)?)
}

/// The number at the start, with its number of digits (at most 4), and what follows.
fn digits(text: &[u8]) -> Option<((i64, usize), &[u8])> {
    let n = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=4).contains(&n) {
        return None;
    }
    let value = text[..n].iter().fold(0, |v, b| 10 * v + i64::from(b - b'0'));
    Some(((value, n), &text[n..]))
}

/// The fraction of a day in `T12:30`, ` 12:30:15.5Z` or nothing; the offset of a time zone is taken off.
fn time(text: &[u8]) -> Option<f64> {
    let Some((_, text)) = text.split_first() else { return Some(0.0) };
    let text = std::str::from_utf8(text).ok()?.trim();
    let clock = text.trim_end_matches('Z');
    let (clock, offset) = match clock.rfind(['+', '-']) {
        Some(at) => (&clock[..at], hours(&clock[at + 1..])? * if clock[at..].starts_with('-') { -1.0 } else { 1.0 }),
        None => (clock, 0.0),
    };
    Some((hours(clock.trim())? - offset) / 24.0)
}

fn hours(clock: &str) -> Option<f64> {
    let mut parts = clock.split(':');
    let mut part = |limit: f64| match parts.next() {
        Some(p) if p.starts_with(|c: char| c.is_ascii_digit()) => p.parse().ok().filter(|v: &f64| *v < limit),
        Some(_) => None,
        None => Some(0.0),
    };
    let hours = part(24.0)? + part(60.0)? / 60.0 + part(61.0)? / 3600.0;
    parts.next().is_none().then_some(hours)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day, the latter two from 1, of a day since 1970-01-01.
fn civil(day: f64) -> (i64, i64, i64) {
    let z = day.floor() as i64 + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let within = of_year - (153 * month + 2) / 5;
    (year + 400 * era + i64::from(month >= 10), (month + 2) % 12 + 1, within + 1)
}

/// The month, 0 to 11 with a fraction, of a day since 1970-01-01.
pub(in crate::tables) fn month_of(day: f64) -> f64 {
    let (_, month, day) = civil(day);
    (month - 1) as f64 + (day - 1) as f64 / 31.0
}

/// A day since 1970-01-01 as `2024-12-31`, with the time of the day where there is one.
pub(in crate::tables) fn date_as_text(value: f64) -> String {
    // Half a second more, so that times are not cut off.
    let value = value + 0.5 / 86_400.0;
    let ((year, month, day), seconds) = (civil(value), (value.rem_euclid(1.0) * 86_400.0) as i64);
    let date = format!("{year:04}-{month:02}-{day:02}");
    match [seconds / 3600, seconds / 60 % 60, seconds % 60] {
        [0, 0, 0] => date,
        [h, m, 0] => format!("{date} {h:02}:{m:02}"),
        [h, m, s] => format!("{date} {h:02}:{m:02}:{s:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_all_orders() {
        let cases = [
            ("1970-01-01", DateOrder::Ymd, Some(0.0)),
            ("2024-02-29", DateOrder::Ymd, Some(19_782.0)),
            ("29.02.2024", DateOrder::Dmy, Some(19_782.0)),
            ("2/29/24", DateOrder::Mdy, Some(19_782.0)),
            ("2024-02-29T12:00:00Z", DateOrder::Ymd, Some(19_782.5)),
            ("2024-02-29 18:00+06:00", DateOrder::Ymd, Some(19_782.5)),
            ("2023-02-29", DateOrder::Ymd, None),
            ("13/13/2020", DateOrder::Mdy, None),
            ("1.2", DateOrder::Dmy, None),
            ("192.168.1.1", DateOrder::Dmy, None),
            ("2020-01/01", DateOrder::Ymd, None),
        ];
        for (text, order, expected) in cases {
            assert_eq!(parse(text.as_bytes(), order), expected, "{text}");
        }
        for (text, month) in [("2023-01-01", 0), ("2023-12-31", 11), ("2024-02-29", 1), ("1999-03-01", 2)] {
            let day = parse(text.as_bytes(), DateOrder::Ymd).unwrap();
            assert_eq!(month_of(day).floor() as i32, month, "{text}");
        }
    }
}
