//! The ball on its way, in the terminal: moving if it is one, the last picture otherwise.

use super::{Ball, Club, Game, ball::Spot, braille::Dots};
use kusari::plot::Color;
use std::{
    io::{IsTerminal, Write, stdout},
    time::Duration,
};

const ROWS: usize = 18;
const CURVE: Color = Color(110, 140, 180);

/// Characters across: those of the terminal if it says so, at most 100.
fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    told.unwrap_or(80usize).clamp(30, 100) - 2
}

/// Whether colours are wanted (<https://no-color.org>).
fn colored() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Where a place lies in view: shares of both directions.
fn share(game: &Game, view: [[f64; 2]; 2], spot: &Spot) -> [f64; 2] {
    let y = if game.course.is_curve() { spot.height } else { spot.place[1] };
    [(spot.place[0], view[0]), (y, view[1])].map(|(v, [low, high])| (v - low) / (high - low))
}

/// The course without a ball: its curve, or the floor of the valley and a few contour lines.
fn course(game: &Game, view: [[f64; 2]; 2]) -> Dots {
    let (columns, [[left, right], [low, high]]) = (columns(), view);
    let mut dots = Dots::new(columns, ROWS);
    let (n, m) = (columns * 2, ROWS * 4);
    let x = |i: usize| left + (right - left) * i as f64 / (n - 1) as f64;
    if game.course.is_curve() {
        // Four points a dot, so that steep parts have no holes.
        for i in 0..n * 4 {
            let x = left + (right - left) * i as f64 / (n * 4 - 1) as f64;
            dots.set((x - left) / (right - left), (game.course.at(&[x]) - low) / (high - low), Some(CURVE));
        }
        return dots;
    }
    let y = |j: usize| low + (high - low) * j as f64 / (m - 1) as f64;
    let level = |i: usize, j: usize| ((game.course.at(&[x(i), y(j)]) + 0.3).ln() * 0.9).floor();
    let levels: Vec<f64> = (0..n * m).map(|k| level(k % n, k / n)).collect();
    for k in 0..n * (m - 1) {
        if k % n + 1 < n && (levels[k] != levels[k + 1] || levels[k] != levels[k + n]) {
            dots.set((k % n) as f64 / (n - 1) as f64, (k / n) as f64 / (m - 1) as f64, Some(CURVE));
        }
    }
    dots
}

/// Shows the way of the ball.
pub fn show(game: &Game, ball: &Ball) {
    let view = super::picture::view(game, &[ball]);
    let trail = ball.trail(60);
    let first = if stdout().is_terminal() { 1 } else { trail.len() };
    for frame in first..=trail.len() {
        let mut dots = course(game, view);
        for (i, spot) in trail[..frame].iter().enumerate() {
            let [x, y] = share(game, view, spot);
            let color = Color::START.mix(Color::END, (i as f64 / trail.len() as f64).sqrt());
            let (letter, color) = if i + 1 == frame { ('O', Color::END) } else { ('o', color) };
            dots.letter(x, y, letter, color);
        }
        if frame > first {
            print!("\x1b[{ROWS}A");
        }
        draw(&dots);
        if frame < trail.len() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    crate::say!();
}

/// The name of the `i`-th ball in the picture: 1, 2, …
pub fn digit(i: usize) -> char {
    char::from_digit(i as u32 + 1, 36).unwrap_or('?')
}

/// Shows where several balls went.
pub fn compare(game: &Game, balls: &[(&Club, Ball)]) {
    let view = super::picture::view(game, &balls.iter().map(|(_, b)| b).collect::<Vec<_>>());
    let mut dots = course(game, view);
    for (i, (_, ball)) in balls.iter().enumerate() {
        for spot in ball.trail(200) {
            let [x, y] = share(game, view, spot);
            dots.set(x, y, Some(Color::nth(i)));
        }
        let [x, y] = share(game, view, ball.last());
        dots.letter(x, y, digit(i), Color::nth(i));
    }
    draw(&dots);
    crate::say!();
}

fn draw(dots: &Dots) {
    // Nothing of the frame before may stay at the end of a line.
    let clear = if stdout().is_terminal() { "\x1b[K" } else { "" };
    for line in dots.lines(colored()) {
        crate::say!(" {line}{clear}");
    }
    // A terminal that has gone away is no reason to stop.
    let _ = stdout().flush();
}
