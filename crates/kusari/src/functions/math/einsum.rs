//! `einsum`: sums of products, written as subscripts.

use crate::{
    Error, Result, Variable,
    error::check,
    functions::{broadcast_to, diagonal, in_order, matmul, reshape_to, sum},
};

/// Einstein's summation: every letter names an axis; products are summed over letters that the output lacks.
///
/// `"ij,jk->ik"` is a matrix product, `"ii->"` a trace, `"bhqd,bhkd->bhqk"` the scores of attention. `...` stands for
/// further axes, which broadcast. Without `->`, the output has the letters that occur once, in alphabetical order.
/// Operands are multiplied from left to right, each time as one batched matrix product.
///
/// # Panics
/// When the subscripts are not well formed or do not fit the shapes, or the dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let a = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::einsum("ij,kj->ik", &[&a, &a]).array().to_vec::<f32>(), [5.0, 11.0, 11.0, 25.0]);
/// assert_eq!(F::einsum("ii", &[&a]).item(), 5.0);
/// ```
#[track_caller]
pub fn einsum(subscripts: &str, operands: &[&Variable]) -> Variable {
    let plan = or_panic!(Plan::new(subscripts, operands));
    let mut terms = plan.inputs.into_iter().zip(operands).map(|(labels, x)| Term::new(labels, x));
    let mut rest: Vec<Term> = terms.by_ref().collect();
    rest.reverse();
    let mut total = rest.pop().expect("there is an operand");
    while let Some(next) = rest.pop() {
        let later = |l: &Label| plan.output.contains(l) || rest.iter().any(|t| t.labels.contains(l));
        total = total.product(next, later);
    }
    total.without(|l| plan.output.contains(l)).in_order_of(&plan.output)
}

/// A letter, or an axis of the ellipsis counted from its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Label {
    Further(std::cmp::Reverse<usize>),
    Letter(char),
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Label::Letter(c) => write!(f, "{c}"),
            Label::Further(_) => f.write_str("..."),
        }
    }
}

struct Plan {
    inputs: Vec<Vec<Label>>,
    output: Vec<Label>,
}

fn wrong(expected: impl std::fmt::Display, got: impl std::fmt::Display) -> Error {
    Error::invalid("einsum", expected, got)
}

/// The labels of one operand's subscripts; `further` axes stand behind an ellipsis.
fn labels(part: &str, further: usize) -> Result<Vec<Label>> {
    let mut out = Vec::new();
    for (i, piece) in part.split("...").enumerate() {
        if i > 0 {
            out.extend((0..further).rev().map(|k| Label::Further(std::cmp::Reverse(k))));
        }
        for c in piece.chars().filter(|c| !c.is_whitespace()) {
            if i > 1 || !c.is_alphabetic() {
                return Err(wrong("letters and at most one '...' an operand", format_args!("'{part}'")));
            }
            out.push(Label::Letter(c));
        }
    }
    Ok(out)
}

impl Plan {
    fn new(subscripts: &str, operands: &[&Variable]) -> Result<Plan> {
        let (left, right) = match subscripts.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (subscripts, None),
        };
        let parts: Vec<&str> = left.split(',').collect();
        if parts.len() != operands.len() {
            return Err(wrong(format_args!("{} operands for '{subscripts}'", parts.len()), operands.len()));
        }
        check::same_dtype("einsum", &operands.iter().map(|x| x.array()).collect::<Vec<_>>())?;
        let (mut inputs, mut lengths, mut widest) = (Vec::new(), std::collections::BTreeMap::new(), 0);
        for (part, x) in parts.iter().zip(operands) {
            let named = labels(part, 0)?.len();
            let open = part.contains("...");
            if x.ndim() < named || (!open && x.ndim() > named) {
                return Err(wrong(format_args!("an operand with {named} axes for '{part}'"), x.shape()));
            }
            widest = widest.max(x.ndim() - named);
            let labels = labels(part, x.ndim() - named)?;
            for (&label, &n) in labels.iter().zip(x.shape().iter()) {
                let known = lengths.entry(label).or_insert(n);
                if *known == 1 {
                    *known = n;
                } else if n != *known && n != 1 {
                    return Err(wrong(
                        format_args!("equal lengths of {label} in '{subscripts}'"),
                        format_args!("{known} and {n}"),
                    ));
                }
            }
            inputs.push(labels);
        }
        let output = match right {
            Some(right) => labels(right, widest)?,
            None => {
                let all: Vec<Label> = inputs.concat();
                let once = |l: &Label| all.iter().filter(|x| *x == l).count() == 1;
                lengths.keys().copied().filter(|l| matches!(l, Label::Further(_)) || once(l)).collect()
            }
        };
        for (i, label) in output.iter().enumerate() {
            if !lengths.contains_key(label) || output[..i].contains(label) {
                return Err(wrong("every output label once, and in an operand", format_args!("'{subscripts}'")));
            }
        }
        Ok(Plan { inputs, output })
    }
}

