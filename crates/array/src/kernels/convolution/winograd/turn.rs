//! From planes, where positions of a channel lie side by side, to lanes, where channels of a position do, and back.

use super::Lane;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// Channels and positions that are turned together.
pub(super) const SIDE: usize = 4;
type Square = [[f32; SIDE]; SIDE];

/// Writes what some channels have at neighbouring positions to lanes `l`, … of these positions.
#[inline(always)]
pub(super) fn to_lanes(channels: [&[f32]; SIDE], l: usize, lanes: &mut [Lane]) {
    let [a, b, c, d] = channels.map(|channel| channel[..lanes.len()].as_chunks::<SIDE>());
    let (squares, rest) = lanes.as_chunks_mut::<SIDE>();
    for ((((square, &a), &b), &c), &d) in squares.iter_mut().zip(a.0).zip(b.0).zip(c.0).zip(d.0) {
        for (lane, four) in square.iter_mut().zip(turned([a, b, c, d])) {
            lane[l..l + SIDE].copy_from_slice(&four);
        }
    }
    for ((((lane, &a), &b), &c), &d) in rest.iter_mut().zip(a.1).zip(b.1).zip(c.1).zip(d.1) {
        lane[l..l + SIDE].copy_from_slice(&[a, b, c, d]);
    }
}

/// The way back.
#[inline(always)]
pub(super) fn from_lanes(lanes: &[Lane], l: usize, channels: [&mut [f32]; SIDE]) {
    let [a, b, c, d] = channels.map(|channel| channel[..lanes.len()].as_chunks_mut::<SIDE>());
    let (squares, rest) = lanes.as_chunks::<SIDE>();
    let four = |lane: &Lane| *lane[l..].first_chunk::<SIDE>().expect("four lanes");
    for ((((square, a), b), c), d) in squares.iter().zip(a.0).zip(b.0).zip(c.0).zip(d.0) {
        [*a, *b, *c, *d] = turned(square.each_ref().map(four));
    }
    for ((((lane, a), b), c), d) in rest.iter().zip(a.1).zip(b.1).zip(c.1).zip(d.1) {
        [*a, *b, *c, *d] = four(lane);
    }
}

/// Rows as columns. In words that every x86-64 has: left to itself, the compiler moves number by number, or scatters.
#[inline(always)]
fn turned(rows: Square) -> Square {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 has these instructions; the types are four numbers each.
    unsafe {
        let [a, b, c, d] = rows.map(|row| std::mem::transmute::<[f32; SIDE], __m128>(row));
        let [ab, cd] = [_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d)];
        let [more_ab, more_cd] = [_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d)];
        let columns = [
            _mm_movelh_ps(ab, cd),
            _mm_movehl_ps(cd, ab),
            _mm_movelh_ps(more_ab, more_cd),
            _mm_movehl_ps(more_cd, more_ab),
        ];
        columns.map(|column| std::mem::transmute::<__m128, [f32; SIDE]>(column))
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|i| rows.map(|row| row[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for n in 0..11 {
            let planes: Vec<Vec<f32>> = (0..SIDE).map(|c| (0..n).map(|i| (10 * c + i) as f32).collect()).collect();
            let mut lanes = vec![[-1.0; 16]; n];
            to_lanes(std::array::from_fn(|c| &planes[c][..]), 8, &mut lanes);
            for (i, lane) in lanes.iter().enumerate() {
                assert!((0..16).all(|l| lane[l] == if l / SIDE == 2 { planes[l - 8][i] } else { -1.0 }), "{lane:?}");
            }
            let mut back = [(); SIDE].map(|()| vec![0.0; n]);
            from_lanes(&lanes, 8, back.each_mut().map(|channel| &mut channel[..]));
            assert_eq!(back[..], planes[..]);
        }
    }
}
