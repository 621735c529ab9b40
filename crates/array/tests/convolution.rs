//! Convolution in its three directions against naive loops.

use kusari_array::{Array, Conv, DType, bf16, parallel::with_threads};

fn values(shape: &[usize], seed: usize) -> Array {
    let n = shape.iter().product::<usize>();
    let v: Vec<f64> = (0..n).map(|i| ((i * 37 + seed * 101 + 13) % 229) as f64 / 114.0 - 1.0).collect();
    Array::from_slice(shape, &v)
}

/// Calls `f(x index, w index, y index)` for every product in the sum.
fn each(conv: &Conv, x: &[usize], w: &[usize], out: [usize; 2], mut f: impl FnMut(usize, usize, usize)) {
    let per_group = w[0] / conv.groups;
    let at = |d: usize, o: usize, k: usize| {
        let i = (o * conv.stride[d] + k * conv.dilate[d]) as isize - conv.pad[d] as isize;
        (i >= 0 && i < x[2 + d] as isize).then_some(i as usize)
    };
    for n in 0..x[0] {
        for o in 0..w[0] {
            for c in 0..w[1] {
                let input = (n * x[1] + o / per_group * w[1] + c) * x[2] * x[3];
                for oy in 0..out[0] {
                    for ox in 0..out[1] {
                        for ky in 0..w[2] {
                            for kx in 0..w[3] {
                                if let (Some(iy), Some(ix)) = (at(0, oy, ky), at(1, ox, kx)) {
                                    let y = ((n * w[0] + o) * out[0] + oy) * out[1] + ox;
                                    f(input + iy * x[3] + ix, ((o * w[1] + c) * w[2] + ky) * w[3] + kx, y);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn close(y: &Array, expected: &[f64], tolerance: f64, what: &str) {
    let y = y.cast(DType::F64).to_vec::<f64>();
    assert_eq!(y.len(), expected.len(), "{what}");
    for (i, (&a, &b)) in y.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}: element {i} is {a}, expected {b}");
    }
}

/// All three directions, in both precisions.
fn check(conv: Conv, x: [usize; 4], w: [usize; 4]) {
    let what = format!("{conv:?} x {x:?} w {w:?}");
    let Some(out) = conv.output_size([x[2], x[3]], [w[2], w[3]]) else { return };
    let (xa, wa, ba) = (values(&x, 1), values(&w, 2), values(&w[..1], 3));
    let gy = values(&[x[0], w[0], out[0], out[1]], 4);
    let (xs, ws, bs, gs) = (xa.to_vec::<f64>(), wa.to_vec::<f64>(), ba.to_vec::<f64>(), gy.to_vec::<f64>());
    let plane = out[0] * out[1];
    let mut y: Vec<f64> = (0..gs.len()).map(|i| bs[i / plane % w[0]]).collect();
    let (mut gx, mut gw) = (vec![0.0; xs.len()], vec![0.0; ws.len()]);
    each(&conv, &x, &w, out, |i, k, o| {
        y[o] += xs[i] * ws[k];
        gx[i] += gs[o] * ws[k];
        gw[k] += gs[o] * xs[i];
    });
    let size = Some([x[2], x[3]]);
    let outputs = x[1];
    let channel_bias = values(&[outputs], 5);
    let cs = channel_bias.to_vec::<f64>();
    let image = x[2] * x[3];
    let biased: Vec<f64> = gx.iter().enumerate().map(|(i, g)| g + cs[i / image % outputs]).collect();
    // Transforms, which many channels go through, lose two bits more.
    let single = if w[1] < 16 { 2e-5 } else { 1e-4 };
    for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, single)] {
        let (xa, wa, ba, gy) = (xa.cast(dtype), wa.cast(dtype), ba.cast(dtype), gy.cast(dtype));
        let result = xa.convolution_2d(&wa, Some(&ba), &conv);
        assert_eq!(&result.shape()[..], &[x[0], w[0], out[0], out[1]]);
        close(&result, &y, tolerance, &what);
        close(&gy.deconvolution_2d(&wa, None, size, &conv), &gx, tolerance, &format!("input of {what}"));
        let b = Some(channel_bias.cast(dtype));
        close(&gy.deconvolution_2d(&wa, b.as_ref(), size, &conv), &biased, tolerance, &format!("bias of {what}"));
        let gradient = xa.convolution_2d_weight_gradient(&gy, [w[2], w[3]], &conv);
        assert_eq!(&gradient.shape()[..], &w);
        close(&gradient, &gw, tolerance * 10.0, &format!("weight of {what}"));
    }
}

#[test]
fn strides_pads_dilations() {
    for stride in [1, 2, 3, 5, 16] {
        for pad in 0..4 {
            for dilate in 1..4 {
                for window in [[1, 1], [2, 3], [3, 3], [5, 1]] {
                    let conv = Conv { stride: [stride; 2], pad: [pad; 2], dilate: [dilate; 2], ..Conv::default() };
                    check(conv, [2, 3, 9, 11], [4, 3, window[0], window[1]]);
                }
            }
        }
    }
    for stride in 1..=16 {
        let conv = Conv { stride: [stride, 17 - stride], pad: [1, 2], dilate: [2, 1], ..Conv::default() };
        check(conv, [1, 2, 17, 13], [3, 2, 3, 2]);
        check(Conv { cover_all: true, ..conv }, [1, 2, 17, 13], [3, 2, 3, 2]);
    }
}

#[test]
fn groups_and_depthwise() {
    for stride in 1..4 {
        for pad in 0..3 {
            let conv = |groups| Conv { stride: [stride; 2], pad: [pad, 2 - pad], groups, ..Conv::default() };
            check(conv(2), [3, 4, 7, 8], [6, 2, 3, 3]);
            check(conv(3), [2, 9, 7, 5], [3, 3, 3, 2]);
            check(conv(4), [3, 4, 7, 20], [4, 1, 3, 3]);
            check(conv(4), [3, 4, 7, 20], [8, 1, 3, 3]);
            check(conv(2), [1, 2, 7, 20], [12, 1, 2, 5]);
            check(Conv { dilate: [2, 3], ..conv(5) }, [2, 5, 9, 12], [5, 1, 3, 3]);
        }
    }
}

#[test]
fn odd_sizes() {
    let conv = |pad| Conv { pad: [pad; 2], ..Conv::default() };
    check(conv(0), [1, 1, 1, 1], [1, 1, 1, 1]);
    check(conv(3), [2, 1, 1, 1], [2, 1, 3, 3]); // padding as wide as the window
    check(conv(4), [2, 2, 2, 3], [2, 2, 1, 1]);
    check(conv(0), [2, 3, 5, 5], [4, 3, 5, 5]); // a window as large as the image
    check(conv(1), [0, 3, 5, 5], [4, 3, 3, 3]);
    check(conv(1), [2, 0, 5, 5], [4, 0, 3, 3]);
    check(conv(1), [1, 3, 70, 90], [2, 3, 3, 3]); // several tiles
    check(conv(0), [1, 20, 40, 50], [3, 20, 1, 1]); // pointwise, several tiles
    check(conv(1), [2, 2, 11, 37], [13, 2, 3, 3]); // few channels, rows of 16 lanes and of 8
    check(conv(0), [2, 1, 12, 28], [20, 1, 5, 5]);
    check(conv(1), [19, 5, 6, 6], [7, 5, 3, 3]); // more images than chunks of the batch
    check(conv(1), [1, 70, 6, 6], [7, 70, 3, 3]); // channels in blocks
}

/// Sums of more steps than a block has, and tiles that go on over the ends of rows, bands and images.
#[test]
fn blocks_of_steps_and_tiles_over_ends() {
    let conv = |stride, pad| Conv { stride: [stride; 2], pad: [pad; 2], ..Conv::default() };
    for stride in [2, 3] {
        check(conv(stride, 1), [3, 70, 13, 12], [13, 70, 3, 3]); // three blocks, the last one shorter
        check(conv(stride, 2), [1, 29, 9, 31], [7, 29, 5, 5]);
        check(Conv { groups: 2, ..conv(stride, 1) }, [2, 64, 11, 13], [18, 32, 3, 3]);
    }
    check(conv(2, 8), [1, 2, 20, 21], [5, 2, 17, 17]); // more taps than a block has steps
    check(conv(2, 1), [40, 9, 13, 13], [8, 9, 3, 3]); // tiles over two images, fewer of them in the last unit
    check(conv(2, 1), [35, 5, 5, 6], [6, 5, 3, 3]); // over three
    check(conv(2, 1), [97, 4, 3, 2], [5, 4, 3, 3]); // over many
    check(Conv { groups: 3, ..conv(2, 1) }, [33, 12, 7, 9], [15, 4, 3, 3]);
    check(Conv { groups: 4, ..conv(1, 1) }, [33, 16, 5, 5], [20, 4, 3, 3]);
    check(conv(2, 1), [1, 40, 61, 50], [9, 40, 3, 3]); // bands of rows, and a shorter one
    check(conv(3, 0), [2, 6, 90, 47], [5, 6, 4, 5]);
}

#[test]
fn windows_of_a_row() {
    for pad in 0..3 {
        check(Conv { pad: [0, pad], ..Conv::default() }, [3, 32, 1, 61], [40, 32, 1, 3]);
        check(Conv { pad: [0, pad], ..Conv::default() }, [2, 33, 5, 26], [34, 33, 1, 3]); // channels left over
    }
    check(Conv { pad: [0, 1], ..Conv::default() }, [1, 32, 1, 500], [32, 32, 1, 3]); // rows longer than a block
    check(Conv { pad: [1, 1], ..Conv::default() }, [2, 32, 3, 40], [32, 32, 1, 3]); // rows of zeros: not transformed
    check(Conv { dilate: [2, 3], pad: [0, 3], ..Conv::default() }, [2, 32, 3, 95], [32, 32, 1, 3]);
}

#[test]
fn many_channels() {
    let conv = |pad: [usize; 2]| Conv { pad, ..Conv::default() };
    for pad in 0..3 {
        check(conv([pad, 2 - pad]), [3, 16, 13, 18], [20, 16, 3, 3]); // transformed, channels left over
        check(conv([pad, pad]), [40, 33, 4, 4], [17, 33, 3, 3]);
    }
    check(conv([1, 1]), [1, 16, 6, 260], [16, 16, 3, 3]); // lines of tiles longer than a block
    check(conv([1, 1]), [2, 16, 31, 33], [48, 16, 3, 3]);
    for (dilate, pad) in [([2, 2], [2, 2]), ([3, 1], [3, 1]), ([2, 3], [0, 6]), ([2, 2], [1, 2])] {
        let conv = Conv { dilate, pad, ..Conv::default() };
        check(conv, [2, 16, 17, 22], [20, 16, 3, 3]); // transformed as smaller images, but for the last one
        check(conv, [3, 18, 20, 14], [16, 18, 3, 3]);
        check(Conv { groups: 2, ..conv }, [2, 34, 19, 14], [40, 17, 3, 3]); // group by group
    }
    for groups in [2, 3] {
        check(Conv { groups, ..conv([1, 1]) }, [3, 16 * groups, 13, 18], [16 * groups, 16, 3, 3]); // weights directly
        check(Conv { groups, ..conv([0, 2]) }, [2, 19 * groups, 12, 9], [18 * groups, 19, 3, 3]);
        check(Conv { groups, ..conv([0, 1]) }, [2, 33 * groups, 2, 30], [34 * groups, 33, 1, 3]);
    }
}

#[test]
fn two_apart() {
    let conv = Conv { stride: [2, 2], pad: [1, 1], ..Conv::default() };
    for k in [3, 4] {
        for size in [[28, 28], [27, 28], [14, 13], [8, 7], [24, 15], [7, 65]] {
            check(conv, [33, 16, size[0], size[1]], [20, 16, k, k]); // transformed, channels left over
            check(Conv { pad: [0, 1], ..conv }, [1, 16, size[0], size[1]], [20, 16, k, k]); // directly
        }
        check(conv, [3, 35, 32, 31], [17, 35, k, k]);
        check(conv, [4, 20, 24, 23], [130, 20, k, k]); // the weights' gradient, too
        check(Conv { groups: 2, ..conv }, [8, 34, 16, 16], [132, 17, k, k]); // of windows of 4
        check(conv, [1, 16, 15, 500], [33, 16, k, k]); // lines of tiles longer than a block
        check(Conv { groups: 2, ..conv }, [5, 34, 23, 16], [40, 17, k, k]); // group by group
    }
}

#[test]
fn half_precision_computes_in_float32() {
    let (x, w) = (values(&[2, 3, 6, 6], 1).cast(DType::BF16), values(&[4, 3, 3, 3], 2).cast(DType::BF16));
    let conv = Conv { pad: [1, 1], ..Conv::default() };
    let y = x.convolution_2d(&w, None, &conv);
    let wide = x.cast(DType::F32).convolution_2d(&w.cast(DType::F32), None, &conv).cast(DType::BF16);
    assert_eq!(y.to_vec::<bf16>(), wide.to_vec::<bf16>());
}

#[test]
fn bits_do_not_depend_on_threads() {
    for (groups, stride, xs, ws) in [
        (1, 1, [5, 16, 40, 40], [24, 16, 3, 3]),
        (8, 1, [4, 8, 60, 60], [16, 1, 3, 3]),
        (1, 1, [1, 32, 50, 60], [16, 32, 3, 3]),
        (1, 1, [3, 32, 4, 250], [32, 32, 1, 3]),
        (1, 2, [40, 60, 13, 13], [24, 60, 3, 3]),
        (1, 2, [9, 24, 32, 30], [40, 24, 3, 3]),
        (1, 2, [9, 24, 32, 31], [40, 24, 4, 4]),
        (2, 2, [3, 24, 41, 51], [12, 12, 5, 5]),
    ] {
        let (x, w) = (values(&xs, 1).cast(DType::F32), values(&ws, 2).cast(DType::F32));
        let conv = Conv { stride: [stride; 2], pad: [(ws[2] - 1) / 2, (ws[3] - 1) / 2], groups, ..Conv::default() };
        let run = |n| {
            with_threads(n, || {
                let y = x.convolution_2d(&w, None, &conv);
                let gx = y.deconvolution_2d(&w, None, Some([xs[2], xs[3]]), &conv);
                let gw = x.convolution_2d_weight_gradient(&y, [ws[2], ws[3]], &conv);
                [y, gx, gw].map(|a| a.to_vec::<f32>())
            })
        };
        assert!(run(1) == run(2), "{xs:?}");
        assert!(run(1) == run(3), "{xs:?}");
    }
}

#[test]
fn mistakes_are_named() {
    let conv = Conv::default();
    let say = |r: Result<kusari_array::Shape, String>| r.expect_err("must be an error");
    assert_eq!(
        say(conv.convolution_shape(&[2, 3, 5, 5], &[4, 2, 3, 3], None)),
        "convolution_2d: expected x (n, c, h, w) and w (o, c / groups, kh, kw) with groups = 1, got x (2, 3, 5, 5) and w (4, 2, 3, 3)"
    );
    assert_eq!(
        say(conv.convolution_shape(&[2, 3, 5, 5], &[4, 3, 6, 3], None)),
        "convolution_2d: expected a window that fits into the padded image, got x (2, 3, 5, 5) and w (4, 3, 6, 3) with pad [0, 0] and dilate [1, 1]"
    );
    assert_eq!(
        say(conv.convolution_shape(&[2, 3, 5, 5], &[4, 3, 3, 3], Some(&[3]))),
        "convolution_2d: expected b of shape (4,), got (3,)"
    );
    assert_eq!(
        say(conv.convolution_shape(&[2, 3, 5], &[4, 3, 3, 3], None)),
        "convolution_2d: expected x and w of four axes, got x (2, 3, 5) and w (4, 3, 3, 3)"
    );
    assert_eq!(
        say(conv.deconvolution_shape(&[2, 4, 5, 5], &[4, 3, 3, 3], None, Some([9, 7]))),
        "deconvolution_2d: expected an output size whose convolution has x's size, got [9, 7] for x (2, 4, 5, 5) and w (4, 3, 3, 3)"
    );
}

#[test]
fn images_without_columns() {
    let (x, w) = (Array::zeros(&[32, 32, 4, 0], DType::F32), values(&[32, 32, 3, 3], 1).cast(DType::F32));
    let bias = Array::ones(&[32], DType::F32);
    let conv = Conv { pad: [1, 2], ..Conv::default() };
    let y = x.convolution_2d(&w, Some(&bias), &conv);
    assert_eq!((y.shape().to_vec(), y.to_vec::<f32>()), (vec![32, 32, 4, 2], vec![1.0; 32 * 32 * 8]));
    assert_eq!(**y.deconvolution_2d(&w, None, Some([4, 0]), &conv).shape(), [32, 32, 4, 0]);
    let gw = x.convolution_2d_weight_gradient(&y, [3, 3], &conv);
    assert_eq!(gw.to_vec::<f32>(), vec![0.0; 32 * 32 * 9]);
}
