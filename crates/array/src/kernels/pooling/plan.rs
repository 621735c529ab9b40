//! What pooling needs to know: lengths, and which input positions a window holds.

use crate::Shape;
use std::ops::Range;

/// Options of a two-dimensional pooling, as (vertical, horizontal) pairs.
///
/// ```
/// use kusari_array::Pool;
/// let pool = Pool { stride: [2, 2], cover_all: true, ..Pool::window([3, 3]) };
/// assert_eq!(pool.output_size([6, 6]), Some([3, 3]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pool {
    /// Lengths of the window.
    pub window: [usize; 2],
    /// Steps between neighbouring windows.
    pub stride: [usize; 2],
    /// Positions added on either side.
    pub pad: [usize; 2],
    /// Whether every input position is covered, by a last window that may reach beyond the padding.
    pub cover_all: bool,
}

impl Pool {
    /// Windows of this size side by side, without padding; what does not fill a window is left out.
    pub fn window(window: [usize; 2]) -> Pool {
        Pool { window, stride: window, pad: [0, 0], cover_all: false }
    }
    /// The size of the output for an input of the given size; `None` when the window does not fit.
    pub fn output_size(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let along = |d: usize| {
            let room = (size[d] + 2 * self.pad[d]).checked_sub(self.window[d])?;
            let more = if self.cover_all { self.stride[d] - 1 } else { 0 };
            Some((room + more) / self.stride[d] + 1)
        };
        Some([along(0)?, along(1)?])
    }
    /// The size of an unpooling's output, the smallest whose pooling has the given size; `None` when padding takes all
    /// of it away.
    pub fn input_size(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let along = |d: usize| {
            let less = if self.cover_all { self.stride[d] - 1 } else { 0 };
            (self.stride[d] * size[d].checked_sub(1)? + self.window[d]).checked_sub(less + 2 * self.pad[d])
        };
        Some([along(0)?, along(1)?])
    }
    /// Elements of a window, padding included.
    pub fn area(&self) -> usize {
        self.window[0] * self.window[1]
    }

    /// The shape that pooling turns `x` into, or a message in the name of `function` that says what does not fit.
    ///
    /// # Errors
    /// When shape or options do not fit.
    pub fn pooled_shape(&self, function: &str, x: &[usize]) -> Result<Shape, String> {
        let [n, c, h, w] = self.images(function, x)?;
        let Some([h, w]) = self.output_size([h, w]) else {
            let Pool { window, pad, .. } = self;
            let given = format!("x {} and window {window:?} with pad {pad:?}", Shape::new(x));
            return Err(format!("{function}: expected a window that fits into the padded image, got {given}"));
        };
        Ok(Shape::new(&[n, c, h, w]))
    }
    /// The shape that unpooling turns `x` into, or a message in the name of `function` that says what does not fit;
    /// without a `size`, the smallest.
    ///
    /// # Errors
    /// When shape or options do not fit.
    pub fn unpooled_shape(&self, function: &str, x: &[usize], size: Option<[usize; 2]>) -> Result<Shape, String> {
        let [n, c, h, w] = self.images(function, x)?;
        let Some(size) = size.or_else(|| self.input_size([h, w])) else {
            let given = format!("x {} with pad {:?}", Shape::new(x), self.pad);
            return Err(format!("{function}: expected an output larger than its padding, got {given}"));
        };
        if self.output_size(size) != Some([h, w]) {
            let given = format!("{size:?} for x {} and window {:?}", Shape::new(x), self.window);
            return Err(format!("{function}: expected an output size whose pooling has x's size, got {given}"));
        }
        Ok(Shape::new(&[n, c, size[0], size[1]]))
    }
    fn images(&self, function: &str, x: &[usize]) -> Result<[usize; 4], String> {
        if self.window.iter().chain(&self.stride).any(|&n| n == 0) {
            return Err(format!("{function}: expected window and stride of at least 1, got {self:?}"));
        }
        <[usize; 4]>::try_from(x)
            .map_err(|_| format!("{function}: expected x of four axes (n, c, h, w), got {}", Shape::new(x)))
    }

    /// Along axis `d`, the input positions that window `o` holds, of `size` there are.
    #[inline(always)]
    pub(super) fn span(&self, d: usize, o: usize, size: usize) -> Range<usize> {
        let start = o * self.stride[d];
        let end = (start + self.window[d]).saturating_sub(self.pad[d]).min(size);
        start.saturating_sub(self.pad[d]).min(end)..end
    }
}
