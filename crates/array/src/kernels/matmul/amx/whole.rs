//! Numbers put together from their parts again.

use super::{
    SIDE,
    parts::{CHUNK, TILE},
};

/// The number in line `line` of tile `tile` whose parts lie in place `pair` of the lower (`half` 0) or upper half.
///
/// # Safety
/// The chunk must have been packed.
unsafe fn whole<const PARTS: usize>(chunk: *const f32, tile: usize, line: usize, pair: usize, half: usize) -> f32 {
    // SAFETY: by the caller's word.
    let part = |p: usize| unsafe {
        let bits = (*chunk.add((2 * p + tile) * TILE + line * 16 + pair)).to_bits();
        f32::from_bits(if half == 0 { bits << 16 } else { bits & 0xFFFF_0000 })
    };
    match PARTS {
        1 => part(0),
        // What an infinity leaves is an infinity and something that is no number.
        _ if part(1).is_infinite() => part(1),
        // In this order each sum is exact (of numbers from 2⁻¹⁰⁹ on), and none is infinite.
        _ => part(0) + (part(1) + part(2)),
    }
}

/// The rows of a panel of the left, one after the other.
///
/// # Safety
/// They must have been packed.
pub(super) unsafe fn whole_left<const PARTS: usize>(rows: usize, steps: usize, panel: *const f32) -> Vec<f32> {
    let number = |row: usize, l: usize| {
        let (chunk, l) = (panel.wrapping_add(l / CHUNK * PARTS * 2 * TILE), l % CHUNK);
        // SAFETY: by the caller's word.
        unsafe { whole::<PARTS>(chunk, row / 16, row % 16, l % 16, l / 16) }
    };
    (0..rows * steps).map(|i| number(i / steps, i % steps)).collect()
}

/// The 32 columns of a panel of the right, step after step.
///
/// # Safety
/// They must have been packed.
pub(super) unsafe fn whole_right<const PARTS: usize>(steps: usize, panel: *const f32) -> Vec<f32> {
    let number = |l: usize, col: usize| {
        let (chunk, l) = (panel.wrapping_add(l / CHUNK * PARTS * 2 * TILE), l % CHUNK);
        // SAFETY: by the caller's word.
        unsafe { whole::<PARTS>(chunk, col / 16, l % 16, col % 16, l / 16) }
    };
    (0..steps * SIDE).map(|i| number(i / SIDE, i % SIDE)).collect()
}
