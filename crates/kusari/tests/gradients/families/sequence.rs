//! LSTM and attention.

use super::super::row::{Row, values};
use kusari::{
    Array, Variable,
    functions::{self as F, Attention},
};

fn attention(name: &'static str, options: fn(Option<Array>) -> Attention) -> Row {
    Row::new(name, move |x| {
        let mask = x.get(3).map(|m| m.array().clone());
        F::scaled_dot_product_attention(&x[0], &x[1], &x[2], options(mask))
    })
}

pub fn rows() -> Vec<Row> {
    let lstm = |x: &[Variable]| {
        let (c, h) = F::lstm(&x[0], &x[1]);
        vec![c, h]
    };
    let sequence = |x: &[Variable]| {
        let (y, c) = F::lstm_sequence(&x[0], &x[1], &x[2], &x[3]);
        vec![y, c]
    };
    let gru = |v: &[Variable]| {
        let (h, x) = (&v[0], &v[1]);
        let map = |i: usize, x: &Variable| F::linear(x, &v[i], Some(&v[i + 1]));
        let r = F::sigmoid(&(map(2, x) + map(4, h)));
        let z = F::sigmoid(&(map(6, x) + map(8, h)));
        let candidate = F::tanh(&(map(10, x) + map(12, &(r * h))));
        h + z * (candidate - h)
    };
    let masked = |mask| Attention { mask, ..Attention::default() };
    let causal = |mask| Attention { mask, causal: true, ..Attention::default() };
    vec![
        Row::several("lstm", lstm),
        Row::several("lstm.smaller_batch", lstm),
        Row::several("lstm.more_than_a_tile", lstm).inputs([values(&[1, 66], 1), values(&[1, 264], 2)]),
        Row::several("lstm_sequence", sequence).inputs([
            values(&[3, 2, 8], 1),
            values(&[8, 2], 2),
            values(&[2, 2], 3),
            values(&[2, 2], 4),
        ]),
        Row::new("links.gru", gru),
        attention("scaled_dot_product_attention", masked),
        attention("scaled_dot_product_attention.three_dim", masked),
        attention("scaled_dot_product_attention.causal", causal),
        attention("scaled_dot_product_attention.causal_more_keys", causal),
        attention("scaled_dot_product_attention.bool_mask", masked),
        attention("scaled_dot_product_attention.bool_mask_broadcast", masked),
        attention("scaled_dot_product_attention.float_mask", masked),
        attention("scaled_dot_product_attention.scale0p25", |mask| Attention {
            mask,
            scale: Some(0.25),
            ..Attention::default()
        }),
    ]
}
