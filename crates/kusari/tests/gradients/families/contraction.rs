//! `tensordot` and `einsum`.

use super::super::row::{Row, values};
use kusari::{Variable, functions as F};

fn einsum(name: &'static str, subscripts: &'static str) -> Row {
    Row::new(name, move |x| F::einsum(subscripts, &x.iter().collect::<Vec<_>>()))
}

pub fn rows() -> Vec<Row> {
    let pair = |a: &[usize], b: &[usize]| [values(a, 1), values(b, 2)];
    vec![
        Row::new("tensordot.axes2", |x| F::tensordot(&x[0], &x[1], 2)),
        Row::new("tensordot.axes1", |x| F::tensordot(&x[0], &x[1], 1)),
        Row::new("tensordot.axes_1_0", |x| F::tensordot(&x[0], &x[1], ([1], [0]))),
        Row::new("tensordot.axes_02_12", |x| F::tensordot(&x[0], &x[1], ([0, 2], [1, 2]))),
        Row::new("tensordot.outer", |x| F::tensordot(&x[0], &x[1], 0)).inputs(pair(&[2], &[3])),
        einsum("einsum.ij_jk_to_ik", "ij,jk->ik"),
        einsum("einsum.bij_bjk_to_bik", "bij,bjk->bik"),
        einsum("einsum.ij_kj_to_ki", "ij,kj->ki"),
        einsum("einsum.ij_to_ji", "ij->ji"),
        einsum("einsum.ij_to_i", "ij->i"),
        einsum("einsum.ij_to", "ij->"),
        einsum("einsum.i_j_to_ij", "i,j->ij"),
        einsum("einsum.ij_ij_to", "ij,ij->"),
        einsum("einsum.bi_ij_bj_to_b", "bi,ij,bj->b"),
        einsum("einsum.bhqd_bhkd_to_bhqk", "bhqd,bhkd->bhqk"),
        einsum("einsum.ellipsis_matmul", "...ij,...jk->...ik"),
        einsum("einsum.ii_to_i", "ii->i"),
        einsum("einsum.ii_to", "ii->"),
        einsum("einsum.implicit", "ba, ad").inputs(pair(&[2, 3], &[3, 4])),
        einsum("einsum.alone", "ij,k->j").inputs(pair(&[2, 3], &[4])),
        einsum("einsum.broadcast", "...i,...i->...").inputs(pair(&[2, 1, 3], &[4, 3])),
    ]
}

#[test]
fn subscripts_that_do_not_fit_are_named() {
    let a = Variable::new(values(&[2, 3], 1));
    let message = |subscripts: &str, n: usize| {
        let operands = vec![&a; n];
        let run = || F::einsum(subscripts, &operands);
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };
    assert_eq!(message("ij,jk->ik", 1), "einsum: expected 2 operands for 'ij,jk->ik', got 1");
    assert_eq!(message("ij,jk->ik", 2), "einsum: expected equal lengths of j in 'ij,jk->ik', got 3 and 2");
    assert_eq!(message("i", 1), "einsum: expected an operand with 1 axes for 'i', got (2, 3)");
    assert_eq!(message("ij->k", 1), "einsum: expected every output label once, and in an operand, got 'ij->k'");
}
