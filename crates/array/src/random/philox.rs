//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*, 2011), and numbers from
//! its words. No fused operation is used, so that the bits are the same on every processor.

use crate::kernels::simd::simd_fn;

/// Blocks computed side by side.
const LANES: usize = 16;

/// Ten rounds on `LANES` blocks.
#[inline(always)]
fn rounds(mut c: [[u32; LANES]; 4], mut key: [u32; 2]) -> [[u32; LANES]; 4] {
    for _ in 0..10 {
        let [c0, c1, c2, c3] = &mut c;
        for i in 0..LANES {
            let (p, q) = (c0[i] as u64 * 0xd251_1f53, c2[i] as u64 * 0xcd9e_8d57);
            c0[i] = (q >> 32) as u32 ^ c1[i] ^ key[0];
            c2[i] = (p >> 32) as u32 ^ c3[i] ^ key[1];
            c1[i] = q as u32;
            c3[i] = p as u32;
        }
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    c
}

simd_fn! {
    /// The words of the blocks `counter`, `counter + 1`, … of the stream `seed`.
    pub(super) fn fill(m, seed: u64, counter: u64, out: &mut [u32]) {
        let key = [seed as u32, (seed >> 32) as u32];
        for (group, part) in out.chunks_mut(4 * LANES).enumerate() {
            let block = |i: usize| counter.wrapping_add((group * LANES + i) as u64);
            let low = std::array::from_fn(|i| block(i) as u32);
            let high = std::array::from_fn(|i| (block(i) >> 32) as u32);
            let c = rounds([low, high, [0; LANES], [0; LANES]], key);
            for (i, words) in part.chunks_mut(4).enumerate() {
                for (w, o) in words.iter_mut().enumerate() {
                    *o = c[w][i];
                }
            }
        }
    }
}

simd_fn! {
    pub(super) fn uniform32(m, words: &[u32], low: f32, width: f32, out: &mut [f32]) {
        for (o, &w) in out.iter_mut().zip(words) {
            *o = low + width * ((w >> 8) as f32 * (1.0 / 16_777_216.0));
        }
    }
}

/// A double of `0 <= u < 1` with 53 bits.
pub(super) fn unit64(w: &[u32]) -> f64 {
    (((w[0] as u64) << 32 | w[1] as u64) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Natural logarithm of a normal number, to 2 units in the last place (after Cephes' `logf`).
#[inline(always)]
fn ln(x: f32) -> f32 {
    // x = 2^e m with √½ <= m < √2
    let bits = x.to_bits().wrapping_sub(0x3f35_04f3);
    let e = (bits as i32 >> 23) as f32;
    let z = f32::from_bits((bits & 0x007f_ffff).wrapping_add(0x3f35_04f3)) - 1.0;
    let zz = z * z;
    let mut y = 7.037_683_6e-2;
    for c in [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ] {
        y = y * z + c;
    }
    y = y * z * zz - 2.121_944_4e-4 * e;
    z + (y - 0.5 * zz) + 0.693_359_4 * e
}

/// Sine and cosine of `2π t` for `0 <= t < 1` (after Cephes' `sinf`).
#[inline(always)]
fn sin_cos_turns(t: f32) -> (f32, f32) {
    let q = (4.0 * t + 0.5) as i32;
    let x = (4.0 * t - q as f32) * std::f32::consts::FRAC_PI_2;
    let z = x * x;
    let s = ((-1.951_529_6e-4 * z + 8.332_161e-3) * z - 1.666_665_5e-1) * z * x + x;
    let c = ((2.443_315_7e-5 * z - 1.388_731_6e-3) * z + 4.166_664_6e-2) * z * z - 0.5 * z + 1.0;
    let (s, c) = if q & 1 == 0 { (s, c) } else { (c, -s) };
    if q & 2 == 0 { (s, c) } else { (-s, -c) }
}

simd_fn! {
    /// Box and Muller (1958): two words give two numbers.
    pub(super) fn normal32(m, words: &[u32], mean: f32, deviation: f32, out: &mut [f32]) {
        let (mut radius, mut turn) = ([0f32; LANES], [0f32; LANES]);
        for (out, words) in out.chunks_mut(2 * LANES).zip(words.chunks(2 * LANES)) {
            let pairs = words.len() / 2;
            for i in 0..pairs {
                radius[i] = (words[2 * i] as f32 + 1.0) * (1.0 / 4_294_967_296.0);
                turn[i] = (words[2 * i + 1] >> 8) as f32 * (1.0 / 16_777_216.0);
            }
            for i in 0..LANES {
                let r = deviation * (-2.0 * ln(radius[i])).max(0.0).sqrt();
                let (s, c) = sin_cos_turns(turn[i]);
                radius[i] = mean + r * c;
                turn[i] = mean + r * s;
            }
            for (i, pair) in out.chunks_mut(2).enumerate() {
                pair[0] = radius[i];
                if let Some(second) = pair.get_mut(1) {
                    *second = turn[i];
                }
            }
        }
    }
}

/// Box and Muller in double precision: four words give two numbers.
pub(super) fn normal64(words: &[u32], mean: f64, deviation: f64, out: &mut [f64]) {
    for (pair, w) in out.chunks_mut(2).zip(words.chunks_exact(4)) {
        let r = deviation * (-2.0 * (1.0 - unit64(&w[..2])).ln()).sqrt();
        let (s, c) = (std::f64::consts::TAU * unit64(&w[2..])).sin_cos();
        pair[0] = mean + r * c;
        if let Some(second) = pair.get_mut(1) {
            *second = mean + r * s;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers published with Random123 (`kat_vectors`).
    #[test]
    fn known_answers() {
        for (counter, key, expected) in [
            ([0; 4], [0; 2], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]),
            (
                [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
                [0xa4093822, 0x299f31d0],
                [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
            ),
        ] {
            let words = rounds(counter.map(|w| [w; LANES]), key);
            assert_eq!(words.map(|w| w[LANES - 1]), expected);
        }
    }

    #[test]
    fn logarithm_and_circle() {
        for i in 1..100_000 {
            let x = i as f32 / 100_000.0;
            let exact = (x as f64).ln();
            assert!((ln(x) as f64 - exact).abs() <= 2e-7 * exact.abs().max(1e-7), "{x}");
            let (s, c) = sin_cos_turns(x);
            let (es, ec) = (x as f64 * std::f64::consts::TAU).sin_cos();
            assert!((s as f64 - es).abs() < 2e-7 && (c as f64 - ec).abs() < 2e-7, "{x}");
        }
    }
}
