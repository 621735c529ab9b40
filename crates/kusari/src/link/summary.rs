//! A model as people read it: one line a link, with shapes and counts.

use super::Link;
use kusari_array::Shared;
use std::collections::HashSet;

/// A table of the links inside `link` with their settings, shapes and numbers of parameters.
///
/// ```
/// # use kusari::{links as L, summary, functions as F};
/// let model = L::Sequential::new().add(L::Linear::new(784, 100)).then(F::relu).add(L::Linear::new(100, 10));
/// let text = summary(&model);
/// assert!(text.contains("Linear(784 → 100)"));
/// assert!(text.ends_with("79,510 parameters (318 kB)"));
/// ```
pub fn summary(link: &dyn Link) -> String {
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    let mut bytes = 0;
    down("", "", "", link, &mut rows, &mut seen, &mut bytes);
    let width = |i: usize| rows.iter().map(|r: &[String; 3]| r[i].chars().count()).max().unwrap_or(0);
    let (left, middle, right) = (width(0), width(1), width(2));
    let mut text = String::new();
    for [title, shapes, count] in &rows {
        let pad = |s: &str, n: usize| " ".repeat(n - s.chars().count());
        let line = format!("{title}{}  {shapes}{}  {count:>right$}", pad(title, left), pad(shapes, middle));
        text += line.trim_end();
        text.push('\n');
    }
    text + &format!("{} parameters ({})", thousands(link.count_params()), size(bytes))
}

fn down(
    branch: &str,
    indent: &str,
    name: &str,
    link: &dyn Link,
    rows: &mut Vec<[String; 3]>,
    seen: &mut HashSet<usize>,
    bytes: &mut usize,
) {
    let (mut shapes, mut count, mut links) = (Vec::new(), 0, Vec::new());
    let mut own = |name: &str, child: &dyn Link| match (child.as_parameter(), child.as_persistent()) {
        (Some(p), _) => {
            let fresh = seen.insert(Shared::as_ptr(p.node()) as usize);
            let shape = p.shape().map_or("(?)".to_string(), |s| s.to_string());
            shapes.push(format!("{name} {shape}{}", if fresh { "" } else { " shared" }));
            let n = if fresh { p.shape().map_or(0, |s| s.count()) } else { 0 };
            count += n;
            *bytes += n * p.dtype().size();
            true
        }
        (None, persistent) => persistent.is_some(),
    };
    own("value", link);
    link.children(&mut |name, child| {
        if !own(name, child) && !is_empty(child) {
            links.push((name.to_string(), child));
        }
    });
    let settings = link.describe();
    let settings = if settings.is_empty() { settings } else { format!("({settings})") };
    let colon = if name.is_empty() { "" } else { ": " };
    let shown = if shapes.is_empty() { String::new() } else { thousands(count) };
    rows.push([format!("{branch}{name}{colon}{}{settings}", link.kind()), shapes.join("  "), shown]);
    for (i, (name, child)) in links.iter().enumerate() {
        let last = i + 1 == links.len();
        let (here, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        down(&format!("{indent}{here}"), &format!("{indent}{below}"), name, *child, rows, seen, bytes);
    }
}

/// Whether there is nothing where a link, or a list of them, might be.
fn is_empty(link: &dyn Link) -> bool {
    let mut empty = link.kind() == "Vec";
    link.children(&mut |_, _| empty = false);
    empty || link.kind() == "None"
}

/// `1234567` as `1,234,567`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
