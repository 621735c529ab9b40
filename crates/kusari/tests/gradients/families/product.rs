//! Matrix products.

use super::super::row::{Row, values};
use kusari::functions as F;

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let plain = [
        "matmul",
        "matmul.batched",
        "matmul.batched_broadcast",
        "matmul.batched_by_matrix",
        "matmul.matrix_by_batched",
        "matmul.vector_vector",
        "matmul.matrix_vector",
        "matmul.vector_matrix",
        "matmul.batched_vector",
        "matmul.vector_batched",
        "matmul.inner1",
    ];
    for name in plain {
        rows.push(Row::new(name, |x| F::matmul(&x[0], &x[1])));
    }
    let turned = [
        ("matmul.transa", true, false),
        ("matmul.transb", false, true),
        ("matmul.transa_transb", true, true),
        ("matmul.batched_transa_transb", true, true),
    ];
    for (name, ta, tb) in turned {
        rows.push(Row::new(name, move |x| F::matmul_transposed(&x[0], &x[1], ta, tb)));
    }
    for (a, b) in [
        (&[3, 3][..], &[3, 3][..]),
        (&[1, 1], &[1, 1]),
        (&[0, 3], &[3, 2]),
        (&[2, 0], &[0, 2]),
        (&[1, 7], &[7, 9]),
        (&[2, 3, 1, 4], &[1, 4, 2]),
        (&[5], &[5, 1]),
    ] {
        let inputs = [values(a, 1), values(b, 2)];
        rows.push(Row::new("matmul.shapes", |x| F::matmul(&x[0], &x[1])).inputs(inputs));
    }
    // A view of the same variable on the other side.
    let own = |x: &[kusari::Variable]| F::matmul(&x[0], &F::transpose(&x[0], ()));
    rows.push(Row::new("matmul.own_transpose", own).inputs([values(&[2, 3], 1)]));
    for (ta, tb) in [(false, true), (true, false), (true, true)] {
        // Square, so that the same variable can be both, and broadcast batches.
        for (a, b) in [(&[3, 3][..], &[3, 3][..]), (&[2, 1, 3, 3], &[4, 3, 3]), (&[2, 3, 3], &[3, 3]), (&[3, 3], &[2, 3, 3])] {
            let f = move |x: &[kusari::Variable]| F::matmul_transposed(&x[0], &x[1], ta, tb);
            rows.push(Row::new("matmul.transposed_shapes", f).inputs([values(a, 1), values(b, 2)]));
        }
    }
    rows
}
