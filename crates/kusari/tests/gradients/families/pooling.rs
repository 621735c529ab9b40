//! Pooling and unpooling.

use super::super::row::{Row, values};
use kusari::functions as F;

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let most = |stride: Option<[usize; 2]>, pad: usize, cover_all| F::MaxPooling { stride, pad: [pad, pad], cover_all };
    let table: [(&'static str, [usize; 2], F::MaxPooling); 10] = [
        ("max_pooling_2d.window2", [2, 2], F::MaxPooling::default()),
        ("max_pooling_2d.window2_odd", [2, 2], F::MaxPooling::default()),
        ("max_pooling_2d.window2_odd_floor", [2, 2], most(None, 0, false)),
        ("max_pooling_2d.window3_stride2", [3, 3], most(Some([2, 2]), 0, true)),
        ("max_pooling_2d.window3_stride2_floor", [3, 3], most(Some([2, 2]), 0, false)),
        ("max_pooling_2d.window3_stride2_pad1", [3, 3], most(Some([2, 2]), 1, true)),
        ("max_pooling_2d.window3_stride2_pad1_floor", [3, 3], most(Some([2, 2]), 1, false)),
        ("max_pooling_2d.window32_stride12_pad10", [3, 2], F::MaxPooling { pad: [1, 0], ..most(Some([1, 2]), 0, true) }),
        ("max_pooling_2d.window3_stride1_overlapping", [3, 3], most(Some([1, 1]), 0, true)),
        ("max_pooling_2d.window2_stride3_floor", [2, 2], most(Some([3, 3]), 0, false)),
    ];
    for (name, window, options) in table {
        rows.push(Row::new(name, move |x| F::max_pooling_2d(&x[0], window, options)));
    }
    let mean = |stride, pad| F::AveragePooling { stride, pad };
    let table: [(&'static str, [usize; 2], F::AveragePooling); 5] = [
        ("average_pooling_2d.window2", [2, 2], mean(None, [0, 0])),
        ("average_pooling_2d.window2_odd", [2, 2], mean(None, [0, 0])),
        ("average_pooling_2d.window3_stride2_pad1", [3, 3], mean(Some([2, 2]), [1, 1])),
        ("average_pooling_2d.window32_stride12_pad10", [3, 2], mean(Some([1, 2]), [1, 0])),
        ("average_pooling_2d.global", [4, 3], mean(None, [0, 0])),
    ];
    for (name, window, options) in table {
        rows.push(Row::new(name, move |x| F::average_pooling_2d(&x[0], window, options)));
    }
    let spread = |cover_all, outsize| F::Unpooling { outsize, cover_all, ..F::Unpooling::default() };
    let strided = F::Unpooling { stride: Some([2, 2]), pad: [1, 1], ..spread(false, None) };
    let table: [(&'static str, [usize; 2], F::Unpooling); 5] = [
        ("unpooling_2d.window2", [2, 2], spread(true, None)),
        ("unpooling_2d.window2_floor", [2, 2], spread(false, None)),
        ("unpooling_2d.window3_stride2_pad1_floor", [3, 3], strided),
        ("unpooling_2d.window2_outsize_3_5", [2, 2], spread(true, Some([3, 5]))),
        ("unpooling_2d.window2_outsize_5_7_floor", [2, 2], spread(false, Some([5, 7]))),
    ];
    for (name, window, options) in table {
        rows.push(Row::new(name, move |x| F::unpooling_2d(&x[0], window, options)));
    }
    rows.extend(signals());
    let x = || [values(&[2, 3, 4, 5], 1)];
    rows.push(Row::new("global_average_pooling_2d", |x| F::global_average_pooling_2d(&x[0])).inputs(x()));
    let empty = [values(&[0, 3, 4, 5], 1)];
    rows.push(Row::new("max_pooling_2d.no_images", |x| F::max_pooling_2d(&x[0], 2, F::MaxPooling::default())).inputs(empty));
    rows
}

fn signals() -> Vec<Row> {
    let most = F::MaxPooling { stride: Some([9, 2]), pad: [9, 1], cover_all: false };
    let mean = F::AveragePooling { stride: Some([9, 2]), pad: [9, 1] };
    let sized = F::Unpooling { outsize: Some([9, 7]), cover_all: false, ..F::Unpooling::default() };
    vec![
        Row::new("max_pooling_1d.window2_odd", |x| F::max_pooling_1d(&x[0], 2, F::MaxPooling::default())),
        Row::new("max_pooling_1d.window3_stride2_pad1_floor", move |x| F::max_pooling_1d(&x[0], 3, most)),
        Row::new("average_pooling_1d.window2_odd", |x| F::average_pooling_1d(&x[0], 2, F::AveragePooling::default())),
        Row::new("average_pooling_1d.window3_stride2_pad1", move |x| F::average_pooling_1d(&x[0], 3, mean)),
        Row::new("unpooling_1d.window2", |x| F::unpooling_1d(&x[0], 2, F::Unpooling::default())),
        Row::new("unpooling_1d.window2_outsize_7_floor", move |x| F::unpooling_1d(&x[0], 2, sized)),
    ]
}
