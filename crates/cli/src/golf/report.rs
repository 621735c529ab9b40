//! What is printed: the table, why a ball was lost or is stuck, the check of the gradient, the end.

use super::{Ball, Game, course::coordinates};
use kusari::{GradOptions, Variable, grad_with};

/// A number for a column; no minus before a zero.
fn shown(v: f64) -> String {
    let text = if v != 0.0 && v.abs() >= 1e6 { format!("{v:.4e}") } else { format!("{v:.6}") };
    if text.trim_matches(['-', '0', '.']).is_empty() { text.replace('-', "") } else { text }
}

/// Step, place, height and gradient: the first steps, then ever fewer, then the last.
pub fn table(game: &Game, ball: &Ball) {
    let curve = game.course.is_curve();
    let heads: &[&str] =
        if curve { &["x", "F(x)", "gradient"] } else { &["x", "y", "F(x, y)", "∂F/∂x", "∂F/∂y"] };
    let row = |step: &str, cells: Vec<String>| {
        let cells: Vec<_> = cells.iter().map(|c| format!("{c:>14}")).collect();
        crate::say!("{step:>6}{}", cells.concat());
    };
    row("step", heads.iter().map(|h| h.to_string()).collect());
    let last = ball.spots.len() - 1;
    let stride = (last / 10).max(1);
    for (i, s) in ball.spots.iter().enumerate() {
        if i <= 10.min(stride.max(5)) || i.is_multiple_of(stride) || i == last {
            row(&i.to_string(), s.place.iter().chain([&s.height]).chain(&s.gradient).map(|v| shown(*v)).collect());
        }
    }
    crate::say!();
}

/// Why the ball is not in the hole, if it is not.
pub fn explain(game: &Game, ball: &Ball) {
    let (course, last) = (game.course, ball.last());
    if ball.climbed() {
        return crate::say!("{}\n", too_long(game));
    }
    if ball.arrival(course).is_some() {
        return;
    }
    let slope = last.gradient.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
    let turned = ball.spots.windows(2).rev().take(4).filter(|w| w[0].gradient[0] * w[1].gradient[0] < 0.0).count() == 4;
    let message = match course.name {
        "bumps" if last.place[0] > course.escape && slope < 0.01 => {
            "The ball is stuck in the shallow hole: every way out leads up first, and the gradient only knows the slope \
             where the ball lies. A noisy gradient gets it out: try --noise 3."
        }
        "plateau" if last.place[0] > course.escape => {
            "The ball is stuck on the plateau: the gradient there is next to nothing, and so are the steps. A noisy \
             gradient wanders until it finds the slope: try --noise 3."
        }
        _ if turned && course.is_curve() => {
            return crate::say!("The ball jumps from side to side without coming nearer. {}\n", too_long(game));
        }
        _ => "The ball is still on its way: give it more --steps, a larger --lr, or another --optimizer.",
    };
    crate::say!("{message}\n");
}

/// Why steps are too long, with a length that is not.
fn too_long(game: &Game) -> String {
    let (limit, lr) = (2.0 / curvature(game), game.club.lr);
    let reason = "Each step goes so far past the lowest place that the next slope is at least as steep";
    if game.club.entry.name == "sgd" && game.course.is_curve() && limit > 0.0 && lr >= limit * 0.999 {
        let (curvature, better) = (2.0 / limit, rounded(limit / 4.0));
        return format!(
            "The learning rate is too large. {reason}: plain gradient descent needs a rate below 2 / curvature = \
             2 / {curvature} = {limit} here, and {lr} is not. Try --lr {better}."
        );
    }
    format!("The learning rate {lr} is too large for this course. {reason}. Try --lr {}.", rounded(lr / 10.0))
}

/// One significant digit, rounded down.
fn rounded(v: f64) -> f64 {
    let power = 10f64.powf(v.log10().floor());
    let digits = (v / power + 1e-9).floor();
    if power < 1.0 { digits / (1.0 / power).round() } else { digits * power }
}

/// The second derivative along x at the hole: back propagation through back propagation.
fn curvature(game: &Game) -> f64 {
    let place: Vec<_> = game.course.hole.iter().map(|&v| Variable::new(v)).collect();
    let height = (game.course.height)(&place);
    let options = GradOptions { create_graph: true, ..GradOptions::default() };
    let slope = grad_with(&[&height], &[&place[0]], options).remove(0);
    let bend = slope.and_then(|g| grad_with(&[&g], &[&place[0]], GradOptions::default()).remove(0));
    let bend = bend.map_or(0.0, |g| g.item());
    (bend * 1e6).round() / 1e6
}

/// The gradient from back propagation beside the slope between two neighbouring points, at a few places.
pub fn gradients(game: &Game, ball: &Ball) {
    const H: f64 = 1e-5;
    crate::say!("The gradient, from back propagation and from (F(x + h) − F(x − h)) / 2h:");
    crate::say!(
        "{:>14}{:>18}{:>14}{:>12}",
        if game.course.is_curve() { "x" } else { "x, y" },
        "back propagation",
        "numerical",
        "difference"
    );
    let last = ball.spots.len() - 1;
    let mut places: Vec<usize> = [0, 1, 2, 4, last].into_iter().filter(|i| *i <= last).collect();
    places.dedup();
    for spot in places.into_iter().map(|i| &ball.spots[i]).filter(|s| s.height.abs() < 1e6) {
        for (axis, exact) in spot.gradient.iter().enumerate() {
            let moved = |h: f64| {
                let mut place = spot.place.clone();
                place[axis] += h;
                game.course.at(&place)
            };
            let numerical = (moved(H) - moved(-H)) / (2.0 * H);
            let place = if axis > 0 { format!("{:.4} (∂y)", spot.place[1]) } else { shown(spot.place[0]) };
            crate::say!("{place:>14}{:>18}{:>14}{:>12.0e}", shown(*exact), shown(numerical), (exact - numerical).abs());
        }
    }
    crate::say!();
}

/// The last line.
pub fn finish(ball: &Ball) {
    let last = ball.last();
    let name = if last.place.len() == 1 { "F(x)" } else { "F(x, y)" };
    crate::say!("{}  {name} = {}", coordinates(&last.place, shown), shown(last.height));
}
