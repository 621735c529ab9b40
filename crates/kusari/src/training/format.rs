//! Numbers as text.

/// C's `%g`: `digits` significant digits, scientific notation for very large and small numbers, no trailing zeros.
pub(super) fn general(x: f64, digits: usize) -> String {
    if x == 0.0 || !x.is_finite() {
        return if x.is_nan() { "nan".to_string() } else { format!("{x}") };
    }
    let digits = digits.max(1);
    let scientific = format!("{x:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is a number");
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    trimmed(&format!("{x:.*}", (digits as i32 - 1 - exponent) as usize)).to_string()
}

fn trimmed(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// Seconds as `H:MM:SS`.
pub(super) fn duration(seconds: f64) -> String {
    let seconds = if seconds.is_finite() { seconds.max(0.0).round() as u64 } else { 0 };
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn general_is_that_of_c() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (20.0, "20"),
            (0.123456789, "0.123457"),
            (1234567.0, "1.23457e+06"),
            (0.00001, "1e-05"),
            (0.0001, "0.0001"),
            (999999.5, "1e+06"),
            (-2.5, "-2.5"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
        ];
        for (x, text) in cases {
            assert_eq!(general(x, 6), text);
        }
        assert_eq!(duration(3725.4), "1:02:05");
    }
}
