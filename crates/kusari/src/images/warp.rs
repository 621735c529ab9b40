//! Pictures moved, turned and stretched.

use super::Picture;

/// From a place in the result, counted from its middle, to a place in the source: `[a b; c d] · p + e`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Affine {
    pub matrix: [[f32; 2]; 2],
    pub offset: [f32; 2],
}

impl Picture {
    /// The picture of the same size that shows at every place what the source has where `map` leads; beyond its borders
    /// a picture goes on as its outermost pixels. Between pixels, the four around are mixed.
    pub(super) fn warped(&self, map: &Affine) -> Picture {
        let mut pixels = vec![0; self.pixels.len()];
        match self.channels {
            1 => self.warp::<1>(map, &mut pixels),
            _ => self.warp::<3>(map, &mut pixels),
        }
        Picture { pixels, ..*self }
    }
    fn warp<const N: usize>(&self, &Affine { matrix: [[a, b], [c, d]], offset }: &Affine, out: &mut [u8]) {
        let (w, h) = (self.width, self.height);
        let [right, bottom] = [(w - 1) as f32, (h - 1) as f32];
        let middle = [right / 2.0, bottom / 2.0];
        let (source, _) = self.pixels.as_chunks::<N>();
        let (out, _) = out.as_chunks_mut::<N>();
        for (y, line) in out.chunks_exact_mut(w).enumerate() {
            let v = y as f32 - middle[1];
            let start = [b * v + middle[0] + offset[0], d * v + middle[1] + offset[1]];
            for (x, pixel) in line.iter_mut().enumerate() {
                let u = x as f32 - middle[0];
                let at = [(start[0] + a * u).clamp(0.0, right), (start[1] + c * u).clamp(0.0, bottom)];
                let [column, row] = at.map(|v| v as usize);
                let [fx, fy] = [at[0] - column as f32, at[1] - row as f32];
                let (next, below) = ((column + 1).min(w - 1), (row + 1).min(h - 1));
                let corners = [[row, column], [row, next], [below, column], [below, next]];
                let corners = corners.map(|[row, column]| source[row * w + column]);
                for (i, value) in pixel.iter_mut().enumerate() {
                    let [tl, tr, bl, br] = corners.map(|p| p[i] as f32);
                    let (top, bottom) = (tl + fx * (tr - tl), bl + fx * (br - bl));
                    *value = (top + fy * (bottom - top) + 0.5) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_move_and_mirror() {
        let picture = Picture::new(3, 1, 1, vec![10, 20, 30]).unwrap();
        let warped = |matrix, offset| picture.warped(&Affine { matrix, offset }).pixels;
        let same = [[1.0, 0.0], [0.0, 1.0]];
        assert_eq!(warped(same, [0.0, 0.0]), [10, 20, 30]);
        assert_eq!(warped(same, [0.5, 0.0]), [15, 25, 30]);
        assert_eq!(warped(same, [-2.0, 9.0]), [10, 10, 10]);
        assert_eq!(warped([[-1.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), [30, 20, 10]);
    }
}
