//! `+ − × ÷` with broadcasting and numbers.

use super::super::row::{Row, elementwise, values, values_in};
use kusari::{Variable, functions as F};

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let functions: [(&[&'static str], fn(&Variable, &Variable) -> Variable); 4] = [
        (&["add", "add.broadcast", "add.column", "add.zero_dim"], F::add),
        (&["sub", "sub.broadcast", "sub.column", "sub.zero_dim"], F::sub),
        (&["mul", "mul.broadcast", "mul.column", "mul.zero_dim"], F::mul),
        (&["div", "div.broadcast", "div.column", "div.zero_dim"], F::div),
    ];
    for (names, f) in functions {
        for name in names {
            rows.push(Row::new(name, move |x| f(&x[0], &x[1])));
        }
        for (a, b) in [(&[0, 3][..], &[3][..]), (&[1], &[1]), (&[2, 1, 3], &[4, 1]), (&[], &[]), (&[1, 5], &[0, 1, 5])] {
            let (a, b) = (values(a, 1), values_in(b, 2, 0.5, 1.5));
            rows.push(Row::new(names[0], move |x| f(&x[0], &x[1])).inputs([a, b]));
        }
    }
    elementwise(&mut rows, "neg", F::neg);
    elementwise(&mut rows, "add.scalar", |x| x + 2.5);
    elementwise(&mut rows, "add.scalar_left", |x| 2.5 + x);
    elementwise(&mut rows, "sub.scalar", |x| x - 2.5);
    elementwise(&mut rows, "sub.scalar_left", |x| 2.5 - x);
    elementwise(&mut rows, "mul.scalar", |x| x * 2.5);
    elementwise(&mut rows, "mul.scalar_left", |x| 2.5 * x);
    elementwise(&mut rows, "div.scalar", |x| x / 2.5);
    elementwise(&mut rows, "div.scalar_left", |x| 2.5 / x);
    rows.push(Row::new("sum_to", |x| F::sum_to(&x[0], &[3, 1])));
    rows.push(Row::new("sum_to.zero_dim", |x| F::sum_to(&x[0], &[])));
    rows.push(Row::new("broadcast_to", |x| F::broadcast_to(&x[0], &[2, 3, 5])));
    rows.push(Row::new("broadcast_to.zero_dim", |x| F::broadcast_to(&x[0], &[2, 3])));
    rows
}
