//! Printing arrays as NumPy does.

use crate::{Array, DType, Element, SliceRange, dtype::match_dtype};
use std::fmt;

/// Arrays of more elements are abridged.
const MOST: usize = 1000;
/// Elements shown at either end of an abridged axis.
const EDGE: usize = 3;
/// Digits after the point.
const PRECISION: usize = 8;
/// Characters of a line.
const WIDTH: usize = 75;

/// Prints like NumPy's `str`: columns aligned, at most 8 digits after the point, `…` in the middle of long arrays.
impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.len() == 0 {
            return f.write_str("[]");
        }
        let mut shown = self.clone();
        let abridged = self.len() > MOST;
        for (d, &n) in self.shape().iter().enumerate().filter(|(_, n)| abridged && **n > 2 * EDGE) {
            let (head, tail) = (SliceRange::new(0, EDGE), SliceRange::new(n - EDGE, n));
            shown = Array::concat(&[shown.slice_axis(d, head), shown.slice_axis(d, tail)], d);
        }
        let words = words(&shown);
        if self.ndim() == 0 {
            let word = words[0].trim();
            let point = self.dtype().is_float() && word.ends_with('.');
            return write!(f, "{word}{}", if point { "0" } else { "" });
        }
        let print = Print { words, whole: self.shape(), shown: shown.shape() };
        f.write_str(&print.axis(0, 0, 1, WIDTH))
    }
}

/// Dtype and shape, then the elements.
impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let gap = if self.ndim() > 1 { "\n" } else { " " };
        write!(f, "{} {}{gap}{self}", self.dtype(), self.shape())
    }
}

struct Print<'a> {
    words: Vec<String>,
    whole: &'a [usize],
    shown: &'a [usize],
}

impl Print<'_> {
    /// Axis `d` from word `first` on, indented by `indent`, in lines of `width`.
    fn axis(&self, d: usize, first: usize, indent: usize, width: usize) -> String {
        let inner: usize = self.shown[d + 1..].iter().product();
        let gap = (self.shown[d] < self.whole[d]).then_some(EDGE);
        let prefix = " ".repeat(indent);
        let mut text = String::new();
        if d + 1 == self.shown.len() {
            let mut line = prefix.clone();
            let mut add = |word: &str| {
                if line.len() + word.len() > width - 1 && line.len() > indent {
                    text.push_str(line.trim_end());
                    text.push('\n');
                    line = prefix.clone();
                }
                line.push_str(word);
                line.push(' ');
            };
            for i in 0..self.shown[d] {
                if gap == Some(i) {
                    add("...");
                }
                add(&self.words[first + i]);
            }
            line.pop();
            text.push_str(&line);
        } else {
            let between = "\n".repeat(self.shown.len() - 1 - d);
            for i in 0..self.shown[d] {
                if gap == Some(i) {
                    text.push_str(&format!("{prefix}...{between}"));
                }
                text.push_str(&prefix);
                text.push_str(&self.axis(d + 1, first + i * inner, indent + 1, width - 1));
                if i + 1 < self.shown[d] {
                    text.push_str(&between);
                }
            }
        }
        format!("[{}]", &text[indent..])
    }
}

/// Every element as text, all of the same width.
fn words(x: &Array) -> Vec<String> {
    let plain: Vec<String> = match x.dtype() {
        DType::Bool => x.to_vec::<bool>().iter().map(|v| if *v { "True" } else { "False" }.to_string()).collect(),
        dtype if dtype.is_float() => return floats(x),
        _ => match_dtype!(x.dtype(), T => x.to_vec::<T>().iter().map(|v| Element::to_i64(*v).to_string()).collect()),
    };
    let width = plain.iter().map(String::len).max().unwrap_or(0);
    plain.iter().map(|w| format!("{w:>width$}")).collect()
}

/// The fewest digits after the point (at most 8) that tell `v` from its neighbours in its dtype; NumPy's positional
/// or scientific notation without an exponent.
fn digits(v: f64, dtype: DType, scientific: bool) -> String {
    let shortest = |text: String| if text.contains('.') { text } else { text + "." };
    let cut = |p: usize| match scientific {
        true => format!("{v:.p$e}").split('e').next().unwrap_or_default().to_string(),
        false => format!("{v:.p$}"),
    };
    let exact = match (dtype, scientific) {
        (DType::F32, false) => format!("{}", v as f32),
        (DType::F64, false) => format!("{v}"),
        (DType::F32, true) => format!("{:e}", v as f32),
        (DType::F64, true) => format!("{v:e}"),
        _ => {
            let same = |p: &usize| {
                let back = format!("{v:.p$e}").parse::<f64>().unwrap_or(f64::NAN);
                Array::scalar(back, dtype).item() == v
            };
            let p = (0..PRECISION).find(same).unwrap_or(PRECISION);
            let text = format!("{v:.p$e}");
            if scientific { text } else { format!("{}", text.parse::<f64>().unwrap_or(v)) }
        }
    };
    let exact = exact.split('e').next().unwrap_or_default().to_string();
    let fraction = exact.split_once('.').map_or(0, |(_, f)| f.len());
    if fraction <= PRECISION {
        return shortest(exact);
    }
    shortest(cut(PRECISION).trim_end_matches('0').to_string())
}

fn floats(x: &Array) -> Vec<String> {
    let values = x.cast(DType::F64).to_vec::<f64>();
    let sizes = values.iter().map(|v| v.abs()).filter(|v| v.is_finite() && *v != 0.0);
    let (largest, smallest) = sizes.fold((0f64, f64::INFINITY), |(a, b), v| (a.max(v), b.min(v)));
    let scientific = largest > 0.0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000.0);
    let (mut left, mut right) = (0, 0);
    for v in values.iter().filter(|v| v.is_finite()) {
        let text = digits(*v, x.dtype(), scientific);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        left = left.max(whole.len());
        right = right.max(fraction.len());
    }
    let exponent =
        |v: f64| -> i32 { format!("{v:.right$e}").split('e').nth(1).and_then(|e| e.parse().ok()).unwrap_or(0) };
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let power = match scientific {
        true => finite().map(|v| exponent(v).abs().to_string().len().max(2)).max().unwrap_or(2),
        false => 0,
    };
    let tail = if scientific { right + 2 + power } else { right };
    for v in values.iter().filter(|v| !v.is_finite()) {
        let len = if v.is_nan() || *v > 0.0 { 3 } else { 4usize };
        left = left.max(len.saturating_sub(tail + 1));
    }
    let width = left + 1 + tail;
    let word = |&v: &f64| {
        if !v.is_finite() {
            let text = if v.is_nan() { "nan" } else { ["-inf", "inf"][(v > 0.0) as usize] };
            return format!("{text:>width$}");
        }
        let text = digits(v, x.dtype(), scientific);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if !scientific {
            return format!("{whole:>left$}.{fraction:<right$}");
        }
        // The mantissa again, with as many digits as the longest has.
        let text = format!("{v:.right$e}");
        let mantissa = text.split('e').next().unwrap_or_default();
        let mantissa = if right == 0 { format!("{mantissa}.") } else { mantissa.to_string() };
        let (e, wide) = (exponent(v), left + 1 + right);
        format!("{mantissa:>wide$}e{}{:0power$}", if e < 0 { '-' } else { '+' }, e.abs())
    };
    values.iter().map(word).collect()
}