/// A variable whose axes have labels, no two alike.
struct Term {
    labels: Vec<Label>,
    x: Variable,
}

impl Term {
    /// The operand, with the diagonal taken of axes that share a label.
    fn new(mut labels: Vec<Label>, x: &Variable) -> Term {
        let mut x = x.clone();
        while let Some((a, b)) = twice(&labels) {
            let label = labels[a];
            x = diagonal(&x, 0, a as isize, b as isize);
            labels.remove(b);
            labels.remove(a);
            labels.push(label);
        }
        Term { labels, x }
    }
    fn length(&self, label: &Label) -> Option<usize> {
        self.labels.iter().position(|l| l == label).map(|d| self.x.shape()[d])
    }
    /// Summed over the labels that `keep` does not want.
    fn without(self, keep: impl Fn(&Label) -> bool) -> Term {
        let gone: Vec<usize> = (0..self.labels.len()).filter(|&d| !keep(&self.labels[d])).collect();
        if gone.is_empty() {
            return self;
        }
        let labels = self.labels.iter().copied().filter(|l| keep(l)).collect();
        Term { labels, x: sum(&self.x, &gone[..]) }
    }
    /// The variable with its axes in this order.
    fn in_order_of(&self, labels: &[Label]) -> Variable {
        let place = |l: &Label| self.labels.iter().position(|x| x == l).expect("the label is the term's");
        in_order(&self.x, labels.iter().map(place).collect())
    }
    /// As (batch, rows, columns), the axes of each group merged; lengths of 1 are repeated to `lengths`.
    fn grouped(&self, groups: [&[Label]; 3], length: &dyn Fn(&Label) -> usize) -> Variable {
        let labels = groups.concat();
        let shape: Vec<usize> = labels.iter().map(length).collect();
        let x = broadcast_to(&self.in_order_of(&labels), &shape);
        reshape_to(&x, groups.map(|g| g.iter().map(length).product::<usize>()))
    }
    /// The product with `other`, summed over the labels that nothing `later` needs.
    fn product(self, other: Term, later: impl Fn(&Label) -> bool) -> Term {
        let shared = |l: &Label| self.labels.contains(l) && other.labels.contains(l);
        let split =
            |t: &Term, f: &dyn Fn(&Label) -> bool| t.labels.iter().copied().filter(|l| f(l)).collect::<Vec<_>>();
        let batch = split(&self, &|l| shared(l) && later(l));
        let inner = split(&self, &|l| shared(l) && !later(l));
        let rows = split(&self, &|l| !shared(l) && later(l));
        let columns = split(&other, &|l| !shared(l) && later(l));
        let a = Term { labels: self.labels.clone(), x: self.x.clone() }.without(|l| shared(l) || later(l));
        let b = Term { labels: other.labels.clone(), x: other.x.clone() }.without(|l| shared(l) || later(l));
        let length = |l: &Label| a.length(l).unwrap_or(1).max(b.length(l).unwrap_or(1)).min(smallest(&a, &b, l));
        let y = matmul(&a.grouped([&batch, &rows, &inner], &length), &b.grouped([&batch, &inner, &columns], &length));
        let labels = [batch, rows, columns].concat();
        let shape: Vec<usize> = labels.iter().map(length).collect();
        Term { x: reshape_to(&y, &shape[..]), labels }
    }
}

/// The broadcast length of a label: 0 where one side is empty.
fn smallest(a: &Term, b: &Term, label: &Label) -> usize {
    let empty = [a.length(label), b.length(label)].contains(&Some(0));
    if empty { 0 } else { usize::MAX }
}

fn twice(labels: &[Label]) -> Option<(usize, usize)> {
    (1..labels.len()).find_map(|b| labels[..b].iter().position(|l| *l == labels[b]).map(|a| (a, b)))
}
