//! Many balls with noisy gradients, against the one that follows the exact gradient.

use super::{Ball, Game, picture, report, terminal};
use kusari::Result;

/// Plays one ball for each seed; shows the first that got out.
pub fn run(game: &Game) -> Result<()> {
    let exact = Ball::play(game, &game.club, None);
    let noisy: Vec<_> = (1..=game.seeds as u64).map(|seed| Ball::play(game, &game.club, Some(seed))).collect();
    let out = |ball: &Ball| escaped(game, ball);
    let shown = noisy.iter().find(|b| out(b)).unwrap_or(&noisy[0]);
    report::table(game, shown);
    terminal::show(game, shown);
    picture::noise(game, shown, &exact)?;
    if game.course.escape.is_finite() {
        report::gradients(game, &exact);
        let (what, count) = (place(game), noisy.iter().filter(|b| out(b)).count());
        crate::say!("got {what} in {} steps:", game.steps);
        let n = game.seeds;
        crate::say!("  exact gradient            {:>4} of {n}", if out(&exact) { n } else { 0 });
        crate::say!("  gradient with noise {:<6}{count:>4} of {n}", game.noise);
    } else {
        report::gradients(game, &exact);
        let distance =
            |b: &Ball| b.last().place.iter().zip(game.course.hole).map(|(a, c)| (a - c).powi(2)).sum::<f64>();
        let mean = (noisy.iter().map(distance).sum::<f64>() / noisy.len() as f64).sqrt();
        crate::say!("distance from the hole after {} steps (root mean square of {} seeds):", game.steps, game.seeds);
        crate::say!("  exact gradient            {:.6}", distance(&exact).sqrt());
        crate::say!("  gradient with noise {:<6}{mean:.6}", game.noise);
    }
    crate::say!();
    report::finish(shown);
    Ok(())
}

/// Whether the ball ended on the deep hole's side.
fn escaped(game: &Game, ball: &Ball) -> bool {
    !ball.lost && ball.last().place[0] < game.course.escape
}

fn place(game: &Game) -> &'static str {
    if game.course.name == "bumps" { "out of the shallow hole" } else { "off the plateau" }
}
