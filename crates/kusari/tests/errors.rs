//! What bad input is answered with, word for word: the function, what was expected, what was given.

use kusari::{Array, DType, Variable, array, functions as F, links as L, optimizers, prelude::*};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message that `f` panics with.
fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("bad input must be refused");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => other.downcast::<&str>().map_or_else(|_| "?".to_string(), |text| text.to_string()),
    }
}

fn zeros(shape: &[usize]) -> Variable {
    Variable::new(Array::zeros(shape, DType::F32))
}

#[test]
fn messages_name_the_function_what_was_expected_and_what_was_given() {
    let labels = |values: &[i32]| Array::from_slice(&[values.len()], values);
    let table: Vec<(&str, Box<dyn FnOnce()>)> = vec![
        (
            "add: expected shapes that broadcast together, got (2, 3) and (2,)",
            Box::new(|| drop(zeros(&[2, 3]) + zeros(&[2]))),
        ),
        (
            "mul: expected inputs of one dtype, got float32 and float64: use cast on one of them",
            Box::new(|| drop(Variable::new(1.0f32) * Variable::new(1.0f64))),
        ),
        (
            "matmul: expected a's last axis to equal b's second-last, got shapes (2, 3) and (4, 5)",
            Box::new(|| drop(F::matmul(&zeros(&[2, 3]), &zeros(&[4, 5])))),
        ),
        (
            "linear: expected x (n, in), W (out, in) and b (out,), got x (4, 5), W (2, 3) and b (2,)",
            Box::new(|| drop(L::Linear::new(3, 2).forward(&zeros(&[4, 5])))),
        ),
        (
            "convolution_2d: expected x (n, c, h, w) and w (o, c / groups, kh, kw) with groups = 1, got x (1, 2, 8, 8) and w (8, 3, 3, 3)",
            Box::new(|| drop(L::Convolution2D::new(3, 8, 3).forward(&zeros(&[1, 2, 8, 8])))),
        ),
        (
            "reshape: expected a shape of 6 elements for an array of shape (2, 3), got [4, 2]",
            Box::new(|| drop(F::reshape(&zeros(&[2, 3]), [4, 2]))),
        ),
        ("sum: expected an axis from -2 to 1, got 2", Box::new(|| drop(F::sum(&zeros(&[2, 3]), 2)))),
        (
            "concat: expected shapes that differ on axis 1 only, got (2, 3) and (3, 4)",
            Box::new(|| drop(F::concat(&[&zeros(&[2, 3]), &zeros(&[3, 4])], 1))),
        ),
        (
            "softmax_cross_entropy: expected labels from 0 to 2 or -1, got label 3 at index 1, with 3 classes",
            Box::new(move || drop(F::softmax_cross_entropy(&zeros(&[2, 3]), labels(&[0, 3])))),
        ),
        (
            "softmax_cross_entropy: expected labels of shape (2,), got (3,)",
            Box::new(move || drop(F::softmax_cross_entropy(&zeros(&[2, 3]), labels(&[0, 1, 2])))),
        ),
        (
            "embed_id: expected ids from 0 to 3, got 5",
            Box::new(|| drop(F::embed_id(&Variable::constant(array![5]), &zeros(&[4, 2])))),
        ),
        (
            "split_axis: expected a number that divides the 5 of axis 1, got 2",
            Box::new(|| drop(F::split_axis(&zeros(&[2, 5]), 2, 1))),
        ),
        (
            "update: expected an optimizer that is set up: call setup(&model) first",
            Box::new(|| optimizers::SGD::new(0.1).update()),
        ),
        (
            "the parameter has no value yet: its shape is known after the first forward pass, or call initialize",
            Box::new(|| drop(L::Linear::new(None, 2).w().array())),
        ),
    ];
    for (i, (expected, f)) in table.into_iter().enumerate() {
        let found = message(f);
        assert_eq!(found, expected, "row {i}");
    }
}
