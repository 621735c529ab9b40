//! One direction of a chart: its range, its marks and what is written beside them.

/// A range of values, linear or logarithmic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    log: bool,
}

impl Axis {
    /// The range of the finite values, with `margin` (a share of it) on both sides.
    pub fn around(values: impl Iterator<Item = f64>, log: bool, margin: f64) -> Axis {
        let fits = |v: &f64| v.is_finite() && (!log || *v > 0.0);
        let scale = |v: f64| if log { v.log10() } else { v };
        let (low, high) = values.filter(fits).map(scale).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        match high - low {
            d if d < 0.0 => Axis { low: 0.0, high: 1.0, log },
            0.0 => Axis { low: low - 0.5, high: high + 0.5, log },
            d => Axis { low: low - margin * d, high: high + margin * d, log },
        }
    }

    /// A given range.
    pub fn between(low: f64, high: f64, log: bool) -> Axis {
        Axis::around([low, high].into_iter(), log, 0.0)
    }

    /// Where a value lies: 0 at the low end, 1 at the high end. Not finite where the axis has no such value.
    pub fn share(&self, value: f64) -> f64 {
        let value = if self.log { value.log10() } else { value };
        (value - self.low) / (self.high - self.low)
    }

    /// The value at a share of the way.
    pub fn value(&self, share: f64) -> f64 {
        let value = self.low + share * (self.high - self.low);
        if self.log { 10f64.powf(value) } else { value }
    }

    /// Round values to be marked, about `count` of them, with their labels.
    pub fn marks(&self, count: usize) -> Vec<(f64, String)> {
        if self.log && self.high - self.low >= 1.5 { self.decades(count) } else { self.even(count) }
    }

    fn even(&self, count: usize) -> Vec<(f64, String)> {
        let (low, high) = (self.value(0.0), self.value(1.0));
        let rough = (high - low) / count as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|k| k * power).into_iter().find(|s| *s >= rough * 0.999);
        let step = step.unwrap_or(rough);
        let decimals = (-step.log10() - 1e-9).ceil().max(0.0) as usize;
        let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        (first..=last).map(|i| i as f64 * step).map(|v| (v, label(v, decimals))).collect()
    }

    fn decades(&self, count: usize) -> Vec<(f64, String)> {
        let (first, last) = ((self.low - 1e-9).ceil() as i32, (self.high + 1e-9).floor() as i32);
        let stride = 1 + (last - first) as usize / count;
        let mark = |e: i32| match 10f64.powi(e) {
            v if (-4..=4).contains(&e) => (v, label(v, (-e).max(0) as usize)),
            v => (v, format!("10{}", superscript(e))),
        };
        (first..=last).step_by(stride).map(mark).collect()
    }
}

/// A number with a true minus sign, powers of ten taken out when it is very large or very small.
fn label(v: f64, decimals: usize) -> String {
    let plain = if v.abs() >= 1e6 || decimals > 6 { format!("{v:.2e}") } else { format!("{v:.decimals$}") };
    let plain = if v == 0.0 { plain.replace('-', "") } else { plain };
    plain.replace('-', "−")
}

fn superscript(e: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32('⁰' as u32 + c as u32 - '0' as u32).unwrap_or(c),
    };
    e.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: Axis, count: usize) -> String {
        axis.marks(count).into_iter().map(|(_, l)| l).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn marks_are_round() {
        assert_eq!(labels(Axis::between(0.0, 1.0, false), 5), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(labels(Axis::between(-3.1, 7.0, false), 6), "−2 0 2 4 6");
        assert_eq!(labels(Axis::between(1e-6, 10.0, true), 8), "10⁻⁶ 10⁻⁵ 0.0001 0.001 0.01 0.1 1 10");
        assert_eq!(labels(Axis::between(0.9, 0.95, false), 5), "0.90 0.91 0.92 0.93 0.94 0.95");
    }

    #[test]
    fn shares_and_values_agree() {
        let axis = Axis::between(0.01, 100.0, true);
        assert!((axis.share(1.0) - 0.5).abs() < 1e-12);
        assert!((axis.value(0.5) - 1.0).abs() < 1e-12);
        assert!(Axis::around([f64::NAN].into_iter(), false, 0.1).share(0.5) == 0.5);
    }
}
