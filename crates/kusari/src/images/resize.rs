//! Changing the number of pixels.

use super::Picture;

/// The source pixels that a pixel of the result is the weighted mean of.
struct Weights {
    first: usize,
    weights: Vec<f32>,
}

/// For each of `to` pixels that show the stretch `start..start + length` of `from` pixels: a triangle as wide as a pixel
/// of the result, at least as one of the source.
fn triangles(from: usize, start: f64, length: f64, to: usize) -> Vec<Weights> {
    let scale = length / to as f64;
    let radius = scale.max(1.0);
    let each = |i: usize| {
        let centre = start + (i as f64 + 0.5) * scale;
        let first = ((centre - radius).floor().max(0.0) as usize).min(from - 1);
        let last = ((centre + radius).ceil() as usize).clamp(first + 1, from);
        let weight = |at: usize| (1.0 - ((at as f64 + 0.5 - centre) / radius).abs()).max(0.0);
        let mut weights: Vec<f64> = (first..last).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        if sum > 0.0 {
            weights.iter_mut().for_each(|w| *w /= sum);
        } else {
            weights[0] = 1.0;
        }
        Weights { first, weights: weights.into_iter().map(|w| w as f32).collect() }
    };
    (0..to).map(each).collect()
}

impl Picture {
    /// The part from column `x` and row `y` on, of size `part`, shown with `width` × `height` pixels.
    pub(super) fn resized(&self, [x, y]: [f64; 2], part: [f64; 2], [width, height]: [usize; 2]) -> Picture {
        let whole = [x, y] == [0.0, 0.0] && part == [self.width as f64, self.height as f64];
        if whole && [width, height] == [self.width, self.height] {
            return self.clone();
        }
        let n = self.channels;
        let (columns, rows) = (triangles(self.width, x, part[0], width), triangles(self.height, y, part[1], height));
        let top = rows.first().map_or(0, |r| r.first);
        let bottom = rows.last().map_or(0, |r| r.first + r.weights.len());
        // Row by row to the width of the result, then column by column.
        let mut narrow = vec![0f32; (bottom - top) * width * n];
        for (row, line) in narrow.chunks_exact_mut(width * n).enumerate() {
            let source = &self.pixels[(top + row) * self.width * n..][..self.width * n];
            for (out, Weights { first, weights }) in line.chunks_exact_mut(n).zip(&columns) {
                for (pixel, w) in source[first * n..].chunks_exact(n).zip(weights) {
                    out.iter_mut().zip(pixel).for_each(|(sum, &v)| *sum += w * v as f32);
                }
            }
        }
        let mut pixels = Vec::with_capacity(width * height * n);
        let mut sums = vec![0f32; width * n];
        for Weights { first, weights } in &rows {
            sums.fill(0.0);
            for (line, w) in narrow[(first - top) * width * n..].chunks_exact(width * n).zip(weights) {
                sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += w * v);
            }
            pixels.extend(sums.iter().map(|v| (v + 0.5) as u8));
        }
        Picture { width, height, channels: n, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_stays_a_mean() {
        let picture = Picture::new(4, 2, 1, vec![0, 0, 200, 200, 0, 0, 200, 200]).unwrap();
        let small = picture.resized([0.0; 2], [4.0, 2.0], [2, 1]);
        assert_eq!(small.pixels(), [29, 171]); // the triangles overlap
        let half = picture.resized([2.0, 0.0], [2.0, 2.0], [2, 2]);
        assert_eq!((half.width(), half.height()), (2, 2));
        let large = Picture::new(1, 1, 3, vec![1, 2, 3]).unwrap().resized([0.0; 2], [1.0; 2], [3, 2]);
        assert_eq!(large.pixels(), [1, 2, 3].repeat(6));
    }
}
