//! Looking up rows, and the gradient of the table.

use kusari_array::{Array, DType, parallel::with_threads};

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
