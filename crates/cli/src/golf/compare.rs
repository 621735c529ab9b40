//! Several optimisers on one course.

use super::{Ball, Club, Game, picture, terminal};
use crate::optimizer;
use kusari::Result;

/// Plays with five clubs, each with a learning rate that suits it, from the same start.
pub fn run(game: &Game) -> Result<()> {
    let clubs = ["sgd", "momentum", "nesterov", "rmsprop", "adam"].map(|name| {
        let entry = optimizer::find(name);
        Club { entry, lr: game.course.lr(name) }
    });
    crate::say!("{} · five optimisers, start {}, {} steps\n", game.course.formula, game.from(), game.steps);
    let balls: Vec<_> = clubs.iter().map(|club| (club, Ball::play(game, club, None))).collect();
    crate::say!("  {:>12}{:>8}{:>24}{:>14}{:>16}", "optimiser", "lr", "ends at", "F", "within 0.01 at");
    for (i, (club, ball)) in balls.iter().enumerate() {
        let place: Vec<_> = ball.last().place.iter().map(|v| format!("{v:.4}")).collect();
        let arrival = ball.arrival(game.course).map_or("–".to_string(), |step| format!("step {step}"));
        let place = place.join(", ");
        let digit = terminal::digit(i);
        crate::say!(
            "{digit} {:>12}{:>8}{place:>24}{:>14.6}{arrival:>16}",
            club.entry.title,
            club.lr,
            ball.last().height
        );
    }
    crate::say!();
    terminal::compare(game, &balls);
    picture::compare(game, &balls)
}
