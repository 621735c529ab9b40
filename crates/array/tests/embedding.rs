//! Looking up rows, and the gradient of the table.

use crate::deferred::bits;
use kusari_array::{Array, DType, Update, eagerly, evaluate, parallel::with_threads};

#[test]
fn rows_and_their_gradient() {
    let table = Array::from_slice(&[3, 2], &[0.0f32, 1.0, 10.0, 11.0, 20.0, 21.0]);
    let ids = Array::from_slice(&[2, 2], &[2i32, -1, 0, 2]);
    let y = table.embed(&ids, Some(-1));
    assert_eq!(&y.shape()[..], &[2, 2, 2]);
    assert_eq!(y.to_vec::<f32>(), [20.0, 21.0, 0.0, 0.0, 0.0, 1.0, 20.0, 21.0]);
    let gw = y.embed_gradient(&ids, &[3, 2], Some(-1));
    assert_eq!(gw.to_vec::<f32>(), [0.0, 1.0, 0.0, 0.0, 40.0, 42.0]);
    let none = Array::from_slice::<i64>(&[0], &[]);
    assert_eq!(&table.embed(&none, None).shape()[..], &[0, 2]);
    assert_eq!(table.embed(&none, None).embed_gradient(&none, &[3, 2], None).to_vec::<f32>(), [0.0; 6]);
    let bytes = Array::from_slice(&[1], &[1u8]);
    assert_eq!(table.cast(DType::I32).embed(&bytes, None).to_vec::<i32>(), [10, 11]);
}

#[test]
fn bits_do_not_depend_on_threads() {
    let ids: Vec<i32> = (0..5000).map(|i| i * 7919 % 61).collect();
    let ids = Array::from_slice(&[5000], &ids);
    let gy: Vec<f32> = (0..5000 * 150).map(|i| ((i * 37 + 13) % 229) as f32 / 114.0 - 1.0).collect();
    let gy = Array::from_slice(&[5000, 150], &gy);
    let run = |n| with_threads(n, || gy.embed_gradient(&ids, &[61, 150], None).to_vec::<f32>());
    assert!(run(1) == run(2));
}

#[test]
fn mistakes_are_named() {
    let table = Array::zeros(&[5, 2], DType::F32);
    let say = |ids: Array| table.check_ids("embed_id", &ids, None).unwrap_err();
    assert_eq!(say(Array::from_slice(&[2], &[4i32, 5])), "embed_id: expected ids from 0 to 4, got 5");
    assert_eq!(say(Array::from_slice(&[1], &[-1i64])), "embed_id: expected ids from 0 to 4, got -1");
    assert_eq!(say(Array::zeros(&[2], DType::F32)), "embed_id: expected ids of an integer dtype, got float32");
}

/// A gradient of a table of 3,000 rows of 48, of which few were read, and the same with all elements.
fn of_few_rows(ids: &[i64]) -> [Array; 2] {
    let gy: Vec<f32> = (0..ids.len() * 48).map(|i| ((i * 37 + 13) % 229) as f32 / 114.0 - 1.0).collect();
    let (gy, ids) = (Array::from_slice(&[ids.len(), 48], &gy), Array::from_slice(&[ids.len()], ids));
    let grad = || gy.embed_gradient(&ids, &[3000, 48], Some(-1));
    [grad(), eagerly(grad)]
}

#[test]
fn a_table_of_few_rows_has_the_bits_of_all() {
    let some: Vec<i64> =
        (0..1000).map(|i| if i % 10 == 3 { -1 } else { i * 7919 % 2999 }).chain([2999, 0, 0]).collect();
    for ids in [&some[..], &[-1, -1], &[5], &[]] {
        let [few, all] = of_few_rows(ids);
        assert!(few.is_deferred() && !all.is_deferred());
        assert_eq!(few.sum_of_squares().to_bits(), all.sum_of_squares().to_bits());
        evaluate(&[&few]);
        assert!(few.is_deferred(), "nobody has asked for its elements");
        let (mut half, mut all_half) = (few.clone(), all.clone());
        half.scale(0.37);
        all_half.scale(0.37);
        assert_eq!(half.sum_of_squares().to_bits(), all_half.sum_of_squares().to_bits());
        // In a pass with other operations, also where another array has the same expression.
        let [twice, all_twice] = [&few, &all].map(|x| x.add(&half).mul(x));
        assert!(half.is_deferred() && few.is_deferred());
        assert_eq!([bits(&twice), bits(&half), bits(&few)], [bits(&all_twice), bits(&all_half), bits(&all)]);
        let mut negative = of_few_rows(ids)[0].clone();
        negative.scale(-1.0);
        assert_eq!(bits(&negative), bits(&all.neg()), "with the signs of zeros");
    }
    assert!(!of_few_rows(&(0..1500).collect::<Vec<_>>())[0].is_deferred());
}

/// What is ignored may be a row's number, also one that is small enough to be that of a row among the few.
#[test]
fn an_ignored_row_is_not_another_one_of_the_few() {
    let ids: Vec<i64> = (0..200).map(|i| i * 7919 % 2999).chain([0, 1, 5, 17, 5, 0]).collect();
    let gy: Vec<f32> = (0..ids.len() * 48).map(|i| (i % 229) as f32 / 114.0 - 1.0).collect();
    let (gy, ids) = (Array::from_slice(&[ids.len(), 48], &gy), Array::from_slice(&[ids.len()], &ids));
    for ignore in [None, Some(0), Some(1), Some(5), Some(2999), Some(-1), Some(-7)] {
        let grad = || gy.embed_gradient(&ids, &[3000, 48], ignore);
        let few = grad();
        assert!(few.is_deferred());
        assert!(bits(&few) == bits(&eagerly(grad)), "{ignore:?}");
    }
}

#[test]
#[should_panic(expected = "embed_gradient: expected ids below 3000")]
fn a_row_beyond_a_large_table() {
    of_few_rows(&[7, 3000]);
}

#[test]
fn updates_by_few_rows_have_the_bits_of_updates_by_all() {
    let ids: Vec<i64> = (0..900).map(|i| i * i % 2999).collect();
    let start: Vec<f32> = (0..3000 * 48).map(|i| if i % 5 == 0 { -0.0 } else { (i % 101) as f32 / 50.0 }).collect();
    let start = Array::from_slice(&[3000, 48], &start);
    let rules = [
        (Update::Sgd { lr: 0.1 }, 0),
        (Update::AdaGrad { lr: 0.1, eps: 1e-8 }, 1),
        (Update::Momentum { lr: 0.1, momentum: 0.9 }, 1),
        (Update::Sgd { lr: f64::INFINITY }, 0),
    ];
    for (rule, states) in rules {
        for threads in [1, 2] {
            let [[x, s], [y, t]] = of_few_rows(&ids).map(|gradient| {
                let (mut x, mut states) = (start.clone(), vec![Array::ones(&[3000, 48], DType::F32); states]);
                with_threads(threads, || x.update(&gradient, &mut states, &rule));
                let changes_few = matches!(rule, Update::Sgd { lr: 0.1 } | Update::AdaGrad { .. });
                assert!(!gradient.is_deferred() || changes_few, "{rule:?}");
                [x.clone(), states.pop().unwrap_or(x)]
            });
            assert_eq!([bits(&x), bits(&s)], [bits(&y), bits(&t)], "{rule:?}");
        }
    }
}
