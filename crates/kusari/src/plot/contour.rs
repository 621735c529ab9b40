//! Lines of equal height on a grid.

/// Heights at the corners of a grid of cells.
pub(crate) struct Grid {
    /// Corners along x.
    pub columns: usize,
    /// Corners along y.
    pub rows: usize,
    /// Row by row.
    pub heights: Vec<f64>,
}

impl Grid {
    /// Heights of `f` at shares 0 to 1 of both directions.
    pub fn new(columns: usize, rows: usize, f: impl Fn(f64, f64) -> f64) -> Grid {
        let share = |i: usize, n: usize| i as f64 / (n - 1) as f64;
        let at = |i: usize| f(share(i % columns, columns), share(i / columns, rows));
        Grid { columns, rows, heights: (0..columns * rows).map(at).collect() }
    }

    /// The height at shares of both directions, from those at the corners around it.
    pub fn between(&self, x: f64, y: f64) -> f64 {
        let (x, y) = (x * (self.columns - 1) as f64, y * (self.rows - 1) as f64);
        let (column, row) = ((x as usize).min(self.columns - 2), (y as usize).min(self.rows - 2));
        let (right, up) = (x - column as f64, y - row as f64);
        let corner = &self.heights[row * self.columns + column..];
        let along = |i: usize| corner[i] + right * (corner[i + 1] - corner[i]);
        along(0) + up * (along(self.columns) - along(0))
    }

    /// The pieces of the line of height `level`, in shares of both directions (marching squares).
    pub fn contour(&self, level: f64) -> Vec<[[f64; 2]; 2]> {
        let mut found = Vec::new();
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let crossings = self.crossings(column, row, level);
                match crossings[..] {
                    [a, b] => found.push([a, b]),
                    [a, b, c, d] => found.extend([[a, b], [c, d]]),
                    _ => {}
                }
            }
        }
        found
    }

    /// Where the line crosses the sides of one cell, going round it.
    fn crossings(&self, column: usize, row: usize, level: f64) -> Vec<[f64; 2]> {
        let corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(|[dx, dy]| [column + dx, row + dy]);
        let height = |[x, y]: [usize; 2]| self.heights[y * self.columns + x];
        let sides = (0..4).map(|i| (corners[i], corners[(i + 1) % 4]));
        let crossed = sides.filter(|(a, b)| (height(*a) > level) != (height(*b) > level));
        let cross = |(a, b): ([usize; 2], [usize; 2])| {
            let t = (level - height(a)) / (height(b) - height(a));
            let along = |i: usize, n: usize| (a[i] as f64 + t * (b[i] as f64 - a[i] as f64)) / (n - 1) as f64;
            [along(0, self.columns), along(1, self.rows)]
        };
        crossed.map(cross).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contour_of_a_cone_is_a_circle() {
        let grid = Grid::new(41, 41, |x, y| (x - 0.5).hypot(y - 0.5));
        assert!((grid.between(0.513, 0.2) - (0.013f64).hypot(0.3)).abs() < 1e-3);
        let line = grid.contour(0.3);
        assert!(line.len() > 50);
        for [x, y] in line.into_iter().flatten() {
            assert!(((x - 0.5).hypot(y - 0.5) - 0.3).abs() < 1e-3);
        }
    }
}
