//! The game as a PNG.

use super::{Ball, Club, Game, ball::Spot};
use crate::folder;
use kusari::{
    Error, Result,
    plot::{Chart, Color, Series},
};
use std::path::Path;

/// Makes the picture's folder, or says why there can be no picture.
pub fn prepare(out: &Path) -> Result<()> {
    if out.is_dir() {
        let reason = std::io::Error::other("this is a folder: --out takes the name of a PNG file");
        return Err(Error::io(out, reason));
    }
    folder::make(out.parent().unwrap_or(Path::new("")))
}

/// What is in view: the course's, and as much more as the balls need, within reason.
pub fn view(game: &Game, balls: &[&Ball]) -> [[f64; 2]; 2] {
    let [mut x, mut y] = game.course.view;
    let (width, height) = (x[1] - x[0], y[1] - y[0]);
    let limit = [[x[0] - 3.0 * width, x[1] + 3.0 * width], [y[0] - 3.0 * height, y[1] + 10.0 * height]];
    let spots = balls.iter().flat_map(|b| &b.spots).filter(|s| s.height.is_finite());
    for spot in spots {
        let vertical = if game.course.is_curve() { spot.height } else { spot.place[1] };
        let inside = |v: f64, [low, high]: [f64; 2]| v >= low && v <= high;
        if inside(spot.place[0], limit[0]) && inside(vertical, limit[1]) {
            x = [x[0].min(spot.place[0] - 0.05 * width), x[1].max(spot.place[0] + 0.05 * width)];
            y = [y[0].min(vertical - 0.05 * height), y[1].max(vertical + 0.05 * height)];
        }
    }
    [x, y]
}

fn point(game: &Game, spot: &Spot) -> [f64; 2] {
    [spot.place[0], if game.course.is_curve() { spot.height } else { spot.place[1] }]
}

/// The course itself: a curve, or a landscape.
fn chart(game: &Game, title: &str, subtitle: String, view: [[f64; 2]; 2]) -> Chart {
    let course = game.course;
    let [[left, right], [low, high]] = view;
    let chart = Chart::new(title).subtitle(subtitle).x_range(left, right).y_range(low, high).x_label("x");
    if !course.is_curve() {
        return chart.y_label("y").size(1000, 900).surface(|x, y| course.at(&[x, y]));
    }
    let curve = (0..=600).map(|i| left + (right - left) * i as f64 / 600.0).map(|x| [x, course.at(&[x])]);
    chart.y_label("F(x)").add(Series::line(curve).color(Color(120, 134, 156)).width(3.0))
}

fn path(game: &Game, ball: &Ball) -> Series {
    Series::path(ball.trail(300).into_iter().map(|s| point(game, s)))
}

fn save(chart: Chart, game: &Game) -> Result<()> {
    chart.save(&game.out)?;
    crate::say!("picture: {}\n", game.out.display());
    Ok(())
}

/// One ball.
pub fn path_of(game: &Game, ball: &Ball) -> Result<()> {
    let end = super::course::coordinates(&ball.last().place, |v| format!("{v:.4}"));
    let subtitle = format!("{} · {} steps, ends at {end}", game.title(), ball.spots.len() - 1);
    let title = if ball.climbed() { "Steps too long: the ball is lost" } else { "Always downhill" };
    let chart = chart(game, title, subtitle, view(game, &[ball]));
    save(chart.add(path(game, ball).label("the ball, from first to last step")), game)
}

/// A ball with a noisy gradient, and where the exact gradient leads.
pub fn noise(game: &Game, noisy: &Ball, exact: &Ball) -> Result<()> {
    let subtitle = format!("{} · noise {}, {} steps", game.title(), game.noise, noisy.spots.len() - 1);
    let chart = chart(game, "A noisy gradient gets further", subtitle, view(game, &[noisy]));
    let way = Series::path(noisy.spots.iter().map(|s| point(game, s))).label("with noise, from first to last step");
    let end =
        Series::dots([point(game, exact.last())]).label("where the exact gradient ends").color(Color(30, 90, 200));
    save(chart.add(way).add(end), game)
}

/// Several optimisers: on a curve their heights step by step, in the valley their ways.
pub fn compare(game: &Game, balls: &[(&Club, Ball)]) -> Result<()> {
    let subtitle = format!("{} · start {}, {} steps", game.course.formula, game.from(), game.steps);
    let name = |club: &Club| club.to_string();
    if !game.course.is_curve() {
        let view = view(game, &balls.iter().map(|(_, b)| b).collect::<Vec<_>>());
        let mut chart = chart(game, "Five ways down the valley", subtitle, view);
        for (i, (club, ball)) in balls.iter().enumerate() {
            let way = ball.spots.iter().map(|s| point(game, s));
            // Thinner and thinner, for all follow the valley's floor.
            let width = 5.0 - 0.7 * i as f32;
            chart = chart.add(Series::line(way).label(name(club)).color(Color::nth(i)).width(width));
        }
        for (i, (_, ball)) in balls.iter().enumerate() {
            chart = chart.add(Series::dots([point(game, ball.last())]).color(Color::nth(i)));
        }
        let hole = Series::dots([[game.course.hole[0], game.course.hole[1]]]).label("the hole").color(Color::END);
        return save(chart.add(hole), game);
    }
    let lowest = game.course.at(game.course.hole);
    let mut chart = Chart::new("Five ways down")
        .subtitle(subtitle)
        .x_label("step")
        .y_label("F(x) above the lowest place")
        .log_y(true);
    for (club, ball) in balls {
        let heights = ball.spots.iter().enumerate().map(|(i, s)| [i as f64, (s.height - lowest).max(1e-16)]);
        chart = chart.line(name(club), heights);
    }
    save(chart, game)
}
